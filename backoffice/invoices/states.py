"""The states of a document for the customer, and of its way there.

Document:  requested → rendered (stored, with its hash, for good)
               └────→ failed → requested (asked again after a fix)
Delivery:  waiting → in_flight → delivered → failed (it came back)
              ▲          ├→ waiting   it certainly did not go out
              │          ├→ in_doubt  it may have gone out: a person says whether to send it again
              └──────────┴→ failed    refused; sent again by hand
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


D, S = DocumentState, SendingState
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
