"""Payouts: docs/algorithms/settlement.md, the shared posting examples, and properties."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger.errors import CurrencyMismatch, LedgerError, PayoutDiffers
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import (
    SIGNS,
    Exchange,
    PayoutAccounts,
    PayoutCheck,
    PayoutRow,
    RowKind,
    check_payout,
    payout_voucher,
    withheld_voucher,
)
from backoffice.ledger.voucher import BalancedVoucher
from tests.ledger.tables import Row, each_row, nok, rows, worked_example

DAY = date(2026, 11, 4)
ACCOUNTS = PayoutAccounts("1920", "1591", "7770", dispute="1500", deposit="1579")
VOUCHERS = rows("settlement", "Vouchers")


def row(kind: str, amount: str, key: str = "1", vat_code: str = "") -> PayoutRow:
    return PayoutRow(key, RowKind(kind), nok(amount), DAY, vat_code=vat_code)


def check_of(payout: str, amount: str) -> PayoutCheck:
    table = [each for each in rows("settlement", "Rows") if each["payout"] == payout]
    assert table
    return check_payout(
        [row(each["kind"], each["amount"], str(key), each["VAT code"]) for key, each in enumerate(table)], nok(amount)
    )


def plain(voucher: BalancedVoucher) -> list[tuple[str, str, str]]:
    return [(entry.account, entry.vat_code, str(entry.amount)) for entry in voucher.entries]


@each_row("settlement", "Payouts")
def test_a_payout_of_the_page_is_explained_or_not(row: Row) -> None:
    check = check_of(row["payout"], row["paid out"])
    assert (str(check.row_sum), str(check.difference)) == (row["row sum"], row["difference"])
    assert len(check.parked) == int(row["parked"])
    assert check.is_explained == (row["difference"] == "0.00" and row["parked"] == "0")


@each_row("settlement", "Payouts")
def test_an_explained_payout_of_the_page_has_the_voucher_of_the_page(row: Row) -> None:
    check = check_of(row["payout"], row["paid out"])
    wanted = [(v["account"], v["VAT code"], v["amount"]) for v in VOUCHERS if v["payout"] == row["payout"]]
    if check.is_explained:
        assert plain(payout_voucher(check, ACCOUNTS, paid_on=DAY)) == wanted
    else:
        assert not wanted
        with pytest.raises(PayoutDiffers, match="not explained"):
            payout_voucher(check, ACCOUNTS, paid_on=DAY)


@each_row("settlement", "Another currency")
def test_a_currency_difference_goes_to_gain_or_loss(row: Row) -> None:
    captured = PayoutRow("1", RowKind.CAPTURE, Money(10000, "EUR"), DAY)
    fee = PayoutRow("2", RowKind.FEE, Money(-150, "EUR"), DAY)
    exchange = Exchange(Decimal(row["rate"]), nok(row["bank"]), nok(row["cleared"]), "8060", "8160")
    check = check_payout([captured, fee], Money(9850, "EUR"))
    balances = {
        entry.account: entry.amount for entry in payout_voucher(check, ACCOUNTS, paid_on=DAY, exchange=exchange).entries
    }
    zero = nok("0")
    assert balances["1920"] == nok(row["bank"])
    assert balances["1591"] == -nok(row["cleared"])
    assert balances["7770"] == nok(row["fee"])
    assert -balances.get("8060", zero) == nok(row["gain"])
    assert balances.get("8160", zero) == nok(row["loss"])


@pytest.mark.parametrize("rate", ["0", "-11.5", "NaN"])
def test_an_exchange_rate_is_positive(rate: str) -> None:
    with pytest.raises(LedgerError, match="exchange rate"):
        Exchange(Decimal(rate), nok("1"), nok("1"), "8060", "8160")


def entries_of(voucher: dict[str, Any]) -> Counter[tuple[str, str, str]]:
    return Counter((line["account"], line["vat_code"], str(nok(line["amount"]))) for line in voucher["lines"])


@pytest.mark.parametrize(
    ("example", "number", "payout", "figures"),
    [
        ("web-card-net", 1, "1231.25", {"capture": "1250.00", "fee": "-18.75"}),
        ("partial-refund", 1, "985.00", {"capture": "1000.00", "fee": "-15.00"}),
        ("partial-refund", 4, "144.00", {"capture": "400.00", "refund": "-250.00", "fee": "-6.00"}),
        ("gross-settlement", 1, "10000.00", {"capture": "10000.00"}),
    ],
)
def test_a_payout_of_the_shared_examples_is_posted_as_there(
    example: str, number: int, payout: str, figures: dict[str, str]
) -> None:
    check = check_payout([row(kind, amount, kind) for kind, amount in figures.items()], nok(payout))
    voucher = worked_example(example)["vouchers"][number]
    assert Counter(plain(payout_voucher(check, ACCOUNTS, paid_on=DAY))) == entries_of(voucher)


def test_a_dispute_taken_from_the_balance_is_posted_as_in_the_shared_example() -> None:
    taken = [row("dispute", "-1000.00", "1"), row("fee", "-150.00", "2")]
    accounts = replace(ACCOUNTS, clearing="1593")
    voucher = worked_example("chargeback-lost-no-credit")["vouchers"][0]
    assert Counter(plain(withheld_voucher(taken, accounts, posted_on=DAY))) == entries_of(voucher)


def test_captures_alone_withhold_nothing() -> None:
    assert withheld_voucher([row("capture", "10.00")], ACCOUNTS, posted_on=DAY).entries == ()


def test_a_payout_that_differs_names_the_difference_and_the_rows() -> None:
    check = check_payout([row("capture", "100.00", "c-1"), row("other", "-5.00", "x-9")], nok("94.00"))
    with pytest.raises(PayoutDiffers, match=r"difference of -1\.00, and nobody .* x-9 \(other -5\.00\)"):
        payout_voucher(check, ACCOUNTS, paid_on=DAY)


def test_the_payouts_own_row_is_left_out_of_the_sum() -> None:
    check = check_payout([row("capture", "100.00", "1"), row("payout", "-100.00", "2")], nok("100.00"))
    assert check.is_explained
    assert list(check.sums) == [RowKind.CAPTURE]


def test_a_repeated_row_is_refused() -> None:
    with pytest.raises(LedgerError, match="occurs twice"):
        check_payout([row("capture", "1.00"), row("capture", "1.00")], nok("2.00"))


def test_what_a_person_decided_goes_where_they_said() -> None:
    capture = row("capture", "100.00", "1")
    strange = replace(row("other", "-30.00", "2", vat_code="1"), is_decided=True, account="6810")
    left = replace(row("other", "-5.00", "3"), is_decided=True, account="")
    check = check_payout([capture, strange, left], nok("65.00"))
    assert plain(payout_voucher(check, ACCOUNTS, paid_on=DAY)) == [
        ("1920", "0", "65.00"),
        ("6810", "1", "30.00"),
        ("1591", "0", "-95.00"),
    ]


def test_rows_in_another_currency_are_refused() -> None:
    check = check_payout([PayoutRow("1", RowKind.CAPTURE, Money(100, "EUR"), DAY)], nok("1.00"))
    with pytest.raises(CurrencyMismatch):
        payout_voucher(check, ACCOUNTS, paid_on=DAY)


def test_the_sum_of_a_payout_can_be_read() -> None:
    steps = check_of("refund", "144.00").steps
    assert [str(step) for step in steps] == [
        "capture: 0.00 + 400.00 = 400.00",
        "refund: 400.00 + -250.00 = 150.00",
        "fee: 150.00 + -6.00 = 144.00",
    ]


@st.composite
def payout_rows(draw: st.DrawFn) -> list[PayoutRow]:
    kinds = st.sampled_from([kind for kind in RowKind if kind not in (RowKind.OTHER, RowKind.PAYOUT)])
    made = []
    for key, kind in enumerate(draw(st.lists(kinds, max_size=15))):
        minor = draw(st.integers(0, 10**8)) * SIGNS.get(kind, 1)
        code = draw(st.sampled_from(["", "0", "1", "86"]))
        made.append(PayoutRow(str(key), kind, Money(minor, "NOK"), DAY, vat_code=code))
    return made


@given(payout_rows())
def test_bank_and_what_was_kept_are_what_leaves_the_clearing_account(made: list[PayoutRow]) -> None:
    paid = total((each.amount for each in made), "NOK")
    voucher = payout_voucher(check_payout(made, paid), ACCOUNTS, paid_on=DAY)
    cleared = total((e.amount for e in voucher.entries if e.account == "1591"), "NOK")
    stays = {RowKind.CAPTURE, RowKind.REFUND, RowKind.CORRECTION}
    assert cleared == -total((each.amount for each in made if each.kind in stays), "NOK")
    paid_in = total((each.amount for each in made if each.kind is RowKind.TOP_UP), "NOK")
    assert total((e.amount for e in voucher.entries if e.account == "1920"), "NOK") == paid - paid_in


@given(payout_rows(), st.integers(-(10**9), 10**9), st.randoms(use_true_random=False))
def test_a_payout_follows_from_its_rows_or_the_difference_is_reported(
    made: list[PayoutRow], off: int, shuffler: Any
) -> None:
    paid = total((each.amount for each in made), "NOK") + Money(off, "NOK")
    shuffled = list(made)
    shuffler.shuffle(shuffled)
    check = check_payout(shuffled, paid)
    assert check.difference == Money(off, "NOK")
    assert check.is_explained == (off == 0)
    assert total(check.sums.values(), "NOK") == check.row_sum
    if check.is_explained:
        same = payout_voucher(check_payout(made, paid), ACCOUNTS, paid_on=DAY)
        assert set(payout_voucher(check, ACCOUNTS, paid_on=DAY).entries) == set(same.entries)


@given(payout_rows(), st.integers(1, 10**10), st.integers(-(10**10), 10**10), st.integers(1, 10**6))
def test_a_foreign_payout_always_balances(made: list[PayoutRow], bank: int, cleared: int, rate: int) -> None:
    euros = [replace(each, amount=Money(each.amount.minor, "EUR")) for each in made]
    exchange = Exchange(Decimal(rate).scaleb(-4), Money(bank, "NOK"), Money(cleared, "NOK"), "8060", "8160")
    check = check_payout(euros, total((each.amount for each in euros), "EUR"))
    entries = payout_voucher(check, ACCOUNTS, paid_on=DAY, exchange=exchange).entries
    assert {entry.amount.currency for entry in entries} == {"NOK"}
    assert all(e.amount.minor < 0 for e in entries if e.account == "8060")
    assert all(e.amount.minor > 0 for e in entries if e.account == "8160")
    assert sum(e.amount.minor for e in entries if e.account == "1591") == -cleared
