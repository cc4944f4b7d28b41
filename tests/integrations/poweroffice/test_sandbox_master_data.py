"""Customers, products, accounts, dimensions, terms and settings: read, created, changed."""

import json
from decimal import Decimal

import pytest

from .openapi import check_answer, check_request, find_call, is_at_hand
from .sandbox_support import Go

READS = (
    "/BrandingThemes /ClientIntegrationInformation /Currencies /CustomDimensions /CustomDimensionSettings "
    "/DeliveryTerms /Departments /FinancialSettings /GeneralLedgerAccounts /Locations /LockDateSettings "
    "/OrganizationSettings /PaymentTerms /Projects /SubLedgerNumberSeries /VatCodes /VatSettings"
).split()


@pytest.mark.parametrize("path", READS)
def test_what_every_company_has_is_there(go: Go, path: str) -> None:
    # `get` holds the answer against the vendor's OpenAPI.
    assert go.get(path)


def test_the_starting_chart_has_what_strictness_needs(go: Go) -> None:
    rows = {row["AccountNo"]: row for row in go.get("/GeneralLedgerAccounts")}
    assert len(rows) > 55
    assert all(number != row["Id"] for number, row in rows.items()), "an id is never the number"
    for number in (1500, 1900, 1901, 1903, 1904, 1910, 1920, 2400, 2700, 2714, 2900, 3000, 3001, 7770, 8060, 8160):
        assert rows[number]["IsActive"]
    assert not rows[3300]["IsActive"]
    assert rows[3030]["IsVatCodeLocked"]
    assert rows[3400]["IsDepartmentRequired"]
    assert go.get(f"/GeneralLedgerAccounts/{rows[3000]['Id']}")["VatCode"] == "3"


def test_vat_codes_have_rates_and_validity(go: Go) -> None:
    today = {row["Code"]: row["Rate"] for row in go.get("/VatCodes")}
    rates = {"3": "0.25", "31": "0.15", "32": "0.1111", "33": "0.12", "1": "0.25", "0": "0", "5": "0", "6": "0"}
    assert {code: today[code] for code in rates} == {code: Decimal(rate) for code, rate in rates.items()}
    everything = go.get("/VatCodes", includeExpired="true")
    assert [row["Rate"] for row in everything if row["Code"] == "33"] == [Decimal("0.12"), Decimal("0.06")]


def test_an_account_can_be_created_and_used(go: Go) -> None:
    body = {"AccountNo": 3010, "Name": "Salg av bøker", "IsActive": True, "VatCode": "5"}
    made = go.post("/GeneralLedgerAccounts", body)
    assert (made["VatCode"], made["GeneralLedgerAccountType"]) == ("5", "Income")
    go.post("/Vouchers/CashJournals", go.voucher(go.line(1901, "10"), go.line(3010, "-10", "5")))
    for wrong, words in (
        (body, "already in use"),
        ({**body, "AccountNo": 3011, "VatCode": "99"}, "not found"),
        ({"AccountNo": 3011, "Name": "x", "IsActive": True}, "VatCode or VatCodeId is required"),
        ({**body, "AccountNo": 99}, "from 1000 to 9999"),
    ):
        assert words in go.call("POST", "/GeneralLedgerAccounts", wrong).detail


def test_products_take_their_account_by_id_or_number(go: Go) -> None:
    made = go.product("A", 3001, UnitPrice=Decimal("79.9"), UnitOfMeasureCode="EA")
    assert (made["StandardSalesAccount"], made["UnitPrice"]) == (3001, Decimal("79.9"))
    assert go.post("/Products", {"Name": "B", "StandardSalesAccount": 3000}, 200)["Code"] == "1"
    assert [row["Code"] for row in go.get("/Products", codes="A,Z")] == ["A"]
    assert [row["Name"] for row in go.get("/Products", names="b")] == ["B"]
    changed = go.patch(f"/Products/{made['Id']}", ("StandardSalesAccountId", go.account(3000)), ("IsArchived", True))
    assert (changed.body["StandardSalesAccount"], changed.body["UnitPrice"]) == (3000, Decimal("79.9"))
    assert [row["Code"] for row in go.get("/Products", isArchived="true")] == ["A"]
    for body, words in (
        ({"Code": "A", "Name": "twice"}, "Code is already in use"),
        ({"Name": "x", "StandardSalesAccount": 1500}, "cannot be used as a sales account"),
        ({"Name": "x", "StandardSalesAccount": 3300}, "cannot be used as a sales account"),
        ({"Name": "x", "StandardSalesAccount": 3999}, "Account with account number = 3999 not found"),
        ({"Code": "C"}, "Name is required"),
        ({"Name": "x", "VatCode": "3"}, "unknown property 'VatCode'"),
        ({"Name": "x", "UnitPrice": Decimal("1.0000001")}, "at most 6 decimals"),
    ):
        assert words in go.call("POST", "/Products", body).detail
    order = {"CustomerId": go.customer()["Id"], "SalesOrderLines": [{"ProductCode": "A", "Quantity": 1}]}
    assert "is archived" in go.call("POST", "/SalesOrders/Complete", order).detail


def test_a_customer_is_read_changed_and_deleted(go: Go) -> None:
    address = {"AddressLine1": "Storgata 1", "City": "Oslo", "ZipCode": "0155"}
    made = go.customer(MailAddress=address, NationalIdNumber="01010199999", DepartmentCode="10")
    path = f"/Customers/{made['Id']}"
    assert (made["Number"], made["NationalIdNumber"], made["MailAddress"]["CountryCode"]) == (10000, "hidden", "NO")
    assert len({made["Id"], made["Number"], made["SubledgerAccountId"]}) == 3
    changed = go.patch(path, ("MailAddress/City", "Bergen"), ("IsVatFree", True)).body
    assert (changed["MailAddress"]["City"], changed["MailAddress"]["ZipCode"]) == ("Bergen", "0155")
    assert (changed["DepartmentCode"], changed["IsVatFree"]) == ("10", True)
    assert go.get(path) == changed
    for name, value in (("DepartmentCode", "20"), ("Id", 1), ("EmailAddress", "x"), ("MailAddress/Town", "x")):
        assert go.patch(path, (name, value)).status == 400
    assert go.call("DELETE", path).status == 200
    assert go.call("GET", path).status == 404
    assert go.call("GET", "/Customers/abc").body["detail"] == "Customer with id = abc not found."


def test_a_customer_in_use_stays_and_an_archived_one_takes_nothing(go: Go) -> None:
    customer = go.customer()
    go.post("/Vouchers/BankJournals", go.voucher(go.line(1903, "1"), go.customer_line(customer, "-1")))
    deleted = go.call("DELETE", f"/Customers/{customer['Id']}")
    assert (deleted.status, deleted.body["title"]) == (409, "Customer conflict")
    assert go.patch(f"/Customers/{customer['Id']}", ("IsArchived", True)).body["IsActive"] is False
    body = go.voucher(go.line(1903, "1"), go.customer_line(customer, "-1"))
    assert "is archived" in go.call("POST", "/Vouchers/BankJournals", body).detail
    assert "is archived" in go.call("POST", "/SalesOrders/Complete", {"CustomerId": customer["Id"]}).detail


def test_a_person_is_named_by_both_names(go: Go) -> None:
    body = {"IsPerson": True, "FirstName": "Kari", "LastName": "Nordmann"}
    assert go.post("/Customers", body)["Name"] == "Kari Nordmann"


def test_dimensions_are_created_inactive_or_active_as_the_vendor_does(go: Go) -> None:
    assert go.post("/Departments", {"Name": "Lager"})["IsActive"] is False
    assert go.post("/Locations", {"Name": "Stavanger", "Code": "SVG"}, 200)["IsActive"] is False
    made = go.post("/CustomDimensions", {"Name": "Messe", "Ordinal": 2})
    assert (made["IsActive"], go.get(f"/CustomDimensions/{made['Id']}")["Name"]) == (True, "Messe")
    assert go.post("/Projects", {"Name": "Messe", "IsBillable": True})["ProjectStatus"] == "Active"
    assert "keeps no" in go.call("POST", "/Projects", {"Name": "x", "CustomerId": 1}).detail
    assert "already in use" in go.call("POST", "/Locations", {"Name": "x", "Code": "SVG"}).detail
    assert "Ordinal must lie" in go.call("POST", "/CustomDimensions", {"Name": "x", "Ordinal": 4}).detail
    assert [row["Code"] for row in go.get("/CustomDimensions", ordinal="1", codes="WEB")] == ["WEB"]


def test_payment_terms_are_created(go: Go) -> None:
    made = go.post("/PaymentTerms", {"Name": "Netto 20 dager", "CreditDays": 20})
    assert go.get(f"/PaymentTerms/{made['Id']}")["CreditDays"] == 20
    assert go.call("POST", "/PaymentTerms", {"Name": "x" * 129, "CreditDays": 1}).status == 400


def test_rates_are_quoted_with_their_base(go: Go) -> None:
    rate = go.get("/CurrencyRates", fromCurrency="SEK", toCurrency="NOK", asOnDate="2026-11-02")
    assert (rate["ExchangeBase"], rate["ExchangeRate"], rate["RateDate"]) == (100, 104, "2026-11-02")
    assert go.call("GET", "/CurrencyRates", fromCurrency="XXX", toCurrency="NOK", asOnDate="2026-11-02").status == 400


@pytest.mark.skipif(not is_at_hand(), reason="no copy of the vendor's OpenAPI at hand")
def test_the_comparison_with_the_openapi_finds_what_is_wrong(go: Go) -> None:
    good = json.loads(json.dumps(go.get("/PaymentTerms")[0]))
    path = f"/PaymentTerms/{good['Id']}"
    assert check_answer("GET", path, 200, good)
    for change in ({"Extra": 1}, {"Id": "5"}, {"Name": 5}, {"CreatedDateTimeOffset": "2026-11-02"}, {"Id": None}):
        with pytest.raises(AssertionError):
            check_answer("GET", path, 200, {**good, **change})
    with pytest.raises(AssertionError):
        check_answer("GET", path, 200, {"Id": 5})
    with pytest.raises(AssertionError):
        check_answer("GET", path, 204, None)
    assert check_request("POST", "/Products", {"Name": "A"}, [])
    for body, parameters in (({}, []), ({"Name": "A", "Extra": 1}, []), ({"Name": "A"}, ["filter"])):
        with pytest.raises(AssertionError):
            check_request("POST", "/Products", body, parameters)
    assert find_call("POST", "/SalesOrders") is None
