"""Lists: every row once, in a stable order, whatever is added meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from backoffice.sales.models import Sale
from tests.api.conftest import Api, cash_body, errors_of, kind_of


@pytest.fixture
def seven(api: Api) -> Api:
    """Record seven sales."""
    api.post("/sales/batch", {"sales": [cash_body(str(n)) for n in range(1, 8)]})
    return api


def follow(api: Api, path: str, link: str = "next") -> list[list[str]]:
    """Follow a list to its end; give the references page by page."""
    pages = []
    while path:
        body = api.get(path).json()
        pages.append([one["reference"] for one in body["results"]])
        path = (body[link] or "").removeprefix("http://testserver/api/v1")
    return pages


def test_pages_follow_each_other_newest_first(seven: Api) -> None:
    assert follow(seven, "/sales?page_size=3") == [["7", "6", "5"], ["4", "3", "2"], ["1"]]
    assert follow(seven, "/sales") == [["7", "6", "5", "4", "3", "2", "1"]]


def test_the_way_back_leads_over_the_same_pages(seven: Api) -> None:
    first = seven.get("/sales?page_size=3").json()
    assert first["previous"] is None
    second = seven.get(first["next"].removeprefix("http://testserver/api/v1")).json()
    third = seven.get(second["next"].removeprefix("http://testserver/api/v1")).json()
    assert third["next"] is None
    assert follow(seven, third["previous"].removeprefix("http://testserver/api/v1"), "previous") == [
        ["4", "3", "2"],
        ["7", "6", "5"],
    ]


def test_rows_that_come_meanwhile_do_not_shift_the_pages(seven: Api) -> None:
    first = seven.get("/sales?page_size=3").json()
    seven.post("/sales", cash_body("8"))
    assert follow(seven, first["next"].removeprefix("http://testserver/api/v1")) == [["4", "3", "2"], ["1"]]


def test_whoever_polls_gets_changes_oldest_first_and_misses_none(seven: Api) -> None:
    at = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    for number, reference in enumerate(["3", "1", "7", "2", "5", "4", "6"]):
        Sale.objects.filter(reference=reference).update(updated_at=at + timedelta(seconds=number // 2))
    since = quote("2026-11-20T12:59:00+01:00")
    assert follow(seven, f"/sales?updated_after={since}&page_size=2") == [["1", "3"], ["2", "7"], ["4", "5"], ["6"]]
    later = quote("2026-11-20T12:00:01Z")
    assert follow(seven, f"/sales?updated_after={later}") == [["4", "5", "6"]]


def test_a_plus_that_was_not_escaped_is_understood(seven: Api) -> None:
    assert seven.get("/sales?updated_after=2026-11-20T13:00:00+01:00").status_code == 200


def test_filters_narrow_the_list(seven: Api) -> None:
    seven.post("/sales", cash_body("late", sold_at="2026-11-20T23:30:00Z"))
    Sale.objects.filter(reference="2").update(state="routed")
    assert follow(seven, "/sales?state=routed,cancelled") == [["2"]]
    assert follow(seven, "/sales?sold_on_from=2026-11-21") == [["late"]]
    assert follow(seven, "/sales?kind=invoice_sale") == [[]]
    assert follow(seven, "/sales?reference=4") == [["4"]]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("page_size=x", "page_size"),
        ("page_size=%C2%B2", "page_size"),
        ("cursor=x", "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=bnVsbA", "cursor"),
        ("updated_after=2026-11-20&cursor=WyJpZCIsZmFsc2UsWzFdXQ", "updated_after"),
        ("updated_after=2026-11-20T10:00:00", "updated_after"),
        ("updated_after=2026-11-20T10:00:00Z&cursor=WyJpZCIsZmFsc2UsWzFdXQ", "cursor"),
        ("state=posted", "state"),
        ("sold_on_from=yesterday", "sold_on_from"),
        ("reference=%00", "reference"),
        ("stat=routed", "stat"),
    ],
)
def test_a_wrong_parameter_is_a_problem_and_never_ignored(api: Api, query: str, parameter: str) -> None:
    answer = api.get(f"/sales?{query}")
    assert answer.status_code == 400
    assert kind_of(answer) == "invalid_query"
    error: dict[str, Any] = answer.json()["errors"][0]
    assert error["parameter"] == parameter
    assert errors_of(answer) == [("", "invalid_parameter")]
