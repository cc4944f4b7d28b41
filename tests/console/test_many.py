"""Pages of many documents: chosen in the list or by period, ordered, seen being done, taken away."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client as Browser

from backoffice.invoices.many.working import work_slice
from backoffice.invoices.models import DocumentRun, IssuedDocument
from backoffice.sales.models import Sale
from tests.invoices.conftest import give_profile, pango
from tests.office import Office

__all__ = ["pango"]
pytestmark = pytest.mark.usefixtures("pango")
As = Callable[[str], Browser]
MANY = "/documents/many/"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Keep the files of a test in a folder of its own, and let no bell ring."""
    settings.MEDIA_ROOT = tmp_path / "documents"
    settings.QUEUE_RINGS = False


@pytest.fixture
def two(office: Office) -> None:
    """Give two numbered, paid sales without documents."""
    give_profile(office.client)
    for number in ("1", "2"):
        Sale.objects.filter(pk=office.sell(number).pk).update(invoice_number=f"F-{number}")


def order(browser: Browser, act: str, **chosen: str) -> DocumentRun:
    """Press a button, let a worker do it."""
    answer = browser.post(MANY, {"act": act, **chosen})
    assert answer.status_code == 302, answer.content.decode()
    run = DocumentRun.objects.latest("id")
    work_slice(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.usefixtures("two")
def test_what_is_missing_is_counted_made_and_taken_away(kari: Browser) -> None:
    page = kari.get(MANY).content.decode()
    assert (
        '<section class="bo-card bo-choice" id="make"><h2>Make what is missing <span class="bo-count">2</span>' in page
    )
    assert 'id="email"><h2>Send by e-mail <span class="bo-count">0</span>' in page
    made = order(kari, "make")
    assert "2 / 2" in kari.get(f"/invoices/documentrun/{made.pk}/change/").content.decode()

    packed = order(kari, "pack")
    page = kari.get(f"/invoices/documentrun/{packed.pk}/change/").content.decode()

    assert f"/documents/many/{packed.pk}/zip/" in page
    answer: Any = kari.get(f"/documents/many/{packed.pk}/zip/")
    archive = ZipFile(BytesIO(b"".join(answer.streaming_content)))
    assert archive.namelist() == ["F-1_Ola-Hansen.pdf", "F-2_Ola-Hansen.pdf", "index.csv"]
    assert answer["Content-Disposition"] == f'attachment; filename="documents-nordlys-{packed.pk}.zip"'


@pytest.mark.usefixtures("two")
def test_documents_ticked_in_the_list_are_the_only_ones(kari: Browser) -> None:
    order(kari, "make")
    one = IssuedDocument.objects.earliest("id")
    ticked = {"action": "many_ticked", "_selected_action": [str(one.pk)]}

    answer = kari.post("/invoices/issueddocument/", ticked, follow=True)

    page = answer.content.decode()
    assert "1 document is ticked." in page
    assert 'id="make"' not in page
    run = order(kari, "email", client=str(one.client_id), ids=str(one.pk))
    assert [item.document_id for item in run.items.all()] == [one.pk]


@pytest.mark.usefixtures("two")
def test_readers_take_away_what_they_may_open_and_strangers_see_nothing(as_person: As, kari: Browser) -> None:
    order(kari, "make")
    auditor = as_person("auditor")
    run = order(auditor, "pack")
    assert auditor.get(f"/documents/many/{run.pk}/zip/").status_code == 200
    assert auditor.post(MANY, {"act": "email"}).status_code == 403

    stranger = as_person("stranger")

    assert stranger.get(f"/documents/many/{run.pk}/zip/").status_code == 404
    assert stranger.post(f"/documents/many/{run.pk}/do/stop/").status_code == 404
    answer = stranger.post(MANY, {"act": "pack", "client": str(run.client_id)})
    assert (answer.status_code, DocumentRun.objects.count()) == (200, 2)


@pytest.mark.usefixtures("two")
def test_a_period_that_ends_before_it_begins_is_told_and_nothing_is_ordered(kari: Browser) -> None:
    page = kari.get(f"{MANY}?since=2026-11-20&until=2026-11-19").content.decode()

    assert "It ends before it begins." in page
    assert 'id="make"' not in page


@pytest.mark.usefixtures("two")
def test_a_run_is_stopped_and_goes_on_from_its_page(kari: Browser) -> None:
    kari.post(MANY, {"act": "make"})
    run = DocumentRun.objects.get()

    kari.post(f"/documents/many/{run.pk}/do/stop/")
    page = kari.get(f"/invoices/documentrun/{run.pk}/change/").content.decode()
    assert "Stopped by" in page
    kari.post(f"/documents/many/{run.pk}/do/resume/")
    work_slice(run.pk)

    assert IssuedDocument.objects.filter(state="rendered").count() == 2
