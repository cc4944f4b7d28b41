"""Requests per minute, counted in a real server; without it nobody is turned away."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from backoffice.api import counting
from tests.api.conftest import Api, api_for, kind_of, make_sales_point, sale_body


@pytest.fixture
def counted(db: None, valkey: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Redis:
    """Let the API count, three requests a minute, in the middle of a minute."""
    settings.API_REQUESTS_PER_MINUTE = 3
    monkeypatch.setitem(counting._resting, "until", 0.0)
    monkeypatch.setattr("backoffice.api.counting.time.time", lambda: 1_800_000_015.0)
    return Redis.from_url(valkey)


def test_the_fourth_request_of_a_minute_is_told_when_to_come_again(api: Api, counted: Redis) -> None:
    remaining = [api.get("/sales")["RateLimit-Remaining"] for _ in range(3)]
    assert remaining == ["2", "1", "0"]
    answer = api.post("/sales", sale_body())
    assert answer.status_code == 429
    assert kind_of(answer) == "too_many_requests"
    assert answer["Retry-After"] == "46"
    assert (answer["RateLimit-Limit"], answer["RateLimit-Reset"]) == ("3", "46")


def test_the_next_minute_is_open_again(api: Api, counted: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        api.get("/sales")
    monkeypatch.setattr("backoffice.api.counting.time.time", lambda: 1_800_000_060.0)
    assert api.get("/sales").status_code == 200


def test_each_key_has_a_limit_of_its_own(api: Api, counted: Redis) -> None:
    for _ in range(4):
        api.get("/sales")
    assert api_for(make_sales_point("nordlys", "kasse")).get("/sales").status_code == 200


def test_a_wrong_key_costs_nobody_anything(api: Api, counted: Redis) -> None:
    for _ in range(5):
        api.get("/sales", Authorization="Bearer wrong")
    assert api.get("/sales")["RateLimit-Remaining"] == "2"


def test_counters_fall_away_by_themselves(api: Api, counted: Redis) -> None:
    api.get("/sales")
    names = [name for name in counted.keys() if b"minute" in name]
    assert len(names) == 1
    assert 0 < counted.ttl(names[0]) <= 120


def test_without_redis_everybody_is_let_through_and_it_is_said_once(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[int] = []

    def away() -> Redis:
        asked.append(1)
        raise RedisError("refused")

    caplog.set_level("WARNING", logger="backoffice.api.counting")
    monkeypatch.setitem(counting._resting, "until", 0.0)
    monkeypatch.setattr(counting, "redis", away)
    assert [api.get("/sales").status_code for _ in range(5)] == [200] * 5
    assert len(asked) == 1
    assert caplog.text.count("Redis does not answer") == 1


def test_answers_are_counted_by_route(api: Api, counted: Redis) -> None:
    api.get("/sales/1")
    api.get("/sales/2")
    assert counting.answers_counted() == {("GET", "api/v1/sales/<reference:reference>", "404"): 2}
