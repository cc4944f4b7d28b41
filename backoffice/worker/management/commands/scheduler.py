"""Start what happens by itself, from the table in worker/schedule.py."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand
from django.db import connections
from redis.exceptions import RedisError

from backoffice.connections.queue import redis
from backoffice.worker.schedule import SCHEDULE, Task

logger = logging.getLogger(__name__)
#: only one scheduler acts; when it is killed another takes over after this
LEASE_S = 15
LEASE, SEEN = "scheduler:lease", "scheduler:seen"
TICK_S = 1.0
#: tasks first fire one after the other, so that a start does not do everything at once
STAGGER_S = 1.0
#: how long tasks may go on after SIGTERM; each is safe to cut off
GRACE_S = 8.0
KEEP_LEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('expire', KEYS[1], ARGV[2]) end return 0"
GIVE_LEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class Command(BaseCommand):
    """`manage.py scheduler`: a loop over the schedule."""

    help = "Start the recurring tasks; several may run, one acts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop until SIGTERM or Ctrl-C."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        Scheduler(SCHEDULE).run(stopped)


class Scheduler:
    """Fires tasks when they are due, while it holds the lease."""

    def __init__(self, tasks: tuple[Task, ...], *, tick_s: float = TICK_S, stagger_s: float = STAGGER_S) -> None:
        self.tasks = tasks
        self.tick_s = tick_s
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        start = time.monotonic()
        self.due = {task.name: start + stagger_s * index for index, task in enumerate(tasks)}
        self.running: dict[str, threading.Thread] = {}

    def run(self, stopped: threading.Event) -> None:
        """Tick until stopped, then let running tasks finish for a while and hand the lease on."""
        was_silent = False
        while not stopped.wait(self.tick_s):
            try:
                acts = self.holds_lease()
            except RedisError as error:
                if not was_silent:
                    logger.warning("Redis does not answer (%s); nothing is scheduled until it does.", error)
                was_silent = True
                continue
            if was_silent:
                logger.warning("Redis answers again.")
            was_silent = False
            if acts:
                self.fire_due()
        self.finish()

    def holds_lease(self) -> bool:
        """Take or keep the lease; leave a sign of life for the health page."""
        store = redis()
        is_held = store.set(LEASE, self.holder, nx=True, ex=LEASE_S) or store.eval(
            KEEP_LEASE, 1, LEASE, self.holder, LEASE_S
        )
        if is_held:
            store.set(SEEN, str(int(time.time())))
        return bool(is_held)

    def fire_due(self) -> None:
        """Start every task that is due, each in a thread of its own: a long one must not hold up the sweep.

        A task that is still at it from the last time is left alone and comes again at the next interval.
        """
        for task in self.tasks:
            now = time.monotonic()
            if now < self.due[task.name]:
                continue
            self.due[task.name] = now + task.every_s
            earlier = self.running.get(task.name)
            if earlier is not None and earlier.is_alive():
                logger.info("The task %r is still running and is not started again.", task.name)
                continue
            self.running[task.name] = threading.Thread(target=fire, args=(task,), name=task.name, daemon=True)
            self.running[task.name].start()

    def finish(self) -> None:
        """Wait for running tasks, at most GRACE_S, and give the lease back."""
        ends_at = time.monotonic() + GRACE_S
        for thread in self.running.values():
            thread.join(max(0.0, ends_at - time.monotonic()))
        try:
            redis().eval(GIVE_LEASE, 1, LEASE, self.holder)
        except RedisError:
            logger.warning("Redis does not answer; the lease runs out by itself.")


def fire(task: Task) -> None:
    """Run one task. One that fails is logged and comes again; it stops no other."""
    started = time.monotonic()
    try:
        task.function()
    except Exception:
        logger.exception("The task %r failed and comes again in %s s.", task.name, task.every_s)
    else:
        logger.debug("The task %r took %.1f s.", task.name, time.monotonic() - started)
    finally:
        connections.close_all()
