"""Z reports come out of a SAF-T Cash Register file right, whatever signs, trainings and voids stand in it."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backoffice.contracts.closings import DayClosingDetails
from backoffice.contracts.errors import UnreadablePayload
from backoffice.ledger.money import Money
from integrations.saft_cash_register.reading import read_closings
from tests.integrations.saft_cash_register.files import receipt, report, text_of, write_large

OSLO = ZoneInfo("Europe/Oslo")


def read(*parts: str) -> list[DayClosingDetails]:
    return list(read_closings(io.BytesIO(text_of(*parts).encode()), zone=OSLO))


def sales(closing: DayClosingDetails) -> list[tuple[str, Decimal, str]]:
    return [(one.group, one.vat_rate, str(one.amount)) for one in closing.sales]


def test_a_day_is_read_with_its_groups_and_our_words_for_payments() -> None:
    (closing,) = read(report(1), receipt())
    assert (closing.register, closing.number, closing.notes) == ("R1", 1, ())
    assert closing.closed_at.astimezone(UTC) == datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
    assert sales(closing) == [("Food", Decimal(25), "125.00")]
    assert [(one.method, str(one.amount)) for one in closing.payments] == [("cash", "125.00")]


def test_receipts_belong_to_the_next_z_report_whatever_the_midnight() -> None:
    first, second = read(
        report(1, at="2026-03-03T01:30:00"), report(2, "250.00", "200.00", "50.00", "250.00", at="2026-03-04T01:30:00"),
        receipt(at="2026-03-03T01:30:00"), receipt(at="2026-03-03T01:30:01"), receipt(at="2026-03-04T00:10:00"),
    )  # fmt: skip
    assert (sales(first)[0][2], sales(second)[0][2], first.notes, second.notes) == ("125.00", "250.00", (), ())
    assert second.opened_at == first.closed_at


def test_rounding_comes_from_the_receipts() -> None:
    (closing,) = read(report(1, "125.40", "100.32", "25.08"), receipt("125.40", rounding="-0.40", paid="125.00"))
    assert (str(closing.rounding), closing.notes) == ("-0.40", ())


@pytest.mark.parametrize(("amount", "tp"), [("-25.00", "D"), ("25.00", "D"), ("-25.00", "C")])
def test_a_return_counts_once_however_it_is_marked(amount: str, tp: str) -> None:
    (closing,) = read(report(1, "100.00", "80.00", "20.00", "100.00"), receipt(), receipt(amount, tp=tp, paid="-25.00"))
    assert (sales(closing), closing.notes) == ([("Food", Decimal(25), "100.00")], ())


@pytest.mark.parametrize(
    "more", [{"training": "true"}, {"training": "T-17"}, {"void": "true"}, {"void": "1"}, {"kind": "K"}]
)
def test_training_voided_and_credit_receipts_are_left_out(more: dict[str, str]) -> None:
    (closing,) = read(report(1), receipt(), receipt("999.00", **more))
    assert (sales(closing), closing.notes) == ([("Food", Decimal(25), "125.00")], ())


@pytest.mark.parametrize(
    ("net", "vat", "tp"), [("-20.00", "-5.00", "D"), ("20.00", "5.00", "D"), ("-20.00", "-5.00", "C")]
)
def test_a_day_of_returns_is_negative_once(net: str, vat: str, tp: str) -> None:
    (closing,) = read(report(1, "-25.00", net, vat, "-25.00", vat_tp=tp), receipt("-25.00", tp="D"))
    assert (sales(closing), closing.notes) == ([("Food", Decimal(25), "-25.00")], ())


def test_receipts_that_differ_from_the_z_report_are_told_and_the_z_report_is_posted() -> None:
    (closing,) = read(report(1), receipt(), receipt("10.00"))
    assert sales(closing) == [("standard", Decimal(25), "125.00")]
    assert "Z report and receipts differ in sales: 125.00 and 135.00, -10.00 NOK." in closing.notes
    assert any(note.startswith("Posted per VAT rate without groups") for note in closing.notes)


def test_the_tip_is_read() -> None:
    (closing,) = read(report(1, cash="130.00", tip="5.00"), receipt(paid="130.00"))
    assert (str(closing.tips), closing.notes) == ("5.00", ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
        ("<a/>", "no SAF-T Cash Register file"),
        ("", "not whole XML"),
        (text_of(report(1))[:-40], "not whole XML"),
        (text_of(report(1).replace("<reportID>1", "<reportID>Z1")), "no whole number"),
    ],
)
def test_what_is_no_such_file_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnreadablePayload, match=words):
        list(read_closings(io.BytesIO(text.encode()), zone=OSLO))


MEASURE = """
import resource, sys
from zoneinfo import ZoneInfo
from integrations.saft_cash_register.reading import read_closings
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in read_closings(open(sys.argv[1], "rb"), zone=ZoneInfo("Europe/Oslo")))
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    write_large(tmp_path / "large.xml", 5)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path / "large.xml"], capture_output=True, text=True, check=True
    )
    count, grown_mb = (int(word) for word in done.stdout.split())
    assert count == 30
    assert grown_mb < 4


def test_what_moves_the_drawer_is_no_sale_and_stands_apart() -> None:
    moves = (receipt("100.00", kind="UT", tp="D"), receipt("500.00", kind="VEKSEL"))
    text = text_of(report(1), receipt(), *moves, receipt("100.00", kind="UT", tp="D", void="true"))
    (closing,) = read_closings(io.BytesIO(text.encode()), zone=ZoneInfo("Europe/Oslo"))
    assert [(one.group, str(one.amount)) for one in closing.sales] == [("Food", "125.00")]
    assert closing.notes == ()
    assert closing.cash is not None
    assert (closing.cash.paid_in, closing.cash.paid_out, closing.cash.stated_difference) == (
        None,
        Money(10_000, "NOK"),
        None,
    )
