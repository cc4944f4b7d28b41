"""Moves of a delivery and its voucher, always together in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.chart.models import BookLimits
from backoffice.common.codec import show_money
from backoffice.connections import outbox
from backoffice.connections.models import Delivery
from backoffice.contracts.accounting import (
    DocumentKind,
    InvoiceSendingDocument,
    Receipt,
    SalesOrderDocument,
)
from backoffice.contracts.errors import ProviderError, Reason
from backoffice.ledger.money import Money
from backoffice.vouchers import papers
from backoffice.vouchers.documents import read_document
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import advance, fail
from backoffice.vouchers.states import VoucherState

WORKER = Actor.system("worker")


def voucher_of(delivery: Delivery) -> Voucher:
    """Load the voucher that a delivery carries."""
    return Voucher.objects.select_related("client").get(pk=delivery.subject_id)


def move(delivery: Delivery, to: VoucherState, action: str) -> None:
    """Let the voucher show where its delivery stands. An order that stands over there is never "approved" again.

    A voucher stays posted while its reversal is on the way.
    """
    if delivery.kind == DocumentKind.REVERSAL:
        return
    voucher = voucher_of(delivery)
    if delivery.kind == DocumentKind.INVOICE_SENDING and to == VoucherState.APPROVED:
        to = VoucherState.SENDING
    if voucher.state != to:
        advance(voucher=voucher, to=to, actor=WORKER, action=action)


@transaction.atomic
def postpone(delivery: Delivery, error: ProviderError, *, retry_after_s: int | None = None) -> None:
    """It certainly did not run: it waits for its next try."""
    outbox.postpone(delivery, error, retry_after_s=retry_after_s)
    move(delivery, VoucherState.APPROVED, "voucher.postponed")


@transaction.atomic
def doubt(delivery: Delivery) -> None:
    """It may have run."""
    outbox.doubt(delivery)
    move(delivery, VoucherState.IN_DOUBT, "voucher.in_doubt")


@transaction.atomic
def refuse(delivery: Delivery, reasons: Sequence[Reason]) -> None:
    """Understood and refused: a person acts."""
    outbox.refuse(delivery, reasons)
    if delivery.kind == DocumentKind.REVERSAL:
        note = "; ".join(reason.detail for reason in reasons)
        advance(voucher=voucher_of(delivery), to=None, actor=WORKER, action="voucher.reversal_refused", note=note)
        return
    fail(voucher=voucher_of(delivery), reasons=tuple(reasons), actor=WORKER)


@transaction.atomic
def received(delivery: Delivery, receipt: Receipt) -> None:
    """The other side has it: the next step, or the end."""
    if not receipt.is_final:
        outbox.take_in(delivery, receipt)
        move(delivery, VoucherState.SENDING, "voucher.taken_in")
        return
    is_reversal = delivery.kind == DocumentKind.REVERSAL
    outbox.acknowledge(delivery, receipt, number_follows=not receipt.number and not is_reversal)
    if delivery.kind == DocumentKind.SALES_ORDER:
        move(delivery, VoucherState.SENDING, "voucher.ordered")
        _enqueue_sending(delivery, receipt)
        return
    voucher = voucher_of(delivery)
    if is_reversal:
        advance(voucher=voucher, to=VoucherState.REVERSED, actor=WORKER, action="voucher.reversed", reasons=[])
        return
    advance(
        voucher=voucher,
        to=VoucherState.POSTED,
        actor=WORKER,
        action="voucher.posted",
        note=receipt.invoice_number or receipt.number,
        posted_at=timezone.now(),
        external_id=receipt.external_id,
        number=receipt.number,
        invoice_number=receipt.invoice_number or voucher.invoice_number,
        reasons=_left_to_do(receipt),
    )
    papers.expect(voucher, delivery.connection)


def _left_to_do(receipt: Receipt) -> list[dict[str, str]]:
    """The invoice stands in the books and must not be made again, but it may not have reached the customer."""
    error = receipt.details.get("delivery_error", "")
    if not error:
        return []
    text = f"The invoice stands in the books, but it did not reach the customer: {error} Send it again over there."
    return [asdict(Reason("send_failed", text, receipt.invoice_number))]


@transaction.atomic
def numbered(delivery: Delivery, receipt: Receipt) -> None:
    """The other side has dealt the voucher number by now."""
    outbox.keep_number(delivery, receipt)
    voucher = voucher_of(delivery)
    Voucher.objects.filter(pk=voucher.pk, number="").update(number=receipt.number, updated_at=timezone.now())
    voucher.number = receipt.number
    advance(voucher=voucher, to=None, actor=WORKER, action="voucher.numbered", note=receipt.number)


def _enqueue_sending(delivery: Delivery, receipt: Receipt) -> None:
    """The order stands and comes to the right total: have its invoice made and sent, as a delivery of its own."""
    order = read_document(delivery.kind, delivery.document)
    if not isinstance(order, SalesOrderDocument):
        raise TypeError(f"{delivery} is not a sales order.")
    voucher = voucher_of(delivery)
    customer = order.customer.details
    source = f"{voucher.source_type}/{voucher.source_key}"
    reference = outbox.reference_of(voucher.client, DocumentKind.INVOICE_SENDING, source, voucher.generation)
    outbox.enqueue(
        connection=delivery.connection,
        kind=DocumentKind.INVOICE_SENDING,
        subject_type="voucher",
        subject_id=voucher.pk,
        generation=voucher.generation,
        reference=UUID(str(reference)),
        document=InvoiceSendingDocument(
            reference=str(reference),
            order_external_id=receipt.external_id,
            dated_on=voucher.dated_on,
            by_ehf=customer.is_company and bool(customer.organisation_number),
            email=customer.email,
            total=order.total,
        ),
        total=order.total,
        dated_on=voucher.dated_on,
    )


def differences(delivery: Delivery, receipt: Receipt) -> list[str]:
    """Name in words what differs between what stands over there and what we meant to send."""
    found = []
    expected = Money(delivery.total_minor, delivery.currency)
    if receipt.total is not None and receipt.total != expected:
        there = show_money(receipt.total.minor, receipt.total.currency)
        found.append(f"the amount ({there} there, {show_money(expected.minor, expected.currency)} here)")
    if receipt.dated_on is not None and receipt.dated_on != delivery.dated_on:
        found.append(f"the date ({receipt.dated_on} there, {delivery.dated_on} here)")
    return found


def period_reason(limits: BookLimits, delivery: Delivery) -> Reason | None:
    """Say why a dated document cannot go into the books, or None when the period is open."""
    begins = limits.converted_on
    for last_closed, code, what in (
        (limits.locked_through, "locked_period", "The books are locked through"),
        (
            begins and begins - timedelta(days=1),
            "before_conversion",
            "The books begin after",
        ),
    ):
        if last_closed and delivery.dated_on <= last_closed:
            return Reason(
                code,
                f"{what} {last_closed}; the voucher is dated {delivery.dated_on}.",
                str(last_closed),
            )
    return None
