"""Sales orders: totals, lines, changes, sending and its failures, credit notes."""

import time
from decimal import Decimal
from typing import Any

import pytest

from integrations.poweroffice.sandbox import DEMO_CLIENT_KEY, SandboxOptions, SandboxServer

from .sandbox_support import DAY, Go

ONE = {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100}


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "net", "vat"),
    [
        ("1", "100", None, "100", "25"),
        ("3", "33.33", None, "99.99", "25.00"),
        ("1", "0.1", None, "0.10", "0.03"),  # 0.025 rounds up
        ("1.5", "0.33", None, "0.50", "0.13"),  # 0.495 -> 0.50; 0.125 -> 0.13
        ("7", "19.99", "12.5", "122.44", "30.61"),
        ("-2", "50", None, "-100", "-25"),
        ("-1", "0.1", None, "-0.10", "-0.03"),  # half away from zero, both ways
        ("1", "79.9992", None, "80.00", "20.00"),
        ("1", "100", "100", "0", "0"),
        ("1", "100", "-10", "110", "27.50"),
    ],
)
def test_a_line_is_computed_to_the_ore(
    go: Go, quantity: str, price: str, *, discount: str | None, net: str, vat: str
) -> None:
    go.product()
    line = {"ProductCode": "SALG25", "Quantity": Decimal(quantity), "ProductUnitPrice": Decimal(price)}
    if discount is not None:
        line["Allowance"] = Decimal(discount)
    order = go.order(go.customer(), line)
    shown = order["SalesOrderLines"][0]
    assert (shown["NetAmount"], shown["VatAmount"]) == (Decimal(net), Decimal(vat))
    assert order["TotalAmount"] == Decimal(net) + Decimal(vat)


def test_totals_are_the_sums_of_rounded_lines(go: Go) -> None:
    go.product()
    go.product("MAT15", 3001)
    lines: list[dict[str, Any]] = [
        {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": Decimal("0.1")},
        {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": Decimal("0.1")},
        {"ProductCode": "MAT15", "Quantity": 1, "ProductUnitPrice": 200},
        {"LineType": "Text", "Description": "Takk for handelen"},
    ]
    order = go.order(go.customer(), *lines)
    assert (order["NetAmount"], order["TotalAmount"], order["LineCount"]) == (Decimal("200.2"), Decimal("230.26"), 4)
    go.invoice(order)
    assert (go.balance(1500), go.balance(2700), go.balance(2701)) == (Decimal("230.26"), Decimal("-0.06"), -30)


def test_a_vat_free_customer_gets_the_optional_account(go: Go) -> None:
    go.product("BOTH", 3000, OptionalSalesAccountId=go.account(3100))
    line = {"ProductCode": "BOTH", "Quantity": 1, "ProductUnitPrice": 100}
    abroad = go.customer("Utland AS", IsVatFree=True)
    free = go.order(abroad, line)["SalesOrderLines"][0]
    assert (free["VatCode"], free["VatRate"], free["TotalAmount"]) == ("5", 0, 100)
    taxed = go.order(abroad, {**line, "UseStandardSalesAccount": True})["SalesOrderLines"][0]
    assert (taxed["VatCode"], taxed["TotalAmount"]) == ("3", 125)


def test_the_rate_is_that_of_the_orders_date(go: Go) -> None:
    go.product("KINO", 3050)
    line = {"ProductCode": "KINO", "Quantity": 1, "ProductUnitPrice": 100}
    customer = go.customer()
    rates = {
        day: go.order(customer, line, SalesOrderDate=day)["SalesOrderLines"][0]["VatRate"]
        for day in ("2021-09-30", "2021-10-01")
    }
    assert rates == {"2021-09-30": Decimal("0.06"), "2021-10-01": Decimal("0.12")}


def test_what_is_not_said_comes_from_the_customer_and_the_company(go: Go) -> None:
    go.product()
    terms = {row["CreditDays"]: row["Id"] for row in go.get("/PaymentTerms")}
    themes = {row["Code"]: row["Id"] for row in go.get("/BrandingThemes")}
    plain = go.order(go.customer("Vanlig AS"), ONE)
    assert (plain["PaymentTerm"], plain["BrandingThemeCode"], plain["CurrencyCode"]) == (14, "STD", "NOK")
    customer = go.customer("Rask AS", PaymentTermId=terms[30], InvoiceBrandingThemeCode="PAID")
    inherited = go.order(customer, ONE)
    assert (inherited["PaymentTermId"], inherited["BrandingThemeId"]) == (terms[30], themes["PAID"])
    own = go.order(customer, ONE, PaymentTerm=0, BrandingThemeCode="STD")
    assert (own["PaymentTermId"], own["BrandingThemeId"]) == (terms[0], themes["STD"])


def test_lines_inherit_the_dimensions_of_the_header(go: Go) -> None:
    go.product()
    lines = [ONE, {**ONE, "DepartmentId": -1}, {**ONE, "DepartmentCode": "30"}]
    order = go.order(go.customer(), *lines, DepartmentCode="10", LocationCode="OSL", Dim1Code="WEB")
    assert [line["DepartmentCode"] for line in order["SalesOrderLines"]] == ["10", None, "30"]
    assert {line["Dim1Code"] for line in order["SalesOrderLines"]} == {"WEB"}
    assert go.invoice(order)["LocationCode"] == "OSL"


def test_lines_can_be_added_changed_and_deleted(go: Go) -> None:
    go.product()
    order = go.order(go.customer(), ONE)
    path = f"/SalesOrders/{order['Id']}"
    added = go.post(f"{path}/Lines", {**ONE, "Quantity": 2, "ExternalImportReference": "l-2"})
    assert go.get(path)["TotalAmount"] == 375
    changed = go.patch(f"{path}/Lines/{added['Id']}", ("Quantity", 3), ("ProductUnitPrice", 10)).body
    assert (changed["NetAmount"], changed["ExternalImportReference"]) == (30, "l-2")
    assert go.call("DELETE", f"{path}/Lines/{order['SalesOrderLines'][0]['Id']}").status == 200
    assert [line["Id"] for line in go.get(f"{path}/Lines")] == [added["Id"]]
    assert go.get(f"{path}/Complete")["TotalAmount"] == Decimal("37.5")
    assert (
        "unique within the order" in go.call("POST", f"{path}/Lines", {**ONE, "ExternalImportReference": "l-2"}).detail
    )


def test_a_confirmed_order_cannot_be_changed_until_it_is_a_draft_again(go: Go) -> None:
    go.product()
    order = go.order(go.customer(), ONE)
    path = f"/SalesOrders/{order['Id']}"
    assert go.patch(path, ("SalesOrderStatus", "Confirmed")).body["SalesOrderStatus"] == "Confirmed"
    assert go.patch(path, ("CustomerReference", "x")).status == 400
    assert go.call("POST", f"{path}/Lines", ONE).status == 400
    assert go.call("DELETE", path).status == 409
    assert go.patch(path, ("SalesOrderStatus", "Draft")).status == 200
    assert go.patch(path, ("CustomerReference", "x"), ("DepartmentId", -1)).body["CustomerReference"] == "x"
    assert go.call("DELETE", path).status == 200
    assert go.call("GET", path).status == 404


def test_a_patch_names_what_exists_in_pascal_case(go: Go) -> None:
    go.product()
    order = go.order(go.customer(), ONE, DepartmentCode="10")
    path = f"/SalesOrders/{order['Id']}"
    for name in ("customerReference", "CustomerNo", "SalesOrderLines", "Total"):
        answer = go.patch(path, (name, "x"))
        assert answer.status == 400
        assert (
            f"SalesOrderPatchDto: The target location specified by path segment '{name}' was not found."
            in answer.detail
        )
    assert go.patch(path, ("CustomMatchingReference", 5)).status == 400
    removed = [{"op": "remove", "path": "/DepartmentId"}]
    answer = go.call("PATCH", path, removed, kind="application/json-patch+json")
    assert (answer.body["DepartmentId"], answer.body["DepartmentCode"]) == (None, None)


def test_sending_is_queued_then_done() -> None:
    with SandboxServer(SandboxOptions(rate_limit_per_s=0, send_delay_ms=150)) as server:
        go = Go(server).log_in()
        go.product()
        order = go.order(go.customer(), ONE)
        path = f"/SalesOrders/{order['Id']}"
        assert go.get("/SalesOrders/sentState", id=order["Id"]) == []
        queued = go.call("POST", f"{path}/createAndSendInvoice", {"VoucherDate": DAY})
        assert (queued.status, queued.body["DeliveryType"]) == (202, "Auto")
        assert queued.headers["location"].endswith(f"/v2/SalesOrders/sentState?id={order['Id']}")
        state = go.get("/SalesOrders/sentState", id=order["Id"])[0]
        assert (state["IsInvoiceBeingProcessed"], state["InvoiceNo"]) == (True, None)
        assert "already being processed" in go.call("POST", f"{path}/createAndSendInvoice", {}).detail
        assert go.patch(path, ("CustomerReference", "late")).status == 400
        time.sleep(0.2)
        state = go.get("/SalesOrders/sentState", id=order["Id"])[0]
        assert (state["IsInvoiceBeingProcessed"], state["InvoiceNo"]) == (False, 10001)
        assert state["SentDateTimeOffset"] is not None
        assert state["LastErrorMessage"] is None
        assert go.call("POST", f"{path}/createAndSendInvoice", {}).status == 404


def _send(go: Go, customer: dict[str, Any], **values: Any) -> Any:
    order = go.order(customer, ONE)
    go.post(f"/SalesOrders/{order['Id']}/createAndSendInvoice", {"VoucherDate": DAY, **values}, 202)
    return go.get("/SalesOrders/sentState", id=order["Id"])[0]


def test_the_way_of_delivery_follows_the_customer_and_the_request() -> None:
    options = SandboxOptions(rate_limit_per_s=0, send_delay_ms=0, organisations_without_ehf=frozenset({"313579166"}))
    with SandboxServer(options) as server:
        go = Go(server).log_in()
        go.product()
        firm = go.customer("Firma AS", OrganizationNumber="313579158", InvoiceDeliveryType="EHF")
        gone = go.customer("Borte AS", OrganizationNumber="313579166", InvoiceDeliveryType="EHF")
        silent = go.post("/Customers", {"Name": "Stille AS", "InvoiceDeliveryType": "PdfByEmail"})
        assert _send(go, firm)["InvoiceDeliveryType"] == "EHF"
        assert _send(go, firm, DeliveryType="PdfByEmail")["InvoiceDeliveryType"] == "PdfByEmail"
        assert _send(go, silent, EmailAddress="x@y.no")["InvoiceDeliveryType"] == "PdfByEmail"
        assert _send(go, silent, DeliveryType="PdfPrintForDownload")["InvoiceDeliveryType"] == "Print"
        assert "no longer support the receival of EHF" in _send(go, gone)["LastErrorMessage"]
        assert _send(go, gone, EmailAddress="x@y.no")["InvoiceDeliveryType"] == "PdfByEmail"
        failed = _send(go, silent)
        assert "no e-mail address" in failed["LastErrorMessage"]
        assert (failed["IsInvoiceBeingProcessed"], failed["InvoiceNo"]) == (False, None)


def test_a_failed_sending_takes_no_number_and_can_be_repeated(go: Go) -> None:
    go.product()
    silent = go.post("/Customers", {"Name": "Stille AS", "InvoiceDeliveryType": "PdfByEmail"})
    order = go.order(silent, ONE)
    path = f"/SalesOrders/{order['Id']}"
    go.post(f"{path}/createAndSendInvoice", {"VoucherDate": DAY}, 202)
    assert go.get(path)["Id"] == order["Id"]
    other = go.invoice(go.order(go.customer(), ONE))
    assert go.patch(f"/Customers/{silent['Id']}", ("EmailAddress", "ny@stille.example")).status == 200
    assert (other["InvoiceNo"], go.invoice(order)["InvoiceNo"]) == (10001, 10002)


def test_an_order_in_a_locked_period_is_refused_when_sent(go: Go, go_server: SandboxServer) -> None:
    go.product()
    order = go.order(go.customer(), ONE)
    lock = f'{{"client_key": "{DEMO_CLIENT_KEY}", "lock_date": "{DAY}"}}'.encode()
    assert go.send("POST", "/_sandbox/lock_date", lock).body == {DEMO_CLIENT_KEY: DAY}
    path = f"/SalesOrders/{order['Id']}/createAndSendInvoice"
    assert "locked period" in go.call("POST", path, {"VoucherDate": DAY}).detail
    assert go.call("POST", path, {"VoucherDate": "2026-11-03"}).status == 202
    assert go.get("/LockDateSettings")["LockDate"] == DAY


def test_a_period_locked_while_the_order_waits_fails_it_with_a_reason() -> None:
    with SandboxServer(SandboxOptions(rate_limit_per_s=0, send_delay_ms=100)) as server:
        go = Go(server).log_in()
        go.product()
        order = go.order(go.customer(), ONE)
        go.post(f"/SalesOrders/{order['Id']}/createAndSendInvoice", {"VoucherDate": DAY}, 202)
        go.send("POST", "/_sandbox/lock_date", f'{{"lock_date": "{DAY}"}}'.encode())
        time.sleep(0.15)
        assert "locked period" in go.get("/SalesOrders/sentState", id=order["Id"])[0]["LastErrorMessage"]
        assert go.get("/OutgoingInvoices") == []


def test_a_negative_order_becomes_a_credit_note_that_names_and_closes_the_invoice(go: Go) -> None:
    go.product()
    customer = go.customer()
    invoice = go.invoice(go.order(customer, ONE, CustomMatchingReference="R-1"))
    wrong = {"CustomerId": customer["Id"], "SalesOrderLines": [ONE], "RelatedInvoiceNo": invoice["InvoiceNo"]}
    assert "negative total" in go.call("POST", "/SalesOrders/Complete", wrong).detail
    unknown = {**wrong, "SalesOrderLines": [{**ONE, "Quantity": -1}], "RelatedInvoiceNo": 99}
    assert go.call("POST", "/SalesOrders/Complete", unknown).status == 404

    order = go.order(
        customer, {**ONE, "Quantity": -1}, CustomMatchingReference="R-1", RelatedInvoiceNo=invoice["InvoiceNo"]
    )
    note = go.invoice(order)

    assert (note["VoucherType"], note["TotalAmount"], note["InvoiceNo"]) == ("OutgoingCreditNote", -125, 10002)
    assert note["RelatedInvoiceNo"] == invoice["InvoiceNo"]
    assert note["Balance"] == go.get(f"/OutgoingInvoices/{invoice['Id']}")["Balance"] == 0
    assert go.balance(1500) == go.balance(3000) == go.balance(2700) == 0


def test_due_dates_can_be_overridden_but_not_lie_before_the_invoice(go: Go) -> None:
    go.product()
    order = go.order(go.customer(), ONE)
    path = f"/SalesOrders/{order['Id']}/createAndSendInvoice"
    assert go.call("POST", path, {"VoucherDate": DAY, "OverrideDueDate": "2026-11-01"}).status == 400
    assert go.invoice(order, OverrideDueDate="2026-12-24")["DueDate"] == "2026-12-24"


def test_an_order_without_lines_cannot_be_sent(go: Go) -> None:
    order = go.order(go.customer())
    assert "no lines" in go.call("POST", f"/SalesOrders/{order['Id']}/createAndSendInvoice", {}).detail
