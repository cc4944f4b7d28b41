"""Each type of Klarna's transactions, whose amounts have no sign of their own."""

from __future__ import annotations

import json

import pytest

from backoffice.contracts.payouts import ProviderStatement
from integrations.klarna.adapter import Klarna
from tests.fakes.klarna import payout, transaction
from tests.integrations.payout_reading import names, read, shown
from tests.integrations.woocommerce.shop import make_runtime

EXPECTED = {
    "charge__dispute_fee.json": ("fee", -2_500),
    "charge__reminder.json": ("other", -2_500),
    "commission__one.json": ("other", 2_500),
    "correction__credited.json": ("correction", 2_500),
    "credit__dispute_fee_refund.json": ("fee_refund", 2_500),
    "fee__percentage.json": ("fee", -2_500),
    "fee_refund__one.json": ("fee_refund", 2_500),
    "holdback__rolling.json": ("holdback", -2_500),
    "loyalty__unknown.json": ("other", 2_500),
    "release__rolling.json": ("release", 2_500),
    "return__part.json": ("refund", -2_500),
    "reversal__fraud.json": ("dispute", -2_500),
    "reversal_merchant_protection__half.json": ("dispute_return", 2_500),
    "sale__captured.json": ("capture", 2_500),
    "tax__row.json": ("fee", -2_500),
}


def report(one: dict[str, object], *rows: dict[str, object]) -> ProviderStatement:
    """Read a payout with its transactions."""
    body = json.dumps({"payout": one, "transactions": rows}).encode()
    (statement,) = Klarna.build({"fee_vat_code": "1"}, make_runtime()).parse(body)
    return statement


def test_every_payload_is_expected() -> None:
    assert names(Klarna) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_type_gives_the_sign(name: str) -> None:
    assert shown(read(Klarna, name).rows) == [EXPECTED[name]]


def test_a_return_is_named_by_its_own_reference_and_days_are_the_clients() -> None:
    (row,) = read(Klarna, "return__part.json").rows
    assert (row.reference, str(row.booked_on)) == ("1003-R1", "2026-11-17")


def test_vat_that_the_totals_withhold_is_part_of_the_fee() -> None:
    fee = transaction("FEE", 3_000, vat_amount=750)
    statement = report(payout("X1", 96_250, tax_amount=750), transaction("SALE", 100_000), fee)
    row = next(row for row in statement.rows if row.kind == "fee")
    assert row.fee_vat
    assert (row.amount.minor, row.fee_vat.minor, row.vat_code) == (-3_750, -750, "1")
    assert statement.notes == ()


def test_vat_that_the_totals_do_not_withhold_is_within_the_fee() -> None:
    statement = report(payout("X1", 97_000), transaction("SALE", 100_000), transaction("FEE", 3_000, vat_amount=600))
    row = next(row for row in statement.rows if row.kind == "fee")
    assert row.fee_vat
    assert (row.amount.minor, row.fee_vat.minor) == (-3_000, -600)
    assert statement.notes == ()


def test_tax_without_rows_that_say_what_for_is_a_row() -> None:
    statement = report(payout("X1", 96_250, tax_amount=750), transaction("SALE", 100_000), transaction("FEE", 3_000))
    assert ("fee", -750) in shown(statement.rows)
    assert statement.notes == ()


def test_fees_of_gross_settlement_are_told_and_are_no_rows() -> None:
    gross = payout("X1", 100_000, merchant_settlement_type="GROSS")
    statement = report(gross, transaction("SALE", 100_000), transaction("FEE", 3_000))
    assert shown(statement.rows) == [("capture", 100_000), ("payout", -100_000)]
    assert statement.notes == ("Fees of 30.00 NOK are invoiced (gross settlement), not kept back.",)


def test_debt_to_klarna_is_carried_on_and_repaid() -> None:
    carried = report(payout("X1", 0, deposit_amount=5_000), transaction("RETURN", 5_000))
    repaid = report(payout("X2", 15_000, repay_amount=5_000), transaction("SALE", 20_000))
    assert shown(carried.rows) == [("refund", -5_000), ("release", 5_000), ("payout", 0)]
    assert shown(repaid.rows) == [("capture", 20_000), ("holdback", -5_000), ("payout", -15_000)]
    assert carried.notes + repaid.notes == ()


def test_a_sum_that_differs_is_told_to_the_ore() -> None:
    assert report(payout("X1", 99_999), transaction("SALE", 100_000)).notes == (
        "Payout X1: the report says 999.99, its rows give 1000.00.",
    )


def test_the_csv_report_reads_as_the_api_does() -> None:
    statement = read(Klarna, "report__one_payout.csv")
    assert shown(statement.rows) == [("capture", 100_000), ("fee", -3_750), ("refund", -25_000), ("payout", -71_250)]
    assert statement.rows[0].key == "XISA93DJ:SALE:PURCHASE:c1"
    assert statement.notes == ()
