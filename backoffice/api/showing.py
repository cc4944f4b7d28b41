"""What was recorded, in the words of the API. The same shapes as the bodies, with what became of it beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from backoffice.api.showing_documents import document_of, documents_of
from backoffice.balances.models import InvoiceBalance
from backoffice.common.codec import from_builtins
from backoffice.contracts.sales import (
    CustomerDetails,
    IssuedCreditNote,
    LineKind,
    PaymentDetails,
    RefundDetails,
    SaleDetails,
    SaleLineDetails,
)
from backoffice.ledger.money import Money
from backoffice.sales.models import Payment, Refund, Sale
from backoffice.vouchers.models import Voucher

Shown = dict[str, Any]
OWN_LINES = (LineKind.GOODS, LineKind.GIFT_CARD)
DIMENSIONS = ("department", "location", "project", "dim1", "dim2", "dim3")


def amount(minor: int, currency: str) -> str:
    """Write minor units as a decimal string: "125.00"."""
    return str(Money(minor, currency))


def time(value: datetime | None) -> str | None:
    """Write a time with its offset."""
    return value.isoformat() if value else None


def sale_body(details: SaleDetails) -> Shown:
    """Give a sale as it could have been sent, without its payments."""
    zero = str(Money.zero(details.currency))
    invoice, saft = details.invoice, details.saft
    own = [line for line in details.lines if line.kind in OWN_LINES]
    charges = [line for line in details.lines if line.kind not in OWN_LINES]
    return {
        "reference": details.reference,
        "revision": details.revision,
        "kind": details.kind.value,
        "sold_at": time(details.sold_at),
        "delivered_on": details.delivered_on.isoformat() if details.delivered_on else None,
        "currency": details.currency,
        "prices_include_vat": details.prices_include_vat,
        "customer": _customer(details.customer),
        "lines": [_line(line, details.prices_include_vat) for line in own],
        "charges": [_charge(line, details.prices_include_vat) for line in charges],
        "rounding": str(details.rounding) if details.rounding else zero,
        "tip": str(details.tip) if details.tip else zero,
        "total": str(details.total),
        "invoice": {
            "number": invoice.number,
            "issued_on": invoice.issued_on.isoformat(),
            "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
            "kid": invoice.kid or None,
        }
        if invoice
        else None,
        "saft": {"batch_id": saft.batch_id, "source_id": saft.source_id} if saft else None,
        "matching_reference": details.matching_reference or None,
        "branding_theme": details.branding_theme or None,
        "customer_reference": details.customer_reference or None,
        "order_number": details.order_number or None,
        "dimensions": {kind: details.dimensions.get(kind) for kind in DIMENSIONS},
    }


def _customer(customer: CustomerDetails) -> Shown | None:
    if customer == CustomerDetails(name=""):
        return None
    address = customer.address
    return {
        "reference": customer.reference or None,
        "name": customer.name,
        "first_name": customer.first_name or None,
        "last_name": customer.last_name or None,
        "is_company": customer.is_company,
        "organisation_number": customer.organisation_number or None,
        "tax_number": customer.tax_number or None,
        "email": customer.email or None,
        "phone": customer.phone or None,
        "address": {
            "line1": address.line1 or None,
            "line2": address.line2 or None,
            "postal_code": address.postal_code or None,
            "city": address.city or None,
            "country": address.country,
        },
    }


def _line(line: SaleLineDetails, includes_vat: bool) -> Shown:
    return {
        "reference": line.reference,
        "kind": line.kind.value,
        "sku": line.sku or None,
        "description": line.description,
        "group": line.group or None,
        "quantity": f"{line.quantity:f}",
        "unit": line.unit,
        "unit_price": f"{line.unit_price:f}" if line.unit_price is not None else None,
        "discount": str(line.discount) if line.discount is not None else None,
        "vat_rate": f"{line.vat_rate:.2f}",
        "amount": str(line.gross if includes_vat else line.gross - line.vat),
        "vat_amount": str(line.vat),
    }


def _charge(line: SaleLineDetails, includes_vat: bool) -> Shown:
    return {
        "reference": line.reference,
        "kind": line.kind.value,
        "description": line.description,
        "vat_rate": f"{line.vat_rate:.2f}",
        "amount": str(line.gross if includes_vat else line.gross - line.vat),
        "vat_amount": str(line.vat),
    }


def show_sale(sale: Sale) -> Shown:
    """Give a recorded sale and what became of it. Reads its payments and voucher: prefetch them for lists."""
    shown = sale_body(from_builtins(sale.details, SaleDetails))
    shown |= {"revision": sale.revision, "matching_reference": sale.matching_reference}
    payments = sorted(sale.payments.all(), key=lambda payment: payment.pk)
    return {
        **shown,
        "payments": [_payment_of_sale(payment) for payment in payments],
        "state": sale.state,
        "needs_person_because": sale.needs_person_because or None,
        "note": sale.note or None,
        "voucher": _voucher_link(sale.voucher),
        "invoice_number": sale.invoice_number or (sale.voucher.invoice_number if sale.voucher else "") or None,
        "balance": _balance(sale.voucher),
        "document": document_of(sale),
        "documents": documents_of(sale),
        "created_at": time(sale.created_at),
        "updated_at": time(sale.updated_at),
    }


def _balance(voucher: Voucher | None) -> Shown | None:
    """Give what is open of the invoice, as the books last said; None before they said anything."""
    found: InvoiceBalance | None = getattr(voucher, "balance", None)
    if found is None:
        return None
    return {
        "state": found.standing,
        "open": amount(found.balance_minor, found.currency),
        "total": amount(found.total_minor, found.currency),
        "currency": found.currency,
        "due_on": found.due_on.isoformat() if found.due_on else None,
        "closed_at": time(found.closed_at),
    }


def _payment_of_sale(payment: Payment) -> Shown:
    return {
        "reference": payment.reference,
        "method": payment.method,
        "amount": amount(payment.amount_minor, payment.currency),
        "paid_at": payment.details.get("paid_at") or time(payment.paid_at),
        "provider_reference": payment.provider_reference or None,
    }


def _voucher_link(voucher: Voucher | None) -> Shown | None:
    return {"id": voucher.pk, "state": voucher.state, "number": voucher.number or None} if voucher else None


def show_payment(payment: Payment) -> Shown:
    """Give a recorded payment and the day's voucher that carries it."""
    sale = payment.sale
    return {
        **_payment_of_sale(payment),
        "currency": payment.currency,
        "sale": (sale.reference if sale else payment.sale_reference) or None,
        "matching_reference": payment.matching_reference or (sale.matching_reference if sale else "") or None,
        "invoice_number": payment.invoice_number or None,
        "is_cancelled": payment.is_cancelled,
        "voucher": _voucher_link(payment.voucher),
        "created_at": time(payment.created_at),
        "updated_at": time(payment.updated_at),
    }


def payment_body(details: PaymentDetails) -> Shown:
    """Give a payment as it could have been sent."""
    return {
        "reference": details.reference,
        "method": details.method,
        "amount": str(details.amount),
        "paid_at": time(details.paid_at),
        "provider_reference": details.provider_reference or None,
        "currency": details.amount.currency,
        "sale": details.sale_reference or None,
        "matching_reference": details.matching_reference or None,
        "invoice_number": details.invoice_number or None,
    }


def refund_body(details: RefundDetails) -> Shown:
    """Give a refund as it could have been sent."""
    own = [line for line in details.lines if line.kind in OWN_LINES]
    charges = [line for line in details.lines if line.kind not in OWN_LINES]
    of_sale = ("reference", "method", "amount", "paid_at", "provider_reference")
    payments = [payment_body(payment) for payment in details.payments]
    return {
        "reference": details.reference,
        "sale": details.sale_reference,
        "refunded_at": time(details.refunded_at),
        "currency": details.amount.currency,
        "reason": details.reason or None,
        "lines": [
            {"reference": line.reference, "quantity": f"{line.quantity:f}", "amount": str(line.gross)} for line in own
        ],
        "charges": [
            {"reference": line.reference, "kind": line.kind.value, "amount": str(line.gross)} for line in charges
        ],
        "amount": str(details.amount),
        "payments": [{name: payment[name] for name in of_sale} for payment in payments],
        "credit_note": _credit_note(details.credit_note),
    }


def _credit_note(note: IssuedCreditNote | None) -> Shown | None:
    if note is None:
        return None
    return {"number": note.number, "issued_on": note.issued_on.isoformat() if note.issued_on else None}


def show_refund(refund: Refund) -> Shown:
    """Give a recorded refund and what became of it."""
    return {
        **refund_body(from_builtins(refund.details, RefundDetails)),
        "state": refund.state,
        "needs_person_because": refund.needs_person_because or None,
        "note": refund.note or None,
        "matching_reference": refund.matching_reference or None,
        "voucher": _voucher_link(refund.voucher),
        "created_at": time(refund.created_at),
        "updated_at": time(refund.updated_at),
    }


def differing(stored: Any, given: Any, pointer: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Compare two shown values and give pointer, stored and given value of every leaf that differs.

    >>> list(differing({"total": "1.00", "lines": []}, {"total": "2.00", "lines": []}))
    [('/total', '1.00', '2.00')]
    """
    if isinstance(stored, Mapping) and isinstance(given, Mapping):
        for key in _in_order(stored, given):
            yield from differing(stored.get(key), given.get(key), f"{pointer}/{key}")
    elif isinstance(stored, list) and isinstance(given, list) and len(stored) == len(given):
        for index, (one, other) in enumerate(zip(stored, given, strict=True)):
            yield from differing(one, other, f"{pointer}/{index}")
    elif isinstance(stored, list) and isinstance(given, list):
        yield pointer, f"{len(stored)} items", f"{len(given)} items"
    elif stored != given:
        yield pointer, stored, given


def _in_order(*mappings: Mapping[str, Any]) -> Iterable[str]:
    return dict.fromkeys(key for mapping in mappings for key in mapping)
