"""Sales and refunds of a shop on either route, for tests of refunds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from backoffice.contracts.sales import (
    IssuedCreditNote,
    IssuedInvoice,
    PaymentDetails,
    RefundDetails,
    RefundLineDetails,
    SaleLineDetails,
)
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Refund, Sale
from backoffice.sales.services import record_refund
from tests.world import SOLD_AT, World, asked

BACK_AT = SOLD_AT + timedelta(days=2)
OWN = IssuedInvoice("F-5001", date(2026, 11, 20), date(2026, 12, 4))


def line(reference: str, rate: str, gross_minor: int, quantity: str = "1") -> SaleLineDetails:
    gross = Money(gross_minor, "NOK")
    vat = split_gross(gross, Decimal(rate)).vat
    return SaleLineDetails(reference, f"Line {reference}", gross, vat, Decimal(rate), quantity=Decimal(quantity))


def sell(world: World, gross_minor: int = 12_500, reference: str = "1001", **changes: Any) -> Sale:
    own = {"invoice": replace(OWN, number=f"F-{reference}")} if world.shop.invoice_issuer == "sales_system" else {}
    return world.sell(reference, gross_minor, **{**own, **changes})


def back(
    world: World,
    gross_minor: int,
    lines: tuple[RefundLineDetails, ...] = (),
    reference: str = "r1",
    **changes: Any,
) -> Refund:
    """Give money back: by Vipps, unless `money=False`."""
    amount = Money(gross_minor, "NOK")
    has_money = changes.pop("money", True)
    paid = (PaymentDetails(f"{reference}-money", "vipps", -amount, BACK_AT),) if has_money else ()
    note = IssuedCreditNote(f"K-{reference}") if world.shop.invoice_issuer == "sales_system" else None
    values = {"lines": lines, "payments": paid, "credit_note": note, **changes}
    sale = values.pop("sale", "1001")
    refund = RefundDetails(reference, sale, values.pop("refunded_at", BACK_AT), amount, **values)
    return record_refund(sales_point=world.shop, refund=refund, event=None).refund


def part(reference: str, gross_minor: int, quantity: str = "1") -> RefundLineDetails:
    return RefundLineDetails(reference, Money(gross_minor, "NOK"), Decimal(quantity))


def proof(world: World) -> Any:
    return next(iter(asked(world.sandbox, "proof").values()))


def credit_notes(world: World) -> int:
    return int(proof(world)["credit_notes"])
