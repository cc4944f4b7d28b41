"""Each reporting category of Stripe; fees as rows of their own, their tax as VAT, currencies without decimals."""

from __future__ import annotations

import json

import pytest

from integrations.stripe.adapter import Stripe
from tests.fakes.stripe import own_row, payout, transaction
from tests.integrations.payout_reading import names, read, shown
from tests.integrations.woocommerce.shop import make_runtime

EXPECTED = {
    "charge__fee_with_tax.json": [("capture", 100_000), ("fee", -2_500)],
    "charge__with_fee.json": [("capture", 100_000), ("fee", -2_000)],
    "charge_failure__bank.json": [("dispute", -10_000)],
    "dispute__with_fee.json": [("dispute", -10_000), ("fee", -15_000)],
    "dispute_reversal__won.json": [("dispute_return", 10_000), ("fee_refund", 15_000)],
    "fee__monthly.json": [("fee", -900)],
    "loyalty__unknown.json": [("other", -123)],
    "other_adjustment__one.json": [("correction", -77)],
    "partial_capture_reversal__rest.json": [("refund", -4_000)],
    "payout_reversal__failed.json": [("payout", 58_000)],
    "refund__fee_kept.json": [("refund", -10_000)],
    "refund_failure__back.json": [("other", 10_000)],
    "risk_reserved_funds__held.json": [("holdback", -1_000)],
    "tax__on_fees.json": [("fee", -225)],
    "topup__own.json": [("top_up", 5_000)],
}


def test_every_payload_is_expected() -> None:
    assert names(Stripe) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_category_is_rows_that_add_to_its_net(name: str) -> None:
    assert shown(read(Stripe, name).rows) == EXPECTED[name]


def test_references_are_metadata_then_intent_and_the_charge() -> None:
    (row, fee) = read(Stripe, "charge__with_fee.json").rows
    assert (row.reference, row.provider_reference, row.key, fee.key) == ("1003", "ch_1", "txn_1", "txn_1:fee")
    (row,) = read(Stripe, "refund__fee_kept.json").rows
    assert (row.reference, row.provider_reference) == ("pi_1", "ch_1")


def test_tax_on_a_fee_is_the_vat_in_it() -> None:
    fee = read(Stripe, "charge__fee_with_tax.json", fee_vat_code="86").rows[1]
    assert fee.fee_vat
    assert (fee.amount.minor, fee.fee_vat.minor, fee.vat_code) == (-2_500, -500, "86")


def test_a_payout_that_came_back_names_the_payout() -> None:
    assert read(Stripe, "payout_reversal__failed.json").rows[0].payout_reference == "po_0"


def test_a_payout_in_another_currency_tells_rate_and_what_the_bank_got() -> None:
    one = payout("po_1", 112_290)
    own = own_row(one, amount=-9_850, net=-9_850, currency="eur", exchange_rate=11.4)
    rows = [transaction("txn_1", "charge", 10_000, 150, currency="eur", fee_details=[]), own]
    body = json.dumps({"payout": one, "balance_transactions": rows}).encode()
    (statement,) = Stripe.build({}, make_runtime()).parse(body)
    (paid,) = statement.payouts
    assert (str(paid.amount), str(paid.exchange_rate), str(paid.bank_amount)) == ("98.50", "11.4", "1122.90")
    assert statement.currency == "EUR"
    assert statement.notes == ()


@pytest.mark.parametrize(("currency", "minor"), [("jpy", 500), ("isk", 5), ("nok", 500), ("kwd", 500)])
def test_amounts_are_in_stripes_smallest_unit(currency: str, minor: int) -> None:
    body = json.dumps({"data": [transaction("txn_1", "charge", 500, currency=currency)]}).encode()
    (statement,) = Stripe.build({}, make_runtime()).parse(body)
    assert shown(statement.rows) == [("capture", minor)]


def test_a_payout_made_by_hand_says_that_it_cannot_be_itemised() -> None:
    body = json.dumps({"payout": payout("po_2", 500, automatic=False), "balance_transactions": []}).encode()
    (statement,) = Stripe.build({}, make_runtime()).parse(body)
    assert "does not say what po_2 consists of" in statement.notes[0]


def test_the_csv_report_has_the_keys_of_the_api() -> None:
    statement = read(Stripe, "report__itemised.csv")
    assert shown(statement.rows) == [("capture", 100_000), ("fee", -2_000), ("refund", -10_000), ("payout", -88_000)]
    assert [row.key for row in statement.rows] == ["txn_1", "txn_1:fee", "txn_2", "payout:po_1"]
    assert (statement.rows[0].reference, str(statement.rows[0].booked_on)) == ("1003", "2026-11-17")
