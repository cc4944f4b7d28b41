"""Outgoing invoice and credit note journals: documents another system has issued.

INFERRED, and this is the only place where it is: the vendor has published the read DTO
(`OutgoingInvoiceVoucherDto`), not the bodies of the two POST calls. Taken here as: the read DTO without what
Go itself fills in; required are CustomerAccountId, InvoiceNo, VoucherDate, CurrencyCode and lines with
AccountId, VatId, CurrencyAmount. Line amounts are gross of VAT and positive: on an invoice they credit sales
and debit the customer, on a credit note they debit sales and credit the customer; a negative line goes the
other way (v1 documentation, same backend).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from .amounts import from_minor, to_minor, vat_inside
from .books import Books
from .calls import Call
from .currencies import rate_for, read_currency, to_nok
from .dimensions import resolve
from .errors import invalid, not_found
from .messages import Response, answer
from .posting import Line, post
from .posting_rules import account_and_customer, check_account, check_period, vat_for
from .schema import Field, Shape, many, nested, text
from .shapes import DAY, DIMENSION_IDS, INT32, INT64, MONEY, PRICE, RATE, REFERENCE, TEXT, UNIT, VAT_RETURN
from .store import Row
from .terms import default_payment_term, default_theme, payment_term
from .vouchers import TITLE, check_reference, own_voucher, shown_number, store_voucher

INVOICES, CREDIT_NOTES = "OutgoingInvoiceJournals", "OutgoingCreditNoteJournals"
LINE: Shape = {
    "AccountId": replace(INT64, required=True),
    "CurrencyAmount": replace(MONEY, required=True),
    **DIMENSION_IDS,
    "Description": TEXT,
    "ProductId": INT64,
    "Quantity": PRICE,
    "QuantityOrdered": PRICE,
    "UnitOfMeasureType": UNIT,
    "VatId": replace(INT32, required=True),
    "VatReturnSpecification": VAT_RETURN,
}
_TEXTS = (
    "ContractNo CustomerReference DeliveryAddress1 DeliveryAddress2 DeliveryAddressCity DeliveryAddressCountryCode "
    "DeliveryAddressZipCode Description PurchaseOrderReference"
).split()
BODY: Shape = {
    **dict.fromkeys(_TEXTS, TEXT),
    **DIMENSION_IDS,
    "Cid": Field(text(25)),
    "CurrencyAmount": MONEY,
    "CurrencyCode": Field(text(3), required=True),
    "CurrencyExchangeRate": RATE,
    "CustomMatchingReference": REFERENCE,
    "CustomerAccountId": replace(INT64, required=True),
    "DeliveryDate": DAY,
    "DeliveryTermId": INT64,
    "DueDate": DAY,
    "ExternalImportReference": REFERENCE,
    "ImportedOrderNo": INT64,
    "ImportedVoucherNo": INT64,
    "InvoiceNo": Field(text(50), required=True),
    "OutgoingInvoiceLines": Field(many(nested(LINE)), required=True),
    "SaftSourceId": Field(text(35)),
    "SalesPersonEmployeeId": INT64,
    "VoucherDate": replace(DAY, required=True),
}


def create(kind: str) -> Callable[[Call], Response]:
    """Give the handler that posts invoices or credit notes."""

    def handle(call: Call) -> Response:
        books = call.books
        body = call.body(BODY, TITLE)
        _check(books, body)
        _, customer = account_and_customer(books, body["CustomerAccountId"], TITLE)
        if customer is None:
            raise invalid(TITLE, "CustomerAccountId must be the SubledgerAccountId of a customer.")
        sign = 1 if kind == INVOICES else -1
        lines = [_line(books, body, given, sign) for given in body["OutgoingInvoiceLines"]]
        receivable = _receivable(books, body, customer, lines)
        voucher_type = "OutgoingInvoice" if kind == INVOICES else "OutgoingCreditNote"
        kept = {name: body.get(name) for name in BODY}
        voucher = store_voucher(call, kind, voucher_type, body["VoucherDate"], **_filled(kept, receivable, sign))
        books.invoices.put(_invoice(books, voucher, body, receivable, lines))
        post(books, voucher, [receivable, *lines])
        return answer({**shown(books, voucher), "VoucherNo": None}, 201)

    return handle


def read(kind: str) -> Callable[[Call], Response]:
    """Give the handler that shows one of them."""
    return lambda call: answer(shown(call.books, own_voucher(call, kind)))


def shown(books: Books, voucher: Row) -> Row:
    """Give a document as the API shows it."""
    names = [name for name in BODY if name != "VoucherDate"]
    own = {name: voucher[name] for name in ("CreatedDateTimeOffset", "Id", "IsReversed", "VoucherDate")}
    return {**{name: voucher.get(name) for name in names}, **own, "VoucherNo": shown_number(books, voucher)}


def _check(books: Books, body: Row) -> None:
    check_reference(books, body.get("ExternalImportReference"))
    number = body["InvoiceNo"]
    if not number.strip():
        raise invalid(TITLE, "InvoiceNo is required.")
    if found := books.vouchers.find("invoice_no", number):
        raise invalid(TITLE, f"InvoiceNo is already in use. '{number}' is used on voucher Id = {found[0]['Id']}.")
    if not body["OutgoingInvoiceLines"]:
        raise invalid(TITLE, "OutgoingInvoiceLines cannot be empty.")
    if body.get("SalesPersonEmployeeId") is not None:
        raise not_found(f"Employee with id = {body['SalesPersonEmployeeId']} not found.", TITLE)
    if body.get("DeliveryTermId") is not None and books.delivery_terms.get(body["DeliveryTermId"]) is None:
        raise not_found(f"Delivery term with id = {body['DeliveryTermId']} not found.", TITLE)
    check_period(books, body["VoucherDate"], TITLE)


def _line(books: Books, body: Row, given: Row, sign: int) -> Line:
    account, customer = account_and_customer(books, given["AccountId"], TITLE)
    if customer is not None:
        raise invalid(TITLE, "A line of an outgoing invoice cannot be posted to a customer.")
    currency = read_currency(body["CurrencyCode"], TITLE)
    rate = rate_for(currency, body.get("CurrencyExchangeRate"), TITLE)
    product = books.products.get(given["ProductId"]) if "ProductId" in given else None
    if "ProductId" in given and product is None:
        raise not_found(f"Product with id = {given['ProductId']} not found.", TITLE)
    amount = -sign * to_minor(given["CurrencyAmount"])
    line = Line(
        account=account,
        posted_on=body["VoucherDate"],
        currency=currency,
        rate=rate,
        currency_amount=amount,
        amount=to_nok(amount, rate),
        vat=vat_for(given["VatId"], account, None, body["VoucherDate"], TITLE),
        dimensions=resolve(books, given, TITLE, inherited=resolve(books, body, TITLE)),
        description=given.get("Description"),
        product=product,
        quantity=given.get("Quantity"),
        vat_return=given.get("VatReturnSpecification", "None"),
    )
    check_account(line, TITLE)
    return line


def _receivable(books: Books, body: Row, customer: Row, lines: list[Line]) -> Line:
    total = -sum(line.currency_amount for line in lines)
    stated = body.get("CurrencyAmount")
    if stated is not None and abs(to_minor(stated)) != abs(total):
        raise invalid(TITLE, f"CurrencyAmount {stated} is not the sum of the lines ({from_minor(abs(total))}).")
    if not total:
        raise invalid(TITLE, "The document's total cannot be 0.")
    term = payment_term(books, customer, TITLE) or default_payment_term(books)
    due = date.fromisoformat(body["VoucherDate"]) + timedelta(days=term["CreditDays"])
    return Line(
        account=books.control_account,
        customer=customer,
        posted_on=body["VoucherDate"],
        currency=lines[0].currency,
        rate=lines[0].rate,
        currency_amount=total,
        amount=-sum(line.amount for line in lines),
        dimensions=resolve(books, body, TITLE),
        description=body.get("Description"),
        matching_reference=body.get("CustomMatchingReference"),
        cid=body.get("Cid"),
        invoice_no=body["InvoiceNo"],
        due_on=body.get("DueDate", due.isoformat()),
        is_main=True,
    )


def _filled(kept: Row, receivable: Line, sign: int) -> Row:
    kept.pop("VoucherDate")
    lines = [{**dict.fromkeys(LINE), **line} for line in kept["OutgoingInvoiceLines"]]
    for line in lines:
        line["VatReturnSpecification"] = line["VatReturnSpecification"] or "None"
    amount = from_minor(sign * receivable.currency_amount)
    return {**kept, "OutgoingInvoiceLines": lines, "CurrencyAmount": amount, "DueDate": receivable.due_on}


def _invoice(books: Books, voucher: Row, body: Row, receivable: Line, lines: list[Line]) -> Row:
    """Give the document as /OutgoingInvoices keeps it: without a sending time, for it came from outside."""
    number = body["InvoiceNo"]
    customer = receivable.customer
    assert customer is not None
    now = books.clock.now
    branding = default_theme(books)
    shown_lines = [_invoice_line(line, place) for place, line in enumerate(lines)]
    return {
        **{name: body.get(name) for name in BODY if name != "OutgoingInvoiceLines"},
        **receivable.dimensions,
        "Id": voucher["Id"],
        "application_key": voucher["application_key"],
        "BrandingThemeId": branding["Id"],
        "BrandingThemeCode": branding["Code"],
        "CustomerId": customer["Id"],
        "CustomerNo": customer["Number"],
        "CurrencyExchangeRate": receivable.rate,
        "DueDate": receivable.due_on,
        "InvoiceNo": int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else None,
        "InvoiceDeliveryType": "External",
        "IsReversed": False,
        "VoucherType": voucher["voucher_type"],
        "CreatedDateTimeOffset": now,
        "LastChangedDateTimeOffset": now,
        "rate": receivable.rate,
        "lines": shown_lines,
        "line_ids": [books.next_id() for _ in lines],
        "net": sum(line["net"] for line in shown_lines),
        "total": receivable.currency_amount,
    }


def _invoice_line(line: Line, place: int) -> Row:
    vat = vat_inside(-line.currency_amount, line.vat.rate) if line.vat.how == "output" else 0
    return {
        **line.dimensions,
        "account_id": line.account["Id"],
        "Description": line.description,
        "LineType": "Normal",
        "ProductId": line.product["Id"] if line.product else None,
        "ProductCode": line.product["Code"] if line.product else None,
        "Quantity": line.quantity,
        "SortOrder": place,
        "VatCode": line.vat.code,
        "VatId": line.vat.vat_id,
        "VatRate": line.vat.rate,
        "VatReturnSpecification": line.vat_return,
        "net": -line.currency_amount - vat,
        "vat": vat,
    }
