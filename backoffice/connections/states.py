"""The states of a delivery and of an inbound event.

delivery    waiting -> in_flight -> delivered
                         |-> waiting    refused before it ran: tried again later
                         |-> in_doubt   may have run: look it up first
                         |-> accepted   taken in, still worked on over there (sending an invoice)
                         |-> failed     understood and refused
            accepted  -> delivered | failed
            in_doubt  -> delivered | accepted (found) | waiting (proved absent) | failed (found, but it differs)
            failed    -> waiting    resent by hand
            waiting, failed -> withdrawn    its document was drawn back before anything took effect

event       received -> processed | ignored | unreadable
            unreadable -> received         tried again after a fix
"""

from __future__ import annotations

from enum import StrEnum

from backoffice.common.machine import Machine


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


D = DeliveryState
DELIVERY = Machine(
    D.WAITING,
    {
        D.WAITING: {D.IN_FLIGHT, D.WITHDRAWN},
        D.IN_FLIGHT: {D.DELIVERED, D.ACCEPTED, D.WAITING, D.IN_DOUBT, D.FAILED},
        D.ACCEPTED: {D.DELIVERED, D.FAILED},
        D.IN_DOUBT: {D.DELIVERED, D.ACCEPTED, D.WAITING, D.FAILED},
        D.FAILED: {D.WAITING, D.WITHDRAWN},
        D.DELIVERED: set(),
        D.WITHDRAWN: set(),
    },
    terminal={D.DELIVERED, D.WITHDRAWN},
)


class EventState(StrEnum):
    """Where an inbound event stands."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"


E = EventState
EVENT = Machine(
    E.RECEIVED,
    {
        E.RECEIVED: {E.PROCESSED, E.IGNORED, E.UNREADABLE},
        E.UNREADABLE: {E.RECEIVED, E.IGNORED},
        E.PROCESSED: set(),
        E.IGNORED: set(),
    },
    terminal={E.PROCESSED, E.IGNORED},
)
