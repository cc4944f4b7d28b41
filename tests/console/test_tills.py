"""A SAF-T file by the browser: streamed to the store, told when it came before, stopped, gone on with, deleted."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from backoffice.common import blobs
from backoffice.console.tills import receiving
from backoffice.sales import till_reading
from backoffice.sales.till_import_models import TillImport
from backoffice.sales.till_imports import SUFFIX
from backoffice.sales.till_reading import read_slice
from integrations.saft_cash_register import pieces
from tests.integrations.saft_cash_register.files import receipt, report, text_of
from tests.office import Office
from tests.sales.tills import DAYS, hand_over, read_all


def upload(browser: Browser, office: Office, text: str = DAYS, **more: Any) -> Any:
    file = SimpleUploadedFile("kasse-2026.xml", text.encode(), "application/xml")
    return browser.post(reverse("admin:till_upload"), {"sales_point": office.shop.pk, "file": file}, **more)


def page(browser: Browser, row: TillImport) -> str:
    return browser.get(reverse("admin:sales_tillimport_change", args=[row.pk])).content.decode()


def arriving() -> list[str]:
    folder = settings.MEDIA_ROOT / "arriving"
    return [one.name for one in folder.iterdir()] if folder.exists() else []


def test_a_file_is_stored_as_it_is_and_leads_to_its_page(kari: Browser, office: Office) -> None:
    answer = upload(kari, office)
    row = TillImport.objects.get()
    assert answer["Location"] == reverse("admin:sales_tillimport_change", args=[row.pk])
    assert (row.filename, row.size_bytes, row.uploaded_by) == ("kasse-2026.xml", len(DAYS.encode()), "Bookkeeper")
    assert blobs.stored(row.sha256, SUFFIX, row.size_bytes).read_bytes() == DAYS.encode()
    assert arriving() == []
    shown = page(kari, row)
    assert "Waits for a worker" in shown
    assert 'http-equiv="refresh"' in shown  # without scripts it moves, too

    read_all(row)
    shown = page(kari, row)
    assert "Imported" in shown
    assert 'http-equiv="refresh"' not in shown
    assert "data-live" not in shown
    assert shown.count('bo-badge-good">New') == 3
    assert "Receipts of register R2 after its last Z report: 1." in shown


def test_our_script_is_told_where_to_go(kari: Browser, office: Office) -> None:
    answer = upload(kari, office, headers={"x-requested-with": "XMLHttpRequest"})
    assert (answer.status_code, answer["X-Go-To"].endswith("/change/")) == (204, True)


def test_the_same_file_leads_to_its_first_import(kari: Browser, office: Office) -> None:
    upload(kari, office)
    answer = upload(kari, office)
    assert TillImport.objects.count() == 1
    assert "was uploaded before" in kari.get(answer["Location"]).content.decode()


def test_what_is_not_taken_says_why_and_leaves_nothing(
    kari: Browser, office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "The submitted file is empty" in upload(kari, office, "").content.decode()
    settings.TILL_FILE_MAX_MB = 0
    assert "larger than 0 MB" in upload(kari, office).content.decode()
    settings.TILL_FILE_MAX_MB = 1
    monkeypatch.setattr(receiving, "has_room", lambda size: False)
    assert "no room for the file" in upload(kari, office).content.decode()
    assert (TillImport.objects.count(), arriving()) == (0, [])


def test_the_token_is_asked_for_and_the_file_of_a_stranger_forgotten(office: Office) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(office.people["bookkeeper"], backend="django.contrib.auth.backends.ModelBackend")
    assert upload(browser, office).status_code == 403
    assert (TillImport.objects.count(), arriving()) == (0, [])


def test_a_sales_point_of_another_client_is_none(as_person: Any, office: Office) -> None:
    answer = upload(as_person("stranger"), office)
    assert "Select a valid choice" in answer.content.decode()
    assert TillImport.objects.count() == 0


def test_it_is_stopped_and_goes_on_and_its_file_deleted(
    kari: Browser, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 113)
    monkeypatch.setattr(till_reading, "SLICE_S", 0.0)
    row = hand_over(office.shop).till_import
    for _ in range(4):
        assert read_slice(row.pk)

    def act(verb: str) -> str:
        answer = kari.post(reverse("admin:till_import_act", args=[row.pk, verb]), follow=True)
        row.refresh_from_db()
        return str(answer.content.decode())

    assert "The file is being read" in act("remove")
    assert "Stopped by Bookkeeper" in act("stop")
    assert "Somebody or something was faster" in act("stop")
    assert "Reading goes on" in act("resume")
    read_all(row)
    assert row.state == "done"
    assert "The file is deleted" in act("remove")
    assert "deleted on" in page(kari, row)
    assert "Delete the file" not in page(kari, row).replace("Delete the file here", "")


def test_a_broken_file_says_where_and_what_to_do(kari: Browser, office: Office) -> None:
    upload(kari, office, DAYS[:-40])
    row = TillImport.objects.get()
    read_all(row)
    shown = page(kari, row)
    assert "The file is not whole XML (line" in shown
    assert "Export it again." in shown
    assert "Try again" in shown
    assert "SAF-T files need a person" in kari.get("/").content.decode()
    kari.post(reverse("admin:till_import_act", args=[row.pk, "dealt-with"]))
    assert "SAF-T files need a person" not in kari.get("/").content.decode()
    assert "Dealt with by Bookkeeper" in page(kari, row)


def test_a_file_with_refused_z_reports_is_on_the_desk_until_dealt_with(kari: Browser, office: Office) -> None:
    read_all(hand_over(office.shop).till_import)
    row = hand_over(office.shop, text_of(report(1, cash="99.00"), receipt()), "kasse-feil.xml").till_import
    read_all(row)
    shown = page(kari, row)
    assert "Imported, not all of it" in shown
    assert "does not add up" in shown
    listed = kari.get(reverse("admin:sales_tillimport_changelist"), {"needs": "person"}).context["cl"].result_list
    assert list(listed) == [row]
    kari.post(reverse("admin:till_import_act", args=[row.pk, "dealt-with"]))
    assert "SAF-T files need a person" not in kari.get("/").content.decode()
    answer = kari.post(reverse("admin:till_import_act", args=[row.pk, "dealt-with"]), follow=True)
    assert "Nothing of this import needs a person" in answer.content.decode()


def test_a_day_closing_names_the_file_it_came_from(kari: Browser, office: Office) -> None:
    row = hand_over(office.shop).till_import
    read_all(row)
    for one in row.closings.all():
        shown = kari.get(reverse("admin:sales_dayclosing_change", args=[one.closing_id])).content.decode()
        assert reverse("admin:sales_tillimport_change", args=[row.pk]) in shown


def test_the_list_shows_states_and_leads_to_the_upload(kari: Browser, as_person: Any, office: Office) -> None:
    hand_over(office.shop)
    address = reverse("admin:sales_tillimport_changelist")
    shown = kari.get(address).content.decode()
    assert "kasse-2026.xml" in shown
    assert reverse("admin:till_upload") in shown
    assert reverse("admin:till_upload") not in as_person("auditor").get(address).content.decode()


def test_a_large_file_is_not_held_in_memory(kari: Browser, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = blobs.Arriving.write

    def noted(self: blobs.Arriving, piece: bytes) -> None:
        sizes.append(len(piece))
        real(self, piece)

    monkeypatch.setattr(blobs.Arriving, "write", noted)
    file = io.BytesIO(b"x" * 5_000_000)
    file.name = "large.xml"
    kari.post(reverse("admin:till_upload"), {"sales_point": office.shop.pk, "file": file})
    assert TillImport.objects.get().size_bytes == 5_000_000
    assert max(sizes) <= blobs.PIECE_BYTES
