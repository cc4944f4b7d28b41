"""Matching: docs/algorithms/matching.md and its properties."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger.errors import LedgerError
from backoffice.ledger.matching import LedgerItem, Matching, OpenReason, match_items
from backoffice.ledger.money import Money
from tests.ledger.tables import Row, rows

TABLE = rows("matching", "")
CASES = sorted({row["case"] for row in TABLE})


def item_of(row: Row) -> LedgerItem:
    amount, _, currency = row["amount"].partition(" ")
    money = Money.parse(amount, currency or "NOK")
    return LedgerItem(row["entry"], row["customer"], money, row["reference"], date.fromisoformat(row["date"]))


def results(matching: Matching) -> dict[str, str]:
    found = {entry.item.key: entry.reason.value for entry in matching.open_entries}
    for pair in matching.pairs:
        found[pair.debit.key], found[pair.credit.key] = pair.credit.key, pair.debit.key
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_case_of_the_page_comes_out_as_written(case: str) -> None:
    mine = [row for row in TABLE if row["case"] == case]
    assert results(match_items([item_of(row) for row in mine])) == {r["entry"]: r["result"] for r in mine}


def test_the_cases_of_the_page_do_not_disturb_each_other() -> None:
    assert results(match_items([item_of(row) for row in TABLE])) == {r["entry"]: r["result"] for r in TABLE}


def test_every_reason_has_a_case() -> None:
    assert set(OpenReason) <= {row["result"] for row in TABLE}


@st.composite
def ledgers(draw: st.DrawFn) -> list[LedgerItem]:
    fields = st.tuples(
        st.sampled_from(["C-1", "C-2"]),
        st.builds(Money, st.integers(-4, 4), st.sampled_from(["NOK", "NOK", "EUR"])),
        st.sampled_from(["", "R1", "R2"]),
        st.integers(0, 3).map(lambda days: date(2026, 11, 1) + timedelta(days)),
    )
    return [LedgerItem(f"E{key:02}", *each) for key, each in enumerate(draw(st.lists(fields, max_size=30)))]


@given(ledgers(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(items: list[LedgerItem], shuffler: object) -> None:
    shuffled = list(items)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert match_items(shuffled) == match_items(items)


@given(ledgers())
def test_no_entry_is_matched_twice_and_none_is_lost(items: list[LedgerItem]) -> None:
    matching = match_items(items)
    used = [item.key for pair in matching.pairs for item in (pair.debit, pair.credit)]
    used += [entry.item.key for entry in matching.open_entries]
    assert sorted(used) == sorted(item.key for item in items if item.amount)


@given(ledgers())
def test_a_pair_is_of_one_customer_one_reference_and_opposite(items: list[LedgerItem]) -> None:
    for debit, credit in ((pair.debit, pair.credit) for pair in match_items(items).pairs):
        assert debit.amount == -credit.amount > Money.zero(debit.amount.currency)
        assert (debit.customer, debit.matching_reference) == (credit.customer, credit.matching_reference)
        assert debit.matching_reference


@given(ledgers())
def test_nothing_that_could_be_matched_stays_open(items: list[LedgerItem]) -> None:
    left = [entry.item for entry in match_items(items).open_entries]
    assert not match_items(left).pairs


def test_the_oldest_entries_are_matched_first() -> None:
    def payment(key: str, day: int) -> LedgerItem:
        return LedgerItem(key, "C-1", Money(-100, "NOK"), "R", date(2026, 11, day))

    invoice = LedgerItem("invoice", "C-1", Money(100, "NOK"), "R", date(2026, 11, 5))
    (pair,) = match_items([payment("late", 9), payment("early", 2), invoice]).pairs
    assert pair.credit.key == "early"


def test_two_entries_with_one_key_are_refused() -> None:
    twin = LedgerItem("E1", "C-1", Money(1, "NOK"), "R", date(2026, 11, 1))
    with pytest.raises(LedgerError, match="share a key"):
        match_items([twin, twin])
