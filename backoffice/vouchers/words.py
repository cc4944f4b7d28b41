"""What people call a voucher's states, and how urgent each is."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.common.display import badge
from backoffice.vouchers.states import VoucherState as V

STATES: dict[str, tuple[Promise, str]] = {
    V.DRAFT: (_("Growing"), "quiet"),
    V.BLOCKED: (_("Blocked"), "warn"),
    V.AWAITING_APPROVAL: (_("To approve"), "info"),
    V.HELD: (_("Held"), "quiet"),
    V.APPROVED: (_("Approved"), "info"),
    V.SENDING: (_("Sending"), "info"),
    V.IN_DOUBT: (_("In doubt"), "warn"),
    V.POSTED: (_("Posted"), "good"),
    V.FAILED: (_("Failed"), "bad"),
    V.WITHDRAWN: (_("Withdrawn"), "quiet"),
    V.REVERSED: (_("Reversed"), "quiet"),
}

EXPLAINED: dict[str, Promise] = {
    V.DRAFT: _("The day is not over; what arrives today still goes into this voucher."),
    V.BLOCKED: _("Something is missing before it can be approved. The reasons below say what."),
    V.AWAITING_APPROVAL: _("It is complete. Look at it and approve it; then it is sent."),
    V.HELD: _("Somebody put it aside. Nothing happens until it is released."),
    V.APPROVED: _("It waits for its turn to be sent."),
    V.SENDING: _("It is on its way, or the other side is still working on it."),
    V.IN_DOUBT: _(
        "It was sent, but the answer did not come back. It may stand in the books already, so it is not sent again: "
        "we ask the other side under our own reference first, until we know."
    ),
    V.POSTED: _("It stands in the books."),
    V.FAILED: _("The other side refused it, and nothing of it stands in the books. The reasons below say why."),
    V.WITHDRAWN: _("It was drawn back before it was posted. Nothing of it stands in the books."),
    V.REVERSED: _("It was posted and reversed in the books."),
}


def state_badge(state: str) -> SafeString:
    """Show a state as a label."""
    return badge(*STATES[state])
