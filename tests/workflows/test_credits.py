"""What a refund credits of each line: never more than is left, always exactly the amount, nothing guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from backoffice.contracts.sales import LineKind, RefundDetails, RefundLineDetails
from backoffice.ledger.money import Money
from backoffice.workflows.credits import ROUNDING_POSITION, Credited, Part, Proposed, Refused, credit


def nok(minor: int) -> Money:
    return Money(minor, "NOK")


def part(position: int, gross: int, rate: str = "25.00", *, rest: int | None = None, kind: str = "goods") -> Part:
    left = gross if rest is None else rest
    return Part(position, str(position), LineKind(kind), Decimal(rate), nok(gross), nok(left), Decimal(1))


def refund(amount: int, *lines: tuple[str, int]) -> RefundDetails:
    named = tuple(RefundLineDetails(reference, nok(gross), Decimal(1)) for reference, gross in lines)
    return RefundDetails("r", "s", datetime(2026, 11, 20, tzinfo=UTC), nok(amount), named)


def amounts(found: object) -> dict[int, int]:
    assert isinstance(found, Credited | Proposed)
    return {share.position: share.gross.minor for share in found.shares}


def test_the_whole_is_every_part_with_its_rounding() -> None:
    parts = [part(1, 10_000), part(2, 2_500), part(ROUNDING_POSITION, -20, "0.00")]
    found = credit(refund(12_480), parts)
    assert isinstance(found, Credited)
    assert found.is_whole
    assert amounts(found) == {1: 10_000, 2: 2_500, ROUNDING_POSITION: -20}


def test_what_is_left_is_credited_line_by_line_and_is_not_the_whole() -> None:
    found = credit(refund(7_500), [part(1, 10_000, rest=5_000), part(2, 2_500)])
    assert isinstance(found, Credited)
    assert not found.is_whole
    assert amounts(found) == {1: 5_000, 2: 2_500}


def test_the_same_line_named_twice_counts_together() -> None:
    found = credit(refund(6_000, ("1", 4_000), ("1", 2_000)), [part(1, 10_000)])
    assert amounts(found) == {1: 6_000}
    too_much = credit(refund(9_000, ("1", 8_000), ("1", 1_000)), [part(1, 8_500), part(2, 5_000)])
    assert isinstance(too_much, Refused)


def test_a_charge_and_a_line_of_one_name_are_told_apart_by_their_kind() -> None:
    parts = [
        Part(1, "shipping", LineKind.GOODS, Decimal(25), nok(1_000), nok(1_000), Decimal(1)),
        Part(2, "shipping", LineKind.SHIPPING, Decimal(25), nok(500), nok(500), Decimal(1)),
    ]
    line = RefundLineDetails("shipping", nok(300), Decimal(1), LineKind.SHIPPING)
    given_back = RefundDetails("r", "s", datetime(2026, 11, 20, tzinfo=UTC), nok(300), (line,))
    assert amounts(credit(given_back, parts)) == {2: 300}


def test_lines_that_do_not_add_up_to_the_amount_are_refused() -> None:
    found = credit(refund(5_000, ("1", 4_000)), [part(1, 10_000)])
    assert isinstance(found, Refused)
    assert "add to 40.00" in found.why


def test_an_amount_of_a_sale_with_lines_in_both_directions_is_for_a_person() -> None:
    found = credit(refund(1_000), [part(1, 10_000), part(2, -5_000)])
    assert isinstance(found, Refused)
    assert "both directions" in found.why


def test_rounding_takes_no_part_in_a_share() -> None:
    found = credit(refund(1_000), [part(1, 10_000), part(ROUNDING_POSITION, 40, "0.00")])
    assert isinstance(found, Credited)
    assert amounts(found) == {1: 1_000}


def test_several_rates_are_proposed_by_their_rest() -> None:
    found = credit(refund(9_900), [part(1, 80_000), part(2, 23_000, "15.00")])
    assert isinstance(found, Proposed)
    assert {f"{rate:.2f}": gross.minor for rate, gross in found.by_rate.items()} == {"15.00": 2_211, "25.00": 7_689}


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from(["25.00", "15.00", "0.00"])), min_size=1, max_size=6),
    st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
)
def test_refunds_in_a_row_are_exact_and_never_credit_more_than_was_sold(
    sold: list[tuple[int, str]], wanted: list[int]
) -> None:
    parts = [part(position, gross, rate) for position, (gross, rate) in enumerate(sold, 1)]
    for amount in wanted:
        found = credit(refund(amount), parts)
        rest = sum(one.rest.minor for one in parts)
        if isinstance(found, Refused):
            assert amount > rest
            continue
        taken = amounts(found)
        assert sum(taken.values()) == amount
        parts = [
            part(one.position, one.gross.minor, str(one.vat_rate), rest=one.rest.minor - taken.get(one.position, 0))
            for one in parts
        ]
        assert all(0 <= one.rest.minor <= one.gross.minor for one in parts)
