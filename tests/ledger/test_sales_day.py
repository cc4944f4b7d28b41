"""The sales day: docs/algorithms/sales-day.md, the shared posting examples, and properties."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger.errors import CurrencyMismatch, LedgerError, Unbalanced
from backoffice.ledger.money import Money
from backoffice.ledger.sales_day import (
    OWED,
    RECEIVED,
    DayLine,
    Move,
    SalesDay,
    cash_difference,
    cash_difference_move,
    day_difference,
    day_sums,
    merge_days,
    post_day,
)
from backoffice.ledger.vat import split_gross
from backoffice.ledger.voucher import BalancedVoucher, Entry
from tests.ledger.tables import Row, nok, rows, worked_example

DAY = date(2026, 11, 20)
RATES = {"3": Decimal(25), "31": Decimal(15)}
PAGES = {
    "A restaurant on a Friday": "Voucher of the restaurant",
    "A Z report with coin rounding": "Voucher of the Z report",
    "A day with everything": "Voucher of the day with everything",
}


def day_of(table: list[Row]) -> SalesDay:
    sections: dict[str, list[DayLine]] = defaultdict(list)
    moves = []
    for row in table:
        debit, _, credit = row["account"].partition(" to ")
        if credit:
            moves.append(Move(debit, credit, nok(row["amount"]), row["section"]))
            continue
        reference = "R-7" if debit.startswith("customer:") else ""
        line = DayLine(debit, nok(row["amount"]), row["VAT code"], matching_reference=reference)
        sections[row["section"].replace(" ", "_")].append(line)
    lines: dict[str, Any] = {name: tuple(each) for name, each in sections.items()}
    return SalesDay(DAY, "NOK", moves=tuple(moves), **lines)


def plain(voucher: BalancedVoucher) -> list[tuple[str, str, str]]:
    return [(entry.account, entry.vat_code, str(entry.amount)) for entry in voucher.entries]


@pytest.mark.parametrize(("figures", "voucher"), PAGES.items())
def test_a_day_of_the_page_gives_the_voucher_of_the_page(figures: str, voucher: str) -> None:
    wanted = [(row["account"], row["VAT code"], row["amount"]) for row in rows("sales-day", voucher)]
    assert plain(post_day(day_of(rows("sales-day", figures)))) == wanted


@pytest.mark.parametrize("figures", PAGES)
def test_the_vat_in_a_day_of_the_page_is_as_written(figures: str) -> None:
    for row in rows("sales-day", figures):
        if row["VAT in it"]:
            split = split_gross(nok(row["amount"]), RATES[row["VAT code"]])
            assert str(split.vat) == row["VAT in it"]


def entries_of(voucher: dict[str, Any]) -> Counter[tuple[str, str, Money]]:
    return Counter((line["account"], line["vat_code"], nok(line["amount"])) for line in voucher["lines"])


def posted(day: SalesDay) -> Counter[tuple[str, str, Money]]:
    return Counter((entry.account, entry.vat_code, entry.amount) for entry in post_day(day).entries)


SECTION_OF = {"1": "payments", "3": "sales", "7": "rounding"}


def day_of_example(voucher: dict[str, Any], accounts: dict[str, str]) -> SalesDay:
    """Read a voucher of the shared examples back into figures: debits are received, credits owed."""
    sections: dict[str, Any] = defaultdict(tuple)
    for line in voucher["lines"]:
        section = accounts.get(line["account"], SECTION_OF.get(line["account"][0], ""))
        amount = nok(line["amount"]) if section in RECEIVED else -nok(line["amount"])
        sections[section] += (DayLine(line["account"], amount, line["vat_code"], line["text"]),)
    return SalesDay(date.fromisoformat(voucher["date"]), "NOK", **sections)


@pytest.mark.parametrize(
    ("example", "number", "accounts"),
    [
        ("z-report", 0, {}),
        ("web-card-net", 0, {}),
        ("web-mixed-shipping", 0, {}),
        ("gift-card", 0, {"2901": "gift_cards_sold"}),
        ("gift-card", 1, {"2901": "gift_cards_used"}),
        ("tips", 0, {"2910": "tips"}),
        ("gross-settlement", 0, {}),
        ("partial-refund", 2, {}),
    ],
)
def test_a_shared_example_is_posted_as_there(example: str, number: int, accounts: dict[str, str]) -> None:
    voucher = worked_example(example)["vouchers"][number]
    assert posted(day_of_example(voucher, accounts)) == entries_of(voucher)


def test_the_cash_count_of_the_shared_example_is_posted_as_there() -> None:
    count, deposit, year_end = worked_example("cash-count")["vouchers"]
    zero = nok("0")
    short = cash_difference(opening=zero, received=nok("295.00"), banked=zero, counted=nok("292.00"))
    move = cash_difference_move(short, cash_account="1900", difference_account="1909")
    assert posted(SalesDay(DAY, "NOK", moves=(move,))) == entries_of(count)
    banked = Move("1920", "1900", nok("290.00"))
    assert posted(SalesDay(DAY, "NOK", moves=(banked,))) == entries_of(deposit)
    cleared = Move("7798", "1909", nok("3.00"))
    assert posted(SalesDay(DAY, "NOK", moves=(cleared,))) == entries_of(year_end)


def test_the_official_cash_register_example_adds_up() -> None:
    sums = day_sums(day_of(rows("sales-day", "A Z report with coin rounding")))
    assert (str(sums["sales"]), str(sums["payments"]), str(sums["rounding"])) == ("514.20", "513.80", "-0.40")


def test_a_day_that_does_not_add_up_names_every_sum_and_the_difference() -> None:
    day = SalesDay(DAY, "NOK", (DayLine("3000", nok("514.20"), "3"),), (DayLine("1900", nok("513.80")),))
    with pytest.raises(Unbalanced, match=r"sales 514\.20.*payments 513\.80.*Received less owed is -0\.40 NOK"):
        post_day(day)
    assert day_difference(day) == nok("-0.40")


def test_money_taken_out_before_the_count_is_not_missing() -> None:
    difference = cash_difference(opening=nok("1000"), received=nok("5000"), banked=nok("4500"), counted=nok("1502"))
    assert difference == nok("2")


def test_more_cash_than_expected_is_credited_to_the_difference_account() -> None:
    move = cash_difference_move(nok("2.00"), cash_account="1900", difference_account="1909")
    voucher = post_day(SalesDay(DAY, "NOK", moves=(move,)))
    assert plain(voucher) == [("1900", "0", "2.00"), ("1909", "0", "-2.00")]


def test_an_invoice_payment_says_which_invoice_it_pays() -> None:
    for line in (DayLine("customer:C-7", nok("10")), DayLine("1500", nok("10"), matching_reference="R")):
        day = SalesDay(DAY, "NOK", payments=(DayLine("1900", nok("10")),), invoice_payments=(line,))
        with pytest.raises(LedgerError, match="which invoice it pays"):
            post_day(day)


def test_an_invoice_payment_carries_the_matching_reference() -> None:
    line = DayLine("customer:C-7", nok("10"), matching_reference="R-7")
    day = SalesDay(DAY, "NOK", payments=(DayLine("1900", nok("10")),), invoice_payments=(line,))
    assert post_day(day).entries[-1] == Entry("customer:C-7", nok("-10"), "0", DAY, "R-7")


def test_a_day_without_figures_has_no_entries() -> None:
    assert post_day(SalesDay(DAY, "NOK", sales=(DayLine("3000", nok("0"), "3"),))).entries == ()


@pytest.mark.parametrize("section", ["sales", "payments", "moves"])
def test_a_figure_in_another_currency_is_refused(section: str) -> None:
    euro = Money(0, "EUR")
    line = Move("1900", "1909", euro) if section == "moves" else DayLine("3000", euro)
    figures: dict[str, Any] = {section: (line,)}
    with pytest.raises(CurrencyMismatch):
        post_day(SalesDay(DAY, "NOK", **figures))


def till(number: str, gross: str) -> SalesDay:
    dimensions = (("department", number),)
    return SalesDay(
        DAY,
        "NOK",
        (DayLine("3000", nok(gross), "3", dimensions=dimensions),),
        (DayLine("1900", nok(gross), dimensions=dimensions),),
    )


def test_tills_are_posted_together_and_stay_apart_by_dimension() -> None:
    voucher = post_day(merge_days([till("20", "50.00"), till("10", "80.00")]))
    assert [(e.account, dict(e.dimensions), str(e.amount)) for e in voucher.entries] == [
        ("1900", {"department": "10"}, "80.00"),
        ("1900", {"department": "20"}, "50.00"),
        ("3000", {"department": "10"}, "-80.00"),
        ("3000", {"department": "20"}, "-50.00"),
    ]


def test_tills_of_one_dimension_become_one_posting() -> None:
    assert plain(post_day(merge_days([till("10", "50.00"), till("10", "80.00")]))) == [
        ("1900", "0", "130.00"),
        ("3000", "3", "-130.00"),
    ]


def test_the_order_in_which_dimensions_are_named_does_not_matter() -> None:
    dimensions = (("department", "10"), ("project", "2"))
    sales = tuple(DayLine("3000", nok("1"), "3", dimensions=each) for each in (dimensions, dimensions[::-1]))
    day = SalesDay(DAY, "NOK", sales, (DayLine("1900", nok("2")),))
    assert post_day(day).entries[1:] == (Entry("3000", nok("-2"), "3", DAY, dimensions=dimensions),)


def test_tills_of_two_dates_or_currencies_are_not_joined() -> None:
    one = till("10", "1.00")
    for others in ([], [one, replace(one, posted_on=date(2026, 11, 21))]):
        with pytest.raises(LedgerError, match="same date"):
            merge_days(others)
    with pytest.raises(CurrencyMismatch):
        merge_days([one, replace(one, currency="EUR")])


lines = st.builds(
    DayLine,
    st.sampled_from(["3000", "3001", "1900"]),
    st.builds(Money, st.integers(-(10**9), 10**9), st.just("NOK")),
    st.sampled_from(["3", "0"]),
    st.sampled_from(["", "till 1"]),
    st.sampled_from([(), (("department", "10"), ("project", "2")), (("project", "2"), ("department", "10"))]),
)
sections = st.lists(lines, max_size=6).map(tuple)
moves = st.builds(Move, st.just("1900"), st.just("1909"), st.builds(Money, st.integers(-99, 99), st.just("NOK")))


@st.composite
def days(draw: st.DrawFn) -> SalesDay:
    names = ("sales", "payments", "rounding", "tips", "gift_cards_sold", "gift_cards_used")
    figures: dict[str, Any] = {name: draw(sections) for name in names}
    day = SalesDay(DAY, "NOK", moves=draw(st.lists(moves, max_size=2).map(tuple)), **figures)
    mend = DayLine("1592", -day_difference(day), "0")
    return replace(day, payments=(*day.payments, mend))


@given(days())
def test_every_balanced_day_gives_a_voucher_with_its_sums(day: SalesDay) -> None:
    entries = post_day(day).entries
    assert all(entry.amount for entry in entries)
    for account in ("3000", "1592"):
        debit = sum(li.amount.minor for name in RECEIVED for li in getattr(day, name) if li.account == account)
        credit = sum(li.amount.minor for name in OWED for li in getattr(day, name) if li.account == account)
        assert sum(e.amount.minor for e in entries if e.account == account) == debit - credit


@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_figures_does_not_matter(day: SalesDay, shuffler: Any) -> None:
    names = ("sales", "payments", "rounding", "tips", "gift_cards_sold", "gift_cards_used", "moves")
    shuffled: dict[str, Any] = {}
    for name in names:
        figures = list(getattr(day, name))
        shuffler.shuffle(figures)
        shuffled[name] = tuple(figures)
    assert post_day(replace(day, **shuffled)) == post_day(day)


@given(days(), days())
def test_joined_tills_post_what_the_tills_post(first: SalesDay, second: SalesDay) -> None:
    def balances(*vouchers: BalancedVoucher) -> dict[str, int]:
        found: Counter[str] = Counter()
        for entry in (entry for voucher in vouchers for entry in voucher.entries):
            found[entry.account] += entry.amount.minor
        return {account: minor for account, minor in found.items() if minor}

    assert balances(post_day(merge_days([first, second]))) == balances(post_day(first), post_day(second))
