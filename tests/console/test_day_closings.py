"""Day closings in the browser: figures, gaps, repeats, and the button that says a number does not exist."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse

from backoffice.contracts.closings import CashCount
from backoffice.sales.closings import record_day_closing, show_repeat
from backoffice.sales.models import DayClosing
from tests.flows.test_day_closings import CLOSED_AT, closing, nok, simple
from tests.office import Office


@pytest.fixture
def gap(office: Office) -> DayClosing:
    """Give a closing before which a number is missing."""
    record_day_closing(sales_point=office.shop, closing=closing(1), event=None)
    later = simple(3, closed_at=CLOSED_AT + timedelta(days=2))
    return record_day_closing(sales_point=office.shop, closing=later, event=None).closing


def page(row: DayClosing) -> str:
    return reverse("admin:sales_dayclosing_change", args=[row.pk])


@pytest.mark.parametrize(("who", "status", "accepted"), [("bookkeeper", 302, True), ("auditor", 403, False)])
def test_the_gap_is_shown_and_only_an_editor_may_accept_it(
    office: Office, gap: DayClosing, who: str, status: int, *, accepted: bool
) -> None:
    browser = Browser()
    browser.force_login(office.people[who])
    shown = browser.get(page(gap)).content.decode()
    assert "2–2" in shown
    assert ("They do not exist" in shown) == accepted

    answer = browser.post(reverse("admin:closing_accept_missing", args=[gap.pk]))

    gap.refresh_from_db()
    assert (answer.status_code, bool(gap.missing_accepted_by)) == (status, accepted)


def test_the_list_names_gaps_and_a_repeat_is_on_the_page(office: Office, gap: DayClosing) -> None:
    show_repeat(sales_point=office.shop, closing=simple(1))
    browser = Browser()
    browser.force_login(office.people["bookkeeper"])
    listed = browser.get(reverse("admin:sales_dayclosing_changelist")).content.decode()
    assert "kasse-1 Z 3" in listed
    assert ">gap<" in listed
    assert ">came again<" in listed
    first = DayClosing.objects.get(number=1)
    assert "Its number came again" in browser.get(page(first)).content.decode()
    found = browser.get(reverse("admin:sales_dayclosing_changelist") + "?q=kasse-1").content.decode()
    assert "kasse-1 Z 1" in found


@pytest.mark.parametrize(("grown", "is_told"), [(20_000, False), (0, True), (-1, True)])
def test_a_running_total_that_did_not_grow_is_on_the_page(office: Office, grown: int, *, is_told: bool) -> None:
    drawer = CashCount(nok(0), nok(0), nok(0))
    for number, total in ((1, 500_000), (2, 500_000 + grown)):
        details = simple(number, grand_total_sales=nok(total), cash=drawer)
        row = record_day_closing(sales_point=office.shop, closing=details, event=None).closing
    browser = Browser()
    browser.force_login(office.people["bookkeeper"])
    shown = browser.get(page(row)).content.decode()
    assert ("running total did not grow" in shown) == is_told
    assert "Cash counted" in shown
