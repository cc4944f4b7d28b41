"""What a person can do with a voucher as it stands, and what the page says before it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import User
from backoffice.clients.selectors import Right, clients_of
from backoffice.console.catalogue import cause_of
from backoffice.console.causes.entry import Button
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.reversing import why_not_reversed
from backoffice.vouchers.states import VoucherState as V
from backoffice.workflows.drafting_anew import can_draft_anew


@dataclass(frozen=True, slots=True)
class Act:
    """One button. explain is shown before it is done; asks_reason adds a text field; empty explain acts at once."""

    verb: str
    label: Any
    right: Right
    explain: Any = ""
    tone: str = ""
    asks_reason: bool = False
    key: str = ""


APPROVE = Act("approve", _("Approve"), Right.APPROVE, tone="main", key="a")
HOLD = Act("hold", _("Hold"), Right.EDIT, _("It is put aside until somebody releases it. Nothing is sent."), "", True)
RELEASE = Act("release", _("Release"), Right.EDIT, tone="main")
REBUILD = Act(
    "rebuild",
    _("Rebuild"),
    Right.EDIT,
    _("It is made anew from its source with today's mapping. What you see now is replaced."),
)
RESEND = Act(
    "resend",
    _("Resend"),
    Right.EDIT,
    _("It is sent again under the same reference. That is safe: what was refused never took effect."),
    "main",
)
CHECK = Act("check", _("Check now"), Right.EDIT, tone="main")
MOVE_DAY = Act(
    "move_day",
    _("Move to the first open day"),
    Right.EDIT,
    _("It gets the first day that the books still take. The original date stays in its text."),
)
CLOSE_DAY = Act(
    "close_day",
    _("Close the day now"),
    Right.EDIT,
    _("It stops growing and waits for approval. What arrives for this day later goes into a supplementary voucher."),
)
WITHDRAW = Act(
    "withdraw",
    _("Withdraw"),
    Right.EDIT,
    _("It is drawn back for good and never sent. Use this when it was booked by hand."),
    "danger",
    True,
)
REVERSE = Act(
    "reverse",
    _("Reverse"),
    Right.APPROVE,
    _("The books get the opposite voucher on the same day. What it carried can then be drafted again."),
    "danger",
    True,
)
DRAFT_ANEW = Act(
    "draft_anew",
    _("Draft again"),
    Right.EDIT,
    _("What it carried becomes another voucher, with today's mapping. This one stays as it is."),
)

BY_STATE: dict[str, tuple[Act, ...]] = {
    V.DRAFT: (CLOSE_DAY, REBUILD, HOLD),
    V.BLOCKED: (REBUILD, HOLD, WITHDRAW),
    V.AWAITING_APPROVAL: (APPROVE, HOLD, REBUILD, WITHDRAW),
    V.HELD: (RELEASE, REBUILD, WITHDRAW),
    V.APPROVED: (CHECK,),
    V.SENDING: (CHECK,),
    V.IN_DOUBT: (CHECK,),
    V.FAILED: (RESEND, REBUILD, WITHDRAW),
    V.POSTED: (REVERSE,),
    V.WITHDRAWN: (DRAFT_ANEW,),
    V.REVERSED: (DRAFT_ANEW,),
}
ACTS: dict[str, Act] = {act.verb: act for acts in BY_STATE.values() for act in acts} | {"move_day": MOVE_DAY}


def rights_of(user: User, voucher: Voucher) -> set[Right]:
    """The rights a person has at a voucher's client."""
    return {right for right in Right if clients_of(user, right).filter(pk=voucher.client_id).exists()}


def acts_for(voucher: Voucher, rights: Iterable[Right]) -> list[Act]:
    """The buttons for a voucher as it stands; a locked date adds the move to an open day."""
    acts = list(BY_STATE[voucher.state])
    can_move = any(cause_of(reason["code"]).button == Button.MOVE_DAY for reason in voucher.reasons)
    if can_move and voucher.state in (V.BLOCKED, V.FAILED):
        acts.insert(0, MOVE_DAY)
    if why_not_reversed(voucher):
        acts = [act for act in acts if act is not REVERSE]
    if not can_draft_anew(voucher):
        acts = [act for act in acts if act is not DRAFT_ANEW]
    given = set(rights)
    return [act for act in acts if act.right in given]
