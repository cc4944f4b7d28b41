"""The day's bank journal: it grows while payments come in, closes at the client's cut-off, and never changes after."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.clients.models import Client
from backoffice.contracts.sales import SaleKind
from backoffice.sales.models import Payment, Sale, SaleState
from backoffice.sales.refunds import tie_to_refund
from backoffice.vouchers.drafting import write_draft
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.services import NotAllowed
from backoffice.vouchers.states import OPEN, VoucherState
from backoffice.workflows.advances import rests_as_advance
from backoffice.workflows.batches import (
    close_batches,
    draft_batch_again,
    is_batched,
    of_undecided_batches,
    place_payment,
)
from backoffice.workflows.books import Books
from backoffice.workflows.closing_days import close_till_days, draft_closings_again
from backoffice.workflows.dates import closing_time
from backoffice.workflows.payment_days import day_key, draft_payment_day

WORKFLOW = Actor.system("workflow")
POLICY = Actor.system("policy")


def unplaced_payments() -> QuerySet[Payment]:
    """Payments that can be put into their day now, and are not yet.

    Out stay those of cash sales, whose day closing has them, and of sales whose route or batch is not decided.
    """
    waiting = Payment.objects.filter(voucher=None, is_cancelled=False, sale__isnull=False)
    waiting = waiting.exclude(sale__state=SaleState.RECORDED).exclude(sale__kind=SaleKind.CASH_SALE)
    return waiting.exclude(of_undecided_batches())


def awaits_batch(payment: Payment) -> bool:
    """Whether it is not decided yet into which batch the sale of a payment goes."""
    return Payment.objects.filter(of_undecided_batches(), pk=payment.pk).exists()


@transaction.atomic
def payment_recorded(*, payment_id: int) -> None:
    """Put a payment into its day's open bank journal; a day that is closed gets a supplement.

    A payment whose sale has not arrived, or has no route yet, stays out until then. The journal is rebuilt in the
    next round.
    """
    payment = Payment.objects.select_related("client", "sale").get(pk=payment_id)
    sale = payment.sale
    if payment.voucher_id or sale is None or payment.is_cancelled or sale.state == SaleState.RECORDED:
        return
    if sale.kind == SaleKind.CASH_SALE:  # the till's day closing has it
        return
    if awaits_batch(payment):
        return
    tie_to_refund(payment)
    if is_batched(sale):
        place_payment(payment, sale)
        return
    voucher = _open_day(payment.client, payment.paid_on, payment.currency)
    is_advance = rests_as_advance(payment, sale)
    free = Payment.objects.filter(pk=payment.pk, voucher=None)
    free.update(voucher=voucher, is_advance=is_advance, updated_at=timezone.now())
    Voucher.objects.filter(pk=voucher.pk).update(is_dirty=True)
    _paid_theme(sale)


def _paid_theme(sale: Sale) -> None:
    """An order that is still open is drafted again when a payment makes it a paid one: another branding theme.

    So is a credit note that is still open: of a sale that is paid it meets the money back, not the invoice.
    """
    mine = Q(pk=sale.voucher_id) | Q(refunds__sale=sale)
    ids = list(Voucher.objects.filter(mine, state__in=OPEN).values_list("pk", flat=True))
    Voucher.objects.filter(pk__in=ids).update(is_dirty=True)


def _open_day(client: Client, day: date, currency: str) -> Voucher:
    days = Voucher.objects.filter(
        client=client, source_type=SourceType.PAYMENT_DAY, source_key__startswith=f"{day.isoformat()}/{currency}/"
    )
    # locked, so that it is not approved meanwhile without what is put into it
    voucher = days.select_for_update().filter(state__in=[*OPEN]).order_by("-id").first()
    if voucher is not None:
        return voucher
    books = Books.empty()
    key = day_key(day, currency, days.count())
    return write_draft(
        client=client,
        sales_point=None,
        source_type=SourceType.PAYMENT_DAY,
        source_key=key,
        draft=draft_payment_day(client, key, [], books, is_growing=True),
        actor=WORKFLOW,
    )


def draft_day(voucher: Voucher, books: Books, actor: Actor, *, may_move: bool = False, close: bool = False) -> Voucher:
    """Draft a day again from its payments; close ends its growing."""
    payments = list(
        voucher.payments.select_related("client", "sales_point", "sale")
        .order_by("paid_at", "id")
        .filter(is_cancelled=False)
    )
    closes_at = _closes_at(voucher)
    is_growing = not close and timezone.now() < closes_at and voucher.state != VoucherState.AWAITING_APPROVAL
    return write_draft(
        client=voucher.client,
        sales_point=None,
        source_type=SourceType.PAYMENT_DAY,
        source_key=voucher.source_key,
        draft=draft_payment_day(
            voucher.client, voucher.source_key, payments, books, is_growing=is_growing, may_move=may_move
        ),
        actor=actor,
    )


def _closes_at(voucher: Voucher) -> datetime:
    """Give when a day's voucher closes by itself; a supplement, at the cut-off after the day it was opened.

    So what comes late in many pieces is one supplement and not one a piece.
    """
    text, _currency, number = voucher.source_key.split("/")
    day = date.fromisoformat(text)
    if number != "0":
        day = max(day, voucher.created_at.astimezone(voucher.client.zone).date())
    return closing_time(voucher.client, day)


def close_day(*, voucher_id: int, actor: Actor) -> Voucher:
    """Close a growing day now; what comes later goes into a supplement."""
    voucher = Voucher.objects.select_related("client").get(pk=voucher_id)
    if voucher.state not in (VoucherState.DRAFT, VoucherState.BLOCKED):
        raise NotAllowed("Only a day that still grows can be closed.")
    with transaction.atomic():
        again = {SourceType.DAY_CLOSING: draft_closings_again, SourceType.SALES_DAY: draft_batch_again}
        return again.get(SourceType(voucher.source_type), draft_day)(
            voucher, Books.load(voucher.client), actor, close=True
        )


def close_days(*, client: Client | None = None, through: date | None = None, actor: Actor = POLICY) -> list[Voucher]:
    """Close every day that is over: through the given day, else whatever has passed its cut-off."""
    growing = Voucher.objects.filter(source_type=SourceType.PAYMENT_DAY, state=VoucherState.DRAFT)
    if client is not None:
        growing = growing.filter(client=client)
    closed = []
    for voucher in growing.select_related("client").order_by("source_key"):
        day = date.fromisoformat(voucher.source_key.split("/")[0])
        is_over = day <= through if through else timezone.now() >= _closes_at(voucher)
        if is_over and voucher.payments.exists():
            closed.append(close_day(voucher_id=voucher.pk, actor=actor))
    closed += close_till_days(client=client, through=through, actor=actor)
    return closed + close_batches(client=client, through=through, actor=actor)
