"""The local shop: strict as WooCommerce, unreliable on demand, the same every time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backoffice.contracts.sales import SaleDetails, WebhookRequest
from integrations.http import Http
from integrations.woocommerce.adapter import WooCommerce
from integrations.woocommerce.sandbox import Faults, RunningSandbox, Shop, generate_orders, run
from integrations.woocommerce.store import CONSUMER_KEY, CONSUMER_SECRET, WEBHOOK_SECRET, ticking
from tests.integrations.woocommerce.shop import make_runtime

DAY = date(2026, 11, 20)
START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Inbox:
    """Where webhooks land in a test."""

    def __init__(self) -> None:
        self.requests: list[WebhookRequest] = []

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Take a webhook."""
        assert url == "https://backoffice.example/inbound/shop/"
        self.requests.append(WebhookRequest(body, {name.lower(): value for name, value in headers.items()}))
        return 200


def make_shop(inbox: Inbox, faults: Faults | None = None) -> Shop:
    """Make a shop whose clock goes on by a second a reading."""
    return Shop(
        webhook_url="https://backoffice.example/inbound/shop/",
        post=inbox,
        now=ticking(START),
        faults=faults or Faults(),
    )


def adapter_of(url: str) -> WooCommerce:
    """Make the adapter of a sandbox."""
    values = {
        "shop_url": url,
        "webhook_secret": WEBHOOK_SECRET,
        "consumer_key": CONSUMER_KEY,
        "consumer_secret": CONSUMER_SECRET,
    }
    return WooCommerce.build(values, make_runtime(WOOCOMMERCE_SANDBOX_URL=url))


@pytest.fixture
def running() -> Iterator[RunningSandbox]:
    """Serve an empty shop."""
    with run(make_shop(Inbox())) as sandbox:
        yield sandbox


def call(running: RunningSandbox, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Call the sandbox with its own keys."""
    api = adapter_of(running.url).api
    assert api
    http = Http("woocommerce", running.url, frozenset(), "tests", is_sandbox=True)
    answer = http.send(
        method,
        path,
        operation="test",
        headers={"Authorization": api.authorization},
        body=json.dumps(body).encode() if body is not None else b"",
    )
    return answer.status, answer.json()


def test_the_same_seed_gives_the_same_orders() -> None:
    assert list(generate_orders(50, 7, DAY)) == list(generate_orders(50, 7, DAY))
    assert list(generate_orders(50, 7, DAY)) != list(generate_orders(50, 8, DAY))


def test_a_thousand_orders_are_read_and_hold_what_shops_sell() -> None:
    adapter = adapter_of("http://127.0.0.1:1")
    seen: Counter[str] = Counter()
    for order in generate_orders(1000, 1, DAY):
        (sale,) = adapter.parse(json.dumps(order).encode(), {})
        assert isinstance(sale, SaleDetails)
        seen.update({f"rate {line.vat_rate}" for line in sale.lines})
        seen.update(payment.method for payment in sale.payments)
        seen.update(["company"] * sale.customer.is_company + ["number"] * bool(sale.customer.organisation_number))
        seen.update(["rounded"] * bool(sale.notes) + ["unpaid"] * (not sale.payments))
        seen.update({line.kind.value for line in sale.lines} | {"discount" for line in sale.lines if line.discount})
    wanted = {
        "rate 25.00",
        "rate 15.00",
        "rate 12.00",
        "rate 0.00",
        "vipps",
        "klarna_payments",
        "stripe",
        "gift_card",
    }
    wanted |= {"company", "rounded", "unpaid", "goods", "shipping", "gift_wrap", "discount"}
    assert wanted <= set(seen)
    assert seen["company"] == seen["number"]


def test_webhooks_are_signed_and_read() -> None:
    inbox = Inbox()
    shop = make_shop(inbox)
    for order in generate_orders(3, 1, DAY):
        shop.place(order)
    assert shop.deliver() == [200, 200, 200]
    adapter = adapter_of(shop.url)
    for request in inbox.requests:
        adapter.verify(request)
        assert isinstance(adapter.parse(request.body, request.headers)[0], SaleDetails)
    assert len({adapter.event_key(request) for request in inbox.requests}) == 3


def test_webhooks_can_be_lost_sent_twice_and_out_of_order() -> None:
    inbox = Inbox()
    shop = make_shop(inbox, Faults(lost_percent=20, twice_percent=30, is_shuffled=True, seed=3))
    placed = [shop.place(order)["id"] for order in generate_orders(60, 1, DAY)]
    shop.deliver()
    ids = [json.loads(request.body)["id"] for request in inbox.requests]
    assert shop.lost
    assert len(set(ids)) + len(shop.lost) == len(placed)
    assert len(ids) > len(set(ids))
    assert list(dict.fromkeys(ids)) != sorted(set(ids))


def test_an_order_is_changed_paid_and_given_back_through_rest(running: RunningSandbox) -> None:
    assert call(running, "POST", "/sandbox/orders", {"count": 2, "seed": 1, "day": "2026-11-20"})[0] == 201
    assert call(running, "POST", "/sandbox/orders", {"count": 1, "seed": 1})[1] == {"orders": [1003]}
    status, order = call(running, "PUT", "/wp-json/wc/v3/orders/1001", {"status": "completed"})
    assert (status, order["status"]) == (200, "completed")
    paid = call(running, "PUT", "/wp-json/wc/v3/orders/1001", {"set_paid": True, "transaction_id": "t-1"})[1]
    assert (paid["date_paid_gmt"] > "2026-11-21", paid["transaction_id"]) == (True, "t-1")
    line = order["line_items"][0]
    wish = {"line_items": [{"id": line["id"], "quantity": 1}], "reason": "Angret seg"}
    assert call(running, "POST", "/wp-json/wc/v3/orders/1001/refunds", wish)[0] == 201
    assert call(running, "GET", "/wp-json/wc/v3/orders/1001")[1]["refunds"][0]["reason"] == "Angret seg"
    assert call(running, "DELETE", "/wp-json/wc/v3/orders/1002")[0] == 200
    assert call(running, "GET", "/wp-json/wc/v3/orders/1002")[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/wp-json/wc/v3/products", None, 404),
        ("GET", "/wp-json/wc/v3/orders?colour=red", None, 400),
        ("GET", "/wp-json/wc/v3/orders?per_page=101", None, 400),
        ("GET", "/wp-json/wc/v3/orders?modified_after=yesterday&dates_are_gmt=true", None, 400),
        ("PUT", "/wp-json/wc/v3/orders/1001", {"total": "1.00"}, 400),
        ("PUT", "/wp-json/wc/v3/orders/1001", {"status": "nowhere"}, 400),
        ("POST", "/wp-json/wc/v3/orders/1001/refunds", {"amount": "much"}, 400),
        ("POST", "/sandbox/orders", {"count": 0}, 400),
        ("POST", "/sandbox/orders", {"count": "many"}, 400),
    ],
)
def test_it_refuses_what_woocommerce_refuses(
    running: RunningSandbox, method: str, path: str, body: Any, status: int
) -> None:
    running.sandbox.shop.place(next(iter(generate_orders(1, 1, DAY))))
    found, answer = call(running, method, path, body)
    assert found == status
    assert answer["data"] == {"status": status}


def test_it_starts_from_the_command_line_and_stops_on_request() -> None:
    command = [sys.executable, "-m", "integrations.woocommerce.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=10) == 0
    assert line.startswith("sandbox ready on http://127.0.0.1:")
