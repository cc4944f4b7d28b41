"""Work that takes many turns: a row with its state, and one worker at it, which holds a lease.

Every write asks for the lease in the same transaction (`hold`), so that a worker that was taken over, or whose work
was stopped, writes nothing more. Who is dead or silent is taken over (`claim`). What is due stands in the database.
"""

from __future__ import annotations

import time
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.machine import Machine, StaleState
from backoffice.common.models import Timed
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.holders import is_dead, new_holder

#: so long a worker may be silent before another one takes over
LEASE = timedelta(seconds=30)
#: the two states that all such work has
WAITING, RUNNING = "waiting", "running"

State = TypeVar("State", bound=StrEnum)


class LeaseLost(Exception):
    """Somebody stopped the work, or another worker took it over; nothing more may be written."""


class InTurns(Timed):
    """What a worker needs on the row. tries counts how often a turn began without getting further."""

    holder = models.CharField(max_length=100, default="", editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(_("begun"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    stopped_by = models.CharField(_("stopped by"), max_length=150, default="")

    class Meta:
        abstract = True


def is_free(row: Any) -> bool:
    """Whether a worker may begin: the row waits, or whoever worked on it is dead or silent."""
    if row.state == WAITING:
        return True
    is_silent = row.lease_until is None or row.lease_until <= timezone.now() or is_dead(row.holder)
    return bool(row.state == RUNNING and is_silent)


def claim(row: Any, machine: Machine[State]) -> bool:
    """Take a row for one turn; False when another worker has it."""
    if not is_free(row):
        return False
    now = timezone.now()
    changes: dict[str, Any] = {"holder": new_holder(), "lease_until": now + LEASE, "tries": row.tries + 1}
    changes |= {"started_at": row.started_at or now, "updated_at": now}
    if row.state == WAITING:
        try:
            compare_and_swap(row, machine, type(machine.first)(RUNNING), **changes)
        except StaleState:
            return False
        return True
    if not _mine(row).update(**changes):
        return False
    _show(row, changes)
    return True


def hold(row: Any, **changes: Any) -> None:
    """Say that this worker is still at it, and write; raises LeaseLost when the row is not its any more."""
    now = timezone.now()
    if not _mine(row).update(lease_until=now + LEASE, updated_at=now, **changes):
        raise LeaseLost
    _show(row, changes)


def _mine(row: Any) -> Any:
    return type(row)._default_manager.filter(pk=row.pk, state=RUNNING, holder=row.holder)


def _show(row: Any, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)


class Every:
    """Tells once every so many seconds that it is time again."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.last = seconds, time.monotonic()

    def rest(self, seconds: float) -> None:
        """Begin anew, so many seconds long."""
        self.seconds, self.last = seconds, time.monotonic()

    def __call__(self) -> bool:
        """Whether it is time."""
        is_time = time.monotonic() - self.last >= self.seconds
        if is_time:
            self.last = time.monotonic()
        return is_time
