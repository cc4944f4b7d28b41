"""What people call the states of a voucher's files."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.common.display import badge
from backoffice.vouchers.states import AttachmentState as A
from backoffice.vouchers.states import PaperState as P

FILE_STATES: dict[str, tuple[Promise, str]] = {
    A.WAITING: (_("Waiting"), "info"),
    A.IN_FLIGHT: (_("On its way"), "info"),
    A.ACCEPTED: (_("Taken in, worked on"), "info"),
    A.IN_DOUBT: (_("In doubt"), "warn"),
    A.ATTACHED: (_("Attached"), "good"),
    A.FAILED: (_("Not attached"), "bad"),
    A.WITHDRAWN: (_("Withdrawn"), "quiet"),
}
PAPER_STATES: dict[str, tuple[Promise, str]] = {
    P.WAITING: (_("Waiting"), "info"),
    P.FETCHED: (_("Stored"), "good"),
    P.FAILED: (_("Not to be had"), "bad"),
}


def file_badge(state: str) -> SafeString:
    """Show a file's state as a label."""
    return badge(*FILE_STATES[state])


def paper_badge(state: str) -> SafeString:
    """Show the state of their PDF as a label."""
    return badge(*PAPER_STATES[state])
