"""From a document to the exact bytes that will be sent, with the other side's ids resolved."""

from __future__ import annotations

from backoffice.contracts.accounting import (
    Directory,
    Document,
    DocumentKind,
    InvoiceSendingDocument,
    JournalDocument,
    JournalLine,
    OutgoingInvoiceDocument,
    Request,
    ReversalDocument,
    SalesOrderDocument,
)
from backoffice.contracts.errors import Unsupported
from backoffice.ledger.money import Money
from integrations.exact_json import dumps
from integrations.poweroffice import finding, wire_inferred, wire_journals, wire_orders
from integrations.poweroffice.calls import Calls, segment
from integrations.poweroffice.config import HOME_CURRENCY, PROVIDER
from integrations.poweroffice.wire_journals import JOURNALS, LineIds


def request_for(calls: Calls, document: Document, directory: Directory) -> Request:
    """Give the request of a document; finds or creates customers and products on the way."""
    match document:
        case SalesOrderDocument():
            return _order(calls, document, directory)
        case InvoiceSendingDocument():
            return _sending(document)
        case JournalDocument():
            return _journal(calls, document, directory)
        case OutgoingInvoiceDocument():
            return _invoice(calls, document, directory)
        case ReversalDocument():
            return _reversal(document)


def _order(calls: Calls, document: SalesOrderDocument, directory: Directory) -> Request:
    customer = finding.customer(calls, directory, document.customer)
    products = finding.products(calls, directory, (line.product for line in document.lines))
    return Request(
        kind=DocumentKind.SALES_ORDER,
        reference=document.reference,
        method="POST",
        path="/SalesOrders/Complete",
        body=dumps(wire_orders.order_body(document, customer, products)),
        total=document.total,
        dated_on=document.ordered_on,
    )


def _sending(document: InvoiceSendingDocument) -> Request:
    order_id = document.order_external_id
    return Request(
        kind=DocumentKind.INVOICE_SENDING,
        reference=document.reference,
        method="POST",
        path=f"/SalesOrders/{segment(order_id)}/createAndSendInvoice",
        body=dumps(wire_orders.sending_body(document)),
        total=document.total,
        dated_on=document.dated_on,
        lookup={"order_id": order_id},
    )


def _journal(calls: Calls, document: JournalDocument, directory: Directory) -> Request:
    ids = [_line_ids(calls, line, directory) for line in document.lines]
    telling = wire_journals.telling_line(document)
    journal = JOURNALS[document.kind]
    return Request(
        kind=document.kind,
        reference=document.reference,
        method="POST",
        path=f"/Vouchers/{journal.path}",
        body=dumps(wire_journals.journal_body(document, ids)),
        total=wire_journals.debit_total(document),
        dated_on=document.dated_on,
        lookup={
            "account_no": telling.ledger_account if telling else "",
            "posted_on": (telling.posted_on if telling else document.dated_on).isoformat(),
        },
    )


def _line_ids(calls: Calls, line: JournalLine, directory: Directory) -> LineIds:
    if line.customer is not None:
        account_id = finding.customer(calls, directory, line.customer).ledger_account_id
    else:
        account_id = directory.account_id(line.ledger_account)
    dimensions = {kind: directory.dimension_id(kind, code) for kind, code in line.dimensions.items() if code}
    return LineIds(account_id, directory.vat_id(line.vat_code or "0", line.posted_on), dimensions)


def _invoice(calls: Calls, document: OutgoingInvoiceDocument, directory: Directory) -> Request:
    customer = finding.customer(calls, directory, document.customer)
    ids = [_line_ids(calls, line, directory) for line in document.lines]
    header = {kind: directory.dimension_id(kind, code) for kind, code in document.dimensions.items() if code}
    return Request(
        kind=document.kind,
        reference=document.reference,
        method="POST",
        path=f"/Vouchers/{JOURNALS[document.kind].path}",
        body=dumps(wire_inferred.invoice_body(document, customer, ids, header)),
        total=document.total,
        dated_on=document.dated_on,
        lookup={"invoice_number": document.invoice_number, "posted_on": document.dated_on.isoformat()},
    )


def _reversal(document: ReversalDocument) -> Request:
    voucher_id = document.voucher_external_id
    if document.voucher_kind not in JOURNALS:
        message = f"PowerOffice cannot reverse a {document.voucher_kind}; only journals that were posted to."
        raise Unsupported(message, provider=PROVIDER)
    journal = JOURNALS[document.voucher_kind].path
    return Request(
        kind=DocumentKind.REVERSAL,
        reference=document.reference,
        method="POST",
        path=f"/Vouchers/Reverse/{segment(voucher_id)}",
        body="",
        total=Money.zero(HOME_CURRENCY),
        dated_on=document.reversed_on,
        lookup={"voucher_id": voucher_id, "journal": journal},
    )
