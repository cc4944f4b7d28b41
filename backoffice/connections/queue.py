"""The only door to RQ. The queue is a bell: it carries an id of a client or of work in turns, and may be emptied.

At most one bell hangs per client or work: a mark in Redis keeps a burst of events from queueing a thousand jobs. The
mark is taken down when the job starts, and falls down by itself, so that a killed worker never mutes a client.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import django_rq
from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.exceptions import RedisError

from backoffice.connections.holders import is_dead, new_holder

logger = logging.getLogger(__name__)

DRAIN_JOB = "backoffice.worker.jobs.drain"
TILL_IMPORT, DOCUMENT_RUN = "till-import", "document-run"
#: work that takes many turns (connections.turns), and the job that does one
TURN_JOBS = {
    TILL_IMPORT: "backoffice.worker.till_imports.read_on",
    DOCUMENT_RUN: "backoffice.worker.document_runs.work_on",
}
BELL_TTL_S = 30
LANE_TTL_S = 20
RELEASE_LANE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


def redis() -> Redis:
    """Give the shared connection to Redis."""
    connection: Redis = django_rq.get_connection("default")
    return connection


def ring(client_id: int) -> None:
    """Ring for a client once the running transaction has committed; outside a transaction at once."""
    if settings.QUEUE_RINGS:
        transaction.on_commit(lambda: ring_now(client_id), robust=True)


def ring_now(client_id: int) -> bool:
    """Queue the client's drain job unless one hangs already. When Redis is away the sweep rings later."""
    return _hang(f"bell:{client_id}", DRAIN_JOB, client_id)


def ring_turn(work: str, subject_id: int) -> None:
    """Ring for work in turns (a key of TURN_JOBS) once the running transaction has committed."""
    if settings.QUEUE_RINGS:
        transaction.on_commit(lambda: ring_turn_now(work, subject_id), robust=True)


def ring_turn_now(work: str, subject_id: int) -> bool:
    """Queue a turn unless it is queued already. When Redis is away the sweep rings later."""
    return _hang(f"bell:{work}:{subject_id}", TURN_JOBS[work], subject_id)


def _hang(bell: str, job: str, subject_id: int) -> bool:
    try:
        if not redis().set(bell, "1", nx=True, ex=BELL_TTL_S):
            return False
        django_rq.get_queue("default").enqueue(job, subject_id, result_ttl=0, failure_ttl=0)
    except RedisError:
        logger.warning("The queue does not answer; the sweep will ring %s.", bell)
        return False
    return True


def take_down_bell(client_id: int) -> None:
    """Let the next ring queue a job again; called when a drain starts."""
    redis().delete(f"bell:{client_id}")


def take_down_turn_bell(work: str, subject_id: int) -> None:
    """Let the next ring queue a turn again; called when one starts."""
    redis().delete(f"bell:{work}:{subject_id}")


@contextmanager
def lane(client_id: int) -> Iterator[Lane | None]:
    """Hold the client's lane, or give None when another worker has it.

    The lane keeps one client's documents in order and its share fair. It is not what makes a delivery happen
    once: that is the lease on the row, which holds even when the lane's mark is lost.
    """
    holder = Lane(client_id, new_holder())
    if not holder.take():
        yield None
        return
    try:
        yield holder
    finally:
        redis().eval(RELEASE_LANE, 1, holder.key, holder.token)


class Lane:
    """A held lane; `keep` gives a sign of life."""

    def __init__(self, client_id: int, token: str) -> None:
        self.key = f"lane:{client_id}"
        self.token = token

    def take(self) -> bool:
        """Enter the lane when it is free, or when the worker in it has died on this machine."""
        if redis().set(self.key, self.token, nx=True, ex=LANE_TTL_S):
            return True
        inside = redis().get(self.key)
        if not isinstance(inside, bytes) or not is_dead(inside.decode()):
            return False
        redis().eval(RELEASE_LANE, 1, self.key, inside)
        return bool(redis().set(self.key, self.token, nx=True, ex=LANE_TTL_S))

    def keep(self) -> None:
        """Stay in the lane for another LANE_TTL_S seconds."""
        redis().set(self.key, self.token, ex=LANE_TTL_S)


def queue_depth() -> int:
    """Count the bells that hang."""
    return int(django_rq.get_queue("default").count)
