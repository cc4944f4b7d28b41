"""Sales orders and their invoices, both ways. Prices are ex VAT; VAT follows the product's sales account."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from backoffice.contracts.accounting import (
    CustomerLink,
    InvoiceSendingDocument,
    OrderLine,
    ProductLink,
    Receipt,
    SalesOrderDocument,
)
from backoffice.contracts.errors import Misunderstood, Reason, Rejected
from backoffice.ledger.money import Money
from integrations.poweroffice.config import PROVIDER
from integrations.poweroffice.wire import (
    LINE_NAMESPACE,
    Body,
    Row,
    amount,
    currency_of,
    day_of,
    dimension_codes,
    money_of,
    needed,
    number_id,
    number_of,
    rows_of,
    text_of,
    whole_number,
    whole_reference,
    without_blanks,
)

#: UnitOfMeasureType of their specification; any other unit is sent as EA (each).
UNITS: Final = frozenset(
    "BX MTR KMT KGM EA LTR HUR DAY MTK MTQ TNE MON ANN QAN NL XRO XBA XPL XPC PR XCI XBG SET XTY XOF FTK KWH MWH LBR"
    " CMT DMT LM XPK GRM HGM XFL XBE E54 MMT DAA H18 MLT HLT DLT AK XCR E14 MJ J57 XJG XCT XSA XTU WEE XCA XCN NAR M4"
    " XVQ P1 MFU KMK LM3 FOT FM3 E34 E35".split()
)
EACH: Final = "EA"
#: An order stays editable until it is invoiced, so that a rounding line can be added; sending needs no more.
ORDER_STATUS: Final = "Draft"


def order_body(document: SalesOrderDocument, customer: CustomerLink, products: Mapping[str, ProductLink]) -> Body:
    """Write POST /SalesOrders/Complete. products is keyed by product code."""
    body = {
        "CustomerId": number_id(customer.external_id, "a customer"),
        "ExternalImportReference": whole_reference(document.reference, "The order's reference"),
        "CustomMatchingReference": document.matching_reference,
        "CurrencyCode": document.currency,
        "SalesOrderDate": document.ordered_on.isoformat(),
        "DeliveryDate": document.delivered_on.isoformat() if document.delivered_on else None,
        "BrandingThemeCode": document.branding_theme,
        "ImportedOrderNo": whole_number(document.order_number),
        "CustomerReference": document.customer_reference,
        "RelatedInvoiceNo": whole_number(document.related_invoice_number) if document.total.minor < 0 else None,
        "SalesOrderStatus": ORDER_STATUS,
        **dimension_codes(document.dimensions),
        "SalesOrderLines": [
            line_body(line, products[line.product.code], position) for position, line in enumerate(document.lines)
        ],
    }
    return without_blanks(body)


def line_body(line: OrderLine, product: ProductLink, position: int) -> Body:
    """Write one order line. Discount and sales account are said outright: left out, the customer's would count."""
    body = {
        "ProductId": number_id(product.external_id, "a product"),
        "Description": line.description,
        "Quantity": line.quantity,
        "ProductUnitPrice": line.unit_price,
        "Allowance": Decimal(0),
        "UseStandardSalesAccount": True,
        "UnitOfMeasureCode": line.unit if line.unit in UNITS else EACH,
        "ExternalImportReference": whole_reference(line.reference, "The line's reference"),
        "SortOrder": position,
        **dimension_codes(line.dimensions),
    }
    return without_blanks(body)


def rounding_reference(order_reference: str) -> str:
    """Give the reference of an order's rounding line: the same each time, so that it can stand there only once."""
    return str(uuid.uuid5(LINE_NAMESPACE, f"{order_reference}/rounding"))


def rounding_body(document: SalesOrderDocument, product: ProductLink, difference: Money) -> Body:
    """Write the visible rounding line; difference is what the order lacks, and the product carries no VAT."""
    body = {
        "ProductId": number_id(product.external_id, "a product"),
        "Description": document.rounding_product.name if document.rounding_product else "",
        "Quantity": Decimal(1),
        "ProductUnitPrice": amount(difference),
        "Allowance": Decimal(0),
        "UseStandardSalesAccount": True,
        "UnitOfMeasureCode": EACH,
        "ExternalImportReference": rounding_reference(document.reference),
        "SortOrder": len(document.lines),
    }
    return without_blanks(body)


def rounding_line(row: Row, document: SalesOrderDocument) -> Row | None:
    """Give the rounding line of an order read with its lines, or None when it has none."""
    reference = rounding_reference(document.reference)
    lines = rows_of(row, "SalesOrderLines")
    return next((line for line in lines if text_of(line, "ExternalImportReference").lower() == reference), None)


def vat_codes_by_line(row: Row) -> dict[str, str]:
    """Give the VAT code that each line of an order got from its product's account, by our line reference."""
    lines = rows_of(row, "SalesOrderLines")
    return {text_of(line, "ExternalImportReference"): text_of(line, "VatCode") for line in lines}


def order_total(row: Row, currency: str) -> Money | None:
    """Read what PowerOffice will invoice for an order, VAT included."""
    return money_of(row.get("TotalAmount"), currency_of(row, currency))


def order_receipt(row: Row, currency: str) -> Receipt:
    """Read an order that is not invoiced yet (SalesOrderDto, SalesOrderCompleteDto).

    One without a total is not understood: its invoice could not be compared with what the customer saw.
    """
    total = order_total(row, currency)
    if total is None:
        raise Misunderstood("PowerOffice answered an order without a total.", provider=PROVIDER)
    return Receipt(
        external_id=needed(row, "Id"),
        number=number_of(row, "SalesOrderNo"),
        total=total,
        dated_on=day_of(row.get("SalesOrderDate")),
    )


def invoiced_order_receipt(row: Row, currency: str) -> Receipt:
    """Read an order that has become an invoice (OutgoingInvoiceDto); it keeps its id."""
    invoice = invoice_receipt(row, currency)
    return Receipt(
        external_id=invoice.external_id,
        number=number_of(row, "OrderNo"),
        invoice_number=invoice.invoice_number,
        total=invoice.total,
        dated_on=day_of(row.get("OrderDate")),
    )


def invoice_receipt(row: Row, currency: str) -> Receipt:
    """Read an invoice (OutgoingInvoiceDto). A credit note's total is negative, as its order's is."""
    total = money_of(row.get("TotalAmount"), currency_of(row, currency))
    if total is not None and text_of(row, "VoucherType") == "OutgoingCreditNote":
        total = -abs(total)
    return Receipt(
        external_id=needed(row, "Id"),
        number=number_of(row, "VoucherNo"),
        invoice_number=number_of(row, "InvoiceNo"),
        total=total,
        dated_on=day_of(row.get("VoucherDate")),
    )


def sending_body(document: InvoiceSendingDocument) -> Body:
    """Write POST createAndSendInvoice. Auto takes EHF where the buyer can, else the e-mail address given here."""
    return without_blanks(
        {
            "DeliveryType": "Auto" if document.by_ehf else "PdfByEmail",
            "EmailAddress": document.email,
            "VoucherDate": document.dated_on.isoformat(),
        }
    )


def sending_receipt(state: Row) -> Receipt | Rejected | None:
    """Read a sentState: being worked on, sent, failed with their sentence, or None when nothing was asked for.

    A number means that the invoice stands in the books. An error beside it is about handing it over only and is
    kept in details["delivery_error"]: the invoice must not be made again.
    """
    order_id, number = needed(state, "Id"), number_of(state, "InvoiceNo")
    error = text_of(state, "LastErrorMessage")
    if number or text_of(state, "SentDateTimeOffset"):
        details = {"delivery_error": error} if error and not text_of(state, "SentDateTimeOffset") else {}
        return Receipt(external_id=order_id, invoice_number=number, is_final=bool(number), details=details)
    if state.get("IsInvoiceBeingProcessed") is True:
        return Receipt(external_id=order_id, is_final=False)
    if error:
        message = f"PowerOffice could not send the invoice: {error}"
        return Rejected(
            message, provider=PROVIDER, operation="send_invoice", reasons=(Reason("send_failed", error, order_id),)
        )
    return None
