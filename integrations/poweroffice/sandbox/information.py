"""What the company is: its access, its name, its number series, its currencies and its fixed settings."""

from uuid import UUID, uuid5

from . import enums, filters
from .books import CUSTOMER_SERIES_ID, RATES
from .calls import Call
from .currencies import EXCHANGE_BASE, HOME, NAMES, read_currency
from .errors import invalid
from .filters import read_day
from .lists import Query, list_rows
from .messages import Response, answer
from .seed_accounts import CUSTOMER_CONTROL_NO, CUSTOMERS_FROM, CUSTOMERS_TO, GAIN_NO, LOSS_NO, ROUNDING_NO
from .store import Row


def read(call: Call) -> Response:
    """Show the company and what the token may do; open to any valid token."""
    client = call.books.client
    return answer(
        {
            "ActiveClientSubscriptions": ["GoAccounting", "GoInvoice"],
            "AllowSendInvoice": call.may_send_invoice,
            "ClientId": client.client_key[-8:],
            "ClientName": client.name,
            "InvalidPrivileges": list(client.invalid_privileges),
            "ValidPrivileges": [name for name in client.privileges if name not in client.invalid_privileges],
        }
    )


def lock_date(call: Call) -> Response:
    """Show the lock date."""
    return answer({"LockDate": call.books.lock_date})


def financial(call: Call) -> Response:
    """Show the financial settings."""
    books = call.books
    gain, loss = books.account(GAIN_NO), books.account(LOSS_NO)
    return answer(
        {
            "ConversionDate": books.conversion_date,
            "CurrencyCode": HOME,
            "CurrencyGainsAccountId": gain["Id"],
            "CurrencyGainsAccountNo": gain["AccountNo"],
            "CurrencyLossAccountId": loss["Id"],
            "CurrencyLossAccountNo": loss["AccountNo"],
            "FinancialYearEndMonth": "December",
            "LastChangedDateTimeOffset": books.setting("opened"),
            "UseTrustAccountManagement": False,
        }
    )


def vat_settings(call: Call) -> Response:
    """Show the VAT settings."""
    rounding = call.books.account(ROUNDING_NO)
    return answer(
        {
            "AlternativeVatPeriod": None,
            "AlternativeVatReturnFromYear": None,
            "AlternativeVatReturnType": None,
            "IsVatRegistered": True,
            "ReportAlternativeVatReturn": False,
            "ReportVatReturnManually": False,
            "RoundingAccountAgricultureDepartment": None,
            "RoundingAccountId": rounding["Id"],
            "RoundingAccountNo": rounding["AccountNo"],
            "UseVatCompensation": False,
            "VatAlternativeGrouping": None,
            "VatNumber": call.books.client.organisation_number,
            "VatPeriod": "BiMonthly",
            "VatReturnType": "GeneralIndustry",
        }
    )


def organisation(call: Call) -> Response:
    """Show name, number and addresses of the company."""
    client = call.books.client
    address = dict.fromkeys(("AddressLine1", "AddressLine2"), None) | {"City": "Oslo", "CountryCode": "NO"}
    address = {**address, "ZipCode": "0150"}
    return answer(
        {
            "DefaultAgricultureDepartment": None,
            "DeliveryAddress": address,
            "EmailAddress": None,
            "Id": str(uuid5(UUID(CUSTOMER_SERIES_ID), client.client_key)),
            "InvoiceInboxEhf": True,
            "InvoiceInboxEmail": False,
            "InvoiceInboxEmailAddress": None,
            "IsAgricultureClient": False,
            "LastChangedDateTimeOffset": call.books.setting("opened"),
            "LegalName": client.name,
            "MailAddress": address,
            "MailAddressIsDeliveryAddress": True,
            "Name": client.name,
            "OrganizationNumber": client.organisation_number,
            "PhoneNumber": None,
            "WebsiteUrl": None,
        }
    )


def number_series(call: Call) -> Response:
    """List the sub-ledger number series; the type filter is case-sensitive, as the vendor says."""
    control = call.books.account(CUSTOMER_CONTROL_NO)
    row = {
        "FromInclusive": CUSTOMERS_FROM,
        "GeneralLedgerAccountId": control["Id"],
        "GeneralLedgerAccountNo": control["AccountNo"],
        "Id": CUSTOMER_SERIES_ID,
        "IsClientTrust": False,
        "IsDefault": True,
        "Name": "Kunder",
        "SubLedgerNumberSeriesType": "Customer",
        "ToInclusive": CUSTOMERS_TO,
    }
    known = {
        "generalLedgerAccountNos": filters.numbers("GeneralLedgerAccountNo"),
        "isDefault": filters.flag_is("IsDefault"),
        "subLedgerNumberSeriesType": filters.enum("SubLedgerNumberSeriesType", enums.SUB_LEDGER_TYPE),
    }
    return list_rows(call, [row], known, created=None)


def currencies(call: Call) -> Response:
    """List currencies."""
    rows: list[Row] = [{"Code": code, "IsActive": True, "Notation": NAMES[code]} for code in RATES]
    known = {"currencyCode": filters.values("Code"), "isActive": filters.flag_is("IsActive")}
    return list_rows(call, rows, known, created=None)


def currency_rate(call: Call) -> Response:
    """Show a rate of the fixed table, quoted per hundred for the currencies that are."""
    query = Query(call, ("fromCurrency", "toCurrency", "asOnDate"), ("fromCurrency", "toCurrency", "asOnDate"))
    title = "Currency rate validation error(s)"
    source = read_currency(query.get("fromCurrency"), title)
    target = read_currency(query.get("toCurrency"), title)
    if source not in RATES or target not in RATES:
        raise invalid(title, f"There is no exchange rate from {source} to {target}.")
    base = EXCHANGE_BASE.get(source, 1)
    rate = round(RATES[source] / RATES[target], 6)
    return answer(
        {
            "CurrencyCode": source,
            "ExchangeBase": base,
            "ExchangeRate": rate * base,
            "RateDate": read_day("asOnDate", query.get("asOnDate")),
            "ReverseExchangeRate": round(1 / rate, 6),
        }
    )
