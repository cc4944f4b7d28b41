"""W12 on W2: a refund becomes an outgoing credit note under the sales system's own number.

Each part goes back to the ledger account and VAT code it was posted to, whatever the mapping says today.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import DocumentKind, JournalLine, OutgoingInvoiceDocument
from backoffice.contracts.errors import Reason
from backoffice.ledger.money import total
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for
from backoffice.vouchers.models import SourceType
from backoffice.workflows import why
from backoffice.workflows.books import Books, ResolvedSales
from backoffice.workflows.credited_sales import (
    CreditedSale,
    customer_credit,
    date_credit,
    negated,
    refund_day,
    remarked,
)
from backoffice.workflows.credits import ROUNDING_POSITION, Share
from backoffice.workflows.dates import DatedOn


def draft_credit_note(
    of: CreditedSale, books: Books, key: str, *, may_move: bool = False, generation: int = 0
) -> Draft:
    """Draft the credit note of a refund that has its number. key names the refund as the voucher's source."""
    original = from_builtins(of.voucher.document, OutgoingInvoiceDocument)
    dated = date_credit(of, refund_day(of.refund), books, may_move=may_move)
    reasons: list[Reason] = [dated.reason] if dated.reason else []
    if of.credited.is_whole:
        postings = negated(of)
        lines = tuple(replace(line, posted_on=dated.day, line_reference="") for line in original.lines)
    else:
        postings = (customer_credit(of), *_postings(of, original, books, dated, reasons))
        lines = tuple(_line(posting, dated) for posting in postings[1:])
    document = None if reasons else _document(of, original, lines, dated, key, generation)
    return Draft(
        kind=DocumentKind.OUTGOING_CREDIT_NOTE,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=of.refund.currency,
        description=_description(of, dated),
        customer_name=of.sale.customer_name,
        matching_reference=of.matching_reference,
        occurred_at=of.refund.refunded_at,
        postings=remarked(postings),
        document=document,
        reasons=tuple(reasons),
    )


def _postings(
    of: CreditedSale, original: OutgoingInvoiceDocument, books: Books, dated: DatedOn, reasons: list[Reason]
) -> list[DraftPosting]:
    groups: dict[tuple[str, str], list[Share]] = defaultdict(list)
    places = {int(text): line for line in original.lines for text in line.line_reference.split()}
    rounding = next((line for line in original.lines if not line.line_reference), None)
    for share in of.credited.shares:
        line = rounding if share.position == ROUNDING_POSITION else places.get(share.position)
        if line is not None:
            groups[line.ledger_account, line.vat_code].append(share)
            continue
        # lines that cancelled each other on the invoice have no posting there
        found = _mapped_today(of, share, books, dated)
        if isinstance(found, ResolvedSales):
            groups[found.account_number, found.vat_code].append(share)
        else:
            reasons += [reason for reason in found if reason not in reasons]
    return [
        _posting(of, account, vat_code, shares)
        for (account, vat_code), shares in groups.items()
        if sum(share.gross.minor for share in shares)
    ]


def _mapped_today(of: CreditedSale, share: Share, books: Books, dated: DatedOn) -> ResolvedSales | list[Reason]:
    line = of.lines[share.position]
    return books.sales(of.sale.sales_point, line.group, line.vat_rate, dated.day)


def _posting(of: CreditedSale, account: str, vat_code: str, shares: list[Share]) -> DraftPosting:
    lines = of.lines
    original = next((one for one in of.originals if (one.ledger_account, one.vat_code) == (account, vat_code)), None)
    texts = [lines[share.position].description for share in shares if share.position in lines]
    return DraftPosting(
        ledger_account=account,
        account_name=of.names.get(account, ""),
        amount=total((share.gross for share in shares), of.refund.currency),
        vat_code=vat_code,
        vat_rate=original.vat_rate if original else lines[shares[0].position].vat_rate,
        description=", ".join(dict.fromkeys(texts))[:300],
        dimensions=original.dimensions if original else {},
        why=tuple(why.credited_share(lines.get(share.position), share.gross) for share in shares),
    )


def _line(posting: DraftPosting, dated: DatedOn) -> JournalLine:
    return JournalLine(
        amount=posting.amount,
        posted_on=dated.day,
        vat_code=posting.vat_code,
        ledger_account=posting.ledger_account,
        description=posting.description,
        dimensions=posting.dimensions,
    )


def _description(of: CreditedSale, dated: DatedOn) -> str:
    issued = f" (issued {dated.moved_from})" if dated.moved_from else ""
    number = f"credit note {of.refund.credit_note_number} for invoice {of.invoice_number}"
    return f"{of.sale.sales_point.name} {of.sale.reference}, {number}{issued}"


def _document(
    of: CreditedSale,
    original: OutgoingInvoiceDocument,
    lines: tuple[JournalLine, ...],
    dated: DatedOn,
    key: str,
    generation: int,
) -> OutgoingInvoiceDocument:
    kind = DocumentKind.OUTGOING_CREDIT_NOTE
    return OutgoingInvoiceDocument(
        reference=reference_for(of.refund.client, kind, SourceType.REFUND, key, generation),
        kind=kind,
        customer=of.party,
        invoice_number=of.refund.credit_note_number,
        dated_on=dated.day,
        currency=original.currency,
        lines=lines,
        total=of.amount,
        matching_reference=of.matching_reference,
        description=_description(of, dated),
        credited_invoice_number=of.invoice_number,
        dimensions=original.dimensions,
    )
