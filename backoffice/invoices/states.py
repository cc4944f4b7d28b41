"""The states of a document for the customer, of its way there, and of many at once.

Document:  requested → rendered (stored, with its hash, for good)
               └────→ failed → requested (asked again after a fix)
Delivery:  waiting → in_flight → delivered → failed (it came back)
              ▲          ├→ waiting   it certainly did not go out
              │          ├→ in_doubt  it may have gone out: a person says whether to send it again
              └──────────┴→ failed    refused; sent again by hand
Many:      waiting ⇄ running → done → waiting (what failed is tried again)
              ↑└────────┴→ stopped
              └──────────────┘
"""

from __future__ import annotations

from enum import StrEnum

from backoffice.common.machine import Machine


class DocumentState(StrEnum):
    """Where a document stands."""

    REQUESTED = "requested"
    RENDERED = "rendered"
    FAILED = "failed"


class SendingState(StrEnum):
    """Where a document's way to somebody stands."""

    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    IN_DOUBT = "in_doubt"
    DELIVERED = "delivered"
    FAILED = "failed"


class RunState(StrEnum):
    """Where the work on many documents stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


D, S, R = DocumentState, SendingState, RunState
DOCUMENT = Machine(
    D.REQUESTED,
    {D.REQUESTED: {D.RENDERED, D.FAILED}, D.FAILED: {D.REQUESTED}, D.RENDERED: set()},
    terminal={D.RENDERED},
)
SENDING = Machine(
    S.WAITING,
    {
        S.WAITING: {S.IN_FLIGHT},
        S.IN_FLIGHT: {S.DELIVERED, S.WAITING, S.IN_DOUBT, S.FAILED},
        S.IN_DOUBT: {S.WAITING, S.DELIVERED},
        S.DELIVERED: {S.FAILED, S.WAITING},
        S.FAILED: {S.WAITING},
    },
)
RUN = Machine(
    R.WAITING,
    {
        R.WAITING: {R.RUNNING, R.STOPPED},
        R.RUNNING: {R.WAITING, R.STOPPED, R.DONE},
        R.STOPPED: {R.WAITING},
        R.DONE: {R.WAITING},
    },
)
