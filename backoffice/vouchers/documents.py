"""Typed documents from stored ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import (
    Document,
    DocumentKind,
    InvoiceSendingDocument,
    JournalDocument,
    OutgoingInvoiceDocument,
    ReversalDocument,
    SalesOrderDocument,
)
from backoffice.ledger.money import Money
from backoffice.vouchers.models import Voucher

DOCUMENT_TYPES: dict[str, type[Document]] = {
    DocumentKind.SALES_ORDER: SalesOrderDocument,
    DocumentKind.INVOICE_SENDING: InvoiceSendingDocument,
    DocumentKind.BANK_JOURNAL: JournalDocument,
    DocumentKind.CASH_JOURNAL: JournalDocument,
    DocumentKind.MANUAL_JOURNAL: JournalDocument,
    DocumentKind.OUTGOING_INVOICE: OutgoingInvoiceDocument,
    DocumentKind.OUTGOING_CREDIT_NOTE: OutgoingInvoiceDocument,
    DocumentKind.REVERSAL: ReversalDocument,
}


def read_document(kind: str, document: Mapping[str, Any]) -> Document:
    """Build the typed document from a stored one."""
    return from_builtins(dict(document), DOCUMENT_TYPES[kind])


def total_of(document: Document, voucher: Voucher) -> Money:
    """Give the figure by which the document is recognised over there: its own total, else the sum of the debits."""
    if isinstance(document, SalesOrderDocument | OutgoingInvoiceDocument | InvoiceSendingDocument):
        return document.total
    return Money(voucher.total_minor, voucher.currency)
