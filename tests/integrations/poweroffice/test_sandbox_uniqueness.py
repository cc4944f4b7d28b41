"""References are taken once, freed by a reversal, and safe against two calls at the same time."""

import threading
from typing import Any

from integrations.poweroffice.sandbox import SandboxServer

from .sandbox_support import DAY, Go


def _cash(go: Go, **values: Any) -> dict[str, Any]:
    return go.voucher(go.line(1901, "125"), go.line(3000, "-125", "3"), **values)


def test_a_voucher_reference_is_unique_over_all_kinds_of_vouchers(go: Go) -> None:
    first = go.post("/Vouchers/CashJournals", _cash(go, ExternalImportReference="ref-1"))
    for kind in ("CashJournals", "BankJournals", "ManualJournals"):
        answer = go.call("POST", f"/Vouchers/{kind}", _cash(go, ExternalImportReference="ref-1"))
        assert answer.status == 400
        assert f"already in use. 'ref-1' is used on voucher Id = {first['Id']}." in answer.detail


def test_a_reversal_frees_the_reference_and_takes_everything_back(go: Go) -> None:
    first = go.post("/Vouchers/CashJournals", _cash(go, ExternalImportReference="ref-1"))
    assert go.call("POST", f"/Vouchers/Reverse/{first['Id']}").status == 200
    assert go.get(f"/Vouchers/CashJournals/{first['Id']}")["IsReversed"] is True
    assert go.balance(1901) == go.balance(3000) == go.balance(2700) == 0
    mirror = [row for row in go.get("/AccountTransactions", fromDate=DAY, toDate=DAY) if row["ReversedVoucherId"]]
    assert {row["ReversedVoucherId"] for row in mirror} == {first["Id"]}
    assert "already reversed" in go.call("POST", f"/Vouchers/Reverse/{first['Id']}").detail
    assert go.post("/Vouchers/CashJournals", _cash(go, ExternalImportReference="ref-1"))["Id"] != first["Id"]


def test_a_reversal_opens_what_was_matched(go: Go) -> None:
    go.product()
    customer = go.customer()
    line = {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100}
    invoice = go.invoice(go.order(customer, line, CustomMatchingReference="R"))
    payment = go.post(
        "/Vouchers/BankJournals",
        go.voucher(go.line(1903, "125"), go.customer_line(customer, "-125", CustomMatchingReference="R")),
    )
    assert go.get("/Customerledger/OpenItems", date="2026-12-31") == []
    go.call("POST", f"/Vouchers/Reverse/{payment['Id']}")
    assert [row["VoucherId"] for row in go.get("/Customerledger/OpenItems", date="2026-12-31")] == [invoice["Id"]]
    assert go.get(f"/OutgoingInvoices/{invoice['Id']}")["Balance"] == 125


def test_a_locked_voucher_cannot_be_reversed(go: Go) -> None:
    first = go.post("/Vouchers/CashJournals", _cash(go))
    go.send("POST", "/_sandbox/lock_date", f'{{"lock_date": "{DAY}"}}'.encode())
    assert "locked period" in go.call("POST", f"/Vouchers/Reverse/{first['Id']}").detail


def test_an_order_reference_is_unique_also_after_sending_but_apart_from_vouchers(go: Go) -> None:
    go.product()
    customer = go.customer()
    line = {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100}
    order = go.order(customer, line, ExternalImportReference="ref-1")
    body = {"CustomerId": customer["Id"], "SalesOrderLines": [line], "ExternalImportReference": "ref-1"}
    assert "already in use" in go.call("POST", "/SalesOrders/Complete", body).detail
    go.invoice(order)
    assert "already in use" in go.call("POST", "/SalesOrders/Complete", body).detail
    assert go.post("/Vouchers/CashJournals", _cash(go, ExternalImportReference="ref-1"))


def test_deleting_a_draft_frees_its_reference(go: Go) -> None:
    order = go.order(go.customer(), ExternalImportReference="ref-1")
    go.call("DELETE", f"/SalesOrders/{order['Id']}")
    assert go.order(go.customer(), ExternalImportReference="ref-1")["Id"] != order["Id"]


def test_customer_reference_external_number_and_number_are_unique(go: Go) -> None:
    first = go.customer(ExternalImportReference="c-1", ExternalNumber=5, Number=15000)
    for values in ({"ExternalImportReference": "c-1"}, {"ExternalNumber": 5}, {"Number": 15000}):
        answer = go.call("POST", "/Customers", {"Name": "B", **values})
        assert answer.status == 400
        assert "already in use" in answer.detail
    other = go.customer("B", OrganizationNumber="313579158")
    assert go.customer("C", OrganizationNumber="313579158")["Id"] != other["Id"], "nothing says it must be unique"
    assert go.patch(f"/Customers/{other['Id']}", ("ExternalImportReference", "c-1")).status == 400
    assert go.patch(f"/Customers/{first['Id']}", ("ExternalImportReference", "c-2")).status == 200
    assert go.patch(f"/Customers/{other['Id']}", ("ExternalImportReference", "c-1")).status == 200


def test_two_calls_at_once_with_one_reference_make_one_document(go: Go, go_server: SandboxServer) -> None:
    go.product()
    customer = go.customer()
    bodies = [
        ("/Vouchers/BankJournals", _cash(go, ExternalImportReference="v-1")),
        ("/SalesOrders/Complete", {"CustomerId": customer["Id"], "ExternalImportReference": "o-1"}),
        ("/Customers", {"Name": "B", "ExternalImportReference": "c-1"}),
    ]
    for path, body in bodies:
        statuses: list[int] = []
        barrier = threading.Barrier(8)

        def post(path: str = path, body: dict[str, Any] = body, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            statuses.append(go.call("POST", path, body).status)  # noqa: B023 - joined before the next round

        threads = [threading.Thread(target=post) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [201] + [400] * 7


def test_a_voucher_is_seen_only_through_the_call_that_made_it(go: Go) -> None:
    voucher = go.post("/Vouchers/CashJournals", _cash(go, ExternalImportReference="ref-1"))
    assert go.call("GET", f"/Vouchers/BankJournals/{voucher['Id']}").status == 404
    assert go.call("GET", "/Vouchers/CashJournals").status == 404
    answer = go.call("GET", "/AccountTransactions", fromDate=DAY, toDate=DAY, externalImportReference="ref-1")
    assert answer.status == 400
    rows = go.get("/AccountTransactions", fromDate=DAY, toDate=DAY)
    assert {row["ExternalImportReference"] for row in rows} == {"ref-1"}


def test_the_voucher_number_is_missing_at_first_and_there_at_the_next_read(go: Go) -> None:
    voucher = go.post("/Vouchers/CashJournals", _cash(go))
    assert voucher["VoucherNo"] is None
    assert go.get(f"/Vouchers/CashJournals/{voucher['Id']}")["VoucherNo"] == 1
