"""Day closings over the API: once, with the fields that differ named, and gaps shown."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client as Browser

from backoffice.api.day_closings import CLOSING_BODY
from backoffice.connections.models import InboundEvent
from backoffice.sales.models import DayClosing
from tests.api.conftest import Api, errors_of, kind_of
from tests.api.test_schema import assert_fits


def closing_body(number: int = 17, **changes: Any) -> dict[str, Any]:
    """Give the example under another number."""
    return copy.deepcopy(CLOSING_BODY) | {"number": number} | changes


def test_a_closing_is_stored_and_found_again(api: Api) -> None:
    document = Browser().get("/api/schema/?format=json").json()
    answer = api.post("/day-closings", closing_body(register="kasse 1/a"))
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == "http://testserver/api/v1/day-closings/kasse%201%2Fa/17"
    found = api.get("/day-closings/kasse%201%2Fa/17")
    assert found.json() == answer.json()
    assert (found.json()["closed_on"], found.json()["rounding"], found.json()["missing_before"]) == (
        "2026-11-20", "0.00", None,
    )  # fmt: skip
    assert_fits(document, "/api/v1/day-closings", "post", answer)
    assert_fits(document, "/api/v1/day-closings/{register}/{number}", "get", found)
    assert_fits(document, "/api/v1/day-closings", "get", api.get("/day-closings?register=kasse 1/a"))


def test_the_same_again_is_the_same_and_other_content_names_the_fields_and_is_kept_to_be_seen(api: Api) -> None:
    api.post("/day-closings", closing_body(), Idempotency_Key="k-1")
    assert api.post("/day-closings", closing_body()).status_code == 200
    other = closing_body(payments=[{"method": "cash", "amount": "4999.00"}, {"method": "visa", "amount": "8651.00"}])
    answer = api.post("/day-closings", other, Idempotency_Key="k-2")
    assert (answer.status_code, kind_of(answer)) == (409, "reference_used")
    assert errors_of(answer) == [("/payments/0/amount", "differs"), ("/payments/1/amount", "differs")]
    row = DayClosing.objects.get()
    assert row.repeated_details is not None
    assert row.repeated_details["payments"][0]["amount"]["minor"] == 499_900
    assert row.details["payments"][0]["amount"]["minor"] == 500_000


def test_a_gap_is_told(api: Api) -> None:
    api.post("/day-closings", closing_body(14))
    answer = api.post("/day-closings", closing_body(17))
    assert answer.json()["missing_before"] == {"first": 15, "last": 16, "accepted_by": None}


def test_a_day_that_does_not_add_up_is_refused_with_the_difference(api: Api) -> None:
    answer = api.post("/day-closings", closing_body(tips="0.01"))
    assert errors_of(answer) == [("/payments", "totals_differ")]
    assert "The difference is -0.01" in answer.json()["detail"]
    assert (DayClosing.objects.count(), InboundEvent.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"number": "17"}, "/number", "not_a_whole_number"),
        ({"number": 0}, "/number", "min_value"),
        ({"closed_at": "2026-11-20T23:30:00"}, "/closed_at", "time_without_offset"),
        ({"opened_at": "2026-11-21T23:30:00+01:00"}, "/opened_at", "after_closing"),
        ({"tips": "-1.00"}, "/tips", "wrong_sign"),
        ({"cash": {"counted": "1.00"}}, "/cash/opening", "required"),
        ({"registre": "1"}, "/registre", "unknown_field"),
    ],
)
def test_a_wrong_closing_is_refused_at_its_place(api: Api, change: dict[str, Any], pointer: str, code: str) -> None:
    assert (pointer, code) in errors_of(api.post("/day-closings", closing_body(**change)))


def test_a_closing_nobody_sent_is_not_found(api: Api) -> None:
    assert api.get("/day-closings/kasse-1/1").status_code == 404
