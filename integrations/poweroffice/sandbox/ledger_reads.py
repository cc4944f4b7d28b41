"""Read the ledger: account transactions, trial balance, customer ledger.

There is no look-up of a voucher by ExternalImportReference or ImportedVoucherNo: both are only fields here.
INFERRED: a customer's entry shows the control account in AccountNo and the customer number in
CustomerAccountNo; `accountNos` finds it by either. VAT entries made by a VAT code show VAT code 0.
"""

from . import enums, filters
from .amounts import from_minor
from .books import Books
from .calls import Call
from .dimensions import NAMES
from .lists import Query, list_rows, page
from .messages import Response
from .store import Row
from .vouchers import shown_number

_DIMENSIONS = [f"{name}{end}" for name in NAMES for end in ("Code", "Id")]
TRANSACTION_FILTERS = {
    "fromDate": filters.since("posted_on"),
    "toDate": filters.until("posted_on"),
    "accountNos": filters.numbers("account_no", "customer_no"),
    "agricultureDepartments": filters.ignored,
    "createdDateTimeOffsetGreaterThan": filters.newer("created_at"),
    "departmentCodes": filters.values("DepartmentCode"),
    "includeSubProject": filters.ignored,
    "lastChangedDateTimeOffsetGreaterThan": filters.newer("changed_at"),
    "productCodes": filters.values("product_code"),
    "projectCodes": filters.values("ProjectCode"),
    "vatCodes": filters.values("vat_code"),
    "voucherNos": filters.numbers("voucher_no"),
    "voucherTypes": filters.enum("voucher_type", enums.VOUCHER_TYPE),
}


def transactions(call: Call) -> Response:
    """List ledger entries by posting date."""
    books = call.books
    given = {name.lower(): value.strip() for name, value in call.request.parameters()}
    one_day = given.get("fromdate", "")[:10]
    short = one_day and given.get("todate", "")[:10] == one_day
    rows = books.entries.find("day", one_day) if short else books.entries.all()
    return list_rows(
        call,
        rows,
        TRANSACTION_FILTERS,
        lambda row: _transaction(books, row),
        required=("fromDate", "toDate"),
        created="created_at",
    )


def _transaction(books: Books, row: Row) -> Row:
    voucher = books.vouchers[row["voucher_id"]]
    original = books.vouchers[voucher["reverses"]] if voucher["reverses"] else None
    return {
        **{name: row[name] for name in _DIMENSIONS},
        "AccountId": row["account_id"],
        "AccountNo": row["account_no"],
        "AgricultureDepartment": None,
        "Amount": from_minor(row["amount"]),
        "BankTransferId": None,
        "ContactId": row["contact_id"],
        "CorrectionOfVoucherId": None,
        "CorrectionOfVoucherNo": None,
        "CreatedDateTimeOffset": row["created_at"],
        "CreatedFromImportJournalId": None,
        "CurrencyAmount": from_minor(row["currency_amount"]),
        "CurrencyCode": row["currency"],
        "CustomerAccountNo": row["customer_no"],
        "Description": row["description"],
        "EmployeeAccountNo": None,
        "ExternalImportReference": voucher.get("ExternalImportReference"),
        "Id": row["Id"],
        "ImportedVoucherNo": voucher.get("ImportedVoucherNo"),
        "IsNoteMainEntry": row["is_main"],
        "IsReversed": voucher["IsReversed"],
        "LastChangedDateTimeOffset": row["changed_at"],
        "PostingDate": row["posted_on"],
        "ProductCode": row["product_code"],
        "ProductId": row["product_id"],
        "Quantity": row["quantity"],
        "Quantity2": None,
        "ReversedVoucherId": original["Id"] if original else None,
        "ReversedVoucherNo": original["VoucherNo"] if original else None,
        "SubLedgerEntryId": row["open_item_id"],
        "SupplierAccountNo": None,
        "VatAmount": from_minor(row["vat_amount"]),
        "VatCode": row["vat_code"],
        "VatId": row["vat_id"],
        "VatRate": row["vat_rate"],
        "VatReturnSpecification": row["vat_return"],
        "VoucherDate": voucher["VoucherDate"],
        "VoucherDescription": voucher.get("Description"),
        "VoucherId": row["voucher_id"],
        "VoucherNo": shown_number(books, voucher) or 0,
        "VoucherType": row["voucher_type"],
    }


def trial_balance(call: Call) -> Response:
    """List the balance of every ledger account on a date."""
    known = {
        "accountNos": filters.numbers("AccountNo"),
        "hideAccountsWithZeroBalance": filters.only_if(_has_balance),
    }
    entry_tests = {
        "agricultureDepartments": filters.ignored,
        "date": filters.until("posted_on"),
        "departmentCodes": filters.values("DepartmentCode"),
        "includeSubProject": filters.ignored,
        "productCode": filters.values("product_code"),
        "projectCode": filters.values("ProjectCode"),
    }
    query = Query(call, {**known, **entry_tests}, ("date",))
    tests = query.predicates(entry_tests)
    sums: dict[int, int] = {}
    for entry in call.books.entries.all():
        if all(test(entry) for test in tests):
            sums[entry["account_id"]] = sums.get(entry["account_id"], 0) + entry["amount"]
    rows = [_balance_line(account, sums.get(account["Id"], 0)) for account in call.books.accounts.all()]
    shown = [row for row in rows if all(test(row) for test in query.predicates(known))]
    return page(call, query, shown, lambda row: row)


def _has_balance(row: Row) -> bool:
    return bool(row["Balance"])


def _balance_line(account: Row, balance: int) -> Row:
    return {
        "AccountId": account["Id"],
        "AccountName": account["Name"],
        "AccountNo": account["AccountNo"],
        "AgricultureDepartment": None,
        "Balance": from_minor(balance),
    }
