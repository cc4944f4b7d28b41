"""Turn a sales order into an invoice or a credit note: queued, then sent or failed.

`createAndSendInvoice` answers 202 at once; the transition happens `send_delay_ms` later, before the next
request is handled. A failure takes no invoice number and leaves the order where it was, with
`LastErrorMessage`. Source: OpenAPI `/SalesOrders/{id}/createAndSendInvoice` and `/SalesOrders/sentState`.
INFERRED: a second call while the first is in transit is refused with 400.
"""

from datetime import date, timedelta
from typing import Any

from .books import Books
from .calls import Call
from .clock import plus_ms
from .currencies import rate_for, to_nok
from .errors import ApiError, invalid, not_found
from .messages import Response, answer
from .options import SandboxOptions
from .orders import SILENT_TYPES, TITLE, priced, with_totals
from .organisation import kid
from .posting import Line, new_voucher, post
from .posting_rules import check_account, check_period
from .sales import open_order
from .schema import guid
from .seed_vat import VAT_BY_ID
from .shapes import SEND
from .store import Row

FIRST_INVOICE_NO = 10001


class DeliveryFailed(Exception):
    """The invoice cannot be delivered; the message goes into LastErrorMessage."""


def send(call: Call) -> Response:
    """Queue an order for invoicing."""
    if not call.may_send_invoice:
        detail = "The integration does not have the required privileges to send invoices."
        raise invalid("Missing privilege", detail)
    books = call.books
    order = open_order(call)
    given = call.body(SEND, TITLE) if call.request.body.strip() else {}
    if order["send"] is not None and order["send"]["is_processing"]:
        raise invalid(TITLE, f"Sales order with id = {order['Id']} is already being processed.")
    day = given.get("VoucherDate", books.clock.today)
    if given.get("OverrideDueDate", day) < day:
        raise invalid(TITLE, "OverrideDueDate is before VoucherDate.")
    _prepare(books, order, day)
    queued = {
        "DeliveryType": given.get("DeliveryType", "Auto"),
        "EmailAddress": given.get("EmailAddress"),
        "OverrideDueDate": given.get("OverrideDueDate"),
        "VoucherDate": day,
        "is_processing": True,
        "due_at": plus_ms(books.clock.now_us, call.options.send_delay_ms),
        "error": None,
    }
    books.orders.change(order["Id"], send=queued)
    shown = {name: value for name, value in queued.items() if name[0].isupper()}
    location = f"{call.request.root_url}/v2/SalesOrders/sentState?id={order['Id']}"
    return answer({**shown, "Id": order["Id"]}, 202, {"Location": location})


def run_due(books: Books, options: SandboxOptions) -> None:
    """Send or fail every queued order whose time has come."""
    for order in books.orders.find("is_queued", True):
        queued = order["send"]
        if queued["due_at"] <= books.clock.now:
            try:
                delivery = _delivery(books.customers[order["CustomerId"]], queued, options)
                _issue(books, order, queued, delivery)
            except (DeliveryFailed, ApiError) as error:
                books.orders.change(order["Id"], send={**queued, "is_processing": False, "error": str(error)})


def _delivery(customer: Row, queued: Row, options: SandboxOptions) -> str:
    """Decide how the invoice travels; raise when the asked-for way is closed."""
    wanted = queued["DeliveryType"]
    organisation = customer["OrganizationNumber"]
    email = queued["EmailAddress"] or customer["InvoiceEmailAddress"] or customer["EmailAddress"]
    can_ehf = bool(organisation) and organisation not in options.organisations_without_ehf
    if wanted == "PdfPrintForDownload":
        return "Print"
    if wanted in ("Efaktura", "AvtaleGiro"):
        raise DeliveryFailed(f"{customer['Name']} has no {wanted} agreement")
    wants_ehf = wanted == "EHF" or (wanted == "Auto" and customer["InvoiceDeliveryType"] == "EHF")
    if wants_ehf and can_ehf:
        return "EHF"
    if wants_ehf and (wanted == "EHF" or not queued["EmailAddress"]):
        if not organisation:
            raise DeliveryFailed(f"{customer['Name']} has no organization number, which EHF requires")
        raise DeliveryFailed(f"{customer['Name']} no longer support the receival of EHF invoice")
    if email:
        return "PdfByEmail"
    if wanted == "Auto" and customer["InvoiceDeliveryType"] == "Print":
        return "Print"
    raise DeliveryFailed(f"{customer['Name']} has no e-mail address to send the invoice to")


def _prepare(books: Books, order: Row, day: str) -> tuple[Row, list[Line]]:
    """Price the order for its invoice date and check what will be posted."""
    if not any(line["LineType"] not in SILENT_TYPES for line in order["lines"]):
        raise invalid(TITLE, "The sales order has no lines to invoice.")
    check_period(books, day, TITLE)
    lines = []
    for line in order["lines"]:
        product = None if line["ProductId"] is None else books.products[line["ProductId"]]
        lines.append(priced(books, line, order, product, day))
    order = with_totals({**order, "lines": lines})
    posted = [line for line in (_sales_line(books, order, line, day) for line in lines) if line is not None]
    return order, posted


def _sales_line(books: Books, order: Row, line: Row, day: str) -> Line | None:
    if line["account_id"] is None or not line["net"]:
        return None
    currency = order["CurrencyCode"]
    rate = rate_for(currency, order["CurrencyExchangeRate"], TITLE)
    gross = -(line["net"] + line["vat"])
    posted = Line(
        account=books.accounts[line["account_id"]],
        posted_on=day,
        currency=currency,
        rate=rate,
        currency_amount=gross,
        amount=to_nok(gross, rate),
        currency_vat=-line["vat"],
        vat=VAT_BY_ID[line["VatId"]],
        dimensions={name: line[name] for name in line if name.endswith(("Id", "Code")) and _is_dimension(name)},
        description=line["Description"],
        product=books.products[line["ProductId"]],
        quantity=line["Quantity"],
        vat_return=line["VatReturnSpecification"],
    )
    check_account(posted, TITLE)
    return posted


def _is_dimension(name: str) -> bool:
    return name.startswith(("Department", "Location", "Project", "Dim1", "Dim2", "Dim3"))


def _issue(books: Books, order: Row, queued: Row, delivery: str) -> None:
    """Give the order its number, post it, and let it become an invoice with the same Id."""
    day = queued["VoucherDate"]
    order, lines = _prepare(books, order, day)
    customer = books.customers[order["CustomerId"]]
    number = books.next_number("invoice", FIRST_INVOICE_NO)
    is_credit = order["total"] < 0
    voucher_type = "OutgoingCreditNote" if is_credit else "OutgoingInvoice"
    due_on = queued["OverrideDueDate"] or _due(day, order["PaymentTerm"])
    cid = kid(f"{customer['Number']}{number}")
    voucher = new_voucher(
        books,
        order["Id"],
        "SalesOrder",
        voucher_type,
        day,
        application_key=order["application_key"],
        ExternalImportReference=order["ExternalImportReference"],
        InvoiceNo=str(number),
        CurrencyCode=order["CurrencyCode"],
        Description=f"{'Kreditnota' if is_credit else 'Faktura'} {number} {customer['Name']}",
    )
    posted = -sum(line.amount for line in lines)
    receivable = Line(
        account=books.control_account,
        customer=customer,
        posted_on=day,
        amount=posted,
        currency_amount=order["total"],
        currency=order["CurrencyCode"],
        rate=rate_for(order["CurrencyCode"], order["CurrencyExchangeRate"], TITLE),
        dimensions={name: order[name] for name in order if _is_dimension(name)},
        matching_reference=order["CustomMatchingReference"],
        cid=cid,
        invoice_no=str(number),
        due_on=due_on,
        is_main=True,
        description=voucher["Description"],
    )
    books.invoices.put(_invoice(books, order, voucher, receivable, delivery))
    post(books, voucher, [receivable, *lines] if order["total"] else lines)
    sent = {**queued, "is_processing": False, "error": None}
    books.orders.change(order["Id"], state="sent", sent_at=books.clock.now, send=sent)


def _due(day: str, credit_days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=credit_days)).isoformat()


def _invoice(books: Books, order: Row, voucher: Row, receivable: Line, delivery: str) -> Row:
    """Give the order in the form /OutgoingInvoices keeps it."""
    renamed = {"SalesOrderDate": "OrderDate", "SalesOrderNo": "OrderNo"}
    kept: dict[str, Any] = {renamed.get(name, name): value for name, value in order.items() if name not in _DROPPED}
    return {
        **kept,
        "rate": receivable.rate,
        "is_sent": True,
        "CreatedDateTimeOffset": books.clock.now,
        "LastChangedDateTimeOffset": books.clock.now,
        "SentDateTimeOffset": books.clock.now,
        "DueDate": receivable.due_on,
        "Cid": receivable.cid,
        "InvoiceNo": int(voucher["InvoiceNo"]),
        "InvoiceDeliveryType": delivery,
        "IsReversed": False,
        "VoucherDate": voucher["VoucherDate"],
        "VoucherType": voucher["voucher_type"],
        "CurrencyExchangeRate": receivable.rate,
        "line_ids": [books.next_id() for _ in order["lines"]],
    }


_DROPPED = (
    "send state sent_at SalesOrderStatus LineCount SalesPersonEmployeeId SalesPersonEmployeeNumber "
    "ContactDeliveryAddressId"
).split()


def sent_state(call: Call) -> Response:
    """Tell how far sending has come: an array, also for one id; 204 for an order never queued."""
    text = dict((name.lower(), value) for name, value in call.request.parameters()).get("id", "")
    try:
        key = guid(text)
    except ValueError as error:
        raise invalid(TITLE, "The query parameter 'id' must be the id of a sales order.") from error
    order = call.books.orders.get(key)
    if order is None:
        raise not_found(f"Sales order with id = {key} not found.")
    if order["send"] is None:
        return Response(204, content_type="")
    invoice = call.books.invoices.get(key)
    customer = call.books.customers[order["CustomerId"]]
    state = {
        "DueDate": invoice["DueDate"] if invoice else None,
        "Id": key,
        "InvoiceDeliveryType": invoice["InvoiceDeliveryType"] if invoice else customer["InvoiceDeliveryType"],
        "InvoiceNo": invoice["InvoiceNo"] if invoice else None,
        "IsInvoiceBeingProcessed": order["send"]["is_processing"],
        "LastErrorMessage": order["send"]["error"],
        "SentDateTimeOffset": invoice["SentDateTimeOffset"] if invoice else None,
    }
    return answer([state])
