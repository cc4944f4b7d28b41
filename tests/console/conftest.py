"""An office and browsers that are logged in, without a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.office import Office


@pytest.fixture
def office(db: None) -> Office:
    """Give the office."""
    return Office()


@pytest.fixture
def as_person(office: Office) -> Callable[[str], Browser]:
    """Give a browser in which somebody is logged in."""

    def log_in(name: str) -> Browser:
        browser = Browser(raise_request_exception=True)
        browser.force_login(office.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return log_in


@pytest.fixture
def kari(as_person: Callable[[str], Browser]) -> Browser:
    """Give the bookkeeper's browser."""
    return as_person("bookkeeper")
