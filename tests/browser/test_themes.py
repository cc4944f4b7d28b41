"""A theme's preview follows the form in a real browser, and a document opens beside its facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import log_in
from tests.invoices.conftest import give_profile, pango
from tests.office import Office

__all__ = ["pango"]
pytestmark = pytest.mark.usefixtures("pango")


def test_the_preview_is_made_anew_when_the_form_changes(open_page: Callable[..., Page], office: Office) -> None:
    give_profile(office.client)
    page = log_in(open_page(), "administrator")
    page.wait_for_selector("#needs-title, .bo-empty")

    page.goto("/invoices/documenttheme/add/")
    previews: list[Any] = []
    page.on("response", lambda answer: previews.append(answer) if "/preview/" in answer.url else None)
    for change in (("[name=design]", "atelier"), ("[name=sample]", "unpaid")):
        with page.expect_response(lambda answer: "/preview/" in answer.url and answer.request.method == "POST") as seen:
            page.select_option(*change)
        assert seen.value.status == 200
        assert seen.value.headers["content-type"] == "application/pdf"
    assert page.url.endswith("/invoices/documenttheme/add/")

    page.fill("[name=name]", "Vinter")
    page.click("button:has-text('Save')")
    page.wait_for_url("**/invoices/documenttheme/")
    assert page.locator("text=Vinter").count() == 1
