"""The states of an event's way to one address.

hook   waiting -> in_flight -> delivered          the receiver answered 2xx
                     |-> waiting                  it did not, or the worker died: again later, the same bytes
                     |-> failed                   not for three days: given up, shown to a person
       waiting   -> failed                        its time ran out while the address did not answer at all
       failed, delivered -> waiting               sent again by hand
"""

from __future__ import annotations

from enum import StrEnum

from backoffice.common.machine import Machine


class HookState(StrEnum):
    """Where an event's way to an address stands."""

    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    DELIVERED = "delivered"
    FAILED = "failed"


H = HookState
HOOK = Machine(
    H.WAITING,
    {
        H.WAITING: {H.IN_FLIGHT, H.FAILED},
        H.IN_FLIGHT: {H.DELIVERED, H.WAITING, H.FAILED},
        H.DELIVERED: {H.WAITING},
        H.FAILED: {H.WAITING},
    },
)
