"""Lists: bare arrays, 204, paging header, fields, order, filters and what they refuse."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .sandbox_support import DAY, Go


def _names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["Name"] for row in rows]


@pytest.fixture
def five(go: Go) -> Go:
    for number in range(5):
        go.post(
            "/Customers",
            {
                "Name": f"Kunde {number}",
                "EmailAddress": f"Kunde{number}@example.no",
                "PhoneNumber": f"9000000{number}",
                "ExternalNumber": 500 + number,
                "ExternalImportReference": f"c-{number}",
                "OrganizationNumber": ("313579158", "313579166", "313579174", "313579182", "313579190")[number],
            },
        )
    return go


def test_nothing_found_is_204_without_a_body(go: Go) -> None:
    answer = go.call("GET", "/Customers")
    assert (answer.status, answer.body) == (204, None)


def test_pages_are_walked_by_the_header(five: Go) -> None:
    found: list[str] = []
    answer = five.call("GET", "/Customers", PageSize=2, OrderBy="Name desc")
    while True:
        found += _names(answer.body)
        link = json.loads(answer.headers["x-pagination"])["nextPageLink"]
        if link is None:
            break
        query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        answer = five.call("GET", "/Customers", **query)
    assert found == [f"Kunde {number}" for number in (4, 3, 2, 1, 0)]
    assert five.call("GET", "/Customers", PageNumber=9).status == 204


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"customerNos": "10001-10002, 10004"}, [1, 2, 4]),
        ({"customerNos": "10003-"}, [3, 4]),
        ({"externalNos": "501"}, [1]),
        ({"externalImportReference": "c-3"}, [3]),
        ({"externalImportReference": "c-3,c-4"}, []),
        ({"organizationNumbers": "313579166,313579190"}, [1, 4]),
        ({"emailAddresses": "kunde2@EXAMPLE.no"}, [2]),
        ({"phoneNumbers": "90000004"}, [4]),
        ({"CUSTOMERNOS": "10000"}, [0]),
        ({"customerNos": ""}, [0, 1, 2, 3, 4]),
        ({"lastChangedDateTimeOffsetGreaterThan": "2099-01-01T00:00:00Z"}, []),
        ({"lastChangedDateTimeOffsetGreaterThan": "2021-09-25 08:03:00.1234567 -00:00"}, [0, 1, 2, 3, 4]),
        ({"useDatabaseValidation": "true", "PageSize": 1}, [0]),
    ],
)
def test_customers_are_filtered(five: Go, query: dict[str, Any], numbers: list[int]) -> None:
    assert _names(five.get("/Customers", **query)) == [f"Kunde {number}" for number in numbers]


def test_a_timestamp_filter_is_exclusive(five: Go) -> None:
    rows = five.get("/Customers")
    third = rows[2]["LastChangedDateTimeOffset"]
    assert _names(five.get("/Customers", lastChangedDateTimeOffsetGreaterThan=third)) == ["Kunde 3", "Kunde 4"]
    five.patch(f"/Customers/{rows[0]['Id']}", ("PhoneNumber", "1"))
    assert len(five.get("/Customers", lastChangedDateTimeOffsetGreaterThan=third)) == 3


def test_fields_narrow_the_answer(five: Go) -> None:
    rows = five.get("/Customers", Fields="Id, Name")
    assert set(rows[0]) == {"Id", "Name"}
    answer = five.call("GET", "/Customers", Fields="Id;Name")
    assert (answer.status, answer.body["title"]) == (400, "Invalid resourceParameter")
    assert answer.detail == "Fields property in resourceParameter is not formatted correct."


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"$filter": "Name eq 'A'"}, "OData"),
        ({"$top": "1"}, "OData"),
        ({"name": "A"}, "does not exist"),
        ({"PageSize": 20001}, "from 1 to 20000"),
        ({"PageSize": 0}, "from 1 to 20000"),
        ({"PageNumber": "x"}, "PageNumber"),
        ({"OrderBy": "Nothing asc"}, "OrderBy"),
        ({"OrderBy": "Name sideways"}, "OrderBy"),
        ({"customerNos": "abc"}, "not a number or a range"),
        ({"contactGroupIds": "1-5"}, "range of numbers"),
        ({"lastChangedDateTimeOffsetGreaterThan": "yesterday"}, "not a timestamp"),
        ({"useDatabaseValidation": "maybe"}, "true or false"),
    ],
)
def test_a_wrong_query_is_refused(five: Go, query: dict[str, Any], words: str) -> None:
    answer = five.call("GET", "/Customers", **query)
    assert answer.status == 400
    assert words in answer.detail


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/AccountTransactions", {"fromDate": DAY}),
        ("/Customerledger/OpenItems", {}),
        ("/Customerledger/Statement", {"toDate": DAY}),
        ("/Customerledger/CustomerBalances", {}),
        ("/Customerledger/EntriesByMatchId", {}),
        ("/TrialBalance", {}),
        ("/CurrencyRates", {"fromCurrency": "EUR"}),
    ],
)
def test_required_parameters_are_required(go: Go, path: str, query: dict[str, str]) -> None:
    answer = go.call("GET", path, **query)
    assert answer.status == 400
    assert "is required" in answer.detail


def test_transactions_are_filtered(go: Go) -> None:
    customer = go.customer()
    go.post("/Vouchers/CashJournals", go.voucher(go.line(1901, "125"), go.line(3000, "-125", "3")))
    go.post("/Vouchers/BankJournals", go.voucher(go.line(1903, "80"), go.customer_line(customer, "-80")))
    period = {"fromDate": "2026-11-01", "toDate": "2026-11-30"}
    for query, accounts in (
        ({}, [1901, 3000, 2700, 1903, 1500]),
        ({"accountNos": "3000-3999"}, [3000]),
        ({"accountNos": str(customer["Number"])}, [1500]),
        ({"voucherTypes": "BankJournal"}, [1903, 1500]),
        ({"vatCodes": "3"}, [3000]),
        ({"voucherNos": "1"}, [1901, 3000, 2700]),
        ({"departmentCodes": "-1"}, [1901, 3000, 2700, 1903, 1500]),
        ({"departmentCodes": "10"}, []),
        ({"fromDate": DAY, "toDate": DAY}, [1901, 3000, 2700, 1903, 1500]),
        ({"fromDate": "2026-11-03"}, []),
    ):
        assert [row["AccountNo"] for row in go.get("/AccountTransactions", **{**period, **query})] == accounts, query
    assert go.call("GET", "/AccountTransactions", **period, voucherTypes="Nothing").status == 400


def test_invoices_are_filtered(go: Go) -> None:
    go.product()
    customer = go.customer()
    line = {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100}
    made = []
    for number in (1, 2, 3):
        order = go.order(
            customer,
            line,
            CustomMatchingReference=f"R-{number}",
            ExternalImportReference=f"o-{number}",
            ImportedOrderNo=number,
            DepartmentCode=f"{number}0",
        )
        made.append(go.invoice(order))
    go.post(
        "/Vouchers/BankJournals",
        go.voucher(go.line(1903, "125"), go.customer_line(customer, "-125", CustomMatchingReference="R-2")),
    )
    stamp = made[2]["BalanceLastChangedDateTimeOffset"]
    for query, numbers in (
        ({"invoiceNos": "10001-10002"}, [10001, 10002]),
        ({"customMatchingReferences": "R-3, R-1"}, [10001, 10003]),
        ({"externalImportReferences": "o-2"}, [10002]),
        ({"importedOrderNos": "3"}, [10003]),
        ({"orderNos": str(made[0]["OrderNo"])}, [10001]),
        ({"invoiceIds": made[1]["Id"].upper()}, [10002]),
        ({"onlyUnpaidInvoices": "true"}, [10001, 10003]),
        ({"balanceLastChangedDateTimeOffsetGreaterThan": stamp}, [10002]),
        ({"departmentCodes": "20,30"}, [10002, 10003]),
        ({"customerNos": "10001-"}, []),
        ({"fromDate": "2026-11-03"}, []),
        ({"toDate": DAY, "onlyCreatedByCurrentIntegration": "true"}, [10001, 10002, 10003]),
        ({"sentDateTimeOffsetGreaterThan": made[0]["SentDateTimeOffset"]}, [10002, 10003]),
        ({"voucherNos": "1"}, [10001]),
    ):
        assert sorted(row["InvoiceNo"] for row in go.get("/OutgoingInvoices", **query)) == numbers, query


def test_orders_are_filtered(go: Go) -> None:
    go.product()
    customer = go.customer()
    first = go.order(customer, ExternalImportReference="o-1", ImportedOrderNo=7, ProjectCode="100")
    go.order(customer, ExternalImportReference="o-2", SalesOrderStatus="Confirmed")
    for query, references in (
        ({"externalImportReferences": "o-1,o-9"}, ["o-1"]),
        ({"importedOrderNos": "7"}, ["o-1"]),
        ({"salesOrderNos": str(first["SalesOrderNo"])}, ["o-1"]),
        ({"orderStatus": "Confirmed"}, ["o-2"]),
        ({"projectCodes": "100"}, ["o-1"]),
        ({"customerNos": "10000", "onlyCreatedByCurrentIntegration": "true"}, ["o-1", "o-2"]),
    ):
        assert [row["ExternalImportReference"] for row in go.get("/SalesOrders", **query)] == references, query
