"""The whole way through: order, invoice, payment, till day; the books to the øre."""

from decimal import Decimal

from integrations.poweroffice.sandbox import SandboxServer
from integrations.poweroffice.sandbox.proof import proof

from .sandbox_support import DAY, Go


def _pay(go: Go, customer: dict[str, object], amount: str, **values: object) -> None:
    go.post(
        "/Vouchers/BankJournals",
        go.voucher(go.line(1903, amount), go.customer_line(customer, f"-{amount}", **values)),
    )


def test_an_order_becomes_an_invoice_with_the_same_id(go: Go) -> None:
    go.product()
    order = go.order(
        go.customer(),
        {"ProductCode": "SALG25", "Quantity": 2, "ProductUnitPrice": 5000},
        CustomMatchingReference="R-1",
        ExternalImportReference="order-1",
        ImportedOrderNo=77,
    )
    assert (order["NetAmount"], order["TotalAmount"]) == (10000, 12500)

    invoice = go.invoice(order)

    assert invoice["Id"] == order["Id"]
    assert (invoice["InvoiceNo"], invoice["TotalAmount"], invoice["Balance"]) == (10001, 12500, 12500)
    assert (invoice["ExternalImportReference"], invoice["ImportedOrderNo"]) == ("order-1", 77)
    assert invoice["DueDate"] == "2026-11-16"
    assert go.call("GET", f"/SalesOrders/{order['Id']}").status == 404
    assert go.get("/SalesOrders") == []
    lines = go.get(f"/OutgoingInvoices/{order['Id']}/Lines")
    assert [(line["AccountNo"], line["VatCode"], line["TotalAmount"]) for line in lines] == [(3000, "3", 12500)]
    assert [go.balance(number) for number in (1500, 3000, 2700)] == [12500, -10000, -2500]


def test_a_payment_after_the_invoice_closes_both(go: Go) -> None:
    go.product()
    customer = go.customer()
    order = go.order(
        customer, {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 10000}, CustomMatchingReference="R-1"
    )
    go.invoice(order)

    _pay(go, customer, "12500", CustomMatchingReference="R-1")

    assert go.get("/Customerledger/OpenItems", date="2026-12-31") == []
    statement = go.get("/Customerledger/Statement", fromDate=DAY, toDate=DAY, customMatchingReferences="R-1")
    assert len({row["MatchId"] for row in statement}) == 1
    assert go.get(f"/OutgoingInvoices/{order['Id']}")["Balance"] == 0
    assert len(go.get("/Customerledger/EntriesByMatchId", matchId=statement[0]["MatchId"])) == 2


def test_a_payment_before_the_invoice_comes_out_the_same(go: Go) -> None:
    go.product()
    customer = go.customer()
    _pay(go, customer, "12500", CustomMatchingReference="R-1")
    assert len(go.get("/Customerledger/OpenItems", date="2026-12-31")) == 1

    order = go.order(
        customer, {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 10000}, CustomMatchingReference="R-1"
    )
    go.invoice(order)

    assert go.get("/Customerledger/OpenItems", date="2026-12-31") == []
    assert go.get("/Customerledger/CustomerBalances", date="2026-12-31")[0]["Balance"] == 0


def test_a_payout_with_its_fee_brings_the_payment_method_back_to_zero(go: Go) -> None:
    customer = go.customer()
    _pay(go, customer, "12500")
    go.post("/Vouchers/BankJournals", go.voucher(go.line(1920, "12400"), go.line(7770, "100"), go.line(1903, "-12500")))
    assert [go.balance(number) for number in (1903, 1920, 7770)] == [0, 12400, 100]


def test_the_friday_of_a_restaurant_gets_its_vat_by_itself(go: Go) -> None:
    lines = [
        go.line(1901, "5000"),
        go.line(1910, "13650"),
        go.line(3000, "-12500", "3"),
        go.line(3001, "-1150", "31"),
        go.line(3002, "-2500", "3"),
        go.line(3003, "-2500", "3"),
    ]
    voucher = go.post("/Vouchers/CashJournals", go.voucher(*lines, SaftBatchId="Z-17", SaftSourceId="till"))

    entries = go.get("/AccountTransactions", fromDate=DAY, toDate=DAY)
    sales = {row["AccountNo"]: (row["Amount"], row["VatAmount"]) for row in entries if row["AccountNo"] >= 3000}
    assert sales == {3000: (-10000, -2500), 3001: (-1000, -150), 3002: (-2000, -500), 3003: (-2000, -500)}
    assert (go.balance(2700), go.balance(2701)) == (-3500, -150)
    assert sum(row["Amount"] for row in entries) == 0
    assert {row["VoucherId"] for row in entries} == {voucher["Id"]}
    assert (voucher["SaftBatchId"], voucher["SaftSourceId"]) == ("Z-17", "till")


def test_a_day_of_many_payments_is_one_voucher_and_all_match(go: Go, go_server: SandboxServer) -> None:
    go.product()
    customers = [go.customer(f"Kunde {number}") for number in range(8)]
    for number, customer in enumerate(customers):
        line = {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100 + number}
        go.invoice(go.order(customer, line, CustomMatchingReference=f"R-{number}"))
    credits = [
        go.customer_line(customer, str(-(100 + number) * Decimal("1.25")), CustomMatchingReference=f"R-{number}")
        for number, customer in enumerate(customers)
    ]
    total = -sum(line["CurrencyAmount"] for line in credits)
    go.post("/Vouchers/BankJournals", go.voucher(go.line(1903, str(total)), *credits))

    found = proof(go_server.books)
    assert (found["open_items"], found["invoices"], found["duplicates"]) == (0, 8, [])
    assert found["sum_of_entries"] == 0
    assert found["customer_ledger_equals_control_account"]


def test_input_vat_is_deducted_and_services_from_abroad_owe_and_deduct_at_once(go: Go) -> None:
    go.post("/Vouchers/ManualJournals", go.voucher(go.line(6800, "125", "1"), go.line(1920, "-125")))
    assert (go.balance(6800), go.balance(2710)) == (100, 25)
    go.post("/Vouchers/ManualJournals", go.voucher(go.line(7775, "200", "86"), go.line(1920, "-200")))
    assert (go.balance(7775), go.balance(2704), go.balance(2714)) == (200, -50, 50)
    go.post("/Vouchers/ManualJournals", go.voucher(go.line(7770, "100", "87"), go.line(1920, "-100")))
    assert (go.balance(7770), go.balance(2704)) == (125, -75)
