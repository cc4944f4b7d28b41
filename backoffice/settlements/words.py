"""What people call the states of a payout and the kinds of a provider's rows."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.common.display import badge
from backoffice.ledger.settlement import RowKind
from backoffice.settlements.states import PayoutState as P

STATES: dict[str, tuple[Promise, str]] = {
    P.RECEIVED: (_("Waits for its rows"), "quiet"),
    P.EXPLAINED: (_("Explained"), "info"),
    P.DISCREPANCY: (_("Discrepancy"), "warn"),
    P.POSTED: (_("Posted"), "good"),
}

KINDS: dict[str, Promise] = {
    RowKind.CAPTURE: _("Capture"),
    RowKind.REFUND: _("Refund to customer"),
    RowKind.FEE: _("Fee"),
    RowKind.FEE_REFUND: _("Fee given back"),
    RowKind.DISPUTE: _("Dispute"),
    RowKind.DISPUTE_RETURN: _("Dispute won"),
    RowKind.CORRECTION: _("Correction"),
    RowKind.HOLDBACK: _("Held back"),
    RowKind.RELEASE: _("Released"),
    RowKind.TOP_UP: _("Paid in by us"),
    RowKind.PAYOUT: _("Payout"),
    RowKind.OTHER: _("Unknown kind"),
}


def state_badge(state: str) -> SafeString:
    """Show a state as a label."""
    return badge(*STATES[state])
