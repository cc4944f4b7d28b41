"""Faults on demand: each kind, what is in the books after it, and which requests it hits."""

import http.client
import json
import threading
import time
from typing import Any

import pytest

from integrations.poweroffice.sandbox import SandboxOptions, SandboxServer
from integrations.poweroffice.sandbox.faults import KINDS, Fault
from integrations.poweroffice.sandbox.proof import proof

from .sandbox_support import DAY, Go

NO_ANSWER = (http.client.RemoteDisconnected, ConnectionResetError, http.client.BadStatusLine)


def _body(go: Go, reference: str = "ref-1") -> dict[str, Any]:
    return go.voucher(go.line(1901, "125"), go.line(3000, "-125", "3"), ExternalImportReference=reference)


def _outcome(go: Go, body: dict[str, Any]) -> int | None:
    try:
        return go.call("POST", "/Vouchers/CashJournals", body).status
    except NO_ANSWER:
        return None


@pytest.mark.parametrize(
    ("kind", "status", "is_done"),
    [
        ("drop_before", None, False),
        ("commit_then_drop", None, True),
        ("commit_then_500", 500, True),
        ("commit_then_502", 502, True),
        ("error_500", 500, False),
        ("429", 429, False),
        ("401", 401, False),
        ("timeout_before", None, False),
        ("timeout_after", 201, True),
        ("slow", 201, True),
    ],
)
def test_each_fault_does_what_it_says(
    go: Go, go_server: SandboxServer, kind: str, status: int | None, is_done: bool
) -> None:
    body = _body(go)
    go_server.faults.add(kind, "POST /v2/Vouchers/CashJournals", milliseconds=30)
    assert _outcome(go, body) == status
    assert len(go_server.books.vouchers) == int(is_done)
    # The same again, now undisturbed: the reference decides.
    assert _outcome(go, body) == (400 if is_done else 201)
    assert len(go_server.books.vouchers) == 1
    assert proof(go_server.books)["documents_per_reference"] == {"ref-1": 1}


def test_all_kinds_are_tested_above() -> None:
    marks = test_each_fault_does_what_it_says.pytestmark  # type: ignore[attr-defined]  # pytest keeps its marks there
    assert {row[0] for row in marks[0].args[1]} == set(KINDS)


def test_a_refused_request_stays_refused_when_its_answer_is_lost(go: Go, go_server: SandboxServer) -> None:
    go_server.faults.add("commit_then_drop", "POST *")
    body = _body(go)
    body["VoucherLines"][0]["CurrencyAmount"] = 1
    assert _outcome(go, body) is None
    assert len(go_server.books.vouchers) == 0
    assert go.send("GET", "/_sandbox/requests?limit=1").body[0]["status"] == 400


def test_rules_are_set_and_dropped_over_http(go: Go) -> None:
    rule = {"match": "GET /v2/vatcodes", "kind": "error_500", "count": 2, "after": 1}
    made = go.send("POST", "/_sandbox/faults", json.dumps(rule).encode())
    assert (made.status, made.body[0]["count"]) == (201, 2)
    assert [go.call("GET", "/VatCodes").status for _ in range(5)] == [200, 500, 500, 200, 200]
    shown = go.send("GET", "/_sandbox/faults").body
    assert (shown[0]["seen"], shown[0]["struck"]) == (3, 2)
    go.send("POST", "/_sandbox/faults", b'{"kind": "error_500", "count": 0}')
    assert go.call("GET", "/Customers").status == 500
    assert go.send("DELETE", "/_sandbox/faults").body == []
    assert go.call("GET", "/Customers").status == 204


def test_a_wrong_rule_is_refused_with_a_reason(go: Go) -> None:
    for rule, words in (
        ({"kind": "explode"}, "must be one of drop_before"),
        ({"kind": "slow", "often": 1}, "unknown property 'often'"),
        ({}, "kind is required"),
        ({"kind": "slow", "probability": 2}, "between 0 and 1"),
    ):
        answer = go.send("POST", "/_sandbox/faults", json.dumps(rule).encode())
        assert answer.status == 400
        assert words in answer.body["error"]


def test_chance_is_the_same_for_the_same_seed() -> None:
    def hits(seed: int) -> list[bool]:
        rule = Fault("error_500", count=0, probability_per_mille=300, seed=seed)
        return [rule.strikes("GET", "/v2/x") for _ in range(200)]

    assert hits(1) == hits(1) != hits(2)
    assert 30 < sum(hits(1)) < 90


def test_patterns_name_method_and_path() -> None:
    assert Fault("slow", "POST /v2/SalesOrders/*/createAndSendInvoice").strikes(
        "POST", "/v2/salesorders/abc/CreateAndSendInvoice"
    )
    assert not Fault("slow", "POST /v2/SalesOrders/*").strikes("GET", "/v2/SalesOrders/abc")
    assert Fault("slow").strikes("PUT", "/v2/anything")


def test_a_waiting_fault_does_not_hold_up_others(go: Go, go_server: SandboxServer) -> None:
    body = _body(go)
    go_server.faults.add("timeout_after", "POST *", milliseconds=600)
    waiting = threading.Thread(target=_outcome, args=(go, body))
    waiting.start()
    time.sleep(0.1)
    started = time.monotonic()
    assert len(go.get("/AccountTransactions", fromDate=DAY, toDate=DAY)) == 3
    assert time.monotonic() - started < 0.4
    waiting.join()


def test_lists_lag_behind_but_single_reads_do_not() -> None:
    with SandboxServer(SandboxOptions(rate_limit_per_s=0, send_delay_ms=0, read_lag_ms=300)) as server:
        go = Go(server).log_in()
        time.sleep(0.35)  # the starting chart is visible too
        voucher = go.post("/Vouchers/CashJournals", _body(go))
        customer = go.customer(ExternalImportReference="c-1")
        assert go.get(f"/Customers/{customer['Id']}")["Id"] == customer["Id"]
        assert go.get(f"/Vouchers/CashJournals/{voucher['Id']}")["Id"] == voucher["Id"]
        assert go.get("/Customers", externalImportReference="c-1") == []
        assert go.get("/AccountTransactions", fromDate=DAY, toDate=DAY) == []
        time.sleep(0.35)
        assert len(go.get("/Customers", externalImportReference="c-1")) == 1
        assert len(go.get("/AccountTransactions", fromDate=DAY, toDate=DAY)) == 3


def test_with_lag_a_sent_order_is_always_in_one_of_the_two_lists() -> None:
    with SandboxServer(SandboxOptions(rate_limit_per_s=0, send_delay_ms=0, read_lag_ms=200)) as server:
        go = Go(server).log_in()
        time.sleep(0.25)
        go.product()
        line = {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100}
        order = go.order(go.customer(), line, ExternalImportReference="o-1")
        time.sleep(0.25)
        go.post(f"/SalesOrders/{order['Id']}/createAndSendInvoice", {"VoucherDate": DAY}, 202)
        go.get("/SalesOrders/sentState", id=order["Id"])
        assert len(go.get("/SalesOrders", externalImportReferences="o-1")) == 1
        assert go.get("/OutgoingInvoices", externalImportReferences="o-1") == []
        time.sleep(0.25)
        assert go.get("/SalesOrders", externalImportReferences="o-1") == []
        assert len(go.get("/OutgoingInvoices", externalImportReferences="o-1")) == 1


def test_a_voucher_number_can_come_late() -> None:
    with SandboxServer(SandboxOptions(rate_limit_per_s=0, voucher_number_delay_ms=150)) as server:
        go = Go(server).log_in()
        voucher = go.post("/Vouchers/CashJournals", _body(go))
        path = f"/Vouchers/CashJournals/{voucher['Id']}"
        assert go.get(path)["VoucherNo"] is None
        assert go.get("/AccountTransactions", fromDate=DAY, toDate=DAY)[0]["VoucherNo"] == 0
        time.sleep(0.2)
        assert go.get(path)["VoucherNo"] == 1
