"""The adapter against the local shop: refunds through REST, catch-up, and what failures mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from backoffice.contracts.errors import (
    Misconfigured,
    Misunderstood,
    ProviderError,
    Rejected,
    Retryable,
    Unsupported,
)
from backoffice.contracts.sales import RefundDetails, SaleDetails
from integrations.woocommerce.adapter import WooCommerce
from integrations.woocommerce.sandbox import RunningSandbox, Shop, generate_orders, run
from integrations.woocommerce.store import CONSUMER_KEY, CONSUMER_SECRET, WEBHOOK_SECRET, ticking
from tests.integrations.woocommerce.shop import NoWaiting, make_runtime
from tests.integrations.woocommerce.shop import make_shop as shop_without_keys

DAY = date(2026, 11, 20)
START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)


def adapter_of(running: RunningSandbox, **values: str) -> WooCommerce:
    """Make the adapter of a running sandbox."""
    stored = {
        "shop_url": running.url,
        "webhook_secret": WEBHOOK_SECRET,
        "consumer_key": CONSUMER_KEY,
        "consumer_secret": CONSUMER_SECRET,
    }
    return WooCommerce.build({**stored, **values}, make_runtime(WOOCOMMERCE_SANDBOX_URL=running.url))


@pytest.fixture
def running() -> Iterator[RunningSandbox]:
    """Serve a shop with five orders."""
    shop = Shop(now=ticking(START))
    for order in generate_orders(5, 4, DAY):
        shop.place(order)
    with run(shop) as sandbox:
        yield sandbox


def test_refunds_are_read_through_rest(running: RunningSandbox) -> None:
    shop = running.sandbox.shop
    item = shop.read(1001)["line_items"][0]
    shop.refund(1001, items={item["id"]: item["quantity"]}, reason="Angret seg")
    shop.refund(1001, amount="1.50", is_money_sent=False)
    order = shop.read(1001)
    sale, first, second = adapter_of(running).parse(json.dumps(order).encode(), {})
    assert isinstance(sale, SaleDetails)
    assert isinstance(first, RefundDetails)
    assert isinstance(second, RefundDetails)
    line = next(line for line in sale.lines if line.reference == str(item["id"]))
    assert [(one.reference, one.gross) for one in first.lines] == [(line.reference, line.gross)]
    assert first.amount == line.gross
    assert first.payments[0].amount == -line.gross
    assert (second.amount.minor, second.lines, second.payments) == (150, (), ())


def test_an_order_without_refunds_needs_no_call(running: RunningSandbox) -> None:
    adapter_of(running).parse(json.dumps(running.sandbox.shop.read(1001)).encode(), {})
    assert running.sandbox.calls == []


def test_catching_up_gives_what_changed_oldest_first(running: RunningSandbox) -> None:
    adapter = adapter_of(running)
    changed = running.sandbox.shop.change(1003, status="completed")
    found = list(adapter.changed_since(BEFORE))
    assert len({one.key for one in found}) == 5
    assert [one.changed_at for one in found] == sorted(one.changed_at for one in found)
    assert found[-1].key == f"order:1003:{changed['date_modified_gmt']}"
    assert {adapter.parse(one.body, {})[0].reference for one in found} == {
        "1001",
        "1002",
        "1003",
        "1004",
        "1005",
    }


def test_catching_up_includes_the_second_it_starts_at(running: RunningSandbox) -> None:
    changed = running.sandbox.shop.change(1003, status="completed")
    since = datetime.fromisoformat(changed["date_modified_gmt"]).replace(tzinfo=UTC)
    assert [one.changed_at for one in adapter_of(running).changed_since(since)] == [since]
    assert list(adapter_of(running).changed_since(since + timedelta(seconds=1))) == []


def test_a_polled_payload_reads_as_the_webhook_did(running: RunningSandbox) -> None:
    adapter = adapter_of(running)
    by_poll = {one[0].reference: one for one in (adapter.parse(p.body, {}) for p in adapter.changed_since(BEFORE))}
    for number in range(1001, 1006):
        body = json.dumps(running.sandbox.shop.read(number), ensure_ascii=False).encode()
        assert by_poll[str(number)] == adapter.parse(body, {"x-wc-webhook-topic": "order.created"})


def test_many_pages_lose_nothing_while_orders_change(running: RunningSandbox) -> None:
    shop = running.sandbox.shop
    for order in generate_orders(450, 4, DAY):
        shop.place(order)
    seen = set()
    for count, payload in enumerate(adapter_of(running).changed_since(BEFORE)):
        seen.add(payload.key.split(":")[1])
        if count == 50:  # an order of the first page moves to the end: all others move up by one
            shop.change(int(payload.key.split(":")[1]), status="completed")
    assert len(seen) == 450


def test_a_second_with_more_orders_than_a_page_is_read_whole(running: RunningSandbox) -> None:
    shop = running.sandbox.shop
    for order in generate_orders(250, 4, DAY):
        shop.place({**order, "date_modified_gmt": "2026-11-20T12:00:00"})
    assert len({one.key for one in adapter_of(running).changed_since(BEFORE)}) == 250


def test_every_call_waits_for_its_turn(running: RunningSandbox) -> None:
    adapter = adapter_of(running)
    list(adapter.changed_since(BEFORE))
    assert adapter.api
    limiter = adapter.api.runtime.limiter
    assert isinstance(limiter, NoWaiting)
    assert len(limiter.waits) == len(running.sandbox.calls) == 1


def test_without_keys_catching_up_says_what_to_enter() -> None:
    with pytest.raises(Unsupported, match="consumer key"):
        list(shop_without_keys().changed_since(BEFORE))


def test_a_wrong_key_pauses_the_connection(running: RunningSandbox) -> None:
    with pytest.raises(Misconfigured, match="REST key"):
        list(adapter_of(running, consumer_secret="cs_wrong").changed_since(BEFORE))


@pytest.mark.parametrize(
    ("status", "headers", "kind", "word"),
    [
        (401, {}, Misconfigured, "REST key"),
        (403, {}, Misconfigured, "REST key"),
        (301, {"Location": "https://www.nordlys.example/"}, Misconfigured, "www.nordlys.example"),
        (404, {}, Rejected, "not in the shop"),
        (400, {}, Rejected, "400"),
        (429, {"Retry-After": "7"}, Retryable, "429"),
        (500, {}, Retryable, "500"),
        (503, {}, Retryable, "503"),
        (200, {}, Misunderstood, "list"),
        (204, {}, Misunderstood, "204"),
    ],
)
def test_each_failure_is_of_the_right_kind(
    running: RunningSandbox, status: int, headers: dict[str, str], kind: type[ProviderError], word: str
) -> None:
    running.sandbox.failures.append((status, headers))
    with pytest.raises(kind, match=word) as caught:
        list(adapter_of(running).changed_since(BEFORE))
    assert caught.value.provider == "woocommerce"
    assert caught.value.http_status == status
    assert CONSUMER_SECRET not in caught.value.describe() + caught.value.excerpt


def test_the_shops_wish_to_wait_is_passed_on(running: RunningSandbox) -> None:
    running.sandbox.failures.append((429, {"Retry-After": "7"}))
    with pytest.raises(Retryable) as caught:
        list(adapter_of(running).changed_since(BEFORE))
    assert caught.value.retry_after_s == 7


def test_a_shop_that_is_down_can_be_asked_again(running: RunningSandbox) -> None:
    adapter = adapter_of(running)
    running.close()
    with pytest.raises(Retryable):
        list(adapter.changed_since(BEFORE))


def test_a_shop_on_this_machine_is_called_only_when_it_is_the_sandbox(running: RunningSandbox) -> None:
    values = {
        "shop_url": running.url,
        "webhook_secret": WEBHOOK_SECRET,
        "consumer_key": "a",
        "consumer_secret": "b",
    }
    with pytest.raises(Misconfigured):
        WooCommerce.build(values, make_runtime())
