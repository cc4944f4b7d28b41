"""The order in which a person goes through the vouchers that wait for approval: oldest day first."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from backoffice.clients.scope import clients_shown
from backoffice.clients.selectors import Right
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import VoucherState


def to_approve(request: HttpRequest) -> QuerySet[Voucher]:
    """Vouchers the person can approve now, oldest first."""
    mine = clients_shown(request, Right.APPROVE)
    return Voucher.objects.filter(client__in=mine, state=VoucherState.AWAITING_APPROVAL).order_by("dated_on", "id")


def next_after(request: HttpRequest, voucher: Voucher) -> Voucher | None:
    """The next to approve after this one; behind the last, the first that is left."""
    queue = to_approve(request).exclude(pk=voucher.pk)
    later = Q(dated_on__gt=voucher.dated_on) | Q(dated_on=voucher.dated_on, pk__gt=voucher.pk)
    return queue.filter(later).first() or queue.first()


def before(request: HttpRequest, voucher: Voucher) -> Voucher | None:
    """The one before this in the queue."""
    earlier = Q(dated_on__lt=voucher.dated_on) | Q(dated_on=voucher.dated_on, pk__lt=voucher.pk)
    return to_approve(request).exclude(pk=voucher.pk).filter(earlier).last()
