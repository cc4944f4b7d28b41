"""What people call the states at the wall."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.common.display import badge
from backoffice.connections.states import DeliveryState as D
from backoffice.connections.states import EventState as E

DELIVERY_STATES: dict[str, tuple[Promise, str]] = {
    D.WAITING: (_("Waiting"), "info"),
    D.IN_FLIGHT: (_("On its way"), "info"),
    D.ACCEPTED: (_("Taken in, worked on"), "info"),
    D.IN_DOUBT: (_("In doubt"), "warn"),
    D.DELIVERED: (_("Delivered"), "good"),
    D.FAILED: (_("Refused"), "bad"),
    D.WITHDRAWN: (_("Withdrawn"), "quiet"),
}
EVENT_STATES: dict[str, tuple[Promise, str]] = {
    E.RECEIVED: (_("Waits to be read"), "info"),
    E.PROCESSED: (_("Read"), "good"),
    E.IGNORED: (_("Nothing to do"), "quiet"),
    E.UNREADABLE: (_("Cannot be read"), "bad"),
}
DELIVERY_KINDS: dict[str, Promise] = {
    "sales_order": _("Sales order"),
    "invoice_sending": _("Sending of the invoice"),
    "bank_journal": _("Bank journal"),
    "cash_journal": _("Cash journal"),
    "manual_journal": _("Manual journal"),
    "outgoing_invoice": _("Outgoing invoice"),
    "outgoing_credit_note": _("Outgoing credit note"),
    "reversal": _("Reversal"),
}


def delivery_badge(state: str) -> SafeString:
    """Show a delivery's state as a label."""
    return badge(*DELIVERY_STATES[state])


def event_badge(state: str) -> SafeString:
    """Show an inbound event's state as a label."""
    return badge(*EVENT_STATES[state])


def delivery_kind(kind: str) -> str:
    """Name what is delivered."""
    return str(DELIVERY_KINDS.get(kind, kind))
