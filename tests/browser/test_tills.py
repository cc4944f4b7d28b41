"""A till's file in a real browser: uploaded, its bar moves by itself, it is stopped and goes on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backoffice.sales import till_reading
from backoffice.sales.till_import_models import TillImport
from backoffice.sales.till_reading import read_slice
from integrations.saft_cash_register import pieces
from tests.office import Office
from tests.sales.tills import DAYS, read_all


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a receipt a turn."""
    monkeypatch.setattr(pieces, "PIECE_BYTES", 113)
    monkeypatch.setattr(till_reading, "SLICE_S", 0.0)


def upload(page: Page, office: Office, path: Path) -> None:
    page.goto("/")
    page.locator("nav, aside").get_by_role("link", name="SAF-T files").first.click()
    page.get_by_role("link", name="Upload a SAF-T file").click()
    page.get_by_label("Sales point").select_option(str(office.shop.pk))
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload").click()


def percent(page: Page) -> int:
    return int(page.locator("#progress progress").get_attribute("value") or "")


def test_a_file_is_uploaded_and_its_bar_moves_stops_and_goes_on(kari: Page, office: Office, tmp_path: Path) -> None:
    path = tmp_path / "kasse-2026.xml"
    path.write_text(DAYS)
    upload(kari, office, path)
    expect(kari.get_by_text("The file is here. Reading begins by itself.")).to_be_visible()
    expect(kari.locator(".bo-head .bo-badge")).to_have_text("Waits for a worker")
    row = TillImport.objects.get()

    seen = [percent(kari)]
    for _ in range(2):
        assert read_slice(row.pk)
        row.refresh_from_db()
        expect(kari.locator("#progress progress")).to_have_attribute("value", str(row.percent))
        seen.append(percent(kari))
    assert seen[0] < seen[1] < seen[2]

    kari.get_by_role("button", name="Stop").click()
    expect(kari.get_by_text("Stopped by Bookkeeper. What is read so far is kept.")).to_be_visible()
    assert percent(kari) == seen[2]
    kari.get_by_role("button", name="Go on").click()
    expect(kari.get_by_text("Reading goes on from where it was.")).to_be_visible()

    read_all(row)
    expect(kari.locator(".bo-head .bo-badge")).to_have_text("Imported")
    expect(kari.locator("#closings tbody")).to_contain_text("R2 Z 7")
    expect(kari.locator("#notes")).to_contain_text("Receipts of register R2 after its last Z report")
    kari.locator("summary", has_text="Delete the file").click()
    kari.get_by_role("button", name="Delete it").click()
    expect(kari.locator(".bo-facts")).to_contain_text(re.compile("deleted on .* by Bookkeeper"))


def test_a_second_upload_leads_to_the_first_and_an_empty_file_is_told(
    kari: Page, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "kasse.xml"
    path.write_text("")
    upload(kari, office, path)
    expect(kari.get_by_text("The submitted file is empty.")).to_be_visible()
    path.write_text(DAYS)
    for said in ("Reading begins by itself", "was uploaded before"):
        upload(kari, office, path)
        expect(kari.get_by_text(said)).to_be_visible()
    assert TillImport.objects.count() == 1
