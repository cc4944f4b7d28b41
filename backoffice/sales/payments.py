"""Record payments, each once. A payment is an event of its own, whenever it comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from backoffice.clients.models import SalesPoint
from backoffice.common.codec import sha256, to_builtins
from backoffice.connections.models import InboundEvent
from backoffice.connections.queue import ring
from backoffice.contracts.sales import PaymentDetails
from backoffice.sales.models import Payment, Sale

#: what the accounting system keeps of a reference by which entries find each other
MATCHING_REFERENCE_CHARACTERS = 50


class ReferenceUsed(Exception):
    """The reference is taken by something with other content; differences name field, stored and given value."""

    def __init__(self, reference: str, differences: list[tuple[str, Any, Any]]) -> None:
        fields = ", ".join(name for name, _, _ in differences)
        super().__init__(f"{reference} is recorded already with other values in: {fields}.")
        self.reference = reference
        self.differences = differences


@dataclass(frozen=True, slots=True)
class RecordedPayment:
    """outcome: created | same."""

    payment: Payment
    outcome: str


def differences(stored: Mapping[str, Any], given: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Name each field whose value differs."""
    return [
        (name, stored.get(name), given.get(name))
        for name in sorted({*stored, *given})
        if stored.get(name) != given.get(name)
    ]


def record_payments_of(sale: Sale, payments: Iterable[PaymentDetails], event: InboundEvent | None) -> None:
    """Record the payments that came inside a sale."""
    for payment in payments:
        record_payment(
            sales_point=sale.sales_point,
            payment=replace(payment, sale_reference=sale.reference),
            event=event,
        )


@transaction.atomic
def record_payment(*, sales_point: SalesPoint, payment: PaymentDetails, event: InboundEvent | None) -> RecordedPayment:
    """Record a payment once per sales point and reference; raises ReferenceUsed when it comes with other content.

    A payment whose sale has not arrived yet waits for it.
    """
    given = to_builtins(payment)
    stored = Payment.objects.filter(sales_point=sales_point, reference=payment.reference).first()
    if stored is not None:
        if stored.details != given:
            raise ReferenceUsed(payment.reference, differences(stored.details, given))
        return RecordedPayment(stored, "same")
    sale = _sale_of(sales_point, payment)
    row = Payment.objects.create(
        client=sales_point.client,
        sales_point=sales_point,
        reference=payment.reference,
        event=event,
        details=given,
        details_sha256=sha256(given),
        currency=payment.amount.currency,
        method=payment.method,
        amount_minor=payment.amount.minor,
        paid_at=payment.paid_at,
        paid_on=payment.paid_at.astimezone(sales_point.client.zone).date(),
        provider_reference=payment.provider_reference[:100],
        sale=sale,
        sale_reference=payment.sale_reference,
        matching_reference=payment.matching_reference or (sale.matching_reference if sale else ""),
        invoice_number=payment.invoice_number,
    )
    ring(sales_point.client_id)
    return RecordedPayment(row, "created")


def _sale_of(sales_point: SalesPoint, payment: PaymentDetails) -> Sale | None:
    if payment.sale_reference:
        return Sale.objects.filter(sales_point=sales_point, reference=payment.sale_reference).first()
    of_client = Sale.objects.filter(client=sales_point.client)
    if payment.matching_reference:
        return of_client.filter(matching_reference=payment.matching_reference).first()
    if payment.invoice_number:
        return (
            of_client.filter(invoice_number=payment.invoice_number).first()
            or of_client.filter(voucher__invoice_number=payment.invoice_number).first()
        )
    return None


def adopt_waiting_payments(sale: Sale) -> None:
    """Give the sale the payments that came before it."""
    waiting = Payment.objects.filter(client=sale.client, sale=None)
    named = waiting.filter(sales_point=sale.sales_point, sale_reference=sale.reference)
    matched = waiting.filter(sale_reference="", matching_reference=sale.matching_reference)
    for found in (named, matched):
        found.update(sale=sale, matching_reference=sale.matching_reference)
