"""Proof of a clearing account: docs/algorithms/settlement.md and properties."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger.clearing import ClearingPosting, ClearingProof, ClearingReason, prove_clearing
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import PayoutAccounts, PayoutRow, RowKind
from tests.ledger.tables import nok, rows

SINCE, THROUGH = date(2026, 11, 1), date(2026, 11, 30)
ACCOUNTS = PayoutAccounts("1920", "1591", "7770", dispute="1500", deposit="1579")
ZERO = nok("0")


def prove(provider: list[PayoutRow], books: list[ClearingPosting], **figures: Money) -> ClearingProof:
    within = total((r.amount for r in provider if SINCE <= r.booked_on <= THROUGH), "NOK")
    opening = figures.get("opening", ZERO)
    return prove_clearing(
        since=SINCE,
        through=THROUGH,
        opening=opening,
        closing=figures.get("closing", opening + within),
        books_opening=figures.get("books_opening", opening),
        rows=provider,
        postings=books,
        accounts=ACCOUNTS,
    )


def read_page() -> tuple[list[PayoutRow], list[ClearingPosting]]:
    provider, books = [], []
    for key, row in enumerate(rows("settlement", "Proof of a clearing account")):
        amount, on = nok(row["amount"]), date.fromisoformat(row["date"])
        if row["where"] == "books":
            books.append(ClearingPosting(str(key), amount, on, row["reference"]))
        else:
            kind = RowKind(row["kind"])
            provider.append(PayoutRow(str(key), kind, amount, on, row["reference"], row["payout"]))
    return provider, books


def test_the_page_names_each_open_item_and_none_other() -> None:
    proof = prove(*read_page())
    assert [(i.reference, i.reason.value, str(i.books), str(i.provider)) for i in proof.items] == [
        (row["reference"], row["reason"], row["books"], row["provider"]) for row in rows("settlement", "Open items")
    ]
    assert proof.is_proved


def test_every_reason_is_on_the_page() -> None:
    assert {row["reason"] for row in rows("settlement", "Open items")} == set(ClearingReason)


def capture(reference: str, amount: str, on: date = SINCE, key: str = "") -> PayoutRow:
    return PayoutRow(key or reference, RowKind.CAPTURE, nok(amount), on, reference)


def payment(reference: str, amount: str, on: date = SINCE) -> ClearingPosting:
    return ClearingPosting(reference, nok(amount), on, reference)


def test_a_provider_that_states_another_balance_leaves_something_unexplained() -> None:
    proof = prove([capture("A", "10")], [payment("A", "10")], closing=nok("9.99"))
    assert (proof.unexplained, proof.unnamed, proof.is_proved) == (nok("-0.01"), ZERO, False)
    assert not proof.items


def test_books_that_opened_otherwise_leave_something_unnamed() -> None:
    proof = prove([capture("A", "10")], [payment("A", "10")], opening=nok("5"), books_opening=nok("7"))
    assert (proof.unexplained, proof.unnamed, proof.is_proved) == (ZERO, nok("2"), False)


def test_an_item_that_was_open_before_the_period_names_the_opening_difference() -> None:
    before = payment("old", "2", SINCE - timedelta(1))
    proof = prove([capture("A", "10")], [payment("A", "10"), before], books_opening=nok("2"))
    assert [(item.reference, item.reason) for item in proof.items] == [("old", ClearingReason.NOT_AT_PROVIDER)]
    assert proof.is_proved


def test_an_item_of_before_that_is_settled_in_the_period_is_no_longer_open() -> None:
    before = payment("old", "2", SINCE - timedelta(1))
    proof = prove([capture("old", "2")], [before], books_opening=nok("2"))
    assert not proof.items
    assert proof.is_proved


def test_an_order_captured_in_two_parts_is_not_captured_twice() -> None:
    parts = [capture("A", "5", key="1"), capture("A", "5", key="2")]
    assert not prove(parts, [payment("A", "10")]).items


def test_a_refund_that_the_provider_never_made_is_not_a_capture_too_many() -> None:
    proof = prove([capture("A", "5")], [payment("A", "5"), ClearingPosting("refund", nok("-5"), SINCE, "A")])
    assert [(item.reference, item.reason) for item in proof.items] == [("A", ClearingReason.AMOUNT_DIFFERS)]


def test_rows_and_postings_without_reference_are_items_of_their_own() -> None:
    row = PayoutRow("row-1", RowKind.CAPTURE, nok("3"), SINCE)
    proof = prove(
        [row], [ClearingPosting("posting-1", nok("3"), SINCE, ""), ClearingPosting("posting-2", ZERO, SINCE, "")]
    )
    assert [item.reference for item in proof.items] == ["posting-1", "row-1"]


def test_a_payout_is_compared_by_its_payout_reference() -> None:
    payout = PayoutRow("1", RowKind.PAYOUT, nok("-9"), SINCE, "text on the bank statement", "P1")
    fee = PayoutRow("2", RowKind.FEE, nok("-1"), SINCE, "A", "P1")
    assert not prove([payout, fee], [payment("P1", "-10")]).items


def test_the_way_from_opening_to_closing_can_be_read() -> None:
    fee = PayoutRow("fee", RowKind.FEE, nok("-1"), SINCE, payout_reference="P")
    proof = prove([capture("A", "10"), fee], [], opening=nok("5"))
    assert [str(step) for step in proof.steps] == ["capture: 5.00 + 10.00 = 15.00", "fee: 15.00 + -1.00 = 14.00"]
    assert proof.closing == nok("14")


@st.composite
def accounts_of_a_month(draw: st.DrawFn) -> tuple[list[PayoutRow], list[ClearingPosting]]:
    references = st.sampled_from(["", "A", "B", "C", "P1", "P2"])
    dates = st.integers(-3, 33).map(lambda days: SINCE + timedelta(days))
    money = st.builds(Money, st.integers(-5, 5), st.just("NOK"))
    provider = draw(st.lists(st.tuples(st.sampled_from(RowKind), money, dates, references, references), max_size=15))
    books = draw(st.lists(st.tuples(money, dates, references), max_size=15))
    return (
        [PayoutRow(f"r{key}", *row) for key, row in enumerate(provider)],
        [ClearingPosting(f"b{key}", *posting) for key, posting in enumerate(books)],
    )


def before(provider: list[PayoutRow], books: list[ClearingPosting]) -> tuple[Money, Money]:
    at_provider = total((row.amount for row in provider if row.booked_on < SINCE), "NOK")
    return at_provider, total((each.amount for each in books if each.posted_on < SINCE), "NOK")


@given(accounts_of_a_month())
def test_named_items_are_the_whole_difference_between_books_and_provider(
    month: tuple[list[PayoutRow], list[ClearingPosting]],
) -> None:
    opening, books_opening = before(*month)
    proof = prove(*month, opening=opening, books_opening=books_opening)
    assert proof.is_proved
    named = total((item.difference for item in proof.items), "NOK")
    assert proof.books_closing == proof.closing + named


@given(accounts_of_a_month(), st.integers(-9, 9), st.integers(-9, 9))
def test_what_has_no_name_is_reported_to_the_minor_unit(
    month: tuple[list[PayoutRow], list[ClearingPosting]], stated_off: int, books_off: int
) -> None:
    opening, books_opening = before(*month)
    within = total((row.amount for row in month[0] if SINCE <= row.booked_on <= THROUGH), "NOK")
    proof = prove(
        *month,
        opening=opening,
        closing=opening + within + Money(stated_off, "NOK"),
        books_opening=books_opening + Money(books_off, "NOK"),
    )
    assert (proof.unexplained.minor, proof.unnamed.minor) == (stated_off, books_off)


@given(accounts_of_a_month(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_postings_does_not_matter(
    month: tuple[list[PayoutRow], list[ClearingPosting]], shuffler: Any
) -> None:
    provider, books = list(month[0]), list(month[1])
    shuffler.shuffle(provider)
    shuffler.shuffle(books)
    assert prove(provider, books) == prove(*month)


@pytest.mark.parametrize("kind", [RowKind.REFUND, RowKind.CORRECTION])
def test_a_row_of_a_kind_that_stays_on_clearing_is_compared_by_its_own_reference(kind: RowKind) -> None:
    amount = nok("-4") if kind is RowKind.REFUND else nok("4")
    row = PayoutRow("1", kind, amount, SINCE, "X", "P1")
    assert not prove([row], [ClearingPosting("1", amount, SINCE, "X")]).items
