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
from django.db import close_old_connections
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

    def __init__(self, tasks: tuple[Task, ...]) -> None:
        self.tasks = tasks
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        start = time.monotonic()
        self.due = {task.name: start + STAGGER_S * index for index, task in enumerate(tasks)}

    def run(self, stopped: threading.Event) -> None:
        """Tick until stopped."""
        while not stopped.wait(TICK_S):
            try:
                acts = self.holds_lease()
            except RedisError:
                logger.warning("Redis does not answer; nothing is scheduled until it does.")
                continue
            if acts:
                self.fire_due()
        try:
            if self.holds_lease():
                redis().delete(LEASE)
        except RedisError:
            logger.warning("Redis does not answer; the lease runs out by itself.")

    def holds_lease(self) -> bool:
        """Take or keep the lease; leave a sign of life for the health page."""
        store = redis()
        if not store.set(LEASE, self.holder, nx=True, ex=LEASE_S):
            if store.get(LEASE) != self.holder.encode():
                return False
            store.expire(LEASE, LEASE_S)
        store.set(SEEN, str(int(time.time())))
        return True

    def fire_due(self) -> None:
        """Run every task that is due. A task that fails is logged and comes again; it stops no other."""
        for task in self.tasks:
            now = time.monotonic()
            if now < self.due[task.name]:
                continue
            self.due[task.name] = now + task.every_s
            close_old_connections()
            try:
                task.function()
            except Exception:
                logger.exception("The task %r failed and comes again in %s s.", task.name, task.every_s)
