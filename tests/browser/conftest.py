"""A real browser on a real server: Debian's Chromium without a window; skipped, with the reason, without it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bootstrap import BROWSER_PACKAGES, CHROMIUM, has_browser, system_command
from tests.office import PASSWORD, Office
from tests.world import sandbox, world

__all__ = ["sandbox", "world"]

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
#: said by the browser about pages that are meant to be refused
EXPECTED = ("status of 429", "status of 403", "status of 404")


@pytest.fixture(scope="session")
def browser_of_this_machine() -> Iterator[Browser]:
    """Start Chromium once."""
    if not has_browser():
        pytest.skip(f"no browser, or no library of its driver: {system_command(BROWSER_PACKAGES)}")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def office(transactional_db: None) -> Office:
    """Give the office, seen by the server too."""
    return Office()


@pytest.fixture
def open_page(browser_of_this_machine: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Give pages; at the end no page may have complained, be it about a script or the content policy."""
    complaints: list[str] = []
    contexts = []

    def new(viewport: dict[str, int] | None = None, locale: str = "en-GB") -> Page:
        context = browser_of_this_machine.new_context(
            viewport=viewport or DESKTOP,  # type: ignore[arg-type]  # a plain dict is a ViewportSize
            locale=locale,
            base_url=live_server.url,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield new
    for context in contexts:
        context.close()
    assert [one for one in complaints if not any(expected in one for expected in EXPECTED)] == []


def log_in(page: Page, name: str = "bookkeeper", password: str = PASSWORD) -> Page:
    """Log in through the form and wait for the desk."""
    page.goto("/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.click("#login-form button[type=submit]")
    return page


@pytest.fixture
def kari(open_page: Callable[..., Page], office: Office) -> Page:
    """Give the bookkeeper's browser, logged in."""
    page = log_in(open_page())
    page.wait_for_selector("#needs-title, .bo-empty")
    return page
