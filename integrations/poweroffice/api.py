"""PowerOffice Go API v2, one function per endpoint that is used. Bodies are JSON text, answers parsed JSON.

Reference: the vendor's specification, one file per area, at https://swagger.poweroffice.net/openapispecs/
(each function names file and operation). "2026" marks what is newer than the specification of March 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from backoffice.contracts.errors import Rejected
from integrations.http import Answer
from integrations.poweroffice.calls import Calls, Row, segment

INVOICE_FIELDS = (
    "Id,InvoiceNo,VoucherNo,OrderNo,TotalAmount,CurrencyCode,VoucherDate,OrderDate,ExternalImportReference,"
    "SentDateTimeOffset,IsReversed,VoucherType"
)
BALANCE_FIELDS = (
    "Id,InvoiceNo,ExternalImportReference,Balance,TotalPostedAmount,DueDate,MatchId,VoucherType,"
    "BalanceLastChangedDateTimeOffset"
)
TRANSACTION_FIELDS = "Id,VoucherId,VoucherNo,ExternalImportReference,PostingDate,IsReversed,ReversedVoucherId"


def client_integration_information(calls: Calls) -> Row:
    """Read whose books these are and what we may do. Reference: clientintegrationinformation.json, GET."""
    return calls.read("/ClientIntegrationInformation", operation="read_integration_information")


def organization_settings(calls: Calls) -> Row:
    """Read the company's own data. Reference: organizationsettings.json, GET /OrganizationSettings."""
    return calls.read("/OrganizationSettings", operation="read_organization_settings")


def financial_settings(calls: Calls) -> Row:
    """Read the conversion date. Reference: accountingsettings.json, GET /FinancialSettings."""
    return calls.read("/FinancialSettings", operation="read_financial_settings")


def lock_date_settings(calls: Calls) -> Row:
    """Read the lock date. Reference: accountingsettings.json, GET /LockDateSettings."""
    return calls.read("/LockDateSettings", operation="read_lock_date")


def general_ledger_accounts(calls: Calls) -> list[Row]:
    """List the chart of accounts. Reference: accountingsettings.json, GET /GeneralLedgerAccounts."""
    return calls.rows("/GeneralLedgerAccounts", operation="list_ledger_accounts")


def vat_codes(calls: Calls) -> list[Row]:
    """List VAT codes, expired ones too: old dates still need them.

    Reference: accountingsettings.json, GET /VatCodes.
    """
    return calls.rows("/VatCodes", operation="list_vat_codes", query={"includeExpired": "true"})


def payment_terms(calls: Calls) -> list[Row]:
    """List payment terms. Reference: accountingsettings.json, GET /PaymentTerms."""
    return calls.rows("/PaymentTerms", operation="list_payment_terms")


def branding_themes(calls: Calls) -> list[Row]:
    """List branding themes. Reference: salessettings.json, GET /BrandingThemes."""
    return calls.rows("/BrandingThemes", operation="list_branding_themes")


def departments(calls: Calls) -> list[Row]:
    """List departments. Reference: departments.json, GET /Departments."""
    return calls.rows("/Departments", operation="list_departments")


def locations(calls: Calls) -> list[Row]:
    """List locations. Reference: locations.json, GET /Locations."""
    return calls.rows("/Locations", operation="list_locations")


def projects(calls: Calls) -> list[Row]:
    """List projects and subprojects ("main.sub"). Reference: projects.json, GET /Projects."""
    return calls.rows("/Projects", operation="list_projects")


def custom_dimensions(calls: Calls) -> list[Row]:
    """List the values of custom dimensions 1 to 3. Reference: customdimensions.json, GET /CustomDimensions."""
    return calls.rows("/CustomDimensions", operation="list_custom_dimensions")


def products(calls: Calls) -> list[Row]:
    """List products that are not archived. Reference: products.json, GET /Products."""
    return calls.rows("/Products", operation="list_products", query={"isArchived": "false"})


def products_by_code(calls: Calls, codes: Sequence[str]) -> list[Row]:
    """Find products by code, archived ones too. Reference: products.json, GET /Products?codes."""
    return calls.rows_for("/Products", "codes", codes, operation="find_products")


def create_product(calls: Calls, body: str) -> Row:
    """Create a product; answers 200. Reference: products.json, POST /Products."""
    return calls.write("POST", "/Products", operation="create_product", body=body)


def customers_by_reference(calls: Calls, reference: str) -> list[Row]:
    """Find customers by our own reference. Reference: customers.json, GET /Customers?externalImportReference."""
    query = {"externalImportReference": reference}
    return calls.rows("/Customers", operation="find_customers", query=query)


def customers_by_organisation_number(calls: Calls, number: str) -> list[Row]:
    """Find customers by organisation number. Reference: customers.json (2026), GET /Customers?organizationNumbers."""
    return calls.rows("/Customers", operation="find_customers", query={"organizationNumbers": number})


def customers_by_email(calls: Calls, email: str) -> list[Row]:
    """Find customers by e-mail address. Reference: customers.json (2026), GET /Customers?emailAddresses."""
    return calls.rows("/Customers", operation="find_customers", query={"emailAddresses": email})


def customers_by_number(calls: Calls, number: str) -> list[Row]:
    """Find a customer by its number. Reference: customers.json, GET /Customers?customerNos."""
    return calls.rows("/Customers", operation="find_customers", query={"customerNos": number})


def create_customer(calls: Calls, body: str) -> Row:
    """Create a customer. Reference: customers.json, POST /Customers."""
    return calls.write("POST", "/Customers", operation="create_customer", body=body)


def sales_orders_by_reference(calls: Calls, reference: str) -> list[Row]:
    """Find orders that are not invoiced yet. Reference: salesorders.json (2026), GET /SalesOrders."""
    query = {"externalImportReferences": reference}
    return calls.rows("/SalesOrders", operation="find_sales_orders", query=query)


def sales_order_with_lines(calls: Calls, order_id: str) -> Row | None:
    """Read an order and its lines; None when it is gone.

    Reference: salesorders.json, GET /SalesOrders/{id}/Complete.
    """
    return _or_none(calls, f"/SalesOrders/{segment(order_id)}/Complete", "read_sales_order")


def add_sales_order_line(calls: Calls, order_id: str, body: str) -> Row:
    """Add a line to an order. Reference: salesorders.json, POST /SalesOrders/{id}/Lines."""
    path = f"/SalesOrders/{segment(order_id)}/Lines"
    return calls.write("POST", path, operation="add_sales_order_line", body=body)


def delete_sales_order(calls: Calls, order_id: str) -> bool:
    """Delete an order that is not invoiced; False when it was gone.

    Reference: salesorders.json, DELETE /SalesOrders/{id}.
    """
    try:
        calls.send("DELETE", f"/SalesOrders/{segment(order_id)}", operation="delete_sales_order")
    except Rejected as refusal:
        if refusal.http_status == 404:
            return False
        raise
    return True


def sent_state(calls: Calls, order_id: str) -> Row | None:
    """Ask how the sending of one order went; the answer is an array.

    Reference: salesorders.json, GET /SalesOrders/sentState.
    """
    try:
        rows = calls.rows("/SalesOrders/sentState", operation="read_sent_state", query={"id": order_id})
    except Rejected as refusal:
        if refusal.http_status == 404:
            return None
        raise
    return next((row for row in rows if str(row.get("Id", order_id)).lower() == order_id.lower()), None)


def outgoing_invoices_by_id(calls: Calls, invoice_ids: Sequence[str]) -> list[Row]:
    """Read invoices by id, about forty an address.

    Reference: outgoinginvoices.json, GET /OutgoingInvoices?invoiceIds.
    """
    return calls.rows_for(
        "/OutgoingInvoices",
        "invoiceIds",
        invoice_ids,
        operation="list_outgoing_invoices",
        query={"Fields": INVOICE_FIELDS},
    )


def outgoing_invoices_by_reference(calls: Calls, reference: str) -> list[Row]:
    """Find invoices by our reference. Reference: outgoinginvoices.json (2026), GET /OutgoingInvoices."""
    query = {"externalImportReferences": reference, "Fields": INVOICE_FIELDS}
    return calls.rows("/OutgoingInvoices", operation="list_outgoing_invoices", query=query)


def outgoing_invoices_by_balance_change(calls: Calls, since: datetime) -> list[Row]:
    """List invoices and credit notes whose open balance changed after a time, exclusive: only what tells it.

    Reference: outgoinginvoices.json, GET /OutgoingInvoices?balanceLastChangedDateTimeOffsetGreaterThan.
    """
    text = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    query = {"balanceLastChangedDateTimeOffsetGreaterThan": text, "Fields": BALANCE_FIELDS}
    return calls.rows("/OutgoingInvoices", operation="list_changed_balances", query=query)


def voucher(calls: Calls, journal: str, voucher_id: str) -> Row | None:
    """Read a voucher that we posted through this journal; None otherwise.

    Reference: voucherposting.json, GET /Vouchers.
    """
    return _or_none(calls, f"/Vouchers/{segment(journal)}/{segment(voucher_id)}", "read_voucher")


def account_transactions(calls: Calls, *, on: date, account_no: str, voucher_types: str) -> list[Row]:
    """List postings of one posting date. Reference: accounttransactions.json, GET /AccountTransactions."""
    query = {"fromDate": on.isoformat(), "toDate": on.isoformat(), "Fields": TRANSACTION_FIELDS}
    if account_no:
        query["accountNos"] = account_no
    if voucher_types:
        query["voucherTypes"] = voucher_types
    return calls.rows("/AccountTransactions", operation="list_account_transactions", query=query)


def statement_of_invoice(calls: Calls, *, on: date, invoice_number: str) -> list[Row]:
    """List customer ledger entries of an invoice. Reference: customerledger.json, GET /Customerledger/Statement."""
    day = on.isoformat()
    query = {"fromDate": day, "toDate": day, "onlyCreatedByCurrentIntegration": "true"}
    if "," not in invoice_number:
        query["invoiceNos"] = invoice_number
    return calls.rows("/Customerledger/Statement", operation="read_customer_statement", query=query)


def open_items(calls: Calls, on: date) -> list[Row]:
    """List open customer ledger entries. Reference: customerledger.json, GET /Customerledger/OpenItems."""
    return calls.rows("/Customerledger/OpenItems", operation="list_open_items", query={"date": on.isoformat()})


def trial_balance(calls: Calls, on: date) -> list[Row]:
    """List balances per ledger account. Reference: trialbalance.json, GET /TrialBalance."""
    return calls.rows("/TrialBalance", operation="read_trial_balance", query={"date": on.isoformat()})


def post_document(calls: Calls, method: str, path: str, body: str) -> Answer:
    """Send a prepared document's stored bytes once. Reference: salesorders.json and voucherposting.json, POST."""
    return calls.send(method, path, operation=operation_of(path), body=body)


def put_voucher_documentation(calls: Calls, voucher_id: str, body: bytes, content_type: str) -> Answer:
    """Replace a voucher's documentation; 202 or 204. Reference: voucherdocumentation.json, PUT."""
    return calls.send(
        "PUT",
        "/VoucherDocumentation",
        operation="attach_documentation",
        query={"id": voucher_id},
        body=body,
        content_type=content_type,
    )


def download_voucher_pdf(calls: Calls, voucher_id: str) -> Answer:
    """Read a voucher's PDF as a zip; 204 when there is none. Reference: voucherdocumentation.json, GET Download."""
    query = {"id": voucher_id, "documentationType": "Pdf"}
    return calls.send("GET", "/VoucherDocumentation/Download", operation="read_documentation", query=query)


def operation_of(path: str) -> str:
    """Name what a document's path does, for people: "/Vouchers/BankJournals" is post_bank_journal."""
    if path.endswith("/createAndSendInvoice"):
        return "send_invoice"
    if path.startswith("/Vouchers/Reverse/"):
        return "reverse_voucher"
    if path == "/SalesOrders/Complete":
        return "create_sales_order"
    journal = path.removeprefix("/Vouchers/").removesuffix("s")
    return "post_" + "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in journal).lstrip("_")


def _or_none(calls: Calls, path: str, operation: str) -> Row | None:
    try:
        return calls.read(path, operation=operation)
    except Rejected as refusal:
        if refusal.http_status == 404:
            return None
        raise
