"""W3: a sale becomes a sales order that the accounting system invoices.

The voucher shows what the invoice will post: the customer is debited with what they owed, each ledger account is
credited gross per VAT code. The order's unit prices are chosen so that the invoice comes to the same total.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import DocumentKind, OrderLine, Party, ProductWish, SalesOrderDocument
from backoffice.contracts.errors import Reason
from backoffice.contracts.sales import SaleDetails
from backoffice.ledger.invoice_totals import OrderPart, PricedLine, price_order
from backoffice.ledger.money import Money, total
from backoffice.sales.models import Sale, SaleLine
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for
from backoffice.vouchers.models import SourceType
from backoffice.workflows import why
from backoffice.workflows.books import Books, ResolvedSales
from backoffice.workflows.dates import date_voucher
from backoffice.workflows.sale_parts import (
    ROUNDING_TEXT,
    customer_posting,
    dimensions_of,
    lines_of,
    organisation_reasons,
    rounding_account,
    rounding_posting,
    source_key,
)


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A line of the sale with the account and VAT code it goes to."""

    line: SaleLine
    to: ResolvedSales
    priced: PricedLine


def draft_sales_order(sale: Sale, books: Books, *, may_move: bool = False, generation: int = 0) -> Draft:
    """Draft the sales order of a sale; what is missing becomes reasons, never a guess.

    may_move: a person decided to move it out of a locked period.
    """
    details = from_builtins(sale.details, SaleDetails)
    dated = date_voucher(
        sale.client,
        sale.delivered_on or sale.sold_on,
        locked_through=books.locked_through,
        converted_on=books.converted_on,
        may_move=may_move,
    )
    reasons = [dated.reason] if dated.reason else []
    reasons += _customer_reasons(details)
    resolved: list[tuple[SaleLine, ResolvedSales]] = []
    for line in lines_of(sale):
        found = books.sales(sale.sales_point, line.group, line.vat_rate, dated.day)
        if isinstance(found, ResolvedSales):
            resolved.append((line, found))
        else:
            reasons += [reason for reason in found if reason not in reasons]
    mapped, rounding = _price(resolved, sale)
    rounding_to = rounding_account(books, rounding, reasons)
    postings = _postings(sale, details, mapped, rounding, rounding_to)
    document = None
    if not reasons:
        reference = reference_for(sale.client, DocumentKind.SALES_ORDER, SourceType.SALE, source_key(sale), generation)
        document = _document(sale, details, mapped, dated.day, rounding, rounding_to, reference)
    return Draft(
        kind=DocumentKind.SALES_ORDER,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=sale.currency,
        description=f"{sale.sales_point.name} {sale.reference}",
        customer_name=sale.customer_name,
        matching_reference=sale.matching_reference,
        occurred_at=sale.sold_at,
        postings=postings,
        document=document,
        reasons=tuple(reasons),
    )


def _customer_reasons(details: SaleDetails) -> list[Reason]:
    """Say what the invoice cannot do without: a valid organisation number for a company, an e-mail for a person."""
    customer = details.customer
    if reasons := organisation_reasons(customer):
        return reasons
    if not customer.email and not (customer.is_company and customer.organisation_number):
        text = f"{customer.name} has no e-mail address, so the invoice cannot be sent. Add it in the sales system."
        return [Reason("email_missing", text, customer.name)]
    return []


def _price(resolved: Sequence[tuple[SaleLine, ResolvedSales]], sale: Sale) -> tuple[list[_Mapped], Money]:
    """Choose unit prices; what no price can give, and the sale's own rounding, is left for a visible line."""
    parts = [
        OrderPart(Money(line.gross_minor, sale.currency), to.vat_rate, line.quantity, str(index))
        for index, (line, to) in enumerate(resolved)
    ]
    priced = price_order(parts, sale.currency)
    by_index = {int(one.part.reference): one for one in priced.lines}
    mapped = [_Mapped(line, to, by_index[index]) for index, (line, to) in enumerate(resolved)]
    return mapped, priced.rounding + Money(sale.rounding_minor, sale.currency)


def _postings(
    sale: Sale,
    details: SaleDetails,
    mapped: Sequence[_Mapped],
    rounding: Money,
    rounding_to: ResolvedSales | None,
) -> tuple[DraftPosting, ...]:
    owed = Money(sale.total_minor, sale.currency)
    if not owed and not mapped:
        return ()
    credits: dict[tuple[str, str], list[_Mapped]] = defaultdict(list)
    for one in mapped:
        credits[one.to.account_number, one.to.vat_code].append(one)
    postings = [customer_posting(sale, details, owed)] if owed else []
    for (account, vat_code), group in credits.items():
        amount = total((one.priced.gross_predicted for one in group), sale.currency)
        if not amount:
            continue
        first = group[0].to
        postings.append(
            DraftPosting(
                ledger_account=account,
                account_name=first.account_name,
                amount=-amount,
                vat_code=vat_code,
                vat_rate=first.vat_rate,
                description=", ".join(dict.fromkeys(one.line.description for one in group))[:300],
                dimensions=sale.sales_point.dimensions | dict(details.dimensions),
                why=tuple(step for one in group for step in why.sales_line(one.line, one.to, one.priced)),
            )
        )
    if rounding and rounding_to:
        postings.append(rounding_posting(sale, rounding, rounding_to))
    return tuple(postings)


def _document(
    sale: Sale,
    details: SaleDetails,
    mapped: Sequence[_Mapped],
    day: date,
    rounding: Money,
    rounding_to: ResolvedSales | None,
    reference: str,
) -> SalesOrderDocument:
    wish = _wish(rounding_to) if rounding_to else None
    lines = [_order_line(position, one) for position, one in enumerate(mapped, 1)]
    if rounding and wish:
        lines.append(OrderLine("rounding", wish, ROUNDING_TEXT, Decimal(1), rounding.to_decimal()))
    return SalesOrderDocument(
        reference=reference,
        customer=Party(sale.customer_key, details.customer),
        currency=sale.currency,
        ordered_on=day,
        delivered_on=sale.delivered_on,
        lines=tuple(lines),
        total=Money(sale.total_minor, sale.currency),
        matching_reference=sale.matching_reference,
        branding_theme=theme_for(sale, details),
        order_number=details.order_number or sale.reference,
        customer_reference=details.customer_reference,
        dimensions=dimensions_of(sale, details),
        rounding_product=wish,
    )


def theme_for(sale: Sale, details: SaleDetails) -> str:
    """Choose the branding theme: the sale's own, else paid or unpaid by what has been paid so far."""
    if details.branding_theme:
        return details.branding_theme
    paid = sum(payment.amount_minor for payment in sale.payments.all() if not payment.is_cancelled)
    is_paid = paid >= sale.total_minor > 0
    return sale.sales_point.theme_paid if is_paid and sale.sales_point.theme_paid else sale.sales_point.theme_unpaid


def _wish(to: ResolvedSales) -> ProductWish:
    return ProductWish(to.product_code, to.product_name, to.account_number, to.vat_code)


def _order_line(position: int, one: _Mapped) -> OrderLine:
    text = one.line.description
    if not one.priced.is_quantity_kept:
        text = f"{one.line.quantity.normalize():f} x {text}"
    return OrderLine(
        reference=str(position),
        product=_wish(one.to),
        description=text,
        quantity=one.priced.quantity,
        unit_price=one.priced.unit_price,
        unit=one.line.unit,
    )
