"""The gateway in front: keys, tokens, privileges, unknown routes, rate limit, and the three shapes of error bodies."""

import base64
import http.client
import time
from dataclasses import replace
from typing import Any

import pytest

from integrations.poweroffice.sandbox import (
    DEMO_CLIENTS,
    SandboxClient,
    SandboxOptions,
    SandboxServer,
)

from .sandbox_support import Go

FORM = "application/x-www-form-urlencoded"


def test_a_route_that_does_not_exist_answers_as_the_gateway(go: Go) -> None:
    for method, path in (("POST", "/SalesOrders"), ("GET", "/Nothing"), ("POST", "/OutgoingInvoices")):
        answer = go.call(method, path, {} if method == "POST" else None)
        assert (answer.status, answer.body) == (404, {"statusCode": 404, "message": "Resource not found"})


def test_paths_are_the_same_whatever_their_case_and_below_demo(go: Go) -> None:
    headers: dict[str, Any] = {"Authorization": f"Bearer {go.token}"}
    for path in ("/v2/vatcodes", "/V2/VATCODES", "/Demo/v2/VatCodes", "/demo/v2/vatCodes"):
        assert go.send("GET", path, **headers).status == 200


@pytest.mark.parametrize(("key", "words"), [(None, "missing subscription key"), ("x", "invalid subscription key")])
def test_the_subscription_key_is_checked_first(go_server: SandboxServer, key: str | None, words: str) -> None:
    answer = Go(go_server, subscription_key=key).send("GET", "/v2/VatCodes")
    assert (answer.status, answer.body["statusCode"]) == (401, 401)
    assert words in answer.body["message"]


@pytest.mark.parametrize("field", ["application_key", "client_key"])
def test_wrong_keys_answer_400_invalid_client(go_server: SandboxServer, field: str) -> None:
    go = Go(go_server)
    setattr(go, field, "5a4d8c10-ffff-4000-8000-000000000000")
    keys = base64.b64encode(f"{go.application_key}:{go.client_key}".encode()).decode()
    answer = go.send(
        "POST", "/OAuth/Token", b"grant_type=client_credentials", Authorization=f"Basic {keys}", Content_Type=FORM
    )
    assert (answer.status, answer.body["error"]) == (400, "invalid_client")


def test_a_token_call_needs_the_grant_and_the_form(go_server: SandboxServer) -> None:
    go = Go(go_server)
    keys = base64.b64encode(f"{go.application_key}:{go.client_key}".encode()).decode()
    basic = f"Basic {keys}"
    for body, kind, error in (
        (b"", FORM, "invalid_request"),
        (b"grant_type=password", FORM, "unsupported_grant_type"),
        (b"grant_type=client_credentials", "application/json", "invalid_request"),
    ):
        answer = go.send("POST", "/OAuth/Token", body, Authorization=basic, Content_Type=kind)
        assert (answer.status, answer.body["error"]) == (400, error)


def test_no_token_or_a_wrong_one_is_401_without_a_body(go: Go) -> None:
    head, _, signature = go.token.rpartition(".")
    for token in ("", "x", f"{head}.{signature[:-2]}AA", "a.b.c"):
        answer = go.send("GET", "/v2/VatCodes", Authorization=f"Bearer {token}")
        assert (answer.status, answer.body) == (401, None)


def test_a_token_runs_out(go_server: SandboxServer) -> None:
    now_us = [1_790_000_000_000_000]
    options = SandboxOptions(rate_limit_per_s=0, token_lifetime_s=1200, clock_us=lambda: now_us[0])
    with SandboxServer(options) as server:
        go = Go(server).log_in()
        now_us[0] += 1_199_000_000
        assert go.call("GET", "/VatCodes").status == 200
        now_us[0] += 1_000_001
        assert go.call("GET", "/VatCodes").status == 401
        assert go.log_in().call("GET", "/VatCodes").status == 200


def test_a_missing_privilege_is_403_without_a_body_and_shows_in_the_information() -> None:
    narrow = SandboxClient(
        DEMO_CLIENTS[0].client_key,
        "Smal AS",
        "313579158",
        privileges=("Customer", "SalesOrders_Full"),
        invalid_privileges=("SalesOrders_Full",),
        allow_send_invoice=False,
    )
    with SandboxServer(SandboxOptions(clients=[narrow], rate_limit_per_s=0)) as server:
        go = Go(server).log_in()
        assert go.call("GET", "/Customers").status == 204
        for method, path in (("POST", "/Customers"), ("POST", "/SalesOrders/Complete"), ("GET", "/VatCodes")):
            answer = go.call(method, path, {} if method == "POST" else None)
            assert (answer.status, answer.body) == (403, None)
        found = go.get("/ClientIntegrationInformation")
        assert (found["ClientName"], found["AllowSendInvoice"]) == ("Smal AS", False)
        assert (found["ValidPrivileges"], found["InvalidPrivileges"]) == (["Customer"], ["SalesOrders_Full"])


def test_sending_without_the_switch_is_400_missing_privilege() -> None:
    silent = replace(DEMO_CLIENTS[0], allow_send_invoice=False)
    with SandboxServer(SandboxOptions(clients=[silent], rate_limit_per_s=0)) as server:
        go = Go(server).log_in()
        go.product()
        order = go.order(go.customer(), {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 1})
        answer = go.call("POST", f"/SalesOrders/{order['Id']}/createAndSendInvoice", {})
        assert (answer.status, answer.body["title"]) == (400, "Missing privilege")


def test_the_eleventh_request_of_a_second_is_429_over_all_companies() -> None:
    now_us = [1_790_000_000_000_000]
    with SandboxServer(SandboxOptions(clock_us=lambda: now_us[0])) as server:
        first = Go(server).log_in()
        second = Go(server, client_key=DEMO_CLIENTS[1].client_key).log_in()
        assert [go.call("GET", "/LockDateSettings").status for go in [first, second] * 4] == [200] * 8
        refused = first.call("GET", "/LockDateSettings")
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert refused.body == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 1 seconds."}
        now_us[0] += 1_000_001
        assert first.call("GET", "/LockDateSettings").status == 200
        statistics = first.send("GET", "/_sandbox/statistics").body
        assert (statistics["status_429"], statistics["total"]) == (1, 11)


def test_a_url_over_2000_characters_is_refused(go: Go) -> None:
    answer = go.call("GET", "/Customers", customerNos=",".join(["10000"] * 400))
    assert answer.status == 414


def test_one_connection_carries_many_requests(go: Go) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", go.server.port, timeout=5)
    headers = {"Authorization": f"Bearer {go.token}", "Ocp-Apim-Subscription-Key": str(go.subscription_key)}
    sockets = set()
    started = time.monotonic()
    for _ in range(100):
        connection.request("GET", "/v2/LockDateSettings", headers=headers)
        connection.getresponse().read()
        sockets.add(id(connection.sock))
    connection.close()
    assert len(sockets) == 1
    assert time.monotonic() - started < 3
