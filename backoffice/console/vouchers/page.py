"""What a voucher's page shows, gathered: lines with their why, reasons with their cure, history, document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from backoffice.clients.scope import person
from backoffice.clients.selectors import Right
from backoffice.connections.models import Delivery
from backoffice.connections.states import DeliveryState
from backoffice.console.catalogue import cause_of
from backoffice.console.causes.entry import Cause
from backoffice.console.timeline_words import in_words
from backoffice.console.vouchers.buttons import acts_for, rights_of
from backoffice.console.vouchers.changes import seen_lines
from backoffice.console.vouchers.document import document_rows
from backoffice.console.vouchers.fixes import Fix, fix_for
from backoffice.console.vouchers.queue import before, next_after, to_approve
from backoffice.vouchers.models import Posting, Voucher
from backoffice.vouchers.selectors import TimelineStep, timeline
from backoffice.vouchers.states import VoucherState
from backoffice.vouchers.words import EXPLAINED

#: a day with thousands of lines is shown up to here; the sums are those of all
MAX_LINES_SHOWN = 500


@dataclass(frozen=True, slots=True)
class ReasonShown:
    """A reason as stored, its catalogue entry, and the form that mends it here, if there is one."""

    detail: str
    subject: str
    cause: Cause
    fix: Fix | None


@dataclass(frozen=True, slots=True)
class Lines:
    """The voucher's lines and sums in minor units; debit and credit are both positive."""

    rows: Sequence[Posting]
    count: int
    debit: int
    credit: int

    @property
    def difference(self) -> int:
        """Debit less credit; zero for a balanced voucher."""
        return self.debit - self.credit

    @property
    def hidden(self) -> int:
        """How many lines are not shown."""
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of the timeline, in words."""

    at: datetime
    what: str
    step: TimelineStep


def lines_of(voucher: Voucher) -> Lines:
    """Read the lines and add them up."""
    amounts = list(voucher.postings.order_by().values_list("amount_minor", flat=True))
    return Lines(
        rows=list(voucher.postings.all()[:MAX_LINES_SHOWN]),
        count=len(amounts),
        debit=sum(minor for minor in amounts if minor > 0),
        credit=-sum(minor for minor in amounts if minor < 0),
    )


def voucher_context(request: HttpRequest, voucher: Voucher) -> dict[str, Any]:
    """Gather all that the page shows."""
    rights = rights_of(person(request), voucher)
    deliveries = list(voucher.deliveries.select_related("connection"))
    return {
        "voucher": voucher,
        "state_explained": EXPLAINED[voucher.state],
        "lines": lines_of(voucher),
        "reasons": reasons_of(voucher, rights),
        "acts": acts_for(voucher, rights),
        "deliveries": deliveries,
        "next_look": _next_look(deliveries),
        "timeline": [Happened(step.at, in_words(step.what), step) for step in timeline(voucher)],
        "document_rows": document_rows(voucher.document),
        "sales": list(voucher.sales.select_related("event")[:50]),
        "payments": list(voucher.payments.select_related("sale")[:50]),
        "payment_count": voucher.payments.count(),
        "refunds": list(voucher.refunds.all()[:50]),
        "payouts": list(voucher.payouts.all()[:50]),
        "payout_entries": list(voucher.payout_entries.select_related("account")[:50]),
        "seen_lines": seen_lines(voucher),
        "acts_on_files": Right.EDIT in rights,
        **_queue(request, voucher),
    }


def reasons_of(voucher: Voucher, rights: set[Any]) -> list[ReasonShown]:
    """Explain each reason by the catalogue and add the form that mends it, for those who may."""
    return [
        ReasonShown(
            detail=reason["detail"],
            subject=reason.get("subject", ""),
            cause=cause_of(reason["code"]),
            fix=fix_for(voucher, reason["code"], reason.get("subject", ""), rights),
        )
        for reason in voucher.reasons
    ]


def _queue(request: HttpRequest, voucher: Voucher) -> dict[str, Any]:
    return {
        "next_voucher": next_after(request, voucher),
        "previous_voucher": before(request, voucher),
        "left_to_approve": to_approve(request).count() if voucher.state == VoucherState.AWAITING_APPROVAL else 0,
    }


def _next_look(deliveries: Sequence[Delivery]) -> datetime | None:
    open_states = (DeliveryState.WAITING, DeliveryState.IN_DOUBT, DeliveryState.ACCEPTED)
    times = [delivery.next_attempt_at for delivery in deliveries if delivery.state in open_states]
    return min(times) if times else None
