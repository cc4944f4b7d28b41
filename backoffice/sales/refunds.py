"""Record refunds, each once, and find the money that went back: it meets the credit note under one reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.clients.models import SalesPoint
from backoffice.common.codec import sha256, to_builtins
from backoffice.connections.models import InboundEvent
from backoffice.connections.queue import ring
from backoffice.contracts.sales import RefundDetails
from backoffice.sales.marks import mark_recorded
from backoffice.sales.models import Payment, Refund, Sale, SaleState
from backoffice.sales.payments import MATCHING_REFERENCE_CHARACTERS, ReferenceUsed, differences, record_payment
from backoffice.vouchers.services import mark_dirty
from backoffice.vouchers.states import OPEN


@dataclass(frozen=True, slots=True)
class RecordedRefund:
    """outcome: created | same."""

    refund: Refund
    outcome: str


def refund_reference_for(sale: Sale, reference: str) -> str:
    """Make the reference by which a credit note and the money back find each other: at most 50 characters.

    It must not be the sale's own: invoice and payment have met under that, and equal amounts meet in pairs.
    """
    readable = f"{sale.matching_reference}-r{reference}"
    if len(readable) <= MATCHING_REFERENCE_CHARACTERS:
        return readable
    return f"{readable[: MATCHING_REFERENCE_CHARACTERS - 13]}-{sha256(readable)[:12]}"


def _what_came_back(details: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a refund another refund. Some shops tell only when the order was last changed, so not the time."""
    return {name: details.get(name) for name in ("sale_reference", "amount", "lines")}


@transaction.atomic
def record_refund(*, sales_point: SalesPoint, refund: RefundDetails, event: InboundEvent | None) -> RecordedRefund:
    """Record a refund once per sales point and reference, and the money that went back as payments.

    The same refund with a credit note number that was missing so far takes the number over. Raises ReferenceUsed
    when it comes with other content.
    """
    given = to_builtins(refund)
    stored = Refund.objects.filter(sales_point=sales_point, reference=refund.reference).first()
    if stored is not None:
        if _what_came_back(stored.details) != _what_came_back(given):
            raise ReferenceUsed(refund.reference, differences(stored.details, given))
        _take_over_number(stored, refund)
        return RecordedRefund(stored, "same")
    sale = Sale.objects.filter(sales_point=sales_point, reference=refund.sale_reference).first()
    row = Refund.objects.create(
        client=sales_point.client,
        sales_point=sales_point,
        reference=refund.reference,
        event=event,
        details=given,
        details_sha256=sha256(given),
        currency=refund.amount.currency,
        sale=sale,
        sale_reference=refund.sale_reference,
        refunded_at=refund.refunded_at,
        refunded_on=refund.refunded_at.astimezone(sales_point.client.zone).date(),
        amount_minor=refund.amount.minor,
        reason=refund.reason[:300],
        matching_reference=refund_reference_for(sale, refund.reference) if sale else "",
        credit_note_number=refund.credit_note.number if refund.credit_note else "",
    )
    for payment in refund.payments:
        money_back = payment if payment.amount.minor < 0 else replace(payment, amount=-payment.amount)
        recorded = record_payment(
            sales_point=sales_point,
            payment=replace(money_back, sale_reference=refund.sale_reference),
            event=event,
        )
        Payment.objects.filter(pk=recorded.payment.pk, refund=None).update(refund=row)
    if sale is not None:
        find_money_back(row)
    ring(sales_point.client_id)
    return RecordedRefund(row, "created")


def _take_over_number(stored: Refund, refund: RefundDetails) -> None:
    if refund.credit_note is None or stored.details.get("credit_note"):
        return
    details = {**stored.details, "credit_note": to_builtins(refund.credit_note)}
    Refund.objects.filter(pk=stored.pk).update(
        details=details,
        details_sha256=sha256(details),
        credit_note_number=stored.credit_note_number or refund.credit_note.number,
        updated_at=timezone.now(),
    )
    stored.refresh_from_db()
    if stored.state == SaleState.NEEDS_PERSON and stored.voucher_id is None:
        mark_recorded(stored)
        stored.refresh_from_db()
        ring(stored.client_id)


def find_money_back(refund: Refund) -> None:
    """Tie the money back to its refund: what came with it, else one payment of the same amount that came alone.

    What stands in a day that nobody approved yet gets the refund's reference; a day that is on its way keeps the
    sale's, and the credit note follows it there.
    """
    mine = list(refund.payments.select_related("voucher"))
    if not mine:
        alone = Payment.objects.filter(sale=refund.sale, refund=None, amount_minor=-refund.amount_minor)
        mine = list(alone.filter(is_cancelled=False).select_related("voucher").order_by("id")[:1])
    for payment in mine:
        _tie(payment, refund)


def tie_to_refund(payment: Payment) -> None:
    """Find the refund that money back belongs to: the oldest of its amount for which no money is known."""
    if payment.amount_minor >= 0 or payment.sale_id is None or payment.refund_id is not None:
        return
    waiting = Refund.objects.filter(sale=payment.sale_id, amount_minor=-payment.amount_minor, payments=None)
    refund = waiting.order_by("id").first()
    if refund is not None:
        _tie(payment, refund)


def meet_payment(refund: Refund) -> None:
    """Let the money back carry the sale's own reference, where its day is not on its way yet: there is no invoice."""
    for payment in refund.payments.select_related("voucher", "sale"):
        if payment.sale is None or (payment.voucher is not None and payment.voucher.state not in OPEN):
            continue
        reference = payment.sale.matching_reference
        Payment.objects.filter(pk=payment.pk).update(matching_reference=reference, updated_at=timezone.now())
        if payment.voucher is not None:
            mark_dirty(voucher_id=payment.voucher.pk)


def _tie(payment: Payment, refund: Refund) -> None:
    values: dict[str, Any] = {"refund": refund}
    if payment.voucher is None or payment.voucher.state in OPEN:
        credit_note = refund.voucher
        values["matching_reference"] = credit_note.matching_reference if credit_note else refund.matching_reference
    Payment.objects.filter(pk=payment.pk).update(**values, updated_at=timezone.now())
    for name, value in values.items():
        setattr(payment, name, value)
    for voucher in (payment.voucher, refund.voucher):
        if voucher is not None:
            mark_dirty(voucher_id=voucher.pk)


def adopt_waiting_refunds(sale: Sale) -> None:
    """Give the sale the refunds that came before it, after it has got its waiting payments."""
    for refund in Refund.objects.filter(sales_point=sale.sales_point, sale=None, sale_reference=sale.reference):
        refund.sale, refund.matching_reference = sale, refund_reference_for(sale, refund.reference)
        if refund.state == SaleState.WAITING:
            refund.state, refund.note = SaleState.RECORDED, ""
        refund.save(update_fields=["sale", "matching_reference", "state", "note", "updated_at"])
        find_money_back(refund)
