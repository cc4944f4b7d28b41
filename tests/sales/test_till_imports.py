"""A till's file is imported once, slice by slice, whatever stops it, and nothing is recorded twice or lost."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import SalesPoint
from backoffice.common import blobs
from backoffice.common.machine import IllegalMove
from backoffice.connections.turns import hold, is_free
from backoffice.sales import till_reading
from backoffice.sales.models import DayClosing
from backoffice.sales.till_import_models import TillImport
from backoffice.sales.till_imports import (
    SUFFIX,
    accept_till_file,
    outcomes_of,
    remove_till_file,
    resume_till_import,
    stop_till_import,
)
from backoffice.sales.till_reading import MAX_TRIES, read_slice
from backoffice.vouchers.services import NotAllowed
from integrations.saft_cash_register import pieces
from tests.factories import make_client, make_sales_point
from tests.integrations.saft_cash_register.files import receipt, report, text_of
from tests.sales.tills import DAYS, KARI, hand_over, read_all, recorded

ALL = [("R1", 1, 125_00), ("R1", 2, 125_00), ("R2", 7, 250_00)]


class Killed(BaseException):
    """SIGKILL, as the database sees it."""


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep progress behind every receipt, and end the slice there."""
    monkeypatch.setattr(pieces, "PIECE_BYTES", 113)
    monkeypatch.setattr(till_reading, "KEEP_EVERY_S", 0.0)
    monkeypatch.setattr(till_reading, "KEEP_SHARE", 0)
    monkeypatch.setattr(till_reading, "SLICE_S", 0.0)


@pytest.fixture
def shop(db: None) -> SalesPoint:
    """Give a till's sales point."""
    return make_sales_point(make_client(), kind="till")


@pytest.fixture
def row(shop: SalesPoint) -> TillImport:
    """Give a file that was just handed over."""
    return hand_over(shop).till_import


def test_a_file_becomes_closings_slice_by_slice(shop: SalesPoint, row: TillImport) -> None:
    assert read_all(row) > 8
    assert (row.state, row.bytes_read, row.receipts, row.left_out) == ("done", row.size_bytes, 9, 1)
    assert recorded(shop) == ALL
    assert (outcomes_of(row).created, outcomes_of(row).same, outcomes_of(row).refused) == (3, 0, 0)
    assert row.notes[0].startswith("Receipts of register R2 after its last Z report: 1.")
    assert any(one.details["cash"]["paid_out"] for one in DayClosing.objects.filter(sales_point=shop))
    assert row.position == ""
    said = set(AuditEntry.objects.filter(subject_type="tillimport").values_list("action", flat=True))
    assert said == {"till_import.uploaded", "till_import.done"}


def test_progress_is_seen_and_grows(row: TillImport) -> None:
    seen = []
    while read_slice(row.pk):
        row.refresh_from_db()
        seen.append((row.bytes_read, row.percent, row.receipts))
        assert row.state == "waiting"
    assert seen == sorted(seen)
    assert len({percent for _, percent, _ in seen}) > 5


def test_the_same_bytes_are_told_and_led_to_the_first_import(shop: SalesPoint, row: TillImport) -> None:
    again = hand_over(shop, name="copy.xml")
    assert (again.is_new, again.till_import.pk) == (False, row.pk)
    assert TillImport.objects.count() == 1


KILLS = [
    (name, number)
    for name in ("_keep", "_record", "_hand_back", "_end")
    for number in ((1,) if name == "_end" else (1, 2, 3))
]


@pytest.mark.parametrize(("step", "number"), KILLS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_between_any_two_steps_another_worker_goes_on(
    shop: SalesPoint, row: TillImport, monkeypatch: pytest.MonkeyPatch, step: str, number: int, when: str
) -> None:
    calls: list[int] = []
    real = getattr(till_reading, step)

    def dying(*args: Any, **keywords: Any) -> None:
        calls.append(1)
        if len(calls) == number and when == "before":
            raise Killed
        real(*args, **keywords)
        if len(calls) == number:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(till_reading, step, dying)
        try:
            read_all(row)
        except Killed:
            TillImport.objects.filter(state="running").update(lease_until=timezone.now())
    read_all(row)
    assert (row.state, row.receipts, row.left_out) == ("done", 9, 1)
    assert recorded(shop) == ALL
    assert outcomes_of(row).created == 3


def test_a_living_worker_is_left_alone_and_a_silent_one_taken_over(row: TillImport) -> None:
    TillImport.objects.filter(pk=row.pk).update(
        state="running", holder="elsewhere:1:x", lease_until=timezone.now() + timedelta(seconds=9)
    )
    assert read_slice(row.pk) is False
    row.refresh_from_db()
    assert row.holder == "elsewhere:1:x"
    TillImport.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert read_slice(row.pk) is True


def test_a_worker_that_was_taken_over_writes_nothing_more(
    shop: SalesPoint, row: TillImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(till_reading, "SLICE_S", 60.0)
    real = till_reading._record

    def taken_over(mine: TillImport, closing: Any) -> None:
        if DayClosing.objects.count() == 1:
            TillImport.objects.filter(pk=mine.pk).update(holder="elsewhere:1:x")
        real(mine, closing)

    monkeypatch.setattr(till_reading, "_record", taken_over)
    assert read_slice(row.pk) is False
    row.refresh_from_db()
    assert (row.state, row.holder) == ("running", "elsewhere:1:x")
    assert recorded(shop) == ALL[:1]


def test_stopped_it_keeps_what_it_has_and_goes_on_from_there(shop: SalesPoint, row: TillImport) -> None:
    for _ in range(6):
        assert read_slice(row.pk)
    row.refresh_from_db()
    stop_till_import(till_import=row, actor=KARI)
    assert read_slice(row.pk) is False
    row.refresh_from_db()
    read = row.bytes_read
    assert (row.state, row.stopped_by) == ("stopped", "Kari")
    assert read > row.size_bytes // 3

    resume_till_import(till_import=row, actor=KARI)
    offsets = []
    while read_slice(row.pk):
        row.refresh_from_db()
        offsets.append(row.bytes_read)
    assert min(offsets) > read
    assert recorded(shop) == ALL


def test_a_stop_in_mid_slice_ends_the_reading(row: TillImport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(till_reading, "SLICE_S", 60.0)
    real = till_reading._keep

    def stopped(mine: TillImport, reached: Any) -> None:
        if reached.receipts == 3:
            stop_till_import(till_import=TillImport.objects.get(pk=mine.pk), actor=KARI)
        real(mine, reached)

    monkeypatch.setattr(till_reading, "_keep", stopped)
    assert read_slice(row.pk) is False
    row.refresh_from_db()
    assert (row.state, row.receipts) == ("stopped", 2)
    monkeypatch.setattr(till_reading, "_keep", real)
    resume_till_import(till_import=row, actor=KARI)
    read_all(row)
    assert (row.state, row.receipts) == ("done", 9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<a/>", "no SAF-T Cash Register file"),
        (DAYS[:-60], "not whole XML"),
        (DAYS.replace("<lineAmntIn>125.00", "<lineAmntIn>125,00", 1), "The cashtransaction at line"),
        ("\x00\x01\x02", "not whole XML"),
    ],
)
def test_a_broken_file_is_kept_and_says_what_to_do(shop: SalesPoint, text: str, words: str) -> None:
    row = hand_over(shop, text).till_import
    read_all(row)
    assert row.state == "failed"
    assert words in row.error
    assert blobs.stored(row.sha256, SUFFIX, row.size_bytes).exists()
    resume_till_import(till_import=row, actor=KARI)
    read_all(row)
    assert row.state == "failed"


def test_a_file_that_ends_too_early_keeps_the_registers_that_were_whole(shop: SalesPoint) -> None:
    row = hand_over(shop, DAYS[:-600]).till_import
    read_all(row)
    assert (row.state, recorded(shop)) == ("failed", ALL[:2])
    whole = hand_over(shop).till_import
    read_all(whole)
    assert recorded(shop) == ALL
    assert (outcomes_of(whole).created, outcomes_of(whole).same) == (1, 2)


def test_other_content_under_a_number_is_refused_and_told(shop: SalesPoint, row: TillImport) -> None:
    read_all(row)
    other = text_of(report(1, "250.00", "200.00", "50.00", "250.00"), receipt("250.00"))
    second = hand_over(shop, other).till_import
    read_all(second)
    (refused,) = second.closings.all()
    assert (second.state, refused.outcome) == ("done", "refused")
    assert "recorded already with other values" in refused.because
    assert refused.closing is not None
    assert refused.closing.repeated_at is not None


def test_a_file_on_which_workers_die_is_shown_to_a_person(row: TillImport, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(till_reading, "_keep", die)
        for _ in range(MAX_TRIES):
            with pytest.raises(Killed):
                read_slice(row.pk)
            TillImport.objects.update(lease_until=timezone.now())
    assert read_slice(row.pk) is False
    row.refresh_from_db()
    assert (row.state, "got no further" in row.error) == ("failed", True)
    resume_till_import(till_import=row, actor=KARI)
    read_all(row)
    assert row.state == "done"


def test_the_file_can_be_deleted_afterwards_and_uploaded_again(shop: SalesPoint, row: TillImport) -> None:
    with pytest.raises(NotAllowed, match="being read"):
        remove_till_file(till_import=row, actor=KARI)
    read_slice(row.pk)
    row.refresh_from_db()
    stop_till_import(till_import=row, actor=KARI)
    remove_till_file(till_import=row, actor=KARI)
    row.refresh_from_db()
    with pytest.raises(NotAllowed, match="Upload it again"):
        resume_till_import(till_import=row, actor=KARI)

    assert hand_over(shop).is_new is False
    row.refresh_from_db()
    resume_till_import(till_import=row, actor=KARI)
    read_all(row)
    assert recorded(shop) == ALL
    with pytest.raises(IllegalMove):
        resume_till_import(till_import=row, actor=KARI)


@pytest.mark.django_db(transaction=True)
def test_deleting_takes_the_bytes_only_when_no_other_client_needs_them() -> None:
    first, second = (
        hand_over(make_sales_point(make_client(key), kind="till")).till_import for key in ("nordlys", "fjord")
    )
    assert first.sha256 == second.sha256
    read_all(first)
    remove_till_file(till_import=first, actor=KARI)
    read_all(second)
    assert second.state == "done"
    remove_till_file(till_import=second, actor=KARI)
    with pytest.raises(blobs.BlobMissing):
        blobs.stored(second.sha256, SUFFIX, second.size_bytes)


def test_changed_or_missing_bytes_are_told(shop: SalesPoint, row: TillImport) -> None:
    path = blobs.path_of(row.sha256, SUFFIX)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"125.00", b"999.00", 1))
    read_all(row)
    assert (row.state, "was changed" in row.error, recorded(shop)) == ("failed", True, [])
    path.unlink()
    resume_till_import(till_import=row, actor=KARI)
    read_all(row)
    assert "is not there" in row.error
    path.write_bytes(content)
    resume_till_import(till_import=row, actor=KARI)
    read_all(row)
    assert recorded(shop) == ALL


def test_what_waits_or_has_lost_its_worker_is_free(row: TillImport) -> None:
    assert is_free(row)
    row.state, row.lease_until = "running", timezone.now() + timedelta(seconds=9)
    row.holder = f"elsewhere:{threading.get_ident()}:x"
    assert not is_free(row)
    row.state = "done"
    assert not is_free(row)


def test_a_file_that_cannot_stop_keeps_its_lease_alive(shop: SalesPoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_HELD_BYTES", 500)
    arriving = blobs.Arriving()
    arriving.write(DAYS.replace('"UTF-8"', '"UTF-16"').encode("utf-16"))
    sha256, size = arriving.keep(SUFFIX), arriving.size
    row = accept_till_file(
        sales_point=shop, sha256=sha256, size_bytes=size, filename="till.xml", actor=KARI
    ).till_import
    signs: list[object] = []

    def holding(mine: TillImport, **changes: Any) -> None:
        signs.append(changes)
        hold(mine, **changes)

    monkeypatch.setattr(till_reading, "hold", holding)
    assert read_slice(row.pk) is False
    row.refresh_from_db()
    assert (row.state, row.bytes_read, recorded(shop)) == ("done", size, ALL)
    assert len(signs) > 20
