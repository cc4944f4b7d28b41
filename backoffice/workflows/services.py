"""What follows a recorded sale or payment, and what people may ask for. Each act is one transaction and repeatable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.chart.models import CustomerLink
from backoffice.clients.models import Client
from backoffice.contracts.sales import SaleKind
from backoffice.sales.models import Payment, Refund, Sale, SaleState
from backoffice.sales.services import mark_needs_person, mark_routed
from backoffice.vouchers.drafting import write_draft
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.selectors import stopped_for
from backoffice.vouchers.services import NotAllowed, advance, approve, resend, started
from backoffice.vouchers.states import OPEN, VoucherState
from backoffice.workflows.books import Books
from backoffice.workflows.payment_days import day_key, draft_payment_day
from backoffice.workflows.routing import Answers, Decision, Route, decide
from backoffice.workflows.sales_orders import draft_sales_order, source_key

WORKFLOW = Actor.system("workflow")
POLICY = Actor.system("policy")


@dataclass(frozen=True, slots=True)
class ReleasedCause:
    """How many vouchers one fix set free."""

    rebuilt: int
    resent: int


# --- sales ------------------------------------------------------------------------------------------------------------


def decision_for(sale: Sale) -> Decision:
    """Route a sale by the answers on its sales point."""
    point = sale.sales_point
    return decide(
        Answers(
            country=sale.client.country,
            sales_point_kind=point.kind,
            invoice_issuer=point.invoice_issuer,
            saft_reporter=point.saft_reporter,
            batch_journal=point.batch_journal,
            sale_kind=SaleKind(sale.kind),
            has_invoice=bool(sale.invoice_number),
            has_saft=bool(sale.details.get("saft")),
        )
    )


#: routes that have a draft of their own; the others wait for a person with what to do
BUILT = frozenset({Route.SALES_ORDER})


@transaction.atomic
def sale_recorded(*, sale_id: int, books: Books | None = None) -> None:
    """Draft what follows a sale. A sale whose route is not decided is shown to a person, not guessed."""
    sale = Sale.objects.select_related("client", "sales_point").get(pk=sale_id)
    if sale.state != SaleState.RECORDED:
        return
    decision = decision_for(sale)
    if decision.route not in BUILT:
        mark_needs_person(row=sale, why=_not_built(decision))
        return
    if not sale.total_minor and not sale.lines.exclude(gross_minor=0).exists():
        mark_routed(sale=sale, voucher_id=None)
        return
    _draft_sale(sale, books or Books.load(sale.client), WORKFLOW)


def _not_built(decision: Decision) -> str:
    if decision.route is Route.UNDECIDED:
        return decision.why
    return (
        f"{decision.why} This route is not posted by the back office; post the sale by hand and mark it as dealt with."
    )


def _draft_sale(sale: Sale, books: Books, actor: Actor, *, may_move: bool = False) -> Voucher:
    generation = _generation(sale)
    voucher = write_draft(
        client=sale.client,
        sales_point=sale.sales_point,
        source_type=SourceType.SALE,
        source_key=source_key(sale),
        draft=draft_sales_order(sale, books, may_move=may_move, generation=generation),
        actor=actor,
        generation=generation,
    )
    mark_routed(sale=sale, voucher_id=voucher.pk)
    return voucher


def _generation(sale: Sale) -> int:
    """Count on after a voucher that was withdrawn or reversed: its successor is another document."""
    last = (
        Voucher.objects.filter(client=sale.client, source_type=SourceType.SALE, source_key=source_key(sale))
        .order_by("-generation")
        .first()
    )
    if last is None:
        return 0
    return last.generation + (last.state in (VoucherState.WITHDRAWN, VoucherState.REVERSED))


# --- payments ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def payment_recorded(*, payment_id: int) -> None:
    """Put a payment into its day's open bank journal; a day that is closed gets a supplement.

    A payment whose sale has not arrived stays out until it does. The journal is rebuilt in the next round.
    """
    payment = Payment.objects.select_related("client", "sale").get(pk=payment_id)
    if payment.voucher_id or payment.sale is None or payment.is_cancelled:
        return
    voucher = _open_day(payment.client, payment.paid_on, payment.currency)
    Payment.objects.filter(pk=payment.pk, voucher=None).update(voucher=voucher, updated_at=timezone.now())
    Voucher.objects.filter(pk=voucher.pk).update(is_dirty=True)
    if payment.sale.voucher_id:
        _paid_theme(payment.sale)


def _paid_theme(sale: Sale) -> None:
    """An order that is still open is drafted again when a payment makes it a paid one: another branding theme."""
    if sale.voucher is not None and sale.voucher.state in OPEN:
        Voucher.objects.filter(pk=sale.voucher_id, state__in=OPEN).update(is_dirty=True)


def _open_day(client: Client, day: date, currency: str) -> Voucher:
    days = Voucher.objects.filter(
        client=client, source_type=SourceType.PAYMENT_DAY, source_key__startswith=f"{day.isoformat()}/{currency}/"
    )
    voucher = days.filter(state__in=[*OPEN]).order_by("-id").first()
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


def _draft_day(voucher: Voucher, books: Books, actor: Actor, *, may_move: bool = False, close: bool = False) -> Voucher:
    payments = list(
        voucher.payments.select_related("sales_point", "sale").order_by("paid_at", "id").filter(is_cancelled=False)
    )
    closes_at = closing_time(voucher.client, date.fromisoformat(voucher.source_key.split("/")[0]))
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


def closing_time(client: Client, day: date) -> datetime:
    """Give the moment when a client's day closes by itself: its cut-off, the next morning, in its own zone."""
    return datetime.combine(day + timedelta(days=1), client.daily_cutoff, tzinfo=client.zone)


def close_day(*, voucher_id: int, actor: Actor) -> Voucher:
    """Close a growing day now; what comes later goes into a supplement."""
    voucher = Voucher.objects.select_related("client").get(pk=voucher_id)
    if voucher.state not in (VoucherState.DRAFT, VoucherState.BLOCKED):
        raise NotAllowed("Only a day that still grows can be closed.")
    with transaction.atomic():
        return _draft_day(voucher, Books.load(voucher.client), actor, close=True)


def close_days(*, client: Client | None = None, through: date | None = None, actor: Actor = POLICY) -> list[Voucher]:
    """Close every day that is over: through the given day, else whatever has passed its cut-off."""
    growing = Voucher.objects.filter(source_type=SourceType.PAYMENT_DAY, state=VoucherState.DRAFT)
    if client is not None:
        growing = growing.filter(client=client)
    closed = []
    for voucher in growing.select_related("client").order_by("source_key"):
        day = date.fromisoformat(voucher.source_key.split("/")[0])
        is_over = day <= through if through else timezone.now() >= closing_time(voucher.client, day)
        if is_over and voucher.payments.exists():
            closed.append(close_day(voucher_id=voucher.pk, actor=actor))
    return closed


# --- what people ask for ------------------------------------------------------------------------------------------------


def rebuild_voucher(*, voucher_id: int, actor: Actor, may_move: bool = False, books: Books | None = None) -> Voucher:
    """Draft a voucher again from its source with today's mappings; refused when something of it is over there."""
    with transaction.atomic():
        voucher = Voucher.objects.select_related("client", "sales_point").get(pk=voucher_id)
        is_refused = voucher.state == VoucherState.FAILED and not started(voucher)
        if voucher.state not in OPEN and not is_refused:
            raise NotAllowed("Only a voucher of which nothing is over there can be rebuilt.")
        books = books or Books.load(voucher.client)
        if voucher.source_type == SourceType.PAYMENT_DAY:
            return _draft_day(voucher, books, actor, may_move=may_move)
        sale = Sale.objects.select_related("client", "sales_point").filter(voucher=voucher).first()
        if sale is None:
            raise NotAllowed("The sale behind this voucher has another voucher now.")
        return _draft_sale(sale, books, actor, may_move=may_move)


def rebuild_dirty(client: Client, *, books: Books | None = None) -> int:
    """Draft again every open voucher whose sources changed; give how many."""
    dirty = list(Voucher.objects.filter(client=client, is_dirty=True).values_list("pk", flat=True)[:500])
    if not dirty:
        return 0
    books = books or Books.load(client)
    for voucher_id in dirty:
        taken = Voucher.objects.filter(pk=voucher_id, is_dirty=True).update(is_dirty=False)
        if taken and Voucher.objects.filter(pk=voucher_id, state__in=OPEN).exists():
            rebuild_voucher(voucher_id=voucher_id, actor=WORKFLOW, books=books)
    return len(dirty)


def move_to_first_open_day(*, voucher_id: int, actor: Actor) -> Voucher:
    """Date a voucher on the first open day; the original day is kept on it."""
    return rebuild_voucher(voucher_id=voucher_id, actor=actor, may_move=True)


def move_locked_by_policy(client: Client) -> int:
    """Where the client's policy says so, move what the lock date stopped on its way, and send it on as approved."""
    moved = 0
    for voucher in stopped_for(client, "locked_period"):
        if voucher.state != VoucherState.FAILED or client.locked_period != "move" or started(voucher):
            continue
        with transaction.atomic():
            rebuilt = rebuild_voucher(voucher_id=voucher.pk, actor=POLICY, may_move=True)
            if rebuilt.state == VoucherState.AWAITING_APPROVAL:
                approve(voucher_id=rebuilt.pk, actor=POLICY)
        moved += 1
    return moved


def release_cause(*, client: Client, code: str, subject: str, actor: Actor) -> ReleasedCause:
    """After one fix: rebuild or resend every voucher that stopped for the same cause."""
    rebuilt = resent = 0
    books = Books.load(client)
    for voucher in stopped_for(client, code, subject):
        if voucher.state == VoucherState.FAILED and started(voucher):
            resend(voucher_id=voucher.pk, actor=actor)
            resent += 1
        else:
            rebuild_voucher(voucher_id=voucher.pk, actor=actor, books=books)
            rebuilt += 1
    return ReleasedCause(rebuilt, resent)


@transaction.atomic
def link_customer(*, client: Client, customer_key: str, link: CustomerLink, actor: Actor) -> ReleasedCause:
    """A person says which customer over there a buyer is; everything that waited for it goes on."""
    link.save()
    for voucher in stopped_for(client, "customer_ambiguous"):
        advance(voucher=voucher, to=None, actor=actor, action="voucher.customer_chosen", note=str(link))
    return release_cause(client=client, code="customer_ambiguous", subject="", actor=actor)


def refunds_by_hand(refunds: Iterable[Refund]) -> int:
    """Show refunds to a person: the credit note is made in the books until its route is built."""
    count = 0
    for refund in refunds:
        why = "Make the credit note in the accounting system, then mark the refund as dealt with."
        mark_needs_person(row=refund, why=why)
        count += 1
    return count
