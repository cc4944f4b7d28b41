"""The sandbox's own side: state file, command line, companies, proof, pages, onboarding."""

import http.client
import re
import signal
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.poweroffice.sandbox import (
    DEMO_APPLICATION_KEY,
    DEMO_CLIENT_KEY,
    DEMO_RESTAURANT_CLIENT_KEY,
    SandboxOptions,
    SandboxServer,
    create_app,
)
from integrations.poweroffice.sandbox.proof import proof
from integrations.poweroffice.sandbox.store import Store, Table

from .sandbox_support import DAY, Go

QUICK = SandboxOptions(rate_limit_per_s=0, send_delay_ms=0)
ONE = {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100}


def test_the_books_survive_a_restart(tmp_path: Path) -> None:
    state = str(tmp_path / "state.sqlite3")
    with SandboxServer(QUICK, state) as server:
        go = Go(server).log_in()
        go.product()
        customer = go.customer(ExternalImportReference="c-1")
        go.invoice(go.order(customer, ONE, CustomMatchingReference="R", ExternalImportReference="o-1"))
        go.send("POST", "/_sandbox/lock_date", b'{"lock_date": "2026-06-30"}')
        before = proof(server.books)
        token = go.token
    with SandboxServer(QUICK, state) as server:
        go = Go(server, token=token)
        assert proof(server.books) == before
        assert go.get("/LockDateSettings")["LockDate"] == "2026-06-30"
        body = {"CustomerId": customer["Id"], "ExternalImportReference": "o-1"}
        assert "already in use" in go.call("POST", "/SalesOrders/Complete", body).detail
        lines = (go.line(1903, "125"), go.customer_line(customer, "-125", CustomMatchingReference="R"))
        go.post("/Vouchers/BankJournals", go.voucher(*lines))
        assert proof(server.books)["open_items"] == 0
        second = go.invoice(go.order(customer, ONE))
        assert (second["InvoiceNo"], second["OrderNo"]) == (10002, 1002)


def test_an_order_queued_before_a_stop_is_sent_after_the_start(tmp_path: Path) -> None:
    state = str(tmp_path / "state.sqlite3")
    with SandboxServer(SandboxOptions(rate_limit_per_s=0, send_delay_ms=600_000), state) as server:
        go = Go(server).log_in()
        go.product()
        order = go.order(go.customer(), ONE)
        go.post(f"/SalesOrders/{order['Id']}/createAndSendInvoice", {"VoucherDate": DAY}, 202)
        assert len(server.books.invoices) == 0
    later = SandboxOptions(clock_us=lambda: 2_000_000_000_000_000)
    with SandboxServer(later, state) as server:
        assert [row["InvoiceNo"] for row in server.books.invoices.all()] == [10001]


def test_the_command_line_says_when_it_is_ready_and_stops_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "integrations.poweroffice.sandbox", "--port", "0", "--state"]
    process = subprocess.Popen([*command, str(tmp_path / "s.sqlite3")], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"sandbox ready on http://(127\.0\.0\.1:\d+)\n", line)
        assert found is not None, line
        connection = http.client.HTTPConnection(found[1], timeout=5)
        connection.request("GET", "/_sandbox/statistics")
        assert connection.getresponse().status == 200
        connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_companies_are_apart_and_more_can_be_added(go: Go, go_server: SandboxServer) -> None:
    go.customer()
    assert Go(go_server, client_key=DEMO_RESTAURANT_CLIENT_KEY).log_in().get("/Customers") == []
    body = b'{"name": "Ny AS", "organisation_number": "313579174", "privileges": ["Customer", "CommonServices"]}'
    made = go.send("POST", "/_sandbox/clients", body)
    assert made.status == 201
    new = Go(go_server, client_key=made.body["client_key"]).log_in()
    assert new.get("/OrganizationSettings")["Name"] == "Ny AS"
    assert new.call("POST", "/Customers", {"Name": "A"}).status == 403
    again = f'{{"client_key": "{DEMO_CLIENT_KEY}", "name": "A", "organisation_number": "1"}}'.encode()
    assert "there is a company" in go.send("POST", "/_sandbox/clients", again).body["error"]
    assert len(go.send("GET", "/_sandbox/clients").body) == 3


def test_reset_gives_new_books_and_ends_old_tokens(go: Go, go_server: SandboxServer) -> None:
    go.customer()
    assert go.send("POST", "/_sandbox/reset", b"").body == {"reset": True}
    assert go.call("GET", "/Customers").status == 401
    assert go.log_in().get("/Customers") == []


def test_own_calls_answer_on_loopback_only(go: Go) -> None:
    assert go.send("GET", "/_sandbox/proof", Host="sandbox.example").status == 403
    assert go.send("GET", "/_sandbox/proof", Host="localhost:1").status == 200
    assert "GET /_sandbox/proof" in go.send("GET", "/_sandbox/nothing").body["error"]
    assert go.send("POST", "/_sandbox/faults", b"{").status == 400


def test_requests_are_remembered_with_their_bodies(go: Go) -> None:
    go.call("POST", "/Customers", {"Name": "Åse AS"})
    seen = go.send("GET", "/_sandbox/requests?limit=1").body[0]
    assert (seen["method"], seen["path"], seen["status"]) == ("POST", "/v2/Customers", 201)
    assert seen["body"] == '{"Name":"\\u00c5se AS"}'


def test_the_proof_sees_doubles_and_imbalance(go: Go, go_server: SandboxServer) -> None:
    go.product()
    customer = go.customer()
    for _ in range(2):
        go.invoice(go.order(customer, ONE, CustomMatchingReference="R"))
    found = go.send("GET", "/_sandbox/proof").body[DEMO_CLIENT_KEY]
    assert (found["duplicates"], found["unbalanced_vouchers"]) == (["R"], [])
    books = go_server.books
    entry = books.entries.all()[0]
    books.entries.change(entry["Id"], amount=entry["amount"] + 1)
    found = go.send("GET", "/_sandbox/proof").body[DEMO_CLIENT_KEY]
    assert found["unbalanced_vouchers"] == [entry["voucher_id"]]
    assert str(found["sum_of_entries"]) == "0.01"
    assert found["customer_ledger_equals_control_account"] is False


def test_a_failed_transaction_leaves_memory_and_file_as_they_were(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "s.sqlite3"))
    table = Table(store, "c", "things", name=lambda row: row["name"])
    with store.transaction():
        table.put({"Id": 1, "name": "a"})
        table.put({"Id": 2, "name": "b"})

    def spoil() -> None:
        with store.transaction():
            table.change(1, name="x")
            table.remove(2)
            table.put({"Id": 3, "name": "c"})
            raise KeyError("on purpose")

    with pytest.raises(KeyError):
        spoil()
    assert {row["Id"]: row["name"] for row in table.all()} == {1: "a", 2: "b"}
    assert [row["Id"] for row in table.find("name", "a")] == [1]
    assert table.find("name", "x") == table.find("name", "c") == []
    assert {row["Id"] for row in Table(store, "c", "things").all()} == {1, 2}


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.update(value for name, value in attrs if name == "href" and value)


def test_every_page_is_reached_and_escapes_what_it_shows(go: Go) -> None:
    go.product()
    customer = go.customer("<script>alert(1)</script>")
    go.invoice(go.order(customer, ONE, ExternalImportReference="<b>o</b>"))
    go.order(customer, ONE)
    go.send("GET", "/v2/<i>x</i>")
    pages: dict[str, str] = {}
    waiting = {"/"}
    while waiting:
        path = waiting.pop()
        answer = go.send("GET", path)
        assert answer.status == 200, path
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        pages[path] = answer.body.decode()
        waiting |= _Links(pages[path]).found - set(pages)
    everything = "".join(pages.values())
    assert len(pages) > 15
    assert "<script" not in everything
    assert "<b>" not in everything
    assert "<i>" not in everything
    assert "&lt;script&gt;alert(1)" in everything
    assert go.send("GET", "/company/nothing").status == 404
    assert go.send("POST", "/", b"").status == 404


def _start_onboarding(go: Go, **values: Any) -> Any:
    body = {"ApplicationKey": DEMO_APPLICATION_KEY, "RedirectUri": "http://localhost/back?state=5", **values}
    return go.post("/Onboarding/Initiate", body, 200)


def test_an_account_is_closed_and_opened_as_in_the_pages_of_go(go: Go) -> None:
    body = {"CurrencyCode": "NOK", "VoucherDate": DAY, "VoucherLines": [go.line(1906, "5"), go.line(1920, "-5")]}
    closed = f'{{"client_key": "{DEMO_CLIENT_KEY}", "account_no": 1906, "is_active": false}}'.encode()
    assert go.send("POST", "/_sandbox/accounts", closed).status == 200
    assert go.call("POST", "/Vouchers/BankJournals", body).detail == "Account 1906 is not active."
    assert go.send("POST", "/_sandbox/accounts", b'{"account_no": 1906, "is_active": true}').status == 200
    go.post("/Vouchers/BankJournals", body)
    unknown = go.send("POST", "/_sandbox/accounts", b'{"account_no": 1, "is_active": true}')
    assert (unknown.status, unknown.body["error"]) == (400, "Nordlys Butikk AS has no account 1")


def test_onboarding_gives_the_client_key_once_and_never_through_the_browser(go: Go) -> None:
    address = urlsplit(_start_onboarding(go)["TemporaryUrl"])
    page = go.send("GET", f"{address.path}?{address.query}").body.decode()
    assert "Nordlys Butikk AS" in page
    key = parse_qs(address.query)["key"][0]
    chosen = go.send("POST", "/onboarding", f"key={key}&client={DEMO_CLIENT_KEY}".encode())
    assert chosen.status == 302
    query = parse_qs(urlsplit(chosen.headers["location"]).query)
    assert (query["status"], query["state"]) == (["Success"], ["5"])
    assert DEMO_CLIENT_KEY not in chosen.headers["location"]
    found = go.post("/Onboarding/Finalize", {"OnboardingToken": query["token"][0]}, 200)
    assert found["OnboardedClientsInformation"][0]["ClientKey"] == DEMO_CLIENT_KEY
    assert go.call("POST", "/Onboarding/Finalize", {"OnboardingToken": query["token"][0]}).status == 400


def test_onboarding_can_be_canceled_and_refuses_strangers(go: Go) -> None:
    key = parse_qs(urlsplit(_start_onboarding(go)["TemporaryUrl"]).query)["key"][0]
    answer = go.send("POST", "/onboarding", f"key={key}&client=cancel".encode())
    assert answer.headers["location"].endswith("state=5&status=Canceled")
    stranger = {"ApplicationKey": "5a4d8c10-ffff-4000-8000-000000000000", "RedirectUri": "http://localhost/"}
    assert go.call("POST", "/Onboarding/Initiate", stranger).status == 400
    assert "not valid any more" in go.send("GET", "/onboarding?key=x").body.decode()


def test_the_application_is_plain_wsgi() -> None:
    app = create_app(None, QUICK)
    answered: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/v2/Nothing",
        "QUERY_STRING": "",
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
    }
    body = b"".join(app(environ, lambda status, headers: answered.append(status)))
    assert (answered, body) == (["404 Not Found"], b'{"statusCode":404,"message":"Resource not found"}')
