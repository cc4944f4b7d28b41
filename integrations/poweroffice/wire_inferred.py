"""Outgoing invoices and credit notes that another system issued. What is INFERRED of this API stands here alone.

POST /Vouchers/OutgoingInvoiceJournals and /Vouchers/OutgoingCreditNoteJournals exist (2026), but no published
specification of their bodies was found. From the answer of GET /Vouchers/OutgoingInvoiceJournals/{id}
(OutgoingInvoiceVoucherDto, "properties available when posting") we infer:

1. the body is that object without Id, CreatedDateTimeOffset, VoucherNo and IsReversed;
2. CurrencyAmount of the header is the total, debited to the customer; positive line amounts are credited
   (documented for the older API: "lines are credited, total is debited to the customer");
3. a credit note has the same shape and positive amounts, with the sides exchanged;
4. the posting date is the voucher date.

Change it here, and only here, when the vendor's own specification says otherwise.
"""

from __future__ import annotations

from backoffice.contracts.accounting import CustomerLink, JournalLine, OutgoingInvoiceDocument, Receipt
from backoffice.contracts.errors import Reason, Rejected
from backoffice.ledger.money import total as sum_of
from integrations.poweroffice.config import PROVIDER
from integrations.poweroffice.wire import (
    MAX_KID_CHARACTERS,
    MAX_SAFT_CHARACTERS,
    Body,
    Row,
    amount,
    currency_of,
    day_of,
    money_of,
    needed,
    number_id,
    number_of,
    text_of,
    whole_number,
    whole_reference,
    without_blanks,
)
from integrations.poweroffice.wire_journals import LineIds, dimension_ids, one_currency

REFERENCE_FIELD = "ExternalImportReference"


def invoice_body(
    document: OutgoingInvoiceDocument, customer: CustomerLink, ids: list[LineIds], header_dimensions: dict[str, str]
) -> Body:
    """Write an outgoing invoice or credit note; ids stand in the order of the lines."""
    for line in document.lines:
        one_currency(line, document.currency)
    added = sum_of((line.amount for line in document.lines), document.currency)
    if added != document.total:
        message = f"The lines of invoice {document.invoice_number} add to {added}, its total is {document.total}."
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("unbalanced", message, document.invoice_number),))
    body = {
        "CustomerAccountId": number_id(customer.ledger_account_id, "a customer's account"),
        "InvoiceNo": document.invoice_number,
        "VoucherDate": document.dated_on.isoformat(),
        "DueDate": document.due_on.isoformat() if document.due_on else None,
        "CurrencyCode": document.currency,
        "CurrencyAmount": amount(document.total),
        "Description": description_of(document),
        REFERENCE_FIELD: whole_reference(document.reference, "The invoice's reference"),
        "CustomMatchingReference": document.matching_reference,
        "Cid": whole_reference(document.kid, "The KID", MAX_KID_CHARACTERS),
        "ImportedOrderNo": whole_number(document.order_number),
        "SaftSourceId": whole_reference(document.saft_source_id, "The SAF-T source", MAX_SAFT_CHARACTERS),
        **dimension_ids(header_dimensions),
        "OutgoingInvoiceLines": [line_body(line, found) for line, found in zip(document.lines, ids, strict=True)],
    }
    return without_blanks(body)


def line_body(line: JournalLine, ids: LineIds) -> Body:
    """Write one line; positive is income on an invoice and its return on a credit note."""
    body = {
        "AccountId": number_id(ids.account_id, "an account"),
        "VatId": number_id(ids.vat_id, "a VAT code"),
        "CurrencyAmount": amount(line.amount),
        "Description": line.description,
        **dimension_ids(ids.dimensions),
    }
    return without_blanks(body)


def description_of(document: OutgoingInvoiceDocument) -> str:
    """Name the credited invoice in the text, since the voucher has no field for it."""
    number = document.credited_invoice_number
    if not number or number in document.description:
        return document.description
    return f"{document.description} ({number})".strip()


def invoice_receipt(row: Row, currency: str) -> Receipt:
    """Read the voucher that a POST answers."""
    return Receipt(
        external_id=needed(row, "Id"),
        number=number_of(row, "VoucherNo"),
        invoice_number=text_of(row, "InvoiceNo"),
        total=money_of(row.get("CurrencyAmount"), currency_of(row, currency)),
        dated_on=day_of(row.get("VoucherDate")),
    )


def statement_receipt(row: Row, currency: str) -> Receipt:
    """Read a customer ledger entry (CustomerLedgerEntryDto); the total is positive on both kinds."""
    total = money_of(row.get("CurrencyAmount"), currency_of(row, currency))
    return Receipt(
        external_id=needed(row, "VoucherId"),
        number=number_of(row, "VoucherNo"),
        invoice_number=text_of(row, "InvoiceNo"),
        total=abs(total) if total is not None else None,
        dated_on=day_of(row.get("PostingDate")),
    )
