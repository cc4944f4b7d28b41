"""See that an order comes to what the customer saw, before it is invoiced. Every step may be repeated.

equal                              nothing
off by a few minor units           one visible rounding line, under a reference of its own
off by more, or no rounding line   the order is deleted, Rejected (total_differs) with the likely cause
in another currency                the same
"""

from __future__ import annotations

from backoffice.contracts.accounting import Directory, Receipt, SalesOrderDocument
from backoffice.contracts.errors import Misunderstood, OutcomeUnknown, Reason, Rejected, Retryable
from backoffice.ledger.money import Money
from integrations.exact_json import dumps
from integrations.poweroffice import api, finding, wire_orders
from integrations.poweroffice.calls import Calls
from integrations.poweroffice.config import PROVIDER
from integrations.poweroffice.wire import Row

OPERATION = "mend_total"


def mended(calls: Calls, document: SalesOrderDocument, receipt: Receipt, directory: Directory) -> Receipt:
    """Give the receipt of an order whose total is the document's; raise Rejected (total_differs) otherwise."""
    if receipt.invoice_number or receipt.total == document.total:
        return receipt  # what is invoiced already is never mended behind the invoice's back
    row = _read(calls, receipt)
    there = _total(row, document)
    if there == document.total:
        return wire_orders.order_receipt(row, document.currency)
    product = document.rounding_product
    is_line_there = wire_orders.rounding_line(row, document) is not None
    if product is None or is_line_there or there.currency != document.currency:
        raise _withdrawn(calls, document, row, there)
    difference = document.total - there
    if abs(difference).minor > document.max_mend_minor:
        raise _withdrawn(calls, document, row, there)
    link = finding.products(calls, directory, [product])[product.code]
    _add_line(calls, receipt, dumps(wire_orders.rounding_body(document, link, difference)))
    row = _read(calls, receipt)
    there = _total(row, document)
    if there == document.total:
        return wire_orders.order_receipt(row, document.currency)
    if wire_orders.rounding_line(row, document) is None:
        raise _later("The rounding line does not show yet. The order is read again in a moment.")
    raise _withdrawn(calls, document, row, there)


def _read(calls: Calls, receipt: Receipt) -> Row:
    row = api.sales_order_with_lines(calls, receipt.external_id)
    if row is None:
        raise _gone()
    return row


def _gone() -> OutcomeUnknown:
    """Somebody deleted the order or made its invoice meanwhile; a look-up tells which."""
    message = "The order is gone from PowerOffice before its total could be checked."
    return OutcomeUnknown(message, provider=PROVIDER, operation=OPERATION)


def _total(row: Row, document: SalesOrderDocument) -> Money:
    there = wire_orders.order_total(row, document.currency)
    if there is None:
        message = "PowerOffice does not say what the order comes to."
        raise Misunderstood(message, provider=PROVIDER, operation=OPERATION)
    return there


def _add_line(calls: Calls, receipt: Receipt, body: str) -> None:
    try:
        api.add_sales_order_line(calls, receipt.external_id, body)
    except OutcomeUnknown as doubt:
        raise _later("Adding the rounding line got no answer. The order is read again.") from doubt
    except Rejected as refusal:
        if any(reason.code == "duplicate_reference" for reason in refusal.reasons):
            raise _later("The rounding line is there and does not show yet. The order is read again.") from refusal
        raise


def _withdrawn(calls: Calls, document: SalesOrderDocument, row: Row, there: Money) -> Rejected | OutcomeUnknown:
    """Delete an order that would be invoiced with another total, and say why."""
    order_id = wire_orders.order_receipt(row, document.currency).external_id
    end = "The order was withdrawn, nothing was invoiced."
    try:
        if not api.delete_sales_order(calls, order_id):
            return _gone()
    except OutcomeUnknown as doubt:
        raise _later("Withdrawing the order got no answer. It is looked up and withdrawn again.") from doubt
    except Rejected as refusal:
        end = f"The order still stands there; delete it there. {refusal.message}"
    message = (
        f"PowerOffice makes the order {there} {there.currency}, the customer saw {document.total} {document.currency}. "
        f"{end} {_cause(document, row)}"
    )
    return Rejected(
        message, provider=PROVIDER, operation=OPERATION, reasons=(Reason("total_differs", message, str(there)),)
    )


def _cause(document: SalesOrderDocument, row: Row) -> str:
    """Name the lines whose VAT code is another one there, the usual cause; else say what to look at."""
    there = wire_orders.vat_codes_by_line(row)
    wrong = [
        f"{line.description or line.product.code} has {there[line.reference]} there, {line.product.vat_code} here"
        for line in document.lines
        if there.get(line.reference, line.product.vat_code) != line.product.vat_code
    ]
    if wrong:
        return f"The VAT codes of the products' ledger accounts differ: {'; '.join(wrong[:5])}."
    return "Compare the VAT codes of the products' ledger accounts, and the order's own lines, with the total."


def _later(message: str) -> Retryable:
    return Retryable(message, provider=PROVIDER, operation=OPERATION, retry_after_s=finding.READ_LAG_S)
