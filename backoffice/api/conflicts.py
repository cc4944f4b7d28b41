"""A reference that is used already: say which fields differ, by their place in the body that was sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from backoffice.api.problems import REFERENCE_USED, Error, Problem
from backoffice.api.showing import differing, payment_body, refund_body, sale_body
from backoffice.clients.models import SalesPoint
from backoffice.common.codec import from_builtins
from backoffice.contracts.sales import PaymentDetails, RefundDetails, SaleDetails
from backoffice.sales.models import Payment, Refund, Sale

#: follows from the others
DERIVED = ("/vat_amount",)
MAX_SHOWN_CHARACTERS = 80


def sale_conflict(sales_point: SalesPoint, given: SaleDetails) -> Problem:
    """Compare a sale and its payments with what is recorded under their references."""
    sale = Sale.objects.filter(sales_point=sales_point, reference=given.reference).first()
    errors: list[Error] = []
    if sale is not None:
        stored = from_builtins(sale.details, SaleDetails)
        errors += _errors(differing(sale_body(stored) | {"revision": given.revision}, sale_body(given)))
    for index, payment in enumerate(given.payments):
        errors += _payment_errors(sales_point, payment, f"/payments/{index}", sale_reference=given.reference)
    revision = f" A changed sale is sent with a revision above {sale.revision}." if sale is not None else ""
    text = f"The reference {given.reference!r}, or one of its payments', is recorded with other content.{revision}"
    return Problem(REFERENCE_USED, text, errors)


def _payment_errors(
    sales_point: SalesPoint, given: PaymentDetails, pointer: str, *, sale_reference: str
) -> Iterator[Error]:
    row = Payment.objects.filter(sales_point=sales_point, reference=given.reference).first()
    if row is None:
        return
    stored = payment_body(from_builtins(row.details, PaymentDetails))
    body = payment_body(given) | ({"sale": sale_reference} if sale_reference else {})
    yield from _errors(differing(stored, body, pointer))


def payment_conflict(sales_point: SalesPoint, given: PaymentDetails) -> Problem:
    """Compare a payment with the one that is recorded under its reference."""
    errors = list(_payment_errors(sales_point, given, "", sale_reference=""))
    text = (
        f"A payment {given.reference!r} is recorded with other content. Payments are never changed: send a correction "
        "as a payment of its own, money back with a negative amount."
    )
    return Problem(REFERENCE_USED, text, errors)


def refund_conflict(sales_point: SalesPoint, given: RefundDetails) -> Problem:
    """Compare a refund with the one that is recorded under its reference."""
    errors: list[Error] = []
    refund = Refund.objects.filter(sales_point=sales_point, reference=given.reference).first()
    if refund is not None:
        errors += _errors(differing(refund_body(from_builtins(refund.details, RefundDetails)), refund_body(given)))
    for index, payment in enumerate(given.payments):
        back = payment if payment.amount.minor < 0 else replace(payment, amount=-payment.amount)
        errors += _payment_errors(sales_point, back, f"/payments/{index}", sale_reference=given.sale_reference)
    text = f"A refund {given.reference!r} is recorded with other content. Give another refund another reference."
    return Problem(REFERENCE_USED, text, errors)


def matching_reference_taken(given: SaleDetails) -> Problem:
    """Another sale of the client has the matching reference, so invoices and payments would find the wrong one."""
    text = (
        f"The matching reference {given.matching_reference!r} belongs to another sale of this client."
        if given.matching_reference
        else "The matching reference made from the sales point and the reference belongs to another sale; state one."
    )
    return Problem(REFERENCE_USED, text, [Error("not_unique", text, "/matching_reference")])


def _errors(differences: Iterable[tuple[str, Any, Any]]) -> list[Error]:
    found = list(differences)
    real = [one for one in found if not one[0].endswith(DERIVED)] or found
    return [
        Error("differs", f"Recorded is {_short(stored)}, sent was {_short(given)}.", pointer)
        for pointer, stored, given in real
    ]


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else text[: MAX_SHOWN_CHARACTERS - 1] + "…"
