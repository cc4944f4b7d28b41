"""The bell, the lane and the limiter, on a real server that may forget everything."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from typing import Any

import django_rq
import pytest
from django.db import transaction
from redis.exceptions import ConnectionError as RedisAway

from backoffice.connections import queue
from backoffice.connections.limiter import SealedTokens, SharedLimiter
from backoffice.contracts.errors import Retryable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def rings(settings: Any) -> None:
    """Let the bell ring in these tests."""
    settings.QUEUE_RINGS = True


def test_a_burst_hangs_one_bell_for_a_client() -> None:
    for _ in range(100):
        queue.ring(7)
    queue.ring(8)

    assert queue.queue_depth() == 2


def test_a_bell_is_rung_on_commit_and_not_after_a_rollback() -> None:
    with transaction.atomic():
        queue.ring(7)
        assert queue.queue_depth() == 0
    assert queue.queue_depth() == 1
    with transaction.atomic():
        queue.ring(8)
        transaction.set_rollback(True)
    assert queue.queue_depth() == 1


def test_a_bell_that_was_taken_down_can_be_rung_again() -> None:
    queue.ring_now(7)
    queue.take_down_bell(7)

    assert queue.ring_now(7)
    assert queue.queue_depth() == 2


def test_a_flushed_redis_only_means_a_later_bell() -> None:
    queue.ring_now(7)
    django_rq.get_connection("default").flushall()

    assert queue.queue_depth() == 0
    assert queue.ring_now(7)


def test_without_redis_nothing_is_raised_and_the_sweep_rings_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise RedisAway

    monkeypatch.setattr(queue, "redis", away)

    assert queue.ring_now(7) is False


def test_one_lane_a_client_and_it_is_given_back() -> None:
    with queue.lane(7) as first:
        assert first is not None
        with queue.lane(7) as second, queue.lane(8) as other:
            assert second is None
            assert other is not None
    with queue.lane(7) as again:
        assert again is not None


def test_a_lane_that_was_lost_and_taken_is_not_given_back_by_the_loser() -> None:
    with queue.lane(7):
        queue.redis().set("lane:7", "somebody else")
    assert queue.redis().get("lane:7") == b"somebody else"


def test_the_lane_of_a_worker_that_died_here_is_free_at_once() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    queue.redis().set("lane:7", f"{socket.gethostname()}:{gone.pid}:x")
    queue.redis().set("lane:8", f"elsewhere:{gone.pid}:x")

    with queue.lane(7) as mine, queue.lane(8) as theirs:
        assert mine is not None
        assert theirs is None


def test_threads_and_processes_share_one_pace() -> None:
    limiter, started, times = SharedLimiter(), time.monotonic(), []

    def call() -> None:
        for _ in range(5):
            limiter.wait("vendor", per_second=50)
            times.append(time.monotonic() - started)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(times) == 20
    assert max(times) >= 19 / 50


def test_a_line_that_is_too_long_is_refused_before_anything_is_sent() -> None:
    limiter = SharedLimiter()
    queue.redis().set("limit:vendor", "9" * 17)

    with pytest.raises(Retryable):
        limiter.wait("vendor", per_second=10)


def test_tokens_are_sealed_forgotten_and_dropped() -> None:
    tokens = SealedTokens()
    tokens.put("books of a client", "very-secret", ttl_s=60)

    assert tokens.get("books of a client") == "very-secret"
    keys = queue.redis().keys("token:*")
    assert b"books" not in keys[0]
    assert b"very-secret" not in (queue.redis().get(keys[0]) or b"")
    tokens.drop("books of a client")
    assert tokens.get("books of a client") is None
