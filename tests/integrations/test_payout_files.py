"""Hostile and broken reports: refused in words by every adapter, never read in part, never a crash."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.payouts import PayoutSource
from integrations import reading, report_files
from integrations.klarna.adapter import Klarna
from integrations.stripe.adapter import Stripe
from integrations.swedbankpay.adapter import SwedbankPay
from integrations.vipps.adapter import Vipps
from integrations.zettle.adapter import Zettle
from tests.contracts.payout_cases import SWEDBANK_PAY
from tests.fakes import stripe as fake_stripe
from tests.fakes import zettle as fake_zettle
from tests.fakes.klarna import payout, transaction
from tests.fakes.vipps import Book, ledger
from tests.integrations.woocommerce.shop import make_runtime

BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><SettlementReport>&d;
</SettlementReport>"""
INCLUDE = b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><SALES>&x;</SALES>"""
SOURCES: dict[str, PayoutSource] = {
    one.name: one.build({}, make_runtime()) for one in (Vipps, Klarna, Stripe, Zettle, SwedbankPay)
}


def genuine() -> dict[str, bytes]:
    """Give a whole report of each."""
    book = Book()
    days = [{"funds": [book.row("2026-11-20", "capture", 40_000), book.payout("2026-11-20", 2000023)], "fees": []}]
    po = fake_stripe.payout("po_1", 9_800)
    rows = [fake_stripe.transaction("txn_1", "charge", 10_000, 200), fake_stripe.own_row(po)]
    return {
        "vipps": json.dumps({"ledger": ledger(), "days": days}).encode(),
        "klarna": json.dumps({"payout": payout("X1", 100), "transactions": [transaction("SALE", 100)]}).encode(),
        "stripe": json.dumps({"payout": po, "balance_transactions": rows}).encode(),
        "zettle": json.dumps([fake_zettle.transaction("PAYMENT", 100, "2026-11-16T10:00:00.000", 1)]).encode(),
        "swedbankpay": (SWEDBANK_PAY / "list__version_2.xml").read_bytes(),
    }


@pytest.fixture(params=sorted(SOURCES))
def source(request: pytest.FixtureRequest) -> PayoutSource:
    """Give each adapter."""
    return SOURCES[request.param]


def test_what_is_broken_here_is_whole_before(source: PayoutSource) -> None:
    assert source.parse(genuine()[source.name])


@pytest.mark.parametrize(
    "body",
    [b"", b" \n\n", b"\0" * 50, b"\xef\xbb\xbf", BOMB, INCLUDE, b"{" * 5_000, b"[" * 100_000, b"NaN",
     b'{"data": NaN}', b"null", b"PK\x03\x04nothing", b"%PDF-1.4", b"\xff\xfe<\0a", b"<a/>",
     b"a;b\n1;2\n", b'"never closed', b"\x81\x8d\x8f"],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_no_report_is_refused_with_what_to_do(source: PayoutSource, body: bytes) -> None:
    with pytest.raises(UnreadablePayload) as caught:
        source.parse(body)
    assert str(caught.value).endswith(".")
    assert "root:" not in str(caught.value)


def test_a_report_that_is_cut_short_is_never_read_in_part(source: PayoutSource) -> None:
    whole = genuine()[source.name].rstrip()
    for length in range(1, len(whole) - 1, max(1, len(whole) // 60)):
        with pytest.raises(UnreadablePayload):
            source.parse(whole[:length])


def test_a_report_over_the_limit_is_refused(source: PayoutSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_REPORT_BYTES", 20)
    with pytest.raises(UnreadablePayload, match="larger than 20 bytes"):
        source.parse(genuine()[source.name])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 5_000), noise=st.binary(min_size=1, max_size=4))
def test_any_change_of_a_report_is_read_or_refused_but_never_a_crash(
    source: PayoutSource, place: int, noise: bytes
) -> None:
    whole = genuine()[source.name]
    at = place % len(whole)
    with contextlib.suppress(UnreadablePayload):
        statements = source.parse(whole[:at] + noise + whole[at + len(noise) :])
        assert all(isinstance(row.amount.minor, int) for one in statements for row in one.rows)


@pytest.mark.parametrize("amount", ["10.5", "1e3", "1.0", '"12,50"', '"abc"', "true", "null", "[]"])
def test_an_amount_that_is_no_whole_number_of_minor_units_is_refused(amount: str) -> None:
    for name in ("zettle", "klarna"):
        body = genuine()[name].replace(b'"amount": 100', f'"amount": {amount}'.encode())
        with pytest.raises(UnreadablePayload, match="whole number of minor units"):
            SOURCES[name].parse(body)


def packed(**parts: bytes) -> bytes:
    """Make a ZIP; names have __ for / and end in .xml."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", part)
    return content.getvalue()


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    body = packed(xl__worksheets__sheet1=b"<a>" + b" " * 200_000 + b"</a>")
    monkeypatch.setattr(report_files, "MAX_REPORT_BYTES", 100_000)
    for name in ("vipps", "swedbankpay"):
        with pytest.raises(UnreadablePayload, match="larger unpacked"):
            SOURCES[name].parse(body)


def test_entities_in_a_spreadsheet_are_refused() -> None:
    for name in ("vipps", "swedbankpay"):
        with pytest.raises(UnreadablePayload):
            SOURCES[name].parse(packed(xl__worksheets__sheet1=BOMB))


def test_cells_far_out_make_no_rows_of_millions_of_columns() -> None:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
    sheet += b'<c r="ZZZ1"><v>1</v></c></row></sheetData></worksheet>'
    with pytest.raises(UnreadablePayload, match="out of place"):
        SOURCES["vipps"].parse(packed(xl__worksheets__sheet1=sheet))
