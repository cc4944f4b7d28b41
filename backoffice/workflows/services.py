"""What follows a recorded sale or payment, and what people may ask for. Each act is one transaction and repeatable."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction

from backoffice.audit.services import Actor
from backoffice.chart.services import link_by_hand
from backoffice.clients.models import Client
from backoffice.connections.providers import accounting_system
from backoffice.connections.selectors import accounting_connection
from backoffice.sales.models import Refund, Sale, SaleState
from backoffice.sales.services import mark_needs_person, mark_routed, mark_waiting, route_sale_again
from backoffice.vouchers.drafting import next_generation, write_draft
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.selectors import stopped_for
from backoffice.vouchers.services import NotAllowed, approve, resend, started
from backoffice.vouchers.states import OPEN, VoucherState
from backoffice.workflows.advances import awaited_delivery, draft_advance, mark_advances, sales_due
from backoffice.workflows.batches import draft_batch_again, free_latecomers, leave_batch, place_sale
from backoffice.workflows.books import Books
from backoffice.workflows.closing_days import closings_due, draft_closings_again
from backoffice.workflows.dates import closing_time
from backoffice.workflows.days import (
    POLICY,
    WORKFLOW,
    close_day,
    close_days,
    draft_day,
    payment_recorded,
    unplaced_payments,
)
from backoffice.workflows.payouts import draft_payout_again, payouts_due, post_payout_again, post_withheld
from backoffice.workflows.redrafting import vouchers_to_redraft
from backoffice.workflows.refunds import (
    accept_split,
    draft_refund,
    enter_credit_note_number,
    refund_again,
    refund_recorded,
    refunds_due,
)
from backoffice.workflows.routes import BUILT, DRAFTS, decision_for, not_built
from backoffice.workflows.routing import Route
from backoffice.workflows.sale_parts import source_key

logger = logging.getLogger(__name__)

__all__ = [
    "ReleasedCause",
    "accept_split",
    "close_day",
    "close_days",
    "closing_time",
    "closings_due",
    "decision_for",
    "enter_credit_note_number",
    "link_customer",
    "move_locked_by_policy",
    "move_to_first_open_day",
    "payment_recorded",
    "payouts_due",
    "post_payout_again",
    "post_withheld",
    "rebuild_dirty",
    "rebuild_voucher",
    "refund_again",
    "refund_recorded",
    "refunds_due",
    "release_cause",
    "route_again",
    "sale_recorded",
    "sales_due",
    "unplaced_payments",
]


@dataclass(frozen=True, slots=True)
class ReleasedCause:
    """How many vouchers one fix set free."""

    rebuilt: int
    resent: int


# --- sales -----


@transaction.atomic
def sale_recorded(*, sale_id: int, books: Books | None = None) -> None:
    """Draft what follows a sale. A sale whose route is not decided is shown to a person, not guessed."""
    sale = Sale.objects.select_related("client", "sales_point").get(pk=sale_id)
    if sale.state not in (SaleState.RECORDED, SaleState.WAITING):
        return
    decision = decision_for(sale)
    if decision.route is Route.DAY_CLOSING:
        mark_routed(row=sale, voucher_id=None, note=decision.why)
        return
    if decision.route not in BUILT:
        mark_needs_person(row=sale, why=not_built(decision))
        return
    if not sale.total_minor and not sale.lines.exclude(gross_minor=0).exists():
        mark_routed(row=sale, voucher_id=None)
        return
    if decision.route is Route.SALES_DAY:
        place_sale(sale)
        return
    if awaited := awaited_delivery(sale, decision.route):
        mark_waiting(row=sale, note=awaited)
        return
    _draft_sale(sale, decision.route, books or Books.load(sale.client), WORKFLOW)


def _draft_sale(sale: Sale, route: Route, books: Books, actor: Actor, *, may_move: bool = False) -> Voucher:
    generation = next_generation(sale.client, SourceType.SALE, source_key(sale))
    voucher = write_draft(
        client=sale.client,
        sales_point=sale.sales_point,
        source_type=SourceType.SALE,
        source_key=source_key(sale),
        draft=DRAFTS[route](sale, books, may_move=may_move, generation=generation),
        actor=actor,
        generation=generation,
    )
    leave_batch(sale)
    mark_routed(row=sale, voucher_id=voucher.pk)
    if route is Route.SALES_ORDER:
        mark_advances(sale)
        draft_advance(sale, books, actor)
    return voucher


@transaction.atomic
def route_again(*, sale_id: int, actor: Actor) -> Sale:
    """Try a sale's route again, after the sales point's answers were mended."""
    sale = Sale.objects.select_related("client", "sales_point").get(pk=sale_id)
    if sale.state != SaleState.NEEDS_PERSON or sale.voucher_id:
        raise NotAllowed("Only a sale that waits for a person and has no voucher can be routed again.")
    route_sale_again(sale=sale, actor=actor)
    sale_recorded(sale_id=sale.pk)
    sale.refresh_from_db()
    return sale


# --- what people ask for -----


def rebuild_voucher(*, voucher_id: int, actor: Actor, may_move: bool = False, books: Books | None = None) -> Voucher:
    """Draft a voucher again from its source with today's mappings; refused when something of it is over there."""
    with transaction.atomic():
        voucher = Voucher.objects.select_related("client", "sales_point").get(pk=voucher_id)
        is_refused = voucher.state == VoucherState.FAILED and not started(voucher)
        if voucher.state not in OPEN and not is_refused:
            raise NotAllowed("Only a voucher of which nothing is over there can be rebuilt.")
        books = books or Books.load(voucher.client)
        if voucher.source_type == SourceType.PAYMENT_DAY:
            return draft_day(voucher, books, actor, may_move=may_move)
        if voucher.source_type == SourceType.ADVANCE:
            return _draft_advance_again(voucher, books, actor, may_move=may_move)
        if voucher.source_type == SourceType.SALES_DAY:
            return draft_batch_again(voucher, books, actor, may_move=may_move)
        if voucher.source_type == SourceType.DAY_CLOSING:
            return draft_closings_again(voucher, books, actor, may_move=may_move)
        if voucher.source_type == SourceType.PAYOUT:
            return draft_payout_again(voucher, books, actor, may_move=may_move)
        if voucher.source_type == SourceType.REFUND:
            return _draft_refund_again(voucher, books, actor, may_move=may_move)
        sale = Sale.objects.select_related("client", "sales_point").filter(voucher=voucher).first()
        if sale is None:
            raise NotAllowed("The sale behind this voucher has another voucher now.")
        route = decision_for(sale).route
        if route is Route.SALES_DAY:
            raise NotAllowed("Its sale is posted in batches now. Withdraw this voucher and draft the sale again.")
        if route not in BUILT:
            raise NotAllowed(f"{not_built(decision_for(sale))} Withdraw this voucher, or mend the sales point.")
        return _draft_sale(sale, route, books, actor, may_move=may_move)


def _draft_advance_again(voucher: Voucher, books: Books, actor: Actor, *, may_move: bool) -> Voucher:
    point, _, reference = voucher.source_key.partition("/")
    sale = Sale.objects.select_related("client", "sales_point").get(
        client=voucher.client, sales_point__key=point, reference=reference
    )
    drafted = draft_advance(sale, books, actor, may_move=may_move)
    if drafted is None:
        raise NotAllowed("The sale behind this voucher has no advance payment any more. Withdraw it.")
    return drafted


def _draft_refund_again(voucher: Voucher, books: Books, actor: Actor, *, may_move: bool) -> Voucher:
    refund = Refund.objects.select_related("client", "sales_point").filter(voucher=voucher).first()
    if refund is None:
        raise NotAllowed("The refund behind this voucher has another voucher now.")
    return draft_refund(refund, books, actor, may_move=may_move)


def rebuild_dirty(client: Client, *, books: Books | None = None) -> int:
    """Draft again every open voucher whose sources changed, a big one that grows now and then; give how many.

    One that cannot be drafted for an unforeseen reason stays changed, so that it is not approved, and is tried again.
    """
    dirty = vouchers_to_redraft(client)
    if not dirty:
        return 0
    books = books or Books.load(client)
    done = 0
    for voucher_id in dirty:
        try:
            _redraft(voucher_id, books)
        except Exception:
            logger.exception("Unforeseen error while voucher %s was drafted again.", voucher_id)
        else:
            done += 1
    return done


@transaction.atomic
def _redraft(voucher_id: int, books: Books) -> None:
    """Take the mark and draft again, both or neither: a mark without its draft would let sales be forgotten."""
    taken = Voucher.objects.filter(pk=voucher_id, is_dirty=True).update(is_dirty=False)
    if not taken or not Voucher.objects.filter(pk=voucher_id, state__in=OPEN).exists():
        free_latecomers(voucher_id)
        return
    try:
        rebuild_voucher(voucher_id=voucher_id, actor=WORKFLOW, books=books)
    except NotAllowed as refusal:
        logger.warning("Voucher %s was not drafted again: %s", voucher_id, refusal)


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
            if rebuilt.state == VoucherState.AWAITING_APPROVAL and not rebuilt.is_dirty:
                approve(voucher_id=rebuilt.pk, actor=POLICY)
        moved += 1
    return moved


def release_cause(*, client: Client, code: str, subject: str, actor: Actor) -> ReleasedCause:
    """After one fix: rebuild or resend every voucher that stopped for the same cause.

    A failed voucher whose rebuilt content is what was approved before goes out again on that approval.
    """
    rebuilt = resent = 0
    books = Books.load(client)
    for voucher in stopped_for(client, code, subject):
        if voucher.state == VoucherState.FAILED and started(voucher):
            resend(voucher_id=voucher.pk, actor=actor)
            resent += 1
            continue
        now = rebuild_voucher(voucher_id=voucher.pk, actor=actor, books=books)
        rebuilt += 1
        is_unchanged = voucher.approved_at and now.content_sha256 == voucher.content_sha256
        if is_unchanged and now.state == VoucherState.AWAITING_APPROVAL and not now.is_dirty:
            approve(voucher_id=now.pk, actor=Actor.system(f"{voucher.approved_by} (approved before)"))
    return ReleasedCause(rebuilt, resent)


def link_customer(*, client: Client, customer_key: str, number: str, actor: Actor) -> ReleasedCause:
    """A person says which customer over there a buyer is; everything that waited for it goes on.

    Raises NotAllowed when there is no active customer with that number, and the ProviderError tree.
    """
    connection = accounting_connection(client)
    found = accounting_system(connection).customer_numbered(number.strip()) if connection else None
    if found is None:
        raise NotAllowed(f"There is no active customer with number {number} in the accounting system.")
    link_by_hand(client=client, key=customer_key, link=found, actor=actor)
    return release_cause(client=client, code="customer_ambiguous", subject=customer_key, actor=actor)
