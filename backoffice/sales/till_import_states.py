"""The states of a till's file that is imported.

waiting ──► running ──► done
   ▲ ▲        │ │
   │ └────────┘ ├──► failed ───► waiting (tried again)
   │            ▼
   └──────── stopped ◄── waiting
"""

from __future__ import annotations

from enum import StrEnum

from backoffice.common.machine import Machine


class TillImportState(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


S = TillImportState
TILL_IMPORT = Machine(
    S.WAITING,
    {
        S.WAITING: {S.RUNNING, S.STOPPED},
        S.RUNNING: {S.WAITING, S.STOPPED, S.DONE, S.FAILED},
        S.STOPPED: {S.WAITING},
        S.FAILED: {S.WAITING},
        S.DONE: set(),
    },
    terminal={S.DONE},
)
