"""What every document of a sale is made from: its lines with the tip, its customer, its dimensions, its rounding."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from backoffice.contracts.errors import Reason
from backoffice.contracts.sales import CustomerDetails, SaleDetails
from backoffice.ledger.errors import InvalidIdentifier
from backoffice.ledger.identifiers import parse_organisation_number
from backoffice.ledger.money import Money
from backoffice.sales.models import Sale, SaleLine
from backoffice.vouchers.drafting import DraftPosting
from backoffice.workflows import why
from backoffice.workflows.books import CUSTOMER_LEDGER, Books, ResolvedSales

ROUNDING_TEXT = "Øreavrunding"
TIP = "tip"


def source_key(sale: Sale) -> str:
    """Name the sale as a voucher's source: unique at the client and the same after a rebuild from the inbox."""
    return f"{sale.sales_point.key}/{sale.reference}"


def lines_of(sale: Sale) -> list[SaleLine]:
    """Give the lines that have an amount, in their order, the tip last."""
    return [line for line in [*sale.lines.all(), *_tip_line(sale)] if line.gross_minor]


def _tip_line(sale: Sale) -> list[SaleLine]:
    """A tip is owed to the staff: a line of its own, mapped as group "tip" without VAT."""
    if not sale.tip_minor:
        return []
    return [
        SaleLine(
            sale=sale,
            position=0,
            reference=TIP,
            kind="other",
            description="Tip",
            group=TIP,
            quantity=Decimal(1),
            vat_rate=Decimal(0),
            gross_minor=sale.tip_minor,
            vat_minor=0,
        )
    ]


def organisation_reasons(customer: CustomerDetails) -> list[Reason]:
    """Say when a Norwegian company's number cannot be one."""
    if customer.is_company and customer.organisation_number and customer.address.country in ("", "NO"):
        try:
            parse_organisation_number(customer.organisation_number)
        except InvalidIdentifier as error:
            text = f"{customer.name}: {error} Correct it in the sales system and send the sale again."
            return [Reason("organisation_number_invalid", text, customer.organisation_number)]
    return []


def rounding_account(books: Books, rounding: Money, reasons: list[Reason]) -> ResolvedSales | None:
    """Give the account of a rounding line, where there is something to round; what is in the way joins the reasons."""
    if not rounding:
        return None
    found = books.rounding()
    if isinstance(found, ResolvedSales):
        return found
    reasons += found
    return None


def dimensions_of(sale: Sale, details: SaleDetails) -> Mapping[str, str]:
    """Give the sales point's dimensions, the sale's own before them."""
    merged: dict[str, Any] = {**sale.sales_point.dimensions, **details.dimensions}
    return {kind: str(code) for kind, code in merged.items() if code}


def customer_posting(sale: Sale, details: SaleDetails, owed: Money) -> DraftPosting:
    """Debit the customer with what they owed."""
    return DraftPosting(
        ledger_account=CUSTOMER_LEDGER,
        amount=owed,
        customer_key=sale.customer_key,
        customer_name=details.customer.name,
        matching_reference=sale.matching_reference,
        description=sale.reference,
        why=why.customer(sale, owed),
    )


def rounding_posting(sale: Sale, rounding: Money, to: ResolvedSales) -> DraftPosting:
    """Post what is rounded on its own account."""
    return DraftPosting(
        ledger_account=to.account_number,
        account_name=to.account_name,
        amount=-rounding,
        vat_code=to.vat_code,
        vat_rate=to.vat_rate,
        description=ROUNDING_TEXT,
        why=why.rounding(sale, rounding),
    )
