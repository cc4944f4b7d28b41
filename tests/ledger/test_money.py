"""Money: docs/algorithms/money.md and its properties."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger.errors import CurrencyMismatch, LedgerError, SurplusDecimals
from backoffice.ledger.money import (
    MAX_MINOR,
    MINOR_DIGITS,
    Money,
    allocate,
    divide_half_up,
    round_half_up,
    total,
)
from tests.ledger.tables import Row, each_row, nok

minors = st.integers(-MAX_MINOR, MAX_MINOR)
currencies = st.sampled_from(["NOK", "EUR", *MINOR_DIGITS])


@each_row("money", "Reading an amount")
def test_a_text_becomes_minor_units_or_is_refused(row: Row) -> None:
    if row["minor units"] == "refused":
        with pytest.raises(LedgerError):
            Money.parse(row["text"], row["currency"])
    else:
        assert Money.parse(row["text"], row["currency"]) == Money(int(row["minor units"]), row["currency"])


@each_row("money", "Rounding")
def test_halves_are_rounded_away_from_zero(row: Row) -> None:
    assert str(round_half_up(Decimal(row["value"]), int(row["decimals"]))) == row["rounded"]


@each_row("money", "Splitting")
def test_an_amount_is_split_by_weights(row: Row) -> None:
    weights = [int(weight) for weight in row["weights"].split()]
    if row["shares"] == "refused":
        with pytest.raises(LedgerError, match="weights"):
            allocate(nok(row["amount"]), weights)
    else:
        assert [str(share) for share in allocate(nok(row["amount"]), weights)] == row["shares"].split()


@given(minors, st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_a_split_loses_nothing_and_no_share_is_off_by_a_minor_unit(minor: int, weights: list[int]) -> None:
    shares = allocate(Money(minor, "NOK"), weights)
    assert sum(share.minor for share in shares) == minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor * sum(weights) - minor * weight) < sum(weights)


@given(minors, st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_a_split_refund_is_the_mirror_of_a_split_sale(minor: int, weights: list[int]) -> None:
    mirrored = [-share for share in allocate(Money(-minor, "NOK"), weights)]
    assert mirrored == allocate(Money(minor, "NOK"), weights)


@given(minors, currencies)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(str(money), currency) == money
    assert Money.parse(money.to_decimal(), currency) == money
    assert Money.rounded(money.to_decimal(), currency) == money


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**6), st.sampled_from([1, -1]))
def test_half_up_division_is_off_by_half_at_most_and_symmetric(number: int, size: int, sign: int) -> None:
    divisor = size * sign
    quotient = divide_half_up(number, divisor)
    assert abs(2 * (quotient * divisor - number)) <= size
    assert divide_half_up(-number, divisor) == -quotient == divide_half_up(number, -divisor)


def test_amounts_of_two_currencies_never_meet() -> None:
    crown, euro = Money(1, "NOK"), Money(1, "EUR")
    for meet in (
        lambda: crown + euro,
        lambda: crown - euro,
        lambda: crown < euro,
        lambda: crown <= euro,
        lambda: total([crown, euro], "NOK"),
    ):
        with pytest.raises(CurrencyMismatch, match="NOK and EUR"):
            meet()


def test_surplus_decimals_say_how_many_there_may_be() -> None:
    with pytest.raises(SurplusDecimals, match=r"0\.001 has more than the 2 decimals of NOK"):
        nok("0.001")


@pytest.mark.parametrize("minor", [1.0, "1", True, None])
def test_minor_units_are_whole_numbers(minor: object) -> None:
    with pytest.raises(LedgerError, match="whole number"):
        Money(minor, "NOK")  # type: ignore[arg-type]  # what the test is about


@pytest.mark.parametrize("currency", ["nok", "NO", "", "NOKK"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(LedgerError, match="currency code"):
        Money(1, currency)


def test_amounts_compare_negate_and_count_as_truth() -> None:
    assert Money(1, "NOK") < Money(2, "NOK") <= Money(2, "NOK")
    assert abs(-Money(5, "NOK")) == Money(5, "NOK")
    assert Money(1, "NOK")
    assert not Money.zero("NOK")
    assert total([], "NOK") == Money.zero("NOK")
