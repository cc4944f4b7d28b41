"""Record what a sales system reports, once. What a changed report means is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from backoffice.clients.models import SalesPoint
from backoffice.common.codec import sha256, to_builtins
from backoffice.connections.models import InboundEvent
from backoffice.connections.queue import ring
from backoffice.contracts.sales import (
    LineKind,
    SaleDetails,
    SaleLineDetails,
)
from backoffice.ledger.sale_totals import check_total
from backoffice.sales.marks import (
    dealt_with,
    mark_cancelled,
    mark_delivered,
    mark_needs_person,
    mark_recorded,
    mark_routed,
    mark_waiting,
    route_sale_again,
    tell,
)
from backoffice.sales.models import Sale, SaleLine, SaleState
from backoffice.sales.payments import (
    MATCHING_REFERENCE_CHARACTERS,
    RecordedPayment,
    ReferenceUsed,
    adopt_waiting_payments,
    differences,
    record_payment,
    record_payments_of,
)
from backoffice.sales.refunds import RecordedRefund, adopt_waiting_refunds, record_refund
from backoffice.vouchers.states import OPEN, VoucherState

__all__ = [
    "RecordedPayment",
    "RecordedRefund",
    "RecordedSale",
    "ReferenceUsed",
    "customer_key_for",
    "dealt_with",
    "mark_cancelled",
    "mark_delivered",
    "mark_needs_person",
    "mark_recorded",
    "mark_routed",
    "mark_waiting",
    "matching_reference_for",
    "record_payment",
    "record_refund",
    "record_sale",
    "route_sale_again",
]


@dataclass(frozen=True, slots=True)
class RecordedSale:
    """outcome: created | same | revised | older (an earlier revision came late) | kept_for_person."""

    sale: Sale
    outcome: str


def matching_reference_for(sales_point: SalesPoint, reference: str) -> str:
    """Make the reference by which invoice and payment find each other: readable, unique at the client, at most 50."""
    readable = f"{sales_point.key}/{reference}"
    if len(readable) <= MATCHING_REFERENCE_CHARACTERS:
        return readable
    return f"{readable[: MATCHING_REFERENCE_CHARACTERS - 13]}-{sha256(readable)[:12]}"


def customer_key_for(sales_point: SalesPoint, sale: SaleDetails) -> str:
    """Name the buyer within the client: the shop's customer id, else the e-mail, else this one sale."""
    customer = sale.customer
    own = customer.reference or customer.email.strip().lower() or f"sale:{sale.reference}"
    return f"{sales_point.key}:{own}"[:200]


@transaction.atomic
def record_sale(*, sales_point: SalesPoint, sale: SaleDetails, event: InboundEvent | None) -> RecordedSale:
    """Record a sale once per sales point and reference.

    The same content again is "same", whatever its revision. A higher revision with other content is "revised" while
    nothing of the voucher is over there, else "kept_for_person" with the new content beside the old. Raises
    TotalsDiffer when the parts do not add up and ReferenceUsed when the same revision comes with other content.
    """
    check_total(
        (line.gross for line in sale.lines),
        sale.total,
        rounding=sale.rounding,
        tip=sale.tip,
    )
    stored = (
        Sale.objects.select_for_update(of=("self",))
        .select_related("voucher")
        .filter(sales_point=sales_point, reference=sale.reference)
        .first()
    )
    if stored is None:
        return RecordedSale(_create(sales_point, sale, event), "created")
    record_payments_of(stored, sale.payments, event)
    given = to_builtins(sale)
    if _core(stored.details) == _core(given):
        if sale.revision > stored.revision:
            Sale.objects.filter(pk=stored.pk).update(revision=sale.revision)
            stored.revision = sale.revision
        return RecordedSale(stored, "same")
    if sale.revision < stored.revision:
        return RecordedSale(stored, "older")
    if sale.revision == stored.revision:
        raise ReferenceUsed(sale.reference, differences(_core(stored.details), _core(given)))
    return _revise(stored, sale, event)


def _core(details: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a sale another sale: not its revision, nor how it was read, nor its payments."""
    return {name: value for name, value in details.items() if name not in ("revision", "payments", "notes")}


def _columns(sales_point: SalesPoint, sale: SaleDetails) -> dict[str, Any]:
    return {
        "details": to_builtins(sale),
        "details_sha256": sha256(_core(to_builtins(sale))),
        "currency": sale.currency,
        "revision": sale.revision,
        "kind": sale.kind.value,
        "sold_at": sale.sold_at,
        "sold_on": sale.sold_at.astimezone(sales_point.client.zone).date(),
        "delivered_on": sale.delivered_on,
        "customer_key": customer_key_for(sales_point, sale),
        "customer_name": sale.customer.name[:400],
        "customer_email": sale.customer.email[:254],
        "total_minor": sale.total.minor,
        "rounding_minor": sale.rounding.minor if sale.rounding else 0,
        "tip_minor": sale.tip.minor if sale.tip else 0,
        "matching_reference": sale.matching_reference or matching_reference_for(sales_point, sale.reference),
        "invoice_number": sale.invoice.number if sale.invoice else "",
    }


def _create(sales_point: SalesPoint, sale: SaleDetails, event: InboundEvent | None) -> Sale:
    row = Sale.objects.create(
        client=sales_point.client,
        sales_point=sales_point,
        reference=sale.reference,
        event=event,
        **_columns(sales_point, sale),
    )
    _write_lines(row, sale.lines)
    record_payments_of(row, sale.payments, event)
    adopt_waiting_payments(row)
    adopt_waiting_refunds(row)
    ring(sales_point.client_id)
    return row


def _write_lines(row: Sale, lines: Iterable[SaleLineDetails]) -> None:
    SaleLine.objects.bulk_create(
        SaleLine(
            sale=row,
            position=position,
            reference=line.reference[:100],
            kind=line.kind.value,
            description=line.description[:400],
            group=group_of(line),
            sku=line.sku[:100],
            quantity=line.quantity,
            unit=line.unit,
            vat_rate=line.vat_rate,
            gross_minor=line.gross.minor,
            vat_minor=line.vat.minor,
        )
        for position, line in enumerate(lines, 1)
    )


def group_of(line: SaleLineDetails) -> str:
    """Give the product group under which a line is mapped; charges go under their own kind."""
    return (line.group or ("standard" if line.kind is LineKind.GOODS else line.kind.value))[:100]


def _revise(stored: Sale, sale: SaleDetails, event: InboundEvent | None) -> RecordedSale:
    voucher = stored.voucher
    is_open = voucher is None or voucher.state in OPEN or voucher.state == VoucherState.WITHDRAWN
    changed = ", ".join(name for name, _, _ in differences(_core(stored.details), _core(to_builtins(sale))))
    if not is_open:
        mark_needs_person(
            row=stored,
            why=f"The sale was changed after its voucher was approved: {changed}.",
            revision=sale.revision,
            pending_details=to_builtins(sale),
        )
        return RecordedSale(stored, "kept_for_person")
    for name, value in {
        **_columns(stored.sales_point, sale),
        "event": event,
        "state": SaleState.RECORDED,
    }.items():
        setattr(stored, name, value)
    stored.needs_person_because = stored.note = ""
    stored.save()
    stored.lines.all().delete()
    _write_lines(stored, sale.lines)
    tell(stored, "sale.revised", f"revision {sale.revision}: {changed}")
    ring(stored.client_id)
    return RecordedSale(stored, "revised")
