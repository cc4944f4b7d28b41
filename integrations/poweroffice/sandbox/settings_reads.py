"""Accounts, VAT codes, payment and delivery terms, branding themes."""

from . import filters
from .books import Books
from .calls import Call
from .dimensions import resolve
from .errors import invalid, not_found
from .lists import Query, list_rows, public
from .messages import Response, answer
from .seed_accounts import account_type
from .seed_vat import VAT_BY_ID, VAT_ROWS, SeedVat, vat_on
from .shapes import ACCOUNT, PAYMENT_TERM
from .store import Row, Table

ACCOUNT_TITLE = "General ledger account validation error(s)"
TERM_TITLE = "Payment term validation error(s)"
_FIRST_CUSTOM_ACCOUNT, _LAST_CUSTOM_ACCOUNT = 1000, 9999


def find_accounts(call: Call) -> Response:
    """List ledger accounts."""
    known = {
        "accountNos": filters.numbers("AccountNo"),
        "agricultureDepartments": filters.ignored,
        "lastChangedDateTimeOffsetGreaterThan": filters.newer("LastChangedDateTimeOffset"),
    }
    return list_rows(call, call.books.accounts.all(), known, _account)


def _account(row: Row) -> Row:
    return {name: value for name, value in public(row).items() if name != "CreatedDateTimeOffset"}


def read_account(call: Call) -> Response:
    """Show one account."""
    return answer(_account(_one(call, call.books.accounts, "General ledger account")))


def _one(call: Call, table: Table, what: str) -> Row:
    key = call.number_in_path("id", what)
    row = table.get(key)
    if row is None:
        raise not_found(f"{what} with id = {key} not found.")
    return row


def create_account(call: Call) -> Response:
    """Create an account; its number must be free and its VAT code valid."""
    books = call.books
    given = call.body(ACCOUNT, ACCOUNT_TITLE)
    number = given["AccountNo"]
    if not _FIRST_CUSTOM_ACCOUNT <= number <= _LAST_CUSTOM_ACCOUNT:
        raise invalid(ACCOUNT_TITLE, f"AccountNo {number} must lie from 1000 to 9999.")
    if books.accounts.find("number", number):
        raise invalid(ACCOUNT_TITLE, f"AccountNo {number} is already in use.")
    vat = _vat(books, given)
    now = books.clock.now
    department = resolve(books, given, ACCOUNT_TITLE)
    row: Row = {name: given.get(name) for name in ACCOUNT}
    row.update({name: given.get(name, False) for name in ACCOUNT if name.startswith("Is")})
    row.update(
        Id=books.next_id(),
        AgricultureDepartment="None",
        DepartmentId=department["DepartmentId"],
        DepartmentCode=department["DepartmentCode"],
        GeneralLedgerAccountType=account_type(number),
        VatCode=vat.code,
        VatCodeId=vat.vat_id,
        VatReturnSpecification=given.get("VatReturnSpecification", "None"),
        CreatedDateTimeOffset=now,
        LastChangedDateTimeOffset=now,
        is_control=False,
        is_vat=False,
    )
    return answer(_account(books.accounts.put(row)), 201)


def _vat(books: Books, given: Row) -> SeedVat:
    if (key := given.get("VatCodeId")) is not None:
        if key not in VAT_BY_ID:
            raise not_found(f"Vat code with id = {key} not found.", ACCOUNT_TITLE)
        return VAT_BY_ID[key]
    if "VatCode" not in given:
        raise invalid(ACCOUNT_TITLE, "VatCode or VatCodeId is required.")
    vat = vat_on(given["VatCode"], books.clock.today)
    if vat is None:
        raise not_found(f"Vat code with code = '{given['VatCode']}' not found.", ACCOUNT_TITLE)
    return vat


def find_vat_codes(call: Call) -> Response:
    """List VAT codes: those valid today, or with includeExpired all."""
    today = call.books.clock.today
    known = {"includeExpired": filters.ignored, "isActive": filters.flag_is("IsActive")}
    wants_all = Query(call, known).get("includeExpired").lower() == "true"
    rows = [row for row in VAT_ROWS if wants_all or row.valid_to is None or row.valid_to >= today]
    return list_rows(call, [_vat_row(row) for row in rows], known, created=None)


def _vat_row(row: SeedVat) -> Row:
    return {
        "BaseVatCodeId": None,
        "Code": row.code,
        "Description": row.name,
        "Id": row.vat_id,
        "IsActive": row.valid_to is None,
        "IsCustom": False,
        "Name": row.name,
        "Rate": row.rate,
        "ValidFrom": row.valid_from,
        "ValidTo": row.valid_to,
        "VatBasisRatio": None,
        "VatBasisRatioValidFrom": None,
        "VatBasisRatios": [],
    }


def find_payment_terms(call: Call) -> Response:
    """List payment terms."""
    return list_rows(call, call.books.payment_terms.all(), {})


def create_payment_term(call: Call) -> Response:
    """Create a payment term."""
    given = call.body(PAYMENT_TERM, TERM_TITLE)
    if not 0 <= given["CreditDays"] <= 365:
        raise invalid(TERM_TITLE, "CreditDays must lie from 0 to 365.")
    if given.get("IsDefault"):
        raise invalid(TERM_TITLE, "The default payment term cannot be moved in the sandbox.")
    now = call.books.clock.now
    row = {
        "Id": call.books.next_id(),
        "Name": given["Name"],
        "CreditDays": given["CreditDays"],
        "IsActive": given.get("IsActive", True),
        "IsDefault": False,
        "CreatedDateTimeOffset": now,
        "LastChangedDateTimeOffset": now,
    }
    return answer(call.books.payment_terms.put(row), 201)


def find_delivery_terms(call: Call) -> Response:
    """List delivery terms."""
    return list_rows(call, call.books.delivery_terms.all(), {})


def find_themes(call: Call) -> Response:
    """List branding themes."""
    return list_rows(call, call.books.themes.all(), {})


def read_theme(call: Call) -> Response:
    """Show one branding theme."""
    return answer(_one(call, call.books.themes, "Branding theme"))


def read_payment_term(call: Call) -> Response:
    """Show one payment term."""
    return answer(_one(call, call.books.payment_terms, "Payment term"))
