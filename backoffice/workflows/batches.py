"""W1: a voucher per sales point, day, currency and SAF-T batch. It grows, closes at the cut-off, and stays so.

A sale stands in the batch of its day, a payment or refund in that of its own, all with the batch id of the sale.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.clients.models import Client, InvoiceIssuer, SaftReporter, SalesPoint
from backoffice.sales.batch_models import BatchLine
from backoffice.sales.models import Payment, Refund, Sale
from backoffice.sales.services import mark_recorded, mark_routed
from backoffice.vouchers.drafting import write_draft
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.services import NotAllowed, started, withdraw
from backoffice.vouchers.states import GONE, OPEN, VoucherState
from backoffice.workflows.batch_drafts import draft_batch
from backoffice.workflows.batch_entries import BatchEntry, Sources
from backoffice.workflows.batch_keys import BatchKey, batch_key, sale_day
from backoffice.workflows.books import Books
from backoffice.workflows.credited_sales import refund_day
from backoffice.workflows.dates import closing_time
from backoffice.workflows.routes import decision_for
from backoffice.workflows.routing import Route

WORKFLOW = Actor.system("workflow")
NOTHING_LEFT = "What stood in it stands elsewhere now, or was cancelled."
NOTHING_TO_POST = "All that stands in it cancels out: nothing to post."


def is_batched(sale: Sale) -> bool:
    """Whether a sale is posted in batches: as it is posted, else as its sales point says today."""
    voucher = sale.voucher
    if voucher is not None and (voucher.state not in GONE or voucher.source_type == SourceType.SALES_DAY):
        return voucher.source_type == SourceType.SALES_DAY
    return decision_for(sale).route is Route.SALES_DAY


def of_undecided_batches() -> Q:
    """Payments of sales that belong into a batch of which something is not known yet: they wait with the sale."""
    posts_batches = Q(
        sale__sales_point__invoice_issuer=InvoiceIssuer.SALES_SYSTEM,
        sale__sales_point__saft_reporter=SaftReporter.SALES_SYSTEM,
    )
    is_unknown = Q(sale__details__saft=None) | Q(sale__sales_point__batch_journal="")
    return Q(sale__voucher=None) & posts_batches & is_unknown


# --- placing ----------------------------------------------------------------------------------------------------------


def place_sale(sale: Sale) -> Voucher:
    """Put a sale into its day's open batch; one that stood in another moves, with what was paid and given back."""
    before = sale.voucher
    voucher = _stand_in(before, sale, batch_key(sale, sale_day(sale), sale.currency))
    mark_routed(row=sale, voucher_id=voucher.pk)
    if before is None:
        return voucher
    if before.source_type == SourceType.SALE and before.state in OPEN:
        withdraw(voucher_id=before.pk, actor=WORKFLOW, reason="The sale is posted in batches now.")
    for payment in sale.payments.filter(_in_open_batch()).select_related("voucher"):
        place_payment(payment, sale)
    _decide_refunds_again(sale)
    return voucher


def place_payment(payment: Payment, sale: Sale) -> Voucher:
    """Put a payment into its own day's open batch."""
    voucher = _stand_in(payment.voucher, sale, batch_key(sale, payment.paid_on, payment.currency))
    Payment.objects.filter(pk=payment.pk).update(voucher=voucher, updated_at=timezone.now())
    return voucher


def place_refund(refund: Refund, sale: Sale) -> Voucher:
    """Put a refund whose shares are decided into its own day's open batch, never before the sale's day."""
    day = max(refund_day(refund), sale_day(sale))
    voucher = _stand_in(refund.voucher, sale, batch_key(sale, day, refund.currency))
    mark_routed(row=refund, voucher_id=voucher.pk)
    return voucher


def take_out(sale: Sale) -> None:
    """Take a cancelled sale out of a batch that is still open."""
    if sale.voucher_id is not None:
        _mark_dirty(sale.voucher_id)
    Sale.objects.filter(pk=sale.pk).update(voucher=None, updated_at=timezone.now())
    sale.voucher = None
    _decide_refunds_again(sale)


def leave_batch(sale: Sale) -> None:
    """A sale that takes another route now leaves the batch in which it stood."""
    before = sale.voucher
    if before is not None and before.source_type == SourceType.SALES_DAY and before.state in OPEN:
        _mark_dirty(before.pk)


def _in_open_batch() -> Q:
    return Q(voucher__source_type=SourceType.SALES_DAY, voucher__state__in=OPEN)


def _decide_refunds_again(sale: Sale) -> None:
    """What was given back of a sale that is another one now, or none, is decided anew."""
    for refund in sale.refunds.filter(_in_open_batch()):
        _mark_dirty(refund.voucher_id)
        mark_recorded(refund, voucher_id=None, shares=[], proposed_split=[], split_accepted_by="")


def _stand_in(before: Voucher | None, sale: Sale, key: BatchKey) -> Voucher:
    """Give the open voucher of a batch, the one where it stands already before any other; both are drafted again."""
    is_open_batch = before is not None and before.source_type == SourceType.SALES_DAY and before.state in OPEN
    if before is not None and is_open_batch:
        _mark_dirty(before.pk)
        if BatchKey.read(before.source_key).prefix == key.prefix:
            return before
    vouchers = _vouchers_of(sale.client, key)
    voucher = next((one for one in vouchers if one.state in OPEN), None)
    if voucher is None:
        voucher = _opened(sale, key.numbered(len(vouchers)))
    _mark_dirty(voucher.pk)
    return voucher


def _vouchers_of(client: Client, key: BatchKey) -> list[Voucher]:
    found = Voucher.objects.filter(
        client=client, source_type=SourceType.SALES_DAY, source_key__startswith=key.prefix
    ).order_by("-id")
    return [one for one in found if BatchKey.read(one.source_key).prefix == key.prefix]


def _opened(sale: Sale, key: BatchKey) -> Voucher:
    draft, _ = draft_batch(sale.client, key, sale.sales_point, Sources([], [], []), Books.empty(), is_growing=True)
    return _write(sale.client, sale.sales_point, key, draft, WORKFLOW)


def _write(client: Client, point: SalesPoint, key: BatchKey, draft: Any, actor: Actor) -> Voucher:
    return write_draft(
        client=client,
        sales_point=point,
        source_type=SourceType.SALES_DAY,
        source_key=str(key),
        draft=draft,
        actor=actor,
    )


def _mark_dirty(voucher_id: int | None) -> None:
    """Whatever its state: what came while it was being approved is found by `free_latecomers`."""
    if voucher_id is not None:
        Voucher.objects.filter(pk=voucher_id).update(is_dirty=True)


# --- drafting ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_batch_again(
    voucher: Voucher, books: Books, actor: Actor, *, may_move: bool = False, close: bool = False
) -> Voucher:
    """Draft a batch again from what stands in it; close ends its growing. One with nothing in it is withdrawn then."""
    voucher = Voucher.objects.select_for_update(of=("self",)).select_related("client", "sales_point").get(pk=voucher.pk)
    point = voucher.sales_point
    is_refused = voucher.state == VoucherState.FAILED and not started(voucher)
    if point is None or (voucher.state not in OPEN and not is_refused):
        raise NotAllowed("Only a voucher of which nothing is over there can be rebuilt.")
    key, sources = BatchKey.read(voucher.source_key), Sources.of(voucher)
    is_over = close or bool(voucher.document) or timezone.now() >= _closes_at(voucher, key)
    may_move = may_move or voucher.original_dated_on is not None
    draft, entries = draft_batch(voucher.client, key, point, sources, books, is_growing=not is_over, may_move=may_move)
    if is_over and (sources.is_empty or not (draft.postings or draft.reasons)):
        why = NOTHING_LEFT if sources.is_empty else NOTHING_TO_POST
        Voucher.objects.filter(pk=voucher.pk).update(is_dirty=False)
        return withdraw(voucher_id=voucher.pk, actor=actor, reason=why)
    _keep_list(voucher, entries if draft.document else [])
    return _write(voucher.client, point, key, draft, actor)


def _keep_list(voucher: Voucher, entries: Sequence[BatchEntry]) -> None:
    """Keep the amounts behind a voucher that is complete, so that its list stays what it was when it was posted."""
    BatchLine.objects.filter(voucher=voucher).delete()
    BatchLine.objects.bulk_create([line_of(voucher, entry) for entry in entries], batch_size=1000)


def line_of(voucher: Voucher, entry: BatchEntry) -> BatchLine:
    """Give an amount as the list behind a voucher has it."""
    return BatchLine(
        voucher=voucher,
        source=entry.source,
        sale=entry.sale,
        refund=entry.refund,
        payment=entry.payment,
        position=entry.position,
        ledger_account=entry.line.account,
        account_name=entry.account_name[:400],
        vat_code=entry.line.vat_code,
        vat_rate=entry.vat_rate,
        amount_minor=entry.amount.minor,
    )


def _closes_at(voucher: Voucher, key: BatchKey) -> datetime:
    """At the cut-off of its day; what is opened after that grows until the next cut-off, however many pieces it is."""
    closes_at = closing_time(voucher.client, key.day)
    if voucher.created_at < closes_at:
        return closes_at
    return closing_time(voucher.client, voucher.created_at.astimezone(voucher.client.zone).date())


def close_batches(*, client: Client | None, through: date | None, actor: Actor) -> list[Voucher]:
    """Close every batch that is over: through the given day, else whatever has passed its cut-off."""
    growing = Voucher.objects.filter(source_type=SourceType.SALES_DAY, state=VoucherState.DRAFT)
    if client is not None:
        growing = growing.filter(client=client)
    closed = []
    for voucher in growing.select_related("client").order_by("source_key"):
        key = BatchKey.read(voucher.source_key)
        is_over = key.day <= through if through else timezone.now() >= _closes_at(voucher, key)
        if is_over:
            closed.append(draft_batch_again(voucher, Books.load(voucher.client), actor, close=True))
    return [voucher for voucher in closed if voucher.state not in GONE]


# --- after posting ----------------------------------------------------------------------------------------------------


@transaction.atomic
def free_latecomers(voucher_id: int) -> None:
    """Let what was put into a batch while it was being approved go into a supplement: the voucher lacks it."""
    voucher = Voucher.objects.select_related("client").get(pk=voucher_id)
    if voucher.source_type != SourceType.SALES_DAY or voucher.state in OPEN or voucher.state in GONE:
        return
    for sale in _absent(voucher.sales.all(), voucher, "sale"):
        mark_recorded(sale, voucher_id=None)
    for refund in _absent(voucher.refunds.all(), voucher, "refund"):
        mark_recorded(refund, voucher_id=None)
    absent = _absent(voucher.payments.filter(is_cancelled=False), voucher, "payment")
    Payment.objects.filter(pk__in=[payment.pk for payment in absent]).update(voucher=None, updated_at=timezone.now())


def _absent(rows: QuerySet[Any], voucher: Voucher, source: str) -> list[Any]:
    listed = BatchLine.objects.filter(**{"voucher": voucher, "source": source, source: OuterRef("pk")})
    return list(rows.filter(~Exists(listed)))


def carry_over(voucher: Voucher) -> int:
    """Let what a withdrawn or reversed batch carried stand in its next supplement; give how much it was."""
    key, point = BatchKey.read(voucher.source_key), voucher.sales_point
    found = Sources.of(voucher)
    if found.is_empty or point is None:
        return 0
    first = found.sales[0] if found.sales else (found.refunds[0].sale if found.refunds else found.payments[0].sale)
    if first is None:
        return 0
    heir = _stand_in(None, first, key.numbered(0))
    now = timezone.now()
    moved = Sale.objects.filter(voucher=voucher).update(voucher=heir, updated_at=now)
    moved += Refund.objects.filter(voucher=voucher).update(voucher=heir, updated_at=now)
    return moved + Payment.objects.filter(voucher=voucher).update(voucher=heir, updated_at=now)
