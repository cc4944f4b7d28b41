"""Direct posting: Bank, Cash and Manual journals. A POST goes straight into the ledger; nothing can be
edited.

Reference: https://developer.poweroffice.net (voucher posting), OpenAPI `/Vouchers/*Journals`.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from .amounts import to_minor
from .books import Books
from .calls import Call
from .clock import plus_ms
from .currencies import rate_for, read_currency, to_nok
from .dimensions import resolve
from .errors import invalid, not_found
from .messages import Response, answer
from .posting import Line, new_voucher, post
from .posting_rules import account_and_customer, check_account, check_balance, check_period, vat_for
from .shapes import VOUCHERS
from .store import Row

TITLE = "Voucher validation error(s)"
TYPES = {"BankJournals": "BankJournal", "CashJournals": "CashJournal", "ManualJournals": "ManualJournal"}
HEADER = (
    "CurrencyCode",
    "Description",
    "ExternalImportReference",
    "ImportedVoucherNo",
    "SaftBatchId",
    "SaftSourceId",
)


def check_reference(books: Books, reference: str | None) -> None:
    """Refuse a voucher reference that is on the company already; a reversal has freed it."""
    if reference == "":
        raise invalid(TITLE, "ExternalImportReference cannot be empty.")
    if reference is not None and (found := books.vouchers.find("reference", reference)):
        used = f"'{reference}' is used on voucher Id = {found[0]['Id']}"
        raise invalid(TITLE, f"ExternalImportReference is already in use. {used}.")


def create(kind: str) -> Callable[[Call], Response]:
    """Give the handler that posts one kind of journal."""

    def handle(call: Call) -> Response:
        body = call.body(VOUCHERS[kind], TITLE)
        books = call.books
        check_reference(books, body.get("ExternalImportReference"))
        lines = read_lines(books, body)
        header = {name: body.get(name) for name in HEADER}
        voucher = store_voucher(call, kind, TYPES[kind], body["VoucherDate"], **header)
        shown = [_shown_line(books, kind, given, line) for given, line in zip(body["VoucherLines"], lines, strict=True)]
        voucher = books.vouchers.change(voucher["Id"], VoucherLines=shown)
        post(books, voucher, lines)
        return answer({**shown_voucher(books, voucher), "VoucherNo": None}, 201)

    return handle


def store_voucher(call: Call, kind: str, voucher_type: str, dated_on: str, **values: Any) -> Row:
    """Store the head of a voucher that came through the API."""
    shown_at = plus_ms(call.books.clock.now_us, call.options.voucher_number_delay_ms)
    return new_voucher(
        call.books,
        str(uuid4()),
        kind,
        voucher_type,
        dated_on,
        is_imported=True,
        application_key=call.application_key,
        number_shown_at=shown_at,
        **values,
    )


def read_lines(books: Books, body: Row) -> list[Line]:
    """Check every line and the whole; give what is to be posted."""
    currency = read_currency(body["CurrencyCode"], TITLE)
    if len(body["VoucherLines"]) < 2:
        raise invalid(TITLE, "A voucher needs at least two lines.")
    check_period(books, body["VoucherDate"], TITLE)
    lines = [_read_line(books, given, currency, body["VoucherDate"]) for given in body["VoucherLines"]]
    check_balance(lines, TITLE)
    return lines


def _read_line(books: Books, given: Row, header_currency: str, dated_on: str) -> Line:
    account, customer = account_and_customer(books, given["AccountId"], TITLE)
    check_period(books, given["PostingDate"], TITLE)
    currency = read_currency(given.get("CurrencyCode", header_currency), TITLE)
    rate = rate_for(currency, given.get("CurrencyExchangeRate"), TITLE)
    currency_amount = to_minor(given["CurrencyAmount"])
    product = books.products.get(given["ProductId"]) if "ProductId" in given else None
    if "ProductId" in given and product is None:
        raise not_found(f"Product with id = {given['ProductId']} not found.", TITLE)
    line = Line(
        account=account,
        customer=customer,
        posted_on=given["PostingDate"],
        currency=currency,
        rate=rate,
        currency_amount=currency_amount,
        amount=to_nok(currency_amount, rate),
        vat=vat_for(given["VatId"], account, customer, dated_on, TITLE),
        dimensions=resolve(books, given, TITLE),
        description=given.get("Description"),
        product=product,
        quantity=given.get("Quantity"),
        vat_return=given.get("VatReturnSpecification", "None"),
        matching_reference=given.get("CustomMatchingReference"),
        cid=given.get("Cid"),
        invoice_no=given.get("InvoiceNo"),
    )
    check_account(line, TITLE)
    return line


def _shown_line(books: Books, kind: str, given: Row, line: Line) -> Row:
    names = [*_LINE_NAMES, *(("Cid", "InvoiceNo") if kind == "BankJournals" else ())]
    shown: Row = {name: given.get(name) for name in names}
    shown.update(CurrencyCode=line.currency, CurrencyExchangeRate=line.rate, VatReturnSpecification=line.vat_return)
    return {**shown, "Id": books.next_id(), "CreatedDateTimeOffset": books.clock.now}


_LINE_NAMES = (
    "AccountId CurrencyAmount CurrencyCode CurrencyExchangeRate CustomMatchingReference DepartmentId Description "
    "Dim1Id Dim2Id Dim3Id ExternalLineReference LocationId PostingDate ProductId ProjectId Quantity Quantity2 VatId"
).split()


def shown_number(books: Books, voucher: Row) -> int | None:
    """Give the voucher's number once the background job has dealt it."""
    return int(voucher["VoucherNo"]) if voucher["number_shown_at"] < books.clock.now else None


def shown_voucher(books: Books, voucher: Row) -> Row:
    """Give a journal as the API shows it."""
    names = (*HEADER, "CreatedDateTimeOffset", "Id", "IsReversed", "VoucherDate", "VoucherLines")
    return {**{name: voucher.get(name) for name in names}, "VoucherNo": shown_number(books, voucher)}


def own_voucher(call: Call, kind: str) -> Row:
    """Find a voucher of the path: only those this integration made through the same endpoint exist for it."""
    key = call.guid_in_path("id", "Voucher")
    row = call.books.vouchers.get(key)
    if row is None or row["kind"] != kind or row["application_key"] != call.application_key:
        raise not_found(f"Voucher with id = {key} not found.")
    return row


def read(kind: str) -> Callable[[Call], Response]:
    """Give the handler that shows one kind of journal."""
    return lambda call: answer(shown_voucher(call.books, own_voucher(call, kind)))
