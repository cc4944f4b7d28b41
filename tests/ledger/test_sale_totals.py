"""Sale totals: docs/algorithms/sale-totals.md, the shared posting examples, and properties."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger.errors import CurrencyMismatch, LedgerError, TotalsDiffer, VatDiffers
from backoffice.ledger.money import Money, total
from backoffice.ledger.sale_totals import TaxedAmount, check_total, spread_charge, vat_differences
from backoffice.ledger.vat import split_gross
from tests.ledger.tables import Row, each_row, nok, worked_example

RATE_OF_CODE = {"3": Decimal(25), "31": Decimal(15), "33": Decimal(12)}


@each_row("sale-totals", "Total")
def test_a_sale_adds_up_or_is_refused(row: Row) -> None:
    lines = [nok(line) for line in row["lines"].split()]
    extras = {"rounding": nok(row["rounding"]), "tip": nok(row["tip"])}
    if row["result"] == "adds up":
        check_total(lines, nok(row["total"]), **extras)
    else:
        difference = row["result"].removeprefix("differs by ")
        with pytest.raises(TotalsDiffer, match=f"difference is {difference}\\."):
            check_total(lines, nok(row["total"]), **extras)


def test_a_refused_sale_names_both_sums() -> None:
    with pytest.raises(TotalsDiffer, match=r"add to 110\.00 NOK .* says 109\.00 NOK"):
        check_total([nok("100"), nok("10")], nok("109"))


def test_a_line_in_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        check_total([Money(1, "EUR")], Money(1, "NOK"))


@each_row("sale-totals", "VAT per rate")
def test_the_shops_vat_is_equal_shown_or_refused(row: Row) -> None:
    pairs = [line.split("/") for line in row["lines"].split()]
    lines = [TaxedAmount(nok(gross), nok(vat), Decimal(row["rate"])) for gross, vat in pairs]
    if row["result"] == "refused":
        with pytest.raises(VatDiffers, match=f"at {row['rate']}.00 % is stated as {row['stated']} NOK"):
            vat_differences(lines, "NOK")
        return
    found = vat_differences(lines, "NOK")
    assert bool(found) == (row["result"] == "shown")
    for difference in found:
        assert (str(difference.stated), str(difference.computed)) == (row["stated"], row["computed"])
        assert difference.difference == nok(row["stated"]) - nok(row["computed"])


def test_each_rate_is_compared_on_its_own() -> None:
    lines = [
        TaxedAmount(nok("125"), nok("25.01"), Decimal(25)),
        TaxedAmount(nok("115"), nok("14.99"), Decimal(15)),
    ]
    assert [(d.vat_rate, str(d.difference)) for d in vat_differences(lines, "NOK")] == [
        (Decimal("15.00"), "-0.01"),
        (Decimal("25.00"), "0.01"),
    ]


def test_differences_of_two_rates_do_not_cancel() -> None:
    lines = [TaxedAmount(nok("125"), nok("30"), Decimal(25)), TaxedAmount(nok("115"), nok("10"), Decimal(15))]
    with pytest.raises(VatDiffers, match="15"):
        vat_differences(lines, "NOK")


@given(
    st.lists(st.integers(-(10**8), 10**8), min_size=1, max_size=20),
    st.sampled_from([Decimal(25), Decimal(15), Decimal(12), Decimal("11.11"), Decimal(0)]),
)
def test_a_shop_that_rounds_by_sum_is_never_refused(grosses: list[int], rate: Decimal) -> None:
    by_sum = split_gross(Money(sum(grosses), "NOK"), rate).vat
    vats = [by_sum] + [Money.zero("NOK")] * (len(grosses) - 1)
    lines = [TaxedAmount(Money(gross, "NOK"), vat, rate) for gross, vat in zip(grosses, vats, strict=True)]
    assert all(abs(each.difference.minor) <= len(lines) for each in vat_differences(lines, "NOK"))


def goods_of(text: str) -> dict[Decimal, Money]:
    return {Decimal(rate): nok(gross) for gross, rate in (part.split(" at ") for part in text.split(", "))}


@each_row("sale-totals", "A charge over several rates")
def test_a_charge_follows_the_goods(row: Row) -> None:
    if row["shares"] == "refused":
        with pytest.raises(LedgerError, match="state its own VAT rate"):
            spread_charge(nok(row["charge"]), goods_of(row["goods"]))
        return
    shares = spread_charge(nok(row["charge"]), goods_of(row["goods"]))
    assert [str(share) for share in shares.values()] == row["shares"].split()
    vat = [str(split_gross(share, rate).vat) for rate, share in shares.items()]
    assert vat == row["VAT in shares"].split()


@given(
    st.integers(-(10**7), 10**7),
    st.dictionaries(st.sampled_from([Decimal(rate) for rate in (0, 12, 15, 25)]), st.integers(1, 10**8), min_size=1),
)
def test_the_shares_of_a_charge_add_to_it(charge: int, goods: dict[Decimal, int]) -> None:
    shares = spread_charge(Money(charge, "NOK"), {rate: Money(gross, "NOK") for rate, gross in goods.items()})
    assert list(shares) == list(goods)
    assert total(shares.values(), "NOK") == Money(charge, "NOK")


def test_shipping_of_the_shared_example_is_spread_as_there() -> None:
    (voucher,) = worked_example("web-mixed-shipping")["vouchers"]
    capture, *lines = voucher["lines"]
    goods, shipping = lines[:2], lines[2:]
    by_rate = {RATE_OF_CODE[line["vat_code"]]: -nok(line["amount"]) for line in goods}
    shares = spread_charge(nok("99.00"), by_rate)
    assert shares == {RATE_OF_CODE[line["vat_code"]]: -nok(line["amount"]) for line in shipping}
    for line in lines:
        vat = split_gross(nok(line["amount"]), RATE_OF_CODE[line["vat_code"]]).vat
        assert vat == nok(line["vat_in_amount"])
    check_total([*by_rate.values(), *shares.values()], nok(capture["amount"]))
