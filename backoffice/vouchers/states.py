"""The states of a voucher.

draft               a day's voucher that still grows
blocked             mapping or data is missing; the reasons say what
awaiting_approval   complete; somebody must look
held                put aside by a person
approved            waits for its turn to be sent
sending             on its way, or taken in and worked on over there
in_doubt            sent, answer unknown; looked up before anything else
posted              in the books, with the other side's id
failed              refused; the reasons say why; resend after a fix
withdrawn           drawn back before it was posted (the sale was cancelled or changed route)
reversed            posted and reversed over there

A file that is attached to a voucher, and a PDF of theirs, have states of their own; they never move the voucher.

attachment  waiting -> in_flight -> attached
                         |-> accepted   taken in; asked about until it shows -> attached | failed
                         |-> waiting    it certainly did not run
                         |-> in_doubt   may have run -> attached (it stands there) | waiting (proved absent) | failed
                         |-> failed     refused; sent again by hand
            waiting, failed -> withdrawn    its voucher was drawn back or reversed
paper       waiting -> fetched (stored under its hash, for good) | failed -> waiting (asked for again)
"""

from __future__ import annotations

from enum import StrEnum

from backoffice.common.machine import Machine


class VoucherState(StrEnum):
    """Where a voucher stands."""

    DRAFT = "draft"
    BLOCKED = "blocked"
    AWAITING_APPROVAL = "awaiting_approval"
    HELD = "held"
    APPROVED = "approved"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    POSTED = "posted"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


V = VoucherState
VOUCHER = Machine(
    V.DRAFT,
    {
        V.DRAFT: {V.BLOCKED, V.AWAITING_APPROVAL, V.HELD, V.WITHDRAWN},
        V.BLOCKED: {V.DRAFT, V.AWAITING_APPROVAL, V.HELD, V.WITHDRAWN},
        V.AWAITING_APPROVAL: {V.APPROVED, V.BLOCKED, V.HELD, V.WITHDRAWN},
        V.HELD: {V.AWAITING_APPROVAL, V.BLOCKED, V.DRAFT, V.WITHDRAWN},
        V.APPROVED: {V.SENDING, V.FAILED, V.WITHDRAWN},
        V.SENDING: {V.APPROVED, V.IN_DOUBT, V.POSTED, V.FAILED},
        V.IN_DOUBT: {V.APPROVED, V.SENDING, V.POSTED, V.FAILED},
        V.FAILED: {V.APPROVED, V.AWAITING_APPROVAL, V.BLOCKED, V.WITHDRAWN},
        V.POSTED: {V.REVERSED},
        V.WITHDRAWN: set(),
        V.REVERSED: set(),
    },
    terminal={V.WITHDRAWN, V.REVERSED},
)

#: before approval: may be rebuilt from its source, nothing of it exists over there
OPEN = frozenset({V.DRAFT, V.BLOCKED, V.AWAITING_APPROVAL, V.HELD})
#: a person has something to do
NEEDS_PERSON = frozenset({V.BLOCKED, V.AWAITING_APPROVAL, V.FAILED})
#: nothing of it counts any more: what it carried may stand in another voucher
GONE = frozenset({V.WITHDRAWN, V.REVERSED})
#: something of it is, or may be, over there
UNDER_WAY = frozenset({V.APPROVED, V.SENDING, V.IN_DOUBT})


class AttachmentState(StrEnum):
    """Where a file on its way to a voucher stands."""

    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    ATTACHED = "attached"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class PaperState(StrEnum):
    """Where a PDF that the accounting system made stands."""

    WAITING = "waiting"
    FETCHED = "fetched"
    FAILED = "failed"


A, P = AttachmentState, PaperState
ATTACHMENT = Machine(
    A.WAITING,
    {
        A.WAITING: {A.IN_FLIGHT, A.WITHDRAWN},
        A.IN_FLIGHT: {A.ATTACHED, A.ACCEPTED, A.WAITING, A.IN_DOUBT, A.FAILED},
        A.ACCEPTED: {A.ATTACHED, A.FAILED},
        A.IN_DOUBT: {A.ATTACHED, A.WAITING, A.FAILED},
        A.FAILED: {A.WAITING, A.WITHDRAWN},
        A.ATTACHED: set(),
        A.WITHDRAWN: set(),
    },
    terminal={A.ATTACHED, A.WITHDRAWN},
)
#: one file of a voucher at a time, since what goes out replaces what stands there
ON_ITS_WAY = frozenset({A.IN_FLIGHT, A.ACCEPTED, A.IN_DOUBT})
PAPER = Machine(
    P.WAITING, {P.WAITING: {P.FETCHED, P.FAILED}, P.FAILED: {P.WAITING}, P.FETCHED: set()}, terminal={P.FETCHED}
)
