"""What of a period still needs a person, outside the proof of the clearing accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.clients.models import Client
from backoffice.common.display import page_address
from backoffice.sales.closings import missing_before
from backoffice.sales.models import DayClosing, Payment, Refund, Sale, SaleState
from backoffice.settlements.selectors import entries_needing_person, payouts_needing_person

#: day closings that are looked at for gaps; more are looked at on their own list
MAX_CLOSINGS = 1_000


@dataclass(frozen=True, slots=True)
class Open:
    """Something that waits for a person; href leads to the list or page."""

    count: str
    label: str
    href: str


def open_in(clients: Sequence[Client], since: date, through: date) -> list[Open]:
    """List what needs a person among sales, refunds, payments, payouts, rows and Z numbers, with nothing that is 0."""
    days, mine = (since, through), {"client__in": clients}
    waits = SaleState.NEEDS_PERSON
    counted = [
        (Sale.objects.filter(**mine, state=waits, sold_on__range=days).count(), _("sales need a person"),
         "sales_sale", {"state": "needs_person"}),
        (Refund.objects.filter(**mine, state=waits, refunded_on__range=days).count(), _("refunds need a person"),
         "sales_refund", {"state": "needs_person"}),
        (Payment.objects.filter(**mine, sale=None, voucher=None, is_cancelled=False, paid_on__range=days).count(),
         _("payments wait for their sale"), "sales_payment", {"place": "waiting"}),
        (payouts_needing_person(clients).filter(paid_on__range=days).count(), _("payouts are not explained"),
         "settlements_payout", {"needs": "person"}),
        (entries_needing_person(clients).filter(booked_on__range=days).count(), _("provider's rows need a person"),
         "settlements_payoutentry", {"needs": "person"}),
    ]  # fmt: skip
    found = [
        Open(str(count), label, _list(name, {**asked, "from": since.isoformat(), "until": through.isoformat()}))
        for count, label, name, asked in counted
        if count
    ]
    return found + gaps_in(clients, since, through)


def _list(name: str, asked: dict[str, str]) -> str:
    return f"{reverse(f'admin:{name}_changelist')}?{urlencode(asked)}"


def gaps_in(clients: Sequence[Client], since: date, through: date) -> list[Open]:
    """Z numbers of the period that are missing or came again."""
    closings = DayClosing.objects.filter(client__in=clients, closed_on__range=(since, through))
    found = []
    for closing in closings.select_related("client", "sales_point").order_by("closed_at")[:MAX_CLOSINGS]:
        if closing.repeated_at:
            found.append(Open(str(closing.number), _("Z number came again: %(what)s") % {"what": closing},
                              page_address(closing)))  # fmt: skip
        missing = None if closing.missing_accepted_by else missing_before(closing)
        if missing:
            numbers = str(missing[0]) if missing[0] == missing[1] else f"{missing[0]}–{missing[1]}"
            label = _("Z numbers are missing before %(what)s") % {"what": closing}
            found.append(Open(numbers, label, page_address(closing)))
    return found
