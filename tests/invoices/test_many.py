"""Many documents at once: chosen, worked off in turns whatever stops it, and packed as they are stored."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.core import mail
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import SalesPoint
from backoffice.common import blobs
from backoffice.common.machine import IllegalMove
from backoffice.contracts.sales import CustomerDetails
from backoffice.invoices.emailing import send_due
from backoffice.invoices.many import working
from backoffice.invoices.many.choosing import Choice, count_chosen
from backoffice.invoices.many.packing import INDEX, pack
from backoffice.invoices.many.runs import NothingChosen, progress_of, resume_run, start_run, stop_run
from backoffice.invoices.many.working import MAX_TRIES, work_slice
from backoffice.invoices.models import (
    DocumentRun,
    DocumentSending,
    IssuedDocument,
    RunKind,
    SellerProfile,
)
from backoffice.invoices.services import get_document
from backoffice.sales.models import Sale
from tests.factories import make_client
from tests.invoices.conftest import BUYER
from tests.world import SOLD_AT, TESTER

pytestmark = pytest.mark.usefixtures("pango")
Sell = Callable[..., Sale]


class Killed(BaseException):
    """SIGKILL, as the database sees it."""


def start(shop: SalesPoint, kind: RunKind, **narrowed: Any) -> DocumentRun:
    """Order it for the shop's client."""
    return start_run(choice=Choice(shop.client, **narrowed), kind=kind, actor=TESTER)


def work(run: DocumentRun) -> DocumentRun:
    """Work it off as workers do."""
    while work_slice(run.pk):
        pass
    run.refresh_from_db()
    return run


def counts(run: DocumentRun) -> tuple[int, int, int]:
    """Give how many there are, are done, and failed."""
    progress = progress_of(run)
    return progress.total, progress.done, progress.failed


def packed(run: DocumentRun) -> tuple[bytes, ZipFile]:
    """Give the zip of a run."""
    data = b"".join(pack(run))
    return data, ZipFile(io.BytesIO(data))


def rows_of(archive: ZipFile) -> list[dict[str, str]]:
    """Read the index."""
    return list(csv.DictReader(io.StringIO(archive.read(INDEX).decode("utf-8-sig")), delimiter=";"))


def test_what_is_missing_is_made_and_what_cannot_be_made_says_why(shop: SalesPoint, sell: Sell) -> None:
    stored = get_document(sale=sell("1"), actor=TESTER)
    sell("2")
    sell("3", customer=CustomerDetails(name="Ola"))
    sell("4", number="")

    run = work(start(shop, RunKind.MAKE))

    assert (run.state, *counts(run)) == ("done", 2, 1, 1)
    assert "buyer's address or organisation number is missing" in run.items.get(outcome="failed").because
    assert [row.number for row in IssuedDocument.objects.order_by("id")] == ["F-1", "F-2"]
    assert IssuedDocument.objects.get(pk=stored.pk).sha256 == stored.sha256
    said = set(AuditEntry.objects.filter(subject_type="documentrun").values_list("action", flat=True))
    assert said == {"document_run.started", "document_run.done"}


def test_what_failed_gets_another_turn_after_a_fix(shop: SalesPoint, sell: Sell) -> None:
    sell("1")
    profile = SellerProfile.objects.get()
    SellerProfile.objects.update(city="")
    run = work(start(shop, RunKind.MAKE))
    assert counts(run) == (1, 0, 1)

    SellerProfile.objects.update(city=profile.city)
    resume_run(run=run, actor=TESTER)

    assert (work(run).state, *counts(run)) == ("done", 1, 1, 0)


def test_stopped_between_two_turns_it_goes_on_where_it_was(
    shop: SalesPoint, sell: Sell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        sell(str(number))
    run = start(shop, RunKind.MAKE)
    monkeypatch.setattr(working, "SLICE_S", -1.0)
    assert work_slice(run.pk) is True
    monkeypatch.setattr(working, "SLICE_S", 60.0)
    run.refresh_from_db()
    stop_run(run=run, actor=TESTER)

    assert work_slice(run.pk) is False
    assert counts(run) == (3, 0, 0)
    resume_run(run=run, actor=TESTER)
    assert (work(run).state, *counts(run)) == ("done", 3, 3, 0)
    with pytest.raises(IllegalMove):
        stop_run(run=run, actor=TESTER)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_killed_at_any_item_the_next_worker_makes_each_document_once(
    shop: SalesPoint, sell: Sell, monkeypatch: pytest.MonkeyPatch, when: str, number: int
) -> None:
    for one in range(3):
        sell(str(one))
    run = start(shop, RunKind.MAKE)
    real, calls = working._act, []

    def dying(*args: Any) -> None:
        calls.append(1)
        if len(calls) == number and when == "before":
            raise Killed
        real(*args)
        if len(calls) == number:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(working, "_act", dying)
        with pytest.raises(Killed):
            work(run)
    assert work_slice(run.pk) is False  # its lease still runs
    DocumentRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert (work(run).state, *counts(run)) == ("done", 3, 3, 0)
    assert IssuedDocument.objects.filter(state="rendered").count() == 3


def test_a_document_at_which_workers_die_is_left_out_with_a_reason(shop: SalesPoint, sell: Sell) -> None:
    sell("1")
    sell("2")
    run = start(shop, RunKind.MAKE)
    DocumentRun.objects.update(tries=MAX_TRIES)

    assert counts(work(run)) == (2, 1, 1)
    assert "Look at its log" in run.items.get(outcome="failed").because


def test_each_document_is_sent_once_to_its_customer(shop: SalesPoint, sell: Sell) -> None:
    for number in ("1", "2"):
        get_document(sale=sell(number), actor=TESTER)
    get_document(sale=sell("3", customer=CustomerDetails(name="Ola", address=BUYER.address)), actor=TESTER)

    run = work(start(shop, RunKind.EMAIL))
    assert (run.state, *counts(run)) == ("done", 2, 2, 0)
    send_due(shop.client)

    assert len(mail.outbox) == DocumentSending.objects.filter(state="delivered").count() == 2
    with pytest.raises(NothingChosen, match="Choose another period"):
        start(shop, RunKind.EMAIL)


def test_the_zip_holds_the_stored_bytes_and_an_index_and_is_the_same_each_time(shop: SalesPoint, sell: Sell) -> None:
    made = [get_document(sale=sell(number), actor=TESTER) for number in ("1", "2")]
    run = work(start(shop, RunKind.PACK))

    data, archive = packed(run)

    assert archive.testzip() is None
    assert archive.namelist() == ["F-1_Kari-Nordmann.pdf", "F-2_Kari-Nordmann.pdf", INDEX]
    for row, index in zip(made, rows_of(archive), strict=True):
        assert hashlib.sha256(archive.read(index["file"])).hexdigest() == index["sha256"] == row.sha256
        assert (index["total"], index["vat"], index["due"], index["customer"]) == (
            "125,00",
            "25,00",
            "0,00",
            BUYER.name,
        )
    assert packed(run)[0] == data


def test_names_in_the_zip_are_harmless_and_never_meet(shop: SalesPoint, sell: Sell) -> None:
    sale = sell("1", number="../=1", paid=False, customer=CustomerDetails("=HYPERLINK(1)", address=BUYER.address))
    unpaid = get_document(sale=sale, actor=TESTER)
    IssuedDocument.objects.filter(pk=unpaid.pk).update(kind="receipt")
    get_document(sale=sale, actor=TESTER)

    _data, archive = packed(work(start(shop, RunKind.PACK)))

    assert archive.namelist()[:2] == ["1_HYPERLINK-1.pdf", "1_HYPERLINK-1_invoice.pdf"]
    assert rows_of(archive)[0]["customer"] == "'=HYPERLINK(1)"


def test_a_lost_file_is_told_in_the_run_and_in_the_index(shop: SalesPoint, sell: Sell) -> None:
    made = [get_document(sale=sell(number), actor=TESTER) for number in ("1", "2")]
    made[0].path.unlink()

    run = work(start(shop, RunKind.PACK))

    assert counts(run) == (2, 1, 1)
    _data, archive = packed(run)
    assert archive.namelist() == ["F-2_Kari-Nordmann.pdf", INDEX]
    assert [(row["number"], bool(row["problem"])) for row in rows_of(archive)] == [("F-1", True), ("F-2", False)]


def test_packing_keeps_one_document_in_memory(shop: SalesPoint, sell: Sell) -> None:
    row = get_document(sale=sell("1"), actor=TESTER)
    row.sha256 = blobs.keep(b"%PDF" + bytes(2_000_000), "pdf")
    for number in range(30):
        row.pk, row.number, row._state.adding = None, f"F-{number}-x", True
        row.save()
    run = work(start(shop, RunKind.PACK))

    tracemalloc.start()
    sizes = [len(piece) for piece in pack(run)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sum(sizes) > 60_000_000
    assert peak < 12_000_000


def test_period_sales_point_and_kind_narrow_it_and_other_clients_stay_out(shop: SalesPoint, sell: Sell) -> None:
    get_document(sale=sell("1"), actor=TESTER)
    day = SOLD_AT.date()

    def count(client: Any = shop.client, **narrowed: Any) -> int:
        return count_chosen(Choice(client, **narrowed), RunKind.PACK)

    assert (count(), count(since=day, until=day), count(sales_point=shop), count(kind="paid_invoice")) == (1, 1, 1, 1)
    assert (count(until=day - timedelta(days=1)), count(since=day + timedelta(days=1)), count(kind="receipt")) == (
        0,
        0,
        0,
    )
    assert count(make_client("other", organisation_number="999888777")) == 0
