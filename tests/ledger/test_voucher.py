"""Vouchers: balanced or not built."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger.errors import Unbalanced
from backoffice.ledger.money import Money
from backoffice.ledger.voucher import BalancedVoucher, Entry, check_balance
from tests.ledger.tables import nok, shared_json

DAY, NEXT = date(2026, 11, 20), date(2026, 11, 21)


def entry(account: str, amount: Money, on: date = DAY) -> Entry:
    return Entry(account, amount, "0", on)


@st.composite
def balanced_entries(draw: st.DrawFn) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for on, currency in draw(st.sets(st.tuples(st.sampled_from([DAY, NEXT]), st.sampled_from(["NOK", "EUR"])))):
        minors = draw(st.lists(st.integers(-(10**10), 10**10), min_size=1, max_size=6))
        for minor in (*minors, -sum(minors)):
            entries.append(entry(str(len(entries)), Money(minor, currency), on))
    return tuple(entries)


@given(balanced_entries())
def test_reversing_twice_gives_the_voucher_back(entries: tuple[Entry, ...]) -> None:
    voucher = BalancedVoucher(entries)
    assert voucher.reversed().reversed() == voucher
    assert [e.amount for e in voucher.reversed().entries] == [-e.amount for e in entries]


@given(balanced_entries(), st.integers(1, 100), st.sampled_from([DAY, NEXT]), st.sampled_from(["NOK", "EUR"]))
def test_a_voucher_cannot_be_built_unbalanced(entries: tuple[Entry, ...], minor: int, on: date, currency: str) -> None:
    with pytest.raises(Unbalanced, match=f"{Money(minor, currency)} {currency}"):
        BalancedVoucher((*entries, entry("3000", Money(minor, currency), on)))


def test_two_dates_do_not_balance_each_other() -> None:
    with pytest.raises(Unbalanced, match="2026-11-20"):
        check_balance([entry("1920", nok("1")), entry("3000", nok("-1"), NEXT)])


def test_two_currencies_do_not_balance_each_other() -> None:
    with pytest.raises(Unbalanced, match="EUR"):
        check_balance([entry("1920", nok("1")), entry("3000", Money(-100, "EUR"))])


def test_every_shared_posting_example_is_balanced_and_leaves_the_balances_it_says() -> None:
    data: dict[str, Any] = shared_json("worked_examples.json")
    assert data["examples"]
    for example in data["examples"]:
        balances: dict[str, Money] = {}
        for voucher in example["vouchers"]:
            on = date.fromisoformat(voucher["date"])
            lines = [Entry(line["account"], nok(line["amount"]), line["vat_code"], on) for line in voucher["lines"]]
            for line in BalancedVoucher(tuple(lines)).entries:
                balances[line.account] = balances.get(line.account, nok("0")) + line.amount
        assert balances == {account: nok(text) for account, text in example["balances_after"].items()}
        for account, text in example.get("must_be", {}).items():
            assert balances[account] == nok(text)
