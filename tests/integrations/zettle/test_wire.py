"""Each transaction type of Zettle's liquid account."""

from __future__ import annotations

import json

import pytest

from integrations.zettle.adapter import Zettle
from tests.fakes.zettle import transaction, uuid
from tests.integrations.payout_reading import names, read
from tests.integrations.woocommerce.shop import make_runtime

EXPECTED = {
    "adjustment__up.json": ("correction", 50),
    "advance__loan.json": ("other", 500_000),
    "advance_downpayment__one.json": ("other", -5_000),
    "cashback__rate.json": ("fee_refund", 1_200),
    "failed_payout__back.json": ("payout", 34_486),
    "frozen_funds__chargeback.json": ("dispute", -35_100),
    "frozen_funds__revoked.json": ("dispute_return", 35_100),
    "invoice_payment__paid.json": ("capture", 125_000),
    "invoice_payment_fee__one.json": ("fee", -900),
    "loyalty__unknown.json": ("other", -123),
    "payment__card.json": ("capture", 35_100),
    "payment__refund.json": ("refund", -35_100),
    "payment_fee__given_back.json": ("fee_refund", 614),
    "payment_fee__taken.json": ("fee", -614),
    "payment_payout__wallet.json": ("payout", -35_100),
    "payout__daily.json": ("payout", -34_486),
}


def test_every_payload_is_expected() -> None:
    assert names(Zettle) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_type_is_a_row_with_its_sign_on_the_clients_day(name: str) -> None:
    (row,) = read(Zettle, name).rows
    assert (row.kind.value, row.amount.minor) == EXPECTED[name]
    assert (row.provider_reference, str(row.booked_on)) == (uuid(1), "2026-11-17")


def test_a_payout_settles_all_since_the_one_before_in_whatever_order_it_comes() -> None:
    rows = [
        transaction("PAYMENT", 20_000, "2026-11-18T10:00:00.000", 5),
        transaction("PAYOUT", -9_800, "2026-11-17T04:00:00.000", 2),
        transaction("PAYMENT_FEE", -200, "2026-11-16T10:00:00.000", 1),
        transaction("PAYMENT", 10_000, "2026-11-16T10:00:00.000", 1),
    ]
    (statement,) = Zettle.build({}, make_runtime()).parse(json.dumps(rows).encode())
    settled = {row.key.partition(":")[0] + row.payout_reference for row in statement.rows}
    assert settled == {"PAYMENT" + uuid(2), "PAYMENT_FEE" + uuid(2), "PAYOUT" + uuid(2), "PAYMENT"}
    assert [(one.reference, str(one.amount)) for one in statement.payouts] == [(uuid(2), "98.00")]
    assert statement.notes == ()


def test_the_specifications_spelling_and_amounts_as_text_are_read_too() -> None:
    row = transaction("PAYMENT", 0, "2026-11-16T10:00:00.000", 1)
    row |= {"amount": "300", "originatorTransactionUuid": row.pop("originatingTransactionUuid")}
    (statement,) = Zettle.build({}, make_runtime()).parse(json.dumps([row]).encode())
    assert [(one.reference, one.amount.minor) for one in statement.rows] == [(uuid(1), 300)]
