"""Requests per key and minute, and answers per route, counted in Redis. Without Redis nobody is turned away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from backoffice.api.authentication import KeyHolder, caller_of
from backoffice.connections.queue import redis

logger = logging.getLogger(__name__)
T = TypeVar("T")

WINDOW_S = 60
#: after Redis did not answer it is left alone for so long, so that a slow failure does not slow every request
REST_S = 10.0
ANSWERS = "api:answers"
_resting = {"until": 0.0}


def with_redis(work: Callable[[Redis], T], otherwise: T) -> T:
    """Do something in Redis; give `otherwise` while it is away."""
    if time.monotonic() < _resting["until"]:
        return otherwise
    try:
        return work(redis())
    except RedisError as error:
        _resting["until"] = time.monotonic() + REST_S
        logger.warning("Redis does not answer (%s); the API lets everybody through for %g s.", error, REST_S)
        return otherwise


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller has left in this minute."""

    limit: int
    remaining: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers that tell the caller."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.remaining, 0)),
            "RateLimit-Reset": str(self.reset_s),
        }


class RequestsPerMinute(BaseThrottle):
    """At most settings.API_REQUESTS_PER_MINUTE requests per API key (or person) and clock minute; a batch is one."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this request; the view shows the allowance in its headers."""
        limit = int(settings.API_REQUESTS_PER_MINUTE)
        now = time.time()
        user = request.user
        who = f"key:{user.api_key.pk}" if isinstance(user, KeyHolder) else caller_of(request)
        name = f"api:minute:{who}:{int(now // WINDOW_S)}"
        used = with_redis(lambda server: _count(server, name), 0)
        if not used:
            return True
        self.allowance = Allowance(limit, limit - used, int(WINDOW_S - now % WINDOW_S) + 1)
        view.allowance = self.allowance
        return used <= limit

    def wait(self) -> float | None:
        """Seconds until the next minute."""
        return self.allowance.reset_s if self.allowance else None


def _count(server: Redis, name: str) -> int:
    pipeline = server.pipeline(transaction=False)
    pipeline.incr(name)
    pipeline.expire(name, 2 * WINDOW_S)
    return int(pipeline.execute()[0])


def count_answer(method: str, route: str, status: int) -> None:
    """Count an answer for /metrics."""
    field = f"{method} {route} {status}"
    with_redis(lambda server: server.hincrby(ANSWERS, field, 1), None)


def answers_counted() -> dict[tuple[str, str, str], int]:
    """Answers per method, route and status since Redis was emptied."""
    nothing: dict[Any, Any] = {}
    found: dict[Any, Any] = with_redis(lambda server: server.hgetall(ANSWERS), nothing)
    counted = {}
    for field, number in found.items():
        method, route, status = (field.decode() if isinstance(field, bytes) else field).split(" ")
        counted[method, route, status] = int(number)
    return counted
