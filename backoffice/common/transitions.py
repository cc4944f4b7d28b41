"""Move a row from one state to another by compare-and-swap, and count the rows."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from django.db import models

from backoffice.common.machine import Machine, StaleState

State = TypeVar("State", bound=StrEnum)


def compare_and_swap(row: models.Model, machine: Machine[State], to: State, **changes: Any) -> None:
    """Set row.state to `to` (and `changes`) if the database still holds the state that `row` shows.

    Raises IllegalMove when the table has no such edge and StaleState when another process was first; in both
    cases nothing is written. The row in memory is updated on success.
    """
    now = type(machine.first)(row.state)  # type: ignore[attr-defined]  # every row with a machine has a state
    machine.check(now, to)
    updated = type(row)._default_manager.filter(pk=row.pk, state=now).update(state=to, **changes)
    if updated != 1:
        raise StaleState(f"{row} is no longer {now}.")
    for name, value in {"state": to, **changes}.items():
        setattr(row, name, value)
