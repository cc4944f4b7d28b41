"""The providers' own samples, read where they lie beside the project; skipped elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backoffice.contracts.payouts import PayoutSource, ProviderStatement
from backoffice.ledger.money import total
from backoffice.ledger.settlement import RowKind
from integrations.stripe.adapter import Stripe
from integrations.swedbankpay.adapter import SwedbankPay
from integrations.vipps.adapter import Vipps
from integrations.zettle.adapter import Zettle
from tests.integrations.woocommerce.shop import make_runtime

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "norway" / "payouts"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")


def read(source: type[PayoutSource], name: str) -> tuple[ProviderStatement, ...]:
    """Read a sample."""
    adapter = source.build({}, make_runtime())
    return adapter.parse((SAMPLES / name).read_bytes(), filename=name.rpartition("/")[2])


def row_sum(statement: ProviderStatement) -> str:
    """Add up a statement's rows without payouts."""
    rows = (row.amount for row in statement.rows if row.kind is not RowKind.PAYOUT)
    return str(total(rows, statement.currency))


@pytest.mark.parametrize("name", ["R1234-0001-Redovisningsservice.xml", "R1234-0001-Redovisningsservice.xlsx"])
def test_swedbank_pays_list_of_134_rows_comes_to_124950(name: str) -> None:
    (statement,) = read(SwedbankPay, f"swedbankpay/{name}")
    (payout,) = statement.payouts
    assert (statement.account, statement.currency, payout.reference) == ("R1234", "SEK", "R1234-0001")
    assert (str(payout.amount), row_sum(statement), str(payout.paid_on)) == ("124950.00", "124950.00", "2022-12-02")
    assert len(statement.rows) == 134 + 1
    assert len(statement.notes) == 1  # that there are no fees in it
    assert [str(row.amount) for row in statement.rows if row.kind is RowKind.REFUND] == ["-890.00"]


def test_swedbank_pays_xml_and_xlsx_give_the_same_statement() -> None:
    xml, xlsx = (read(SwedbankPay, f"swedbankpay/R1234-0001-Redovisningsservice.{end}") for end in ("xml", "xlsx"))
    assert xml == xlsx


def test_swedbank_pays_first_version_adds_up() -> None:
    (statement,) = read(SwedbankPay, "swedbankpay/transaktionsstatistik-redovisningsservice.xml")
    assert (len(statement.rows), row_sum(statement)) == (239 + 1, "88823.00")
    assert not any("the report says" in note for note in statement.notes)


def test_the_cut_sample_of_the_first_version_is_told_to_the_ore() -> None:
    (statement,) = read(SwedbankPay, "swedbankpay/transaction-list.xml")
    assert "Payout R1005-0001: the report says 163688.00, its rows give 163052.00." in statement.notes
    assert "Foreign Card, payments: the report says 40, its rows give 39." in statement.notes


def test_vipps_xml_sample_adds_up() -> None:
    (statement,) = read(Vipps, "vipps/Example-Net.xml")
    assert statement.account == "100716"
    assert [(one.reference, str(one.amount)) for one in statement.payouts] == [
        ("2000001", "15.00"),
        ("2000002", "2.00"),
    ]
    assert len(statement.rows) == 15 + 2
    assert statement.notes == ()


def test_vipps_sectioned_csv_sample_keeps_fees_and_the_refund_that_net_leaves_out() -> None:
    stated, rows = read(Vipps, "vipps/settlement-report.csv")
    assert [str(one.amount) for one in stated.payouts] == ["14960.62"]
    assert row_sum(rows) == "14960.62"
    assert "leaves out refunds of -1490.00" in stated.notes[0]
    fees = [row.amount for row in rows.rows if row.kind is RowKind.FEE]
    assert (len(fees), str(total(fees, "NOK"))) == (6, "-61.09")


@pytest.mark.parametrize(
    ("name", "sum_"),
    [("v2_1", "-195.80"), ("v2_2", "-6.49"), ("v2_3", "4704.33")],
)
def test_zettles_samples_add_up(name: str, sum_: str) -> None:
    (statement,) = read(Zettle, f"zettle/fetch-account-transactions-{name}.json")
    assert row_sum(statement) == sum_
    assert not any(row.kind is RowKind.OTHER for row in statement.rows)


def test_stripes_fixtures_are_read() -> None:
    found = json.loads((SAMPLES / "stripe/stripe-openapi-fixtures3-extract.json").read_text())
    body = json.dumps({"object": "list", "data": [found["balance_transaction"]]}).encode()
    (statement,) = Stripe.build({}, make_runtime()).parse(body)
    assert [(row.kind, str(row.amount)) for row in statement.rows] == [(RowKind.CAPTURE, "1.00")]
    body = json.dumps({"payout": found["payout"], "balance_transactions": []}).encode()
    (statement,) = Stripe.build({}, make_runtime()).parse(body)
    assert [str(one.amount) for one in statement.payouts] == ["11.00"]


def test_documents_of_other_kinds_are_refused_in_words() -> None:
    for source in (Vipps, Zettle, Stripe, SwedbankPay):
        with pytest.raises(Exception, match=r"This is no|no text") as caught:
            read(source, "vipps/OCRV20170114.sample.txt")
        assert type(caught.value).__name__ == "UnreadablePayload"
