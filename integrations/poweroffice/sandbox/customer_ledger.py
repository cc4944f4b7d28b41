"""Read the customer ledger: open items, statement, balances, members of a match.

Source: OpenAPI `/Customerledger/*`. Balances are those of now, not of the date asked for (INFERRED
simplification: `date` limits the posting date only).
"""

from . import enums, filters
from .amounts import from_minor
from .books import CUSTOMER_SERIES_ID, Books
from .calls import Call
from .dimensions import NAMES
from .errors import invalid
from .filters import CAST, Filter
from .lists import Query, list_rows, page
from .messages import Response
from .store import Row
from .vouchers import shown_number

_DIMENSIONS = [f"{name}{end}" for name in NAMES for end in ("Code", "Id")]
_COMMON: dict[str, Filter] = {
    "contactGroupIds": filters.no_groups,
    "createdDateTimeOffsetGreaterThan": filters.newer("created_at"),
    "customerNos": filters.numbers("customer_no"),
    "customMatchingReferences": filters.values("matching_reference"),
    "departmentCodes": filters.values("DepartmentCode"),
    "externalNos": filters.numbers("external_no"),
    "includeSubProject": filters.ignored,
    "invoiceNos": filters.values("invoice_no"),
    "lastChangedDateTimeOffsetGreaterThan": filters.newer("changed_at"),
    "onlyBalancesLessThanAmount": filters.only_if(lambda row: abs(row["balance"]) < abs(row["amount"])),
    "projectCodes": filters.values("ProjectCode"),
    "subLedgerNumberSeriesIds": lambda name, text: lambda row: CUSTOMER_SERIES_ID in text.lower(),
    "voucherTypes": filters.enum("voucher_type", enums.VOUCHER_TYPE),
}


def _entries(call: Call, rows: list[Row], dates: dict[str, Filter]) -> Response:
    own = filters.only_if(lambda row: row["application_key"] == call.application_key)
    known = {**dates, **_COMMON, "onlyCreatedByCurrentIntegration": own}
    return list_rows(call, rows, known, lambda row: _entry(call, row), required=tuple(dates), created="created_at")


def open_items(call: Call) -> Response:
    """List entries with a balance."""
    return _entries(call, call.books.unmatched(), {"date": filters.until("posted_on")})


def statement(call: Call) -> Response:
    """List all entries of a period, matched or not."""
    dates = {"fromDate": filters.since("posted_on"), "toDate": filters.until("posted_on")}
    return _entries(call, call.books.open_items.all(), dates)


def entries_by_match(call: Call) -> Response:
    """List the entries that share a match."""
    query = Query(call, ("matchId",), ("matchId",))
    text = query.get("matchId")
    if not text.isascii() or not text.isdigit():
        raise invalid(CAST, f"matchId '{text}' must be a number.")
    return page(call, query, call.books.open_items.find("match", int(text)), lambda row: _entry(call, row))


def customer_balances(call: Call) -> Response:
    """List what each customer owes."""
    books = call.books
    known: dict[str, Filter] = {
        "date": filters.until("posted_on"),
        "contactGroupIds": filters.no_groups,
        "includeOnlyOpenItems": filters.only_if(lambda row: bool(row["balance"])),
        "subLedgerNumberSeriesIds": _COMMON["subLedgerNumberSeriesIds"],
    }
    query = Query(call, known, ("date",))
    tests = query.predicates(known)
    sums: dict[int, int] = {}
    for item in books.open_items.all():
        if all(test(item) for test in tests):
            sums[item["customer_id"]] = sums.get(item["customer_id"], 0) + item["amount"]
    return page(call, query, [_balance(books.customers[key], amount) for key, amount in sums.items()], lambda row: row)


def _balance(customer: Row, amount: int) -> Row:
    return {
        "Balance": from_minor(amount),
        "CustomerAccountNo": customer["Number"],
        "CustomerExternalNo": customer["ExternalNumber"],
        "CustomerId": customer["Id"],
        "CustomerName": customer["Name"],
    }


def _entry(call: Call, row: Row) -> Row:
    books: Books = call.books
    voucher = books.vouchers[row["voucher_id"]]
    customer = books.customers[row["customer_id"]]
    is_invoice = row["voucher_type"] in ("OutgoingInvoice", "OutgoingCreditNote")
    return {
        **{name: row[name] for name in _DIMENSIONS},
        "Amount": from_minor(row["amount"]),
        "Balance": from_minor(row["balance"]),
        "Cid": row["cid"],
        "CreatedDateTimeOffset": row["created_at"],
        "CreatedFromImportJournalId": None,
        "CurrencyAmount": from_minor(row["currency_amount"]),
        "CurrencyCode": row["currency"],
        "CustomMatchingReference": row["matching_reference"],
        "CustomerAccountNo": row["customer_no"],
        "CustomerExternalNo": customer["ExternalNumber"],
        "CustomerId": row["customer_id"],
        "CustomerName": customer["Name"],
        "DueDate": row["due_on"],
        "ExternalImportReference": voucher.get("ExternalImportReference"),
        "Id": row["Id"],
        "InvoiceNo": row["invoice_no"] if is_invoice else None,
        "IsCreatedByCurrentIntegration": row["application_key"] == call.application_key,
        "IsWriteOff": False,
        "LastChangedDateTimeOffset": row["changed_at"],
        "MatchId": row["match_id"],
        "PaidFromBankAccount": None,
        "PostingDate": row["posted_on"],
        "VoucherDate": voucher["VoucherDate"],
        "VoucherId": row["voucher_id"],
        "VoucherNo": shown_number(books, voucher) or 0,
        "VoucherType": row["voucher_type"],
    }
