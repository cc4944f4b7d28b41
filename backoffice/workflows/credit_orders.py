"""W12 on W3: a refund becomes a sales order with negative quantities, which the accounting system makes a credit note.

The whole sale is the original order negated, line by line, so that it comes to the same total to the øre. A part keeps
the original's products, hence its accounts and VAT codes, and its unit prices wherever they give the part exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import DocumentKind, OrderLine, ProductWish, SalesOrderDocument
from backoffice.contracts.errors import Reason
from backoffice.ledger.invoice_totals import OrderPart, price_order
from backoffice.ledger.money import Money, total
from backoffice.ledger.vat import vat_on_net
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for
from backoffice.vouchers.models import SourceType
from backoffice.workflows import why
from backoffice.workflows.books import Books
from backoffice.workflows.credited_sales import (
    CreditedSale,
    customer_credit,
    date_credit,
    negated,
    refund_day,
    remarked,
)
from backoffice.workflows.credits import ROUNDING_POSITION, Share
from backoffice.workflows.sale_parts import ROUNDING_TEXT, dimensions_of, lines_of, rounding_account


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the credit note with what the accounting system will make of it; gross is negative on a plain one."""

    order: OrderLine
    gross: Money
    vat_rate: Decimal
    share: Share
    is_as_invoiced: bool


@dataclass(frozen=True, slots=True)
class _Order:
    """All lines of a part, and what no price could give: on the line without VAT."""

    lines: tuple[_Line, ...]
    rounding: Money


def draft_credit_order(
    of: CreditedSale, books: Books, key: str, *, may_move: bool = False, generation: int = 0
) -> Draft:
    """Draft the negative order of a refund. key names the refund as the voucher's source."""
    original = from_builtins(of.voucher.document, SalesOrderDocument)
    dated = date_credit(of, refund_day(of.refund), books, may_move=may_move)
    reasons: list[Reason] = [dated.reason] if dated.reason else []
    postings, lines, wish = _whole(of, original) if of.credited.is_whole else _part(of, original, books, reasons)
    document = None
    if not reasons:
        client = of.refund.client
        document = SalesOrderDocument(
            reference=reference_for(client, DocumentKind.SALES_ORDER, SourceType.REFUND, key, generation),
            customer=of.party,
            currency=original.currency,
            ordered_on=dated.day,
            lines=lines,
            total=-of.amount,
            matching_reference=of.matching_reference,
            branding_theme=original.branding_theme,
            customer_reference=original.customer_reference,
            related_invoice_number=of.invoice_number,
            dimensions=original.dimensions,
            rounding_product=wish,
            max_mend_minor=original.max_mend_minor,
        )
    moved = f" (refunded {dated.moved_from})" if dated.moved_from else ""
    return Draft(
        kind=DocumentKind.SALES_ORDER,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=of.refund.currency,
        description=f"Credit note {of.sale.sales_point.name} {of.sale.reference}, refund {of.refund.reference}{moved}",
        customer_name=of.sale.customer_name,
        matching_reference=of.matching_reference,
        occurred_at=of.refund.refunded_at,
        postings=remarked(postings),
        document=document,
        reasons=tuple(reasons),
    )


Drafted = tuple[tuple[DraftPosting, ...], tuple[OrderLine, ...], ProductWish | None]


def _whole(of: CreditedSale, original: SalesOrderDocument) -> Drafted:
    lines = tuple(replace(line, quantity=-line.quantity) for line in original.lines)
    return negated(of), lines, original.rounding_product


def _part(of: CreditedSale, original: SalesOrderDocument, books: Books, reasons: list[Reason]) -> Drafted:
    order = _priced(of, original)
    lines = [replace(one.order, reference=str(place)) for place, one in enumerate(order.lines, 1)]
    postings = [customer_credit(of), *_postings(of, order)]
    wish = original.rounding_product
    if order.rounding:
        to = rounding_account(books, order.rounding, reasons)
        if to is not None:
            wish = ProductWish(to.product_code, to.product_name, to.account_number, to.vat_code)
            lines.append(OrderLine("rounding", wish, ROUNDING_TEXT, Decimal(1), order.rounding.to_decimal()))
            postings.append(
                DraftPosting(
                    ledger_account=to.account_number,
                    account_name=to.account_name,
                    amount=-order.rounding,
                    vat_code=to.vat_code,
                    vat_rate=to.vat_rate,
                    description=ROUNDING_TEXT,
                    why=why.credit_rounding(order.rounding),
                )
            )
    return tuple(postings), tuple(lines), wish


def _priced(of: CreditedSale, original: SalesOrderDocument) -> _Order:
    """Take the invoice's own unit price where it gives the part exactly, else choose prices as for any order."""
    currency = of.refund.currency
    invoiced = {line.position: original.lines[place] for place, line in enumerate(lines_of(of.sale))}
    rates = {position: line.vat_rate for position, line in of.lines.items()}
    found: list[_Line] = []
    parts: list[OrderPart] = []
    to_price: list[Share] = []
    rounding = Money.zero(currency)
    for share in of.credited.shares:
        if share.position == ROUNDING_POSITION:
            rounding -= share.gross
            continue
        line, rate = invoiced[share.position], rates[share.position]
        if _gives(line, share, rate):
            order = replace(line, quantity=-share.quantity)
            found.append(_Line(order, -share.gross, rate, share, is_as_invoiced=True))
        else:
            parts.append(OrderPart(-share.gross, rate, -(share.quantity or Decimal(1)), str(len(to_price))))
            to_price.append(share)
    priced = price_order(parts, currency)
    for one in priced.lines:
        share = to_price[int(one.part.reference)]
        line = invoiced[share.position]
        order = replace(line, quantity=one.quantity, unit_price=one.unit_price)
        found.append(_Line(order, one.gross_predicted, one.part.vat_rate, share, is_as_invoiced=False))
    return _Order(tuple(found), rounding + priced.rounding)


def _gives(line: OrderLine, share: Share, rate: Decimal) -> bool:
    if not share.quantity:
        return False
    net = Money.rounded(share.quantity * line.unit_price, share.gross.currency)
    return net + vat_on_net(net, rate) == share.gross


def _postings(of: CreditedSale, order: _Order) -> list[DraftPosting]:
    groups: dict[tuple[str, str], list[_Line]] = defaultdict(list)
    for one in order.lines:
        groups[one.order.product.ledger_account, one.order.product.vat_code].append(one)
    dimensions = dimensions_of(of.sale, of.details)
    return [
        DraftPosting(
            ledger_account=account,
            account_name=of.names.get(account, ""),
            amount=-amount,
            vat_code=vat_code,
            vat_rate=group[0].vat_rate,
            description=", ".join(dict.fromkeys(one.order.description for one in group))[:300],
            dimensions=dimensions,
            why=tuple(step for one in group for step in _why(one)),
        )
        for (account, vat_code), group in groups.items()
        if (amount := total((one.gross for one in group), of.refund.currency))
    ]


def _why(one: _Line) -> Sequence[why.Step]:
    return why.credited_line(one.order, one.share.gross, -one.gross, is_as_invoiced=one.is_as_invoiced)
