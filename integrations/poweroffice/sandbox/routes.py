"""Every call of the API: method, path, the privileges that open it (any of them), and its handler.

Paths are matched whatever their case. What is not here answers with the gateway's 404, as POST /SalesOrders
does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import (
    customer_ledger,
    customers,
    dimension_calls,
    documentation,
    information,
    invoice_journals,
    invoices,
    ledger_reads,
    products,
    reversal,
    sales,
    sending,
    settings_reads,
    vouchers,
)
from .calls import Call
from .messages import Response

Handler = Callable[[Call], Response]


@dataclass(frozen=True)
class Route:
    """One call; no privileges means that any valid token will do."""

    method: str
    path: str
    privileges: frozenset[str]
    handle: Handler

    def pattern(self) -> re.Pattern[str]:
        """Give the expression that matches the path below /v2."""
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path)), re.IGNORECASE)


def _read(privilege: str, path: str, handle: Handler) -> Route:
    return Route("GET", path, frozenset((privilege, f"{privilege}_Full")), handle)


def _write(method: str, privilege: str, path: str, handle: Handler) -> Route:
    return Route(method, path, frozenset((privilege,)), handle)


_CUSTOMERS = [
    _read("Customer", "/Customers", customers.find),
    _write("POST", "Customer_Full", "/Customers", customers.create),
    _read("Customer", "/Customers/{id}", customers.read),
    _write("PATCH", "Customer_Full", "/Customers/{id}", customers.change),
    _write("DELETE", "Customer_Full", "/Customers/{id}", customers.delete),
]
_ORDERS = [
    _read("SalesOrders", "/SalesOrders", sales.find),
    _write("POST", "SalesOrders_Full", "/SalesOrders/Complete", sales.create),
    _write("GET", "SalesOrders_Full", "/SalesOrders/sentState", sending.sent_state),
    _read("SalesOrders", "/SalesOrders/{id}", sales.read),
    _read("SalesOrders", "/SalesOrders/{id}/Complete", sales.read_complete),
    _write("PATCH", "SalesOrders_Full", "/SalesOrders/{id}", sales.change),
    _write("DELETE", "SalesOrders_Full", "/SalesOrders/{id}", sales.delete),
    _read("SalesOrders", "/SalesOrders/{id}/Lines", sales.find_lines),
    _write("POST", "SalesOrders_Full", "/SalesOrders/{id}/Lines", sales.add_line),
    _read("SalesOrders", "/SalesOrders/{id}/Lines/{line}", sales.read_one_line),
    _write("PATCH", "SalesOrders_Full", "/SalesOrders/{id}/Lines/{line}", sales.change_line),
    _write("DELETE", "SalesOrders_Full", "/SalesOrders/{id}/Lines/{line}", sales.delete_line),
    _write("POST", "SalesOrders_Full", "/SalesOrders/{id}/createAndSendInvoice", sending.send),
    _read("OutgoingInvoice", "/OutgoingInvoices", invoices.find),
    _read("OutgoingInvoice", "/OutgoingInvoices/{id}", invoices.read),
    _read("OutgoingInvoice", "/OutgoingInvoices/{id}/Lines", invoices.find_lines),
]


def _journals() -> list[Route]:
    found = []
    for kind, privilege in (
        ("BankJournals", "BankVoucher_Full"),
        ("CashJournals", "CashVoucher_Full"),
        ("ManualJournals", "ManualVoucher_Full"),
    ):
        found.append(_write("POST", privilege, f"/Vouchers/{kind}", vouchers.create(kind)))
        found.append(_write("GET", privilege, f"/Vouchers/{kind}/{{id}}", vouchers.read(kind)))
    for kind in (invoice_journals.INVOICES, invoice_journals.CREDIT_NOTES):
        privilege = "OutgoingInvoiceVoucher_Full"
        found.append(_write("POST", privilege, f"/Vouchers/{kind}", invoice_journals.create(kind)))
        found.append(_write("GET", privilege, f"/Vouchers/{kind}/{{id}}", invoice_journals.read(kind)))
    # The vendor's text names YearEndVoucher_Full for reversal.
    return [*found, _write("POST", "YearEndVoucher_Full", "/Vouchers/Reverse/{id}", reversal.reverse)]


_LEDGER = [
    _read("AccountTransaction", "/AccountTransactions", ledger_reads.transactions),
    _read("TrialBalance", "/TrialBalance", ledger_reads.trial_balance),
    _read("CustomerLedger", "/Customerledger/OpenItems", customer_ledger.open_items),
    _read("CustomerLedger", "/Customerledger/Statement", customer_ledger.statement),
    _read("CustomerLedger", "/Customerledger/CustomerBalances", customer_ledger.customer_balances),
    _read("CustomerLedger", "/Customerledger/EntriesByMatchId", customer_ledger.entries_by_match),
    _read("VoucherDocumentation", "/VoucherDocumentation", documentation.find),
    _read("VoucherDocumentation", "/VoucherDocumentation/Download", documentation.download),
    _write("PUT", "VoucherDocumentation_Full", "/VoucherDocumentation", documentation.upload),
]
_SETTINGS = [
    Route("GET", "/ClientIntegrationInformation", frozenset(), information.read),
    _read("GeneralLedgerAccount", "/GeneralLedgerAccounts", settings_reads.find_accounts),
    _read("GeneralLedgerAccount", "/GeneralLedgerAccounts/{id}", settings_reads.read_account),
    _write("POST", "GeneralLedgerAccount_Full", "/GeneralLedgerAccounts", settings_reads.create_account),
    _read("CommonServices", "/VatCodes", settings_reads.find_vat_codes),
    _read("CommonServices", "/LockDateSettings", information.lock_date),
    _read("CommonServices", "/FinancialSettings", information.financial),
    _read("CommonServices", "/VatSettings", information.vat_settings),
    _read("CommonServices", "/OrganizationSettings", information.organisation),
    _read("CommonServices", "/SubLedgerNumberSeries", information.number_series),
    _read("CommonServices", "/Currencies", information.currencies),
    _read("CommonServices", "/CurrencyRates", information.currency_rate),
    _read("CommonServices", "/PaymentTerms", settings_reads.find_payment_terms),
    _read("CommonServices", "/PaymentTerms/{id}", settings_reads.read_payment_term),
    _write("POST", "CommonServices_Full", "/PaymentTerms", settings_reads.create_payment_term),
    _read("CommonServices", "/DeliveryTerms", settings_reads.find_delivery_terms),
    _read("CommonServices", "/BrandingThemes", settings_reads.find_themes),
    _read("CommonServices", "/BrandingThemes/{id}", settings_reads.read_theme),
    _read("Product", "/Products", products.find),
    _read("Product", "/Products/{id}", products.read),
    _write("POST", "Product_Full", "/Products", products.create),
    _write("PATCH", "Product_Full", "/Products/{id}", products.change),
    _write("DELETE", "Product_Full", "/Products/{id}", products.delete),
    _read("Product", "/ProductGroups", products.find_groups),
    _read("CustomDimension", "/CustomDimensionSettings", dimension_calls.settings),
]


def _dimensions() -> list[Route]:
    found = []
    for name, kind, privilege, created in (
        ("Departments", "departments", "Department", 201),
        ("Locations", "locations", "Location", 200),
        ("Projects", "projects", "Project", 201),
        ("CustomDimensions", "dimensions", "CustomDimension", 201),
    ):
        found.append(_read(privilege, f"/{name}", dimension_calls.find(kind)))
        found.append(_read(privilege, f"/{name}/{{id}}", dimension_calls.read(kind)))
        found.append(_write("POST", f"{privilege}_Full", f"/{name}", dimension_calls.create(kind, created)))
    return found


ROUTES = [*_CUSTOMERS, *_ORDERS, *_journals(), *_LEDGER, *_SETTINGS, *_dimensions()]
_FIXED = {(route.method, route.path.lower()): route for route in ROUTES if "{" not in route.path}
_OPEN = [(route.method, route.pattern(), route) for route in ROUTES if "{" in route.path]


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Find the route of a path below /v2 and what its placeholders hold."""
    if (fixed := _FIXED.get((method, path.lower()))) is not None:
        return fixed, {}
    for verb, pattern, route in _OPEN:
        if verb == method and (found := pattern.fullmatch(path)) is not None:
            return route, found.groupdict()
    return None
