"""Each thing the sandbox refuses, with the status and a word of the sentence; nothing is left behind."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.poweroffice.sandbox import SandboxServer

from .sandbox_support import DAY, Go

Change = Callable[[Go, dict[str, Any]], dict[str, Any]]


def _header(**values: Any) -> Change:
    return lambda go, body: {**body, **values}


def _line(**values: Any) -> Change:
    """Change the sales line (the second one)."""
    return lambda go, body: {**body, "VoucherLines": [body["VoucherLines"][0], {**body["VoucherLines"][1], **values}]}


def _sales_on(number: int, vat: str = "3", **values: Any) -> Change:
    return lambda go, body: _line(AccountId=go.account(number), VatId=go.vat(vat), **values)(go, body)


def _without(name: str) -> Change:
    return lambda go, body: {key: value for key, value in body.items() if key != name}


def _line_without(name: str) -> Change:
    def change(go: Go, body: dict[str, Any]) -> dict[str, Any]:
        first, second = body["VoucherLines"]
        return {**body, "VoucherLines": [first, {key: value for key, value in second.items() if key != name}]}

    return change


def _dated(day: str) -> Change:
    def change(go: Go, body: dict[str, Any]) -> dict[str, Any]:
        lines = [{**line, "PostingDate": day} for line in body["VoucherLines"]]
        return {**body, "VoucherDate": day, "VoucherLines": lines}

    return change


def _expired_vat(go: Go, body: dict[str, Any]) -> dict[str, Any]:
    rows = go.get("/VatCodes", includeExpired="true")
    expired = next(row for row in rows if row["ValidTo"] is not None)
    return _line(AccountId=go.account(3050), VatId=expired["Id"])(go, body)


VOUCHER_REFUSALS: list[tuple[str, Change, int, str]] = [
    ("unknown field", _header(Comment="x"), 400, "unknown property 'Comment'"),
    ("camel case", lambda go, body: {**_without("CurrencyCode")(go, body), "currencyCode": "NOK"}, 400, "currencyCode"),
    ("unknown line field", _line(InvoiceNo="1"), 400, "unknown property 'InvoiceNo'"),
    ("currency missing", _without("CurrencyCode"), 400, "CurrencyCode is required"),
    ("currency malformed", _header(CurrencyCode="kr"), 400, "ISO 4217"),
    ("date missing", _without("VoucherDate"), 400, "VoucherDate is required"),
    ("date malformed", _header(VoucherDate="02.11.2026"), 400, "VoucherDate must be a date"),
    ("date impossible", _header(VoucherDate="2026-02-30"), 400, "VoucherDate"),
    ("posting date missing", _line_without("PostingDate"), 400, "PostingDate is required"),
    ("account missing", _line_without("AccountId"), 400, "AccountId is required"),
    ("VAT missing", _line_without("VatId"), 400, "VatId is required"),
    ("VAT null", _line(VatId=None), 400, "VatId is required"),
    ("amount missing", _line_without("CurrencyAmount"), 400, "CurrencyAmount is required"),
    ("amount in quotes", _line(CurrencyAmount="-125.00"), 400, "CurrencyAmount must be a number"),
    ("no lines", _header(VoucherLines=[]), 400, "at least two lines"),
    ("account in quotes", _line(AccountId="3000"), 400, "AccountId must be an integer"),
    ("enum as number", _line(VatReturnSpecification=1), 400, "not allowed to be represented as integers"),
    ("enum unknown", _line(VatReturnSpecification="Maybe"), 400, "is not valid"),
    ("SAF-T batch too long", _header(SaftBatchId="x" * 36), 400, "longer than 35"),
    ("account number instead of id", _line(AccountId=3000), 404, "Account with id = 3000 not found"),
    ("VAT code instead of id", _line(VatId=3), 404, "Vat code with id = 3 not found"),
    ("department unknown", _line(DepartmentId=1), 404, "Department with id = 1 not found"),
    ("product unknown", _line(ProductId=1), 404, "Product with id = 1 not found"),
    ("control account", _sales_on(1500, "0"), 400, "control account"),
    ("VAT account", _sales_on(2700, "0"), 400, "written by VAT codes"),
    ("inactive account", _sales_on(3300), 400, "Account 3300 is not active"),
    ("VAT locked account", _sales_on(3030, "3"), 400, "not valid for account 3030"),
    ("department required", _sales_on(3400), 400, "Department is required on account 3400"),
    ("VAT code expired", _expired_vat, 400, "is not valid on 2026-11-02"),
    ("amount zero", _line(CurrencyAmount=0), 400, "CurrencyAmount cannot be 0"),
    ("unbalanced", _line(CurrencyAmount=-124), 400, "does not balance on 2026-11-02: the difference is 1.00"),
    ("unbalanced per date", _line(PostingDate="2026-11-03"), 400, "does not balance on 2026-11-02"),
    ("locked period", _dated("2026-06-30"), 400, "The lock date is 2026-06-30"),
    ("before conversion", _dated("2019-12-31"), 400, "before the conversion date 2020-01-01"),
    ("NOK with a rate", _line(CurrencyExchangeRate=2), 400, "must be 1 for NOK"),
    ("no rate known", _header(CurrencyCode="XAU"), 400, "no exchange rate for 'XAU'"),
    ("empty reference", _header(ExternalImportReference=""), 400, "cannot be empty"),
]


@pytest.mark.parametrize(
    ("change", "status", "words"), [row[1:] for row in VOUCHER_REFUSALS], ids=[row[0] for row in VOUCHER_REFUSALS]
)
def test_a_wrong_voucher_is_refused_and_consumes_nothing(
    go: Go, go_server: SandboxServer, change: Change, status: int, words: str
) -> None:
    go.call("GET", "/VatCodes")
    go.send("POST", "/_sandbox/lock_date", b'{"lock_date": "2026-06-30"}')
    good = go.voucher(go.line(1901, "125"), go.line(3000, "-125", "3"), ExternalImportReference="ref-1")
    answer = go.call("POST", "/Vouchers/CashJournals", change(go, good))
    assert (answer.status, answer.body["title"]) == (status, "Voucher validation error(s)")
    assert words in answer.detail
    assert len(go_server.books.vouchers) == len(go_server.books.entries) == 0
    assert go.post("/Vouchers/CashJournals", good)["ExternalImportReference"] == "ref-1"


def test_three_decimals_are_refused(go: Go) -> None:
    body = go.voucher(go.line(1901, "1.255"), go.line(3000, "-1.255", "3"))
    answer = go.call("POST", "/Vouchers/CashJournals", body)
    assert answer.status == 400
    assert "at most 2 decimals" in answer.detail


def test_a_customer_line_has_no_vat(go: Go) -> None:
    customer = go.customer()
    body = go.voucher(go.line(1901, "125"), go.customer_line(customer, "-125", VatId=go.vat("3")))
    assert "a customer has no VAT" in go.call("POST", "/Vouchers/CashJournals", body).detail


def test_an_inactive_department_is_refused(go: Go) -> None:
    closed = next(row["Id"] for row in go.get("/Departments") if not row["IsActive"])
    body = go.voucher(go.line(1901, "125"), go.line(3400, "-125", "3", DepartmentId=closed))
    assert "is not active" in go.call("POST", "/Vouchers/CashJournals", body).detail


def test_a_required_department_satisfies_the_account(go: Go) -> None:
    department = next(row["Id"] for row in go.get("/Departments", codes="10"))
    go.post(
        "/Vouchers/CashJournals", go.voucher(go.line(1901, "125"), go.line(3400, "-125", "3", DepartmentId=department))
    )
    assert go.get("/AccountTransactions", fromDate=DAY, toDate=DAY, departmentCodes="10")[0]["AccountNo"] == 3400


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "Name is required"),
        ({"IsPerson": True, "FirstName": "Kari"}, 400, "FirstName and LastName"),
        ({"Name": "A", "OrganizationNumber": "123456789"}, 400, "not a valid Norwegian organisation number"),
        ({"Name": "A", "EmailAddress": "not an address"}, 400, "not a valid e-mail address"),
        ({"Name": "A", "InvoiceDeliveryType": "AvtaleGiro"}, 400, "cannot be set directly"),
        ({"Name": "A", "InvoiceDeliveryType": "EHF"}, 400, "requires an OrganizationNumber"),
        ({"Name": "A", "InvoiceDeliveryType": 2}, 400, "represented as integers"),
        ({"Name": "A", "ExternalImportReference": "x" * 51}, 400, "longer than 50"),
        ({"Name": "A", "Number": 20000}, 400, "not in a customer number series"),
        ({"Name": "A", "MailAddress": {"City": "Oslo"}}, 400, "ZipCode is required"),
        ({"Name": "A", "MailAddress": {"City": "O", "ZipCode": "1", "CountryCode": "no"}}, 400, "ISO 3166"),
        ({"Name": "A", "DepartmentCode": "Avdeling10"}, 404, "Department with code = 'Avdeling10' not found."),
        ({"Name": "A", "PaymentTermId": 1}, 404, "Payment term with id = 1 not found"),
        ({"Name": "A", "InvoiceBrandingThemeCode": "X"}, 404, "Branding theme with code = 'X' not found"),
        ({"Name": "A", "ContactGroupIds": [4]}, 404, "contact group(s)"),
        ({"Name": "A", "Allowance": 101}, 400, "between -1000 and 100"),
        ({"Name": "A", "IsArchived": "yes"}, 400, "IsArchived must be true or false"),
    ],
)
def test_a_wrong_customer_is_refused(go: Go, body: dict[str, Any], status: int, words: str) -> None:
    answer = go.call("POST", "/Customers", body)
    assert (answer.status, answer.body["title"]) == (status, "Customer validation error(s)")
    assert words in answer.detail


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ({"ProductCode": "NONE", "Quantity": 1}, 404, "Product with code = 'NONE' not found"),
        ({"ProductCode": "SALG25"}, 400, "Quantity is required"),
        ({"ProductCode": "SALG25", "Quantity": 1}, 400, "ProductUnitPrice is required"),
        ({"LineType": "Normal", "Description": "x"}, 400, "ProductId or ProductCode is required"),
        ({"LineType": "Text", "ProductCode": "SALG25", "Quantity": 1}, 400, "cannot have a product"),
        ({"ProductCode": "SALG25", "Quantity": 1, "VatCode": "3"}, 400, "unknown property 'VatCode'"),
        ({"ProductCode": "SALG25", "Quantity": 1, "Allowance": 101}, 400, "between -1000 and 100"),
        ({"ProductCode": "SALG25", "Quantity": 1, "ProjectCode": "999"}, 404, "Project with code = '999' not found"),
    ],
)
def test_a_wrong_order_line_is_refused(go: Go, line: dict[str, Any], status: int, words: str) -> None:
    go.product()
    body = {"CustomerId": go.customer()["Id"], "SalesOrderLines": [line]}
    answer = go.call("POST", "/SalesOrders/Complete", body)
    assert (answer.status, answer.body["title"]) == (status, "Sales order validation error(s)")
    assert words in answer.detail


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "not valid JSON"),
        (b'{"Name": "A", "Name": "B"}', 400, "occurs twice"),
        (b'{"Name": "A", "Allowance": NaN}', 400, "not a number"),
        (b"[]", 400, "must be an object"),
        (b"\xff\xfe", 400, "not valid JSON"),
    ],
)
def test_malformed_json_is_refused(go: Go, body: bytes, status: int, words: str) -> None:
    headers = {"Authorization": f"Bearer {go.token}", "Content_Type": "application/json"}
    answer = go.send("POST", "/v2/Customers", body, **headers)
    assert answer.status == status
    assert words in answer.detail


def test_a_body_of_another_type_is_refused(go: Go) -> None:
    assert go.call("POST", "/Customers", {"Name": "A"}, kind="text/plain").status == 415
    customer = go.customer()
    assert go.call("PATCH", f"/Customers/{customer['Id']}", [], kind="application/json").status == 415
