"""What people and policies do with a voucher: approve, hold, resend, look again, draw back. One writer of its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.clients.selectors import Right, approval_limit_minor, has_right
from backoffice.common.codec import show_money
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.common.transitions import compare_and_swap
from backoffice.connections import outbox
from backoffice.connections.models import Connection, Delivery
from backoffice.connections.selectors import accounting_connection
from backoffice.connections.states import DeliveryState
from backoffice.contracts.accounting import Document, InvoiceSendingDocument, SalesOrderDocument
from backoffice.contracts.errors import Reason
from backoffice.vouchers.announcing import announce_move
from backoffice.vouchers.documents import read_document, total_of
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import OPEN, VOUCHER, VoucherState


class NotAllowed(Exception):
    """This may not be done with this voucher now, or not by this person; the text says why and what to do."""


class ContentChanged(Exception):
    """The voucher is no longer the one that was looked at; load it again, it shows what it is now."""


@dataclass(frozen=True, slots=True)
class ManyResult:
    """What became of an act on many vouchers."""

    done: list[int]
    refused: list[tuple[int, str]]


def advance(
    *,
    voucher: Voucher,
    to: VoucherState | None,
    actor: Actor,
    action: str,
    note: str = "",
    **changes: Any,
) -> None:
    """Move a voucher, by compare-and-swap, and tell the audit trail in the same transaction. The only writer.

    `to` None records the action without a move. Raises IllegalMove and StaleState.
    """
    before = voucher.state
    with transaction.atomic():
        if to is not None:
            compare_and_swap(voucher, VOUCHER, to, updated_at=timezone.now(), **changes)
            announce_move(voucher)
        record(
            action=action,
            actor=actor,
            subject_type="voucher",
            subject_id=voucher.pk,
            client=voucher.client,
            label=str(voucher),
            before={"state": before} if to is not None else {},
            after={
                "state": voucher.state,
                "content": voucher.content_sha256,
                "reasons": voucher.reasons,
            },
            note=note,
        )


def started(voucher: Voucher) -> bool:
    """Whether anything of the voucher is over there, or may be."""
    return voucher.deliveries.exclude(state__in=[DeliveryState.FAILED, DeliveryState.WITHDRAWN]).exists()


def _get(voucher_id: int) -> Voucher:
    return Voucher.objects.select_related("client", "sales_point").get(pk=voucher_id)


@transaction.atomic
def approve(*, voucher_id: int, actor: Actor, seen_sha256: str = "") -> Voucher:
    """Approve a voucher: its document is frozen into a delivery in the same transaction.

    seen_sha256 is the fingerprint of what the person looked at; another content raises ContentChanged. NotAllowed
    says who may not and why (four eyes, amount limit, no connection). A voucher to which something has come since it
    was drafted is not approved: its document lacks that.
    """
    Voucher.objects.select_for_update().get(pk=voucher_id)
    voucher = _get(voucher_id)
    if voucher.is_dirty and voucher.state in OPEN:
        raise ContentChanged("Something has come to this voucher. It is drafted again in a moment; look at it then.")
    if seen_sha256 and seen_sha256 != voucher.content_sha256:
        raise ContentChanged("The voucher has changed since you opened it. Look at it again before you approve.")
    VOUCHER.check(VoucherState(voucher.state), VoucherState.APPROVED)
    if voucher.state == VoucherState.FAILED:
        raise NotAllowed("A failed voucher is sent again with Resend, after the cause is mended.")
    check_person(voucher, actor)
    connection = accounting_connection(voucher.client)
    if connection is None:
        raise NotAllowed(f"{voucher.client} has no connection to an accounting system. Set one up first.")
    advance(
        voucher=voucher,
        to=VoucherState.APPROVED,
        actor=actor,
        action="voucher.approved",
        approved_by=actor.label,
        approved_at=timezone.now(),
        reasons=[],
    )
    _hand_over(voucher, connection)
    return voucher


def check_person(voucher: Voucher, actor: Actor) -> None:
    """See that a person may put this voucher into the books, or take it back: role, four eyes, amount limit."""
    user = actor.user
    if user is None:
        return
    if not has_right(user, voucher.client, Right.APPROVE):
        raise NotAllowed(f"Your role at {voucher.client} does not approve vouchers.")
    if voucher.client.four_eyes and voucher.edited_by_id == user.pk:
        raise NotAllowed("You changed this voucher; with four eyes somebody else must approve it.")
    limit = approval_limit_minor(user, voucher.client)
    if limit is not None and voucher.total_minor > limit:
        raise NotAllowed(
            f"You may approve up to {show_money(limit, voucher.currency)}; ask somebody with a higher limit."
        )


def _hand_over(voucher: Voucher, connection: Connection) -> None:
    document = read_document(voucher.kind, voucher.document)
    total = total_of(document, voucher)
    existing = Delivery.objects.filter(
        client=voucher.client,
        kind=voucher.kind,
        subject_type="voucher",
        subject_id=voucher.pk,
        generation=voucher.generation,
    ).first()
    if existing is not None:
        Delivery.objects.filter(pk=existing.pk).update(dated_on=voucher.dated_on)
        outbox.resend(existing, document=document, total=total)
        return
    outbox.enqueue(
        connection=connection,
        kind=voucher.kind,
        subject_type="voucher",
        subject_id=voucher.pk,
        generation=voucher.generation,
        reference=UUID(document.reference),
        document=document,
        total=total,
        dated_on=voucher.dated_on,
    )


def approve_many(*, selection: Mapping[int, str], actor: Actor) -> ManyResult:
    """Approve several, each on its own; selection maps voucher ids to the fingerprint that was looked at."""
    result = ManyResult([], [])
    for voucher_id, seen in selection.items():
        try:
            approve(voucher_id=voucher_id, actor=actor, seen_sha256=seen)
        except (NotAllowed, ContentChanged, IllegalMove, StaleState) as error:
            result.refused.append((voucher_id, str(error)))
        else:
            result.done.append(voucher_id)
    return result


@transaction.atomic
def hold(*, voucher_id: int, actor: Actor, reason: str) -> Voucher:
    """Put a voucher aside that is not approved yet; reason is shown to the others."""
    voucher = _get(voucher_id)
    advance(
        voucher=voucher,
        to=VoucherState.HELD,
        actor=actor,
        action="voucher.held",
        note=reason,
        held_reason=reason[:300],
    )
    return voucher


@transaction.atomic
def release(*, voucher_id: int, actor: Actor) -> Voucher:
    """Take a held voucher back into the queue."""
    voucher = _get(voucher_id)
    if voucher.state != VoucherState.HELD:
        raise NotAllowed("Only a held voucher can be released.")
    to = VoucherState.BLOCKED if voucher.reasons else VoucherState.AWAITING_APPROVAL
    if not voucher.document:
        to = VoucherState.BLOCKED if voucher.reasons else VoucherState.DRAFT
    advance(voucher=voucher, to=to, actor=actor, action="voucher.released", held_reason="")
    return voucher


@transaction.atomic
def resend(*, voucher_id: int, actor: Actor) -> Voucher:
    """Send a failed voucher again, under the same reference. Offered only where the refused one took no effect."""
    voucher = _get(voucher_id)
    if voucher.state in (VoucherState.IN_DOUBT, VoucherState.SENDING):
        raise NotAllowed("It may have arrived. It is looked up first; use Check now instead of Resend.")
    if voucher.state != VoucherState.FAILED:
        raise NotAllowed("Only a failed voucher can be sent again.")
    failed = voucher.deliveries.filter(state=DeliveryState.FAILED).last()
    if failed is None:
        raise NotAllowed("Nothing of this voucher failed on its way; rebuild it instead.")
    advance(
        voucher=voucher,
        to=VoucherState.APPROVED,
        actor=actor,
        action="voucher.resent",
        approved_by=voucher.approved_by or actor.label,
        approved_at=voucher.approved_at or timezone.now(),
        reasons=[],
    )
    fresh = read_document(voucher.kind, voucher.document) if failed.kind == voucher.kind else None
    if fresh is None:
        fresh = refreshed_sending(voucher, failed)
    outbox.resend(failed, document=fresh)
    return voucher


def refreshed_sending(voucher: Voucher, delivery: Delivery) -> Document:
    """Give the sending document again with today's e-mail and delivery way from the voucher's order."""
    sending = read_document(delivery.kind, delivery.document)
    order = read_document(voucher.kind, voucher.document)
    if isinstance(sending, InvoiceSendingDocument) and isinstance(order, SalesOrderDocument):
        return replace(sending, email=order.customer.details.email)
    return sending


@transaction.atomic
def check_now(*, voucher_id: int, actor: Actor) -> Voucher:
    """Ask at once what became of a document that is in doubt, taken in or waiting for its next try."""
    voucher = _get(voucher_id)
    for delivery in voucher.deliveries.filter(
        state__in=[
            DeliveryState.IN_DOUBT,
            DeliveryState.ACCEPTED,
            DeliveryState.WAITING,
        ]
    ):
        outbox.ask_now(delivery)
    advance(voucher=voucher, to=None, actor=actor, action="voucher.checked")
    return voucher


@transaction.atomic
def withdraw(*, voucher_id: int, actor: Actor, reason: str) -> Voucher:
    """Draw back a voucher of which nothing is over there."""
    voucher = _get(voucher_id)
    if started(voucher):
        raise NotAllowed("Something of this voucher is over there, or may be. Reverse it in the books instead.")
    for delivery in voucher.deliveries.filter(state=DeliveryState.FAILED):
        outbox.withdraw(delivery)
    advance(
        voucher=voucher,
        to=VoucherState.WITHDRAWN,
        actor=actor,
        action="voucher.withdrawn",
        note=reason,
    )
    return voucher


@transaction.atomic
def fail(*, voucher: Voucher, reasons: tuple[Reason, ...], actor: Actor) -> None:
    """Refused: keep the reasons in plain words."""
    advance(
        voucher=voucher,
        to=VoucherState.FAILED,
        actor=actor,
        action="voucher.failed",
        note="; ".join(reason.detail for reason in reasons),
        reasons=[asdict(reason) for reason in reasons],
    )


def mark_dirty(*, voucher_id: int) -> None:
    """Note that a growing voucher has new sources; it is rebuilt in the next round."""
    Voucher.objects.filter(pk=voucher_id, state__in=OPEN).update(is_dirty=True)
