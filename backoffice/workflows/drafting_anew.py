"""Draft again what a reversed or withdrawn voucher carried, as another voucher; the old one stays as it is."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.connections.queue import ring
from backoffice.sales.closings import free_closings
from backoffice.sales.models import Payment, Refund, Sale, SaleState
from backoffice.sales.services import mark_recorded
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.services import NotAllowed, advance
from backoffice.vouchers.states import GONE
from backoffice.workflows.batches import carry_over
from backoffice.workflows.payouts import free_payout


def _sale(voucher: Voucher) -> int:
    return sum(1 for sale in Sale.objects.filter(voucher=voucher, state=SaleState.ROUTED) if _again(sale))


def _refund(voucher: Voucher) -> int:
    return sum(1 for refund in Refund.objects.filter(voucher=voucher, state=SaleState.ROUTED) if _again(refund))


def _again(row: Sale | Refund) -> bool:
    mark_recorded(row)
    return True


def _payments(voucher: Voucher) -> int:
    """Set the payments of a day free; the next round puts them into a supplement of their day."""
    return Payment.objects.filter(voucher=voucher).update(voucher=None, updated_at=timezone.now())


def _closings(voucher: Voucher) -> int:
    return free_closings(voucher=voucher)


def _payout(voucher: Voucher) -> int:
    """Let the payout, or the rows that had no payout, have another voucher."""
    return free_payout(voucher, Actor.system("workflow"))


def _batch(voucher: Voucher) -> int:
    return carry_over(voucher)


#: what sets the sources of a voucher free, by what it was made from
FREED: dict[str, Callable[[Voucher], int]] = {
    SourceType.SALE: _sale,
    SourceType.REFUND: _refund,
    SourceType.PAYMENT_DAY: _payments,
    SourceType.SALES_DAY: _batch,
    SourceType.PAYOUT: _payout,
    SourceType.DAY_CLOSING: _closings,
}


def can_draft_anew(voucher: Voucher) -> bool:
    """Whether what a voucher carried may be drafted again as another one."""
    return voucher.state in GONE and voucher.source_type in FREED


@transaction.atomic
def draft_anew(*, voucher_id: int, actor: Actor) -> Voucher:
    """Let what a reversed or withdrawn voucher carried be drafted again with today's mapping, in the next round.

    Raises NotAllowed where its sources have another voucher already, or were cancelled.
    """
    voucher = Voucher.objects.select_for_update(of=("self",)).select_related("client").get(pk=voucher_id)
    if not can_draft_anew(voucher):
        raise NotAllowed("Only what was reversed or withdrawn can be drafted again, and not every kind of voucher.")
    if not FREED[voucher.source_type](voucher):
        raise NotAllowed("What this voucher carried has another voucher already, or was cancelled.")
    advance(voucher=voucher, to=None, actor=actor, action="voucher.drafted_anew")
    ring(voucher.client_id)
    return voucher
