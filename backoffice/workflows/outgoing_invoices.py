"""W2 and W9: a sale whose invoice the sales system issued becomes an outgoing invoice in the books.

Nothing is priced anew: each ledger account is credited gross per VAT code with what the invoice says, the customer
debited with its total. The shop's own invoice number, KID and dates go along. A sale whose total is negative is a
credit note that the sales system issued.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import DocumentKind, JournalLine, OutgoingInvoiceDocument, Party
from backoffice.contracts.errors import Reason
from backoffice.contracts.sales import IssuedInvoice, SaleDetails
from backoffice.ledger.money import Money, total
from backoffice.sales.models import Sale, SaleLine
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for
from backoffice.vouchers.models import SourceType
from backoffice.workflows import why
from backoffice.workflows.books import Books, ResolvedSales
from backoffice.workflows.dates import DatedOn, date_voucher
from backoffice.workflows.sale_parts import (
    customer_posting,
    dimensions_of,
    lines_of,
    organisation_reasons,
    rounding_account,
    rounding_posting,
    source_key,
)


@dataclass(frozen=True, slots=True)
class _Credited:
    """What goes to one ledger account under one VAT code: its posting and the places of the sale's lines in it."""

    posting: DraftPosting
    positions: tuple[int, ...]


def draft_outgoing_invoice(sale: Sale, books: Books, *, may_move: bool = False, generation: int = 0) -> Draft:
    """Draft the outgoing invoice of a sale; what is missing becomes reasons, never a guess.

    It is dated on the day the invoice was issued. may_move: a person decided to move it out of a locked period.
    """
    details = from_builtins(sale.details, SaleDetails)
    invoice = details.invoice
    if invoice is None:
        raise ValueError(f"Sale {sale.reference} has no invoice of the sales system's.")
    dated = date_voucher(
        sale.client,
        invoice.issued_on,
        locked_through=books.locked_through,
        converted_on=books.converted_on,
        may_move=may_move,
    )
    reasons = [dated.reason] if dated.reason else []
    reasons += [*organisation_reasons(details.customer), *_total_reasons(sale, invoice)]
    credited = _credited(sale, details, books, dated.day, reasons)
    rounding = Money(sale.rounding_minor, sale.currency)
    rounding_to = rounding_account(books, rounding, reasons)
    if rounding_to:
        credited.append(_Credited(rounding_posting(sale, rounding, rounding_to), ()))
    kind = DocumentKind.OUTGOING_CREDIT_NOTE if sale.total_minor < 0 else DocumentKind.OUTGOING_INVOICE
    document = None if reasons else _document(sale, details, invoice, kind, credited, dated, generation)
    return Draft(
        kind=kind,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=sale.currency,
        description=_description(sale, invoice, dated),
        customer_name=sale.customer_name,
        matching_reference=sale.matching_reference,
        occurred_at=sale.sold_at,
        postings=_postings(sale, details, invoice, credited),
        document=document,
        reasons=tuple(reasons),
    )


def _total_reasons(sale: Sale, invoice: IssuedInvoice) -> list[Reason]:
    if sale.total_minor:
        return []
    text = (
        f"Invoice {invoice.number} comes to 0, and the accounting system takes no invoice of 0. Post its lines by a "
        "manual journal, hold or withdraw this voucher, and mark the sale as dealt with."
    )
    return [Reason("invoice_total_zero", text, invoice.number)]


def _credited(sale: Sale, details: SaleDetails, books: Books, day: date, reasons: list[Reason]) -> list[_Credited]:
    groups: dict[tuple[str, str], list[tuple[SaleLine, ResolvedSales]]] = defaultdict(list)
    for line in lines_of(sale):
        found = books.sales(sale.sales_point, line.group, line.vat_rate, day)
        if isinstance(found, ResolvedSales):
            groups[found.account_number, found.vat_code].append((line, found))
        else:
            reasons += [reason for reason in found if reason not in reasons]
    dimensions = dimensions_of(sale, details)
    return [
        _Credited(replace(_posting(group, sale.currency), dimensions=dimensions), tuple(ln.position for ln, _ in group))
        for group in groups.values()
        if sum(line.gross_minor for line, _ in group)
    ]


def _posting(group: Sequence[tuple[SaleLine, ResolvedSales]], currency: str) -> DraftPosting:
    to = group[0][1]
    return DraftPosting(
        ledger_account=to.account_number,
        account_name=to.account_name,
        amount=-total((Money(line.gross_minor, currency) for line, _ in group), currency),
        vat_code=to.vat_code,
        vat_rate=to.vat_rate,
        description=", ".join(dict.fromkeys(line.description for line, _ in group))[:300],
        why=tuple(step for line, found in group for step in why.issued_line(line, found, currency)),
    )


def _postings(
    sale: Sale, details: SaleDetails, invoice: IssuedInvoice, credited: Sequence[_Credited]
) -> tuple[DraftPosting, ...]:
    owed = Money(sale.total_minor, sale.currency)
    lines = tuple(one.posting for one in credited)
    if not owed:
        return lines
    customer = replace(customer_posting(sale, details, owed), why=why.issued(invoice, owed, sale))
    return (customer, *lines)


def _description(sale: Sale, invoice: IssuedInvoice, dated: DatedOn) -> str:
    issued = f" (issued {dated.moved_from})" if dated.moved_from else ""
    return f"{sale.sales_point.name} {sale.reference}, invoice {invoice.number}{issued}"


def _document(
    sale: Sale,
    details: SaleDetails,
    invoice: IssuedInvoice,
    kind: DocumentKind,
    credited: Sequence[_Credited],
    dated: DatedOn,
    generation: int,
) -> OutgoingInvoiceDocument:
    """Lines are positive where they add to the document's total, which is positive on both kinds."""
    sign = -1 if kind == DocumentKind.OUTGOING_CREDIT_NOTE else 1
    lines = tuple(
        JournalLine(
            amount=one.posting.amount if sign < 0 else -one.posting.amount,
            posted_on=dated.day,
            vat_code=one.posting.vat_code,
            ledger_account=one.posting.ledger_account,
            description=one.posting.description,
            line_reference=" ".join(str(position) for position in one.positions),
            dimensions=one.posting.dimensions,
        )
        for one in credited
    )
    return OutgoingInvoiceDocument(
        reference=reference_for(sale.client, kind, SourceType.SALE, source_key(sale), generation),
        kind=kind,
        customer=Party(sale.customer_key, details.customer),
        invoice_number=invoice.number,
        dated_on=dated.day,
        currency=sale.currency,
        lines=lines,
        total=Money(sign * sale.total_minor, sale.currency),
        matching_reference=sale.matching_reference,
        due_on=invoice.due_on,
        kid=invoice.kid,
        description=_description(sale, invoice, dated),
        order_number=details.order_number or sale.reference,
        dimensions=dimensions_of(sale, details),
    )
