"""Customers: contacts with a sub-ledger account of their own.

`SubledgerAccountId` is what voucher lines name. Organisation number and e-mail are not unique; the reference
and the external number are. Source: OpenAPI `/Customers`; the filters on organisation number, e-mail and
phone are of 2026.
"""

from typing import Any

from . import filters
from .books import CUSTOMER_SERIES_ID, Books
from .calls import Call
from .currencies import read_currency
from .dimensions import resolve
from .errors import conflict, invalid, not_found
from .lists import list_rows, public
from .messages import Response, answer
from .organisation import is_organisation_number
from .patching import patch_values
from .seed_accounts import CUSTOMERS_FROM, CUSTOMERS_TO
from .shapes import CUSTOMER, CUSTOMER_PATCH
from .store import Row
from .terms import payment_term, theme

TITLE = "Customer validation error(s)"
_NOT_DIRECT = ("AvtaleGiro", "Efaktura", "External", "Factoring")
FILTERS = {
    "contactGroupIds": filters.no_groups,
    "customerCreatedDateTimeOffsetGreaterThan": filters.newer("CustomerCreatedDateTimeOffset"),
    "customerNos": filters.numbers("Number"),
    "emailAddresses": filters.values_ignoring_case("EmailAddress"),
    "externalImportReference": filters.exact("ExternalImportReference"),
    "externalNos": filters.numbers("ExternalNumber"),
    "lastChangedDateTimeOffsetGreaterThan": filters.newer("LastChangedDateTimeOffset"),
    "organizationNumbers": filters.values("OrganizationNumber"),
    "phoneNumbers": filters.values("PhoneNumber"),
}
_FLAGS = [name for name in CUSTOMER if name.startswith(("DoNot", "Is", "Send", "Transfer", "Use"))]
_FOREIGN = ("SalesPersonEmployeeId", "SalesPersonEmployeeNumber")


def find(call: Call) -> Response:
    """List customers."""
    return list_rows(call, call.books.customers.all(), FILTERS, created="CustomerCreatedDateTimeOffset")


def _customer(call: Call) -> Row:
    key = call.number_in_path("id", "Customer")
    row = call.books.customers.get(key)
    if row is None:
        raise not_found(f"Customer with id = {key} not found.")
    return row


def read(call: Call) -> Response:
    """Show one customer."""
    return answer(public(_customer(call)))


def create(call: Call) -> Response:
    """Create a customer; the number comes from the series unless one inside it is given."""
    books = call.books
    given = call.body(CUSTOMER, TITLE)
    _check(books, given, None)
    number = given.get("Number")
    if number is None:
        number = _free_number(books)
    now = books.clock.now
    row = {name: given.get(name) for name in CUSTOMER if name not in ("SubLedgerNumberSeriesId", "PaymentTerm")}
    row.update({name: given.get(name, False) for name in _FLAGS})
    row.update(
        Id=books.next_id(),
        Number=number,
        SubledgerAccountId=books.next_id(),
        ContactGroupIds=[],
        ContactCreatedDateTimeOffset=now,
        CustomerCreatedDateTimeOffset=now,
        CreatedFromImportJournalId=None,
        LastChangedDateTimeOffset=now,
        InvoiceDeliveryType=given.get("InvoiceDeliveryType", "Print"),
        ReminderDeliveryType=given.get("ReminderDeliveryType", "Print"),
        NoticeOfDebtCollectionDeliveryType=given.get("NoticeOfDebtCollectionDeliveryType", "Print"),
        **_derived(books, given),
    )
    return answer(public(books.customers.put(_finished(books, row))), 201)


def change(call: Call) -> Response:
    """Change some fields of a customer."""
    books = call.books
    row = _customer(call)
    patch = patch_values(call, CUSTOMER_PATCH, "CustomerPatchDto", TITLE, row)
    if "Number" in patch and patch["Number"] != row["Number"] and books.open_items.find("customer", row["Id"]):
        raise invalid(TITLE, "Number cannot be changed when there are transactions.")
    merged = {**row, **patch}
    given = {name: merged[name] for name in CUSTOMER_PATCH if merged.get(name) is not None}
    _check(books, given, row)
    updated = {**merged, **_derived(books, given), "LastChangedDateTimeOffset": books.clock.now}
    return answer(public(books.customers.put(_finished(books, updated))))


def delete(call: Call) -> Response:
    """Delete a customer without transactions or orders."""
    row = _customer(call)
    books = call.books
    has_orders = any(order["CustomerId"] == row["Id"] for order in books.orders.all())
    if has_orders or books.open_items.find("customer", row["Id"]):
        raise conflict("Customer conflict", f"Customer with id = {row['Id']} is in use and cannot be deleted.")
    books.customers.remove(row["Id"])
    return Response(200, content_type="")


def _derived(books: Books, given: dict[str, Any]) -> Row:
    """Give what follows from references to other objects."""
    department = resolve(books, {k: v for k, v in given.items() if k.startswith("Department")}, TITLE)
    term = payment_term(books, given, TITLE)
    branding = theme(books, given, TITLE, "InvoiceBrandingTheme")
    return {
        "DepartmentId": department["DepartmentId"],
        "DepartmentCode": department["DepartmentCode"],
        "PaymentTermId": term["Id"] if term else None,
        "PaymentTerm": term["CreditDays"] if term else None,
        "InvoiceBrandingThemeId": branding["Id"] if branding else None,
        "InvoiceBrandingThemeCode": branding["Code"] if branding else None,
    }


def _finished(books: Books, row: Row) -> Row:
    if row.get("NationalIdNumber"):
        row["NationalIdNumber"] = "hidden"
    if row.get("IsPerson"):
        row["Name"] = f"{row['FirstName']} {row['LastName']}"
    address = row.get("MailAddress")
    if address is not None and "Id" not in address:
        shown = {name: None for name in ("AddressLine1", "AddressLine2", "ExternalCode")} | {"CountryCode": "NO"}
        stamp = {"Id": books.next_id(), "LastChangedDateTimeOffset": books.clock.now}
        row["MailAddress"] = {**shown, **address, **stamp}
    row["IsActive"] = not row["IsArchived"]
    return row


def _free_number(books: Books) -> int:
    number = books.next_number("customer", CUSTOMERS_FROM)
    while books.customers.find("number", number):
        number = books.next_number("customer", CUSTOMERS_FROM)
    if number > CUSTOMERS_TO:
        raise invalid(TITLE, "The customer number series is used up.")
    return number


def _check(books: Books, given: dict[str, Any], current: Row | None) -> None:
    """Check names, uniqueness, numbers and channels; `current` is the customer being changed."""
    if given.get("IsPerson"):
        if not (given.get("FirstName") or "").strip() or not (given.get("LastName") or "").strip():
            raise invalid(TITLE, "FirstName and LastName are required for a person.")
    elif not (given.get("Name") or "").strip():
        raise invalid(TITLE, "Name is required for a company.")
    for column, index in (("ExternalImportReference", "reference"), ("ExternalNumber", "external_number")):
        value = given.get(column)
        for other in books.customers.find(index, value) if value is not None else ():
            if current is None or other["Id"] != current["Id"]:
                raise invalid(TITLE, f"{column} is already in use. '{value}' is used on (contact) Id = {other['Id']}.")
    _check_number(books, given, current)
    _check_formats(given)
    if given.get("ContactGroupIds"):
        wanted = ", ".join(str(key) for key in given["ContactGroupIds"])
        raise not_found(f"Could not find contact group(s) with id = {wanted}.", TITLE)
    for name in _FOREIGN:
        if given.get(name) is not None:
            raise not_found(f"Employee with {name} = {given[name]} not found.", TITLE)


def _check_number(books: Books, given: dict[str, Any], current: Row | None) -> None:
    number = given.get("Number")
    if number is not None and (current is None or number != current["Number"]):
        if not CUSTOMERS_FROM <= number <= CUSTOMERS_TO:
            raise invalid(TITLE, f"Number {number} is not in a customer number series.")
        if books.customers.find("number", number):
            raise invalid(TITLE, f"Number {number} is already in use.")
    if given.get("SubLedgerNumberSeriesId") not in (None, CUSTOMER_SERIES_ID):
        raise not_found(f"SubLedgerNumberSeries with id = {given['SubLedgerNumberSeriesId']} not found.", TITLE)


def _check_formats(given: dict[str, Any]) -> None:
    country = (given.get("MailAddress") or {}).get("CountryCode", "NO")
    if len(country) != 2 or not country.isupper():
        raise invalid(TITLE, f"The country code {country} is not valid according to ISO 3166-1.")
    organisation = given.get("OrganizationNumber")
    if organisation and country == "NO" and not is_organisation_number(organisation):
        raise invalid(TITLE, f"OrganizationNumber '{organisation}' is not a valid Norwegian organisation number.")
    for name in ("EmailAddress", "InvoiceEmailAddress", "PaymentReminderEmailAddress"):
        address = given.get(name)
        if address and (address.count("@") != 1 or "." not in address.partition("@")[2] or " " in address):
            raise invalid(TITLE, f"{name} '{address}' is not a valid e-mail address.")
    delivery = given.get("InvoiceDeliveryType")
    if delivery in _NOT_DIRECT:
        raise invalid(TITLE, f"InvoiceDeliveryType {delivery} cannot be set directly.")
    if delivery == "EHF" and not organisation:
        raise invalid(TITLE, "InvoiceDeliveryType EHF requires an OrganizationNumber that can receive EHF.")
    if given.get("CurrencyCode") is not None:
        read_currency(given["CurrencyCode"], TITLE)
