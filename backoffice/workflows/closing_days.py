"""How day closings become vouchers: one each, or one for all tills of a client's day, as the sales point says."""

from __future__ import annotations

from datetime import date

from django.db import models, transaction
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.clients.models import Client, DayPosting
from backoffice.sales.closings import mark_closing_routed
from backoffice.sales.models import DayClosing, Sale, SaleState
from backoffice.vouchers.drafting import Draft, next_generation, write_draft
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.services import NotAllowed, mark_dirty
from backoffice.vouchers.states import OPEN, VoucherState
from backoffice.workflows.books import Books
from backoffice.workflows.dates import closing_time
from backoffice.workflows.day_closings import draft_day_closings

WORKFLOW = Actor.system("workflow")
#: begins the key of a voucher that several tills share; no sales point's key can be so
SHARED = "*"
UNKNOWN_INVOICE = "invoice_payment_unknown"


def closings_due(client: Client, *, books: Books | None = None, at_most: int = 100) -> int:
    """Draft what follows closings that have no voucher yet, and again those whose invoice has come; give how many."""
    rows = DayClosing.objects.filter(client=client, state=SaleState.RECORDED)
    ids = list(rows.order_by("closed_at", "id").values_list("pk", flat=True)[:at_most])
    if ids:
        books = books or Books.load(client)
        for closing_id in ids:
            closing_recorded(closing_id=closing_id, books=books)
    return len(ids) + _wake_those_whose_invoice_came(client)


@transaction.atomic
def closing_recorded(*, closing_id: int, books: Books | None = None) -> None:
    """Put a closing into a voucher of its own, or into its day's open one; a day that is closed gets a supplement."""
    closing = DayClosing.objects.select_related("client", "sales_point").get(pk=closing_id)
    if closing.state != SaleState.RECORDED:
        return
    books = books or Books.load(closing.client)
    is_shared = closing.sales_point.day_posting == DayPosting.CONSOLIDATED
    days = _shared_days(closing)
    key = f"{closing.sales_point.key}/{closing.register}/{closing.number}"
    if is_shared:
        key = f"{_shared_prefix(closing)}{days.count()}"
    generation = 0 if is_shared else next_generation(closing.client, SourceType.DAY_CLOSING, key)
    draft = _draft([closing], key, books, is_growing=is_shared, generation=generation)
    if not draft.postings and not draft.reasons:
        mark_closing_routed(closing=closing, voucher=None)
        return
    voucher = days.select_for_update().filter(state__in=OPEN).order_by("-id").first() if is_shared else None
    if voucher is None:
        voucher = _write(closing.client, key, draft, None if is_shared else closing, WORKFLOW, generation)
    mark_closing_routed(closing=closing, voucher=voucher)
    if is_shared:
        mark_dirty(voucher_id=voucher.pk)


def _write(
    client: Client, key: str, draft: Draft, closing: DayClosing | None, actor: Actor, generation: int
) -> Voucher:
    return write_draft(
        client=client,
        sales_point=closing.sales_point if closing else None,
        source_type=SourceType.DAY_CLOSING,
        source_key=key,
        draft=draft,
        actor=actor,
        generation=generation,
    )


def _shared_prefix(closing: DayClosing) -> str:
    return f"{SHARED}/{closing.closed_on.isoformat()}/{closing.currency}/"


def _shared_days(closing: DayClosing) -> models.QuerySet[Voucher]:
    return Voucher.objects.filter(
        client=closing.client, source_type=SourceType.DAY_CLOSING, source_key__startswith=_shared_prefix(closing)
    )


def _draft(
    closings: list[DayClosing],
    key: str,
    books: Books,
    *,
    is_growing: bool = False,
    may_move: bool = False,
    generation: int = 0,
) -> Draft:
    first = closings[0]
    day = first.closed_on
    description = f"{first.sales_point.name} {first}, {day}"
    if key.startswith(SHARED):
        number = key.rsplit("/", 1)[1]
        description = f"Tills {day}" + (f", supplement {number}" if number != "0" else "")
    return draft_day_closings(
        first.client,
        key,
        closings,
        books,
        day=day,
        currency=first.currency,
        description=description,
        is_growing=is_growing,
        may_move=may_move,
        generation=generation,
    )


def draft_closings_again(
    voucher: Voucher, books: Books, actor: Actor, *, may_move: bool = False, close: bool = False
) -> Voucher:
    """Draft a voucher again from its closings; close ends the growing of a day that several tills share."""
    rows = voucher.day_closings.select_related("client", "sales_point").order_by(
        "sales_point__key", "register", "number"
    )
    closings = list(rows)
    if not closings:
        raise NotAllowed("The closings behind this voucher have another voucher now.")
    is_shared = voucher.source_key.startswith(SHARED)
    is_over = close or voucher.state == VoucherState.AWAITING_APPROVAL
    is_growing = is_shared and not is_over and timezone.now() < closing_time(closings[0].client, closings[0].closed_on)
    draft = _draft(
        closings, voucher.source_key, books, is_growing=is_growing, may_move=may_move, generation=voucher.generation
    )
    source = None if is_shared else closings[0]
    return _write(voucher.client, voucher.source_key, draft, source, actor, voucher.generation)


def close_till_days(*, client: Client | None, through: date | None, actor: Actor) -> list[Voucher]:
    """Close every shared day of tills that is over: through the given day, else whatever has passed its cut-off."""
    growing = Voucher.objects.filter(source_type=SourceType.DAY_CLOSING, state=VoucherState.DRAFT)
    if client is not None:
        growing = growing.filter(client=client)
    closed = []
    for voucher in growing.select_related("client").order_by("source_key"):
        closing = voucher.day_closings.select_related("client").first()
        if closing is None:
            continue
        is_over = (
            closing.closed_on <= through
            if through
            else timezone.now() >= closing_time(closing.client, closing.closed_on)
        )
        if is_over:
            with transaction.atomic():
                closed.append(draft_closings_again(voucher, Books.load(voucher.client), actor, close=True))
    return closed


def _wake_those_whose_invoice_came(client: Client) -> int:
    blocked = Voucher.objects.filter(
        client=client, source_type=SourceType.DAY_CLOSING, state=VoucherState.BLOCKED, is_dirty=False
    )
    woken = 0
    for voucher in blocked:
        missing = [reason["subject"] for reason in voucher.reasons if reason["code"] == UNKNOWN_INVOICE]
        if missing and Sale.objects.filter(client=client, matching_reference__in=missing).exists():
            mark_dirty(voucher_id=voucher.pk)
            woken += 1
    return woken
