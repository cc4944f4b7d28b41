"""What arrives is stored byte for byte, once, and read with a way out for every failure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from backoffice.common.machine import IllegalMove
from backoffice.connections import inbox
from backoffice.connections.inbox import accept
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.services import save_secrets
from backoffice.sales.models import Sale
from backoffice.vouchers.models import Voucher
from backoffice.workflows import intake
from integrations.woocommerce.sandbox import generate_orders
from tests.world import SOLD_AT, TESTER, World

SECRET = "a webhook secret of some length"


@pytest.fixture
def shop(world: World) -> Connection:
    """Give a WooCommerce connection of the world's webshop."""
    connection = Connection.objects.create(
        client=world.client,
        sales_point=world.shop,
        key="woo",
        provider="woocommerce",
        settings={"shop_url": "https://nordlys.example"},
    )
    save_secrets(connection=connection, secrets={"webhook_secret": SECRET}, actor=TESTER)
    for rate, account, code in (("15.00", "3030", "31"), ("12.00", "3050", "33"), ("0.00", "3100", "5")):
        world.map_group("*", rate, account, code)
    return connection


def receive(connection: Connection, body: bytes, key: str, topic: str = "order.created") -> inbox.Accepted:
    """Store a webhook as the API does after it has checked the signature."""
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"x-wc-webhook-signature": signature, "x-wc-webhook-topic": topic, "cookie": "private"}
    return accept(
        client=connection.client,
        sales_point=connection.sales_point,
        connection=connection,
        source="webhook",
        topic=topic,
        body=body,
        headers=headers,
        event_key=key,
    )


def orders(count: int = 1, seed: int = 7) -> list[bytes]:
    """Give orders as WooCommerce sends them."""
    return [json.dumps(order).encode() for order in generate_orders(count, seed, SOLD_AT.date())]


def test_the_raw_body_is_kept_and_no_secret_beside_it(shop: Connection) -> None:
    body = orders()[0]
    event = receive(shop, body, "d-1").event

    assert bytes(InboundEvent.objects.get(pk=event.pk).body) == body
    assert set(event.headers) == {"x-wc-webhook-topic"}


def test_a_replayed_webhook_is_stored_once(shop: Connection) -> None:
    body = orders()[0]

    assert receive(shop, body, "d-1").is_new
    assert not receive(shop, body, "d-1").is_new
    assert InboundEvent.objects.count() == 1


def test_orders_of_a_shop_are_invoiced_and_their_payments_matched(world: World, shop: Connection) -> None:
    world.map_method("*", "1905")
    for number, body in enumerate(orders(12)):
        receive(shop, body, f"d-{number}")
    world.drain()

    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"processed"}
    assert Sale.objects.count() == 12
    assert {reason["code"] for v in Voucher.objects.all() for reason in v.reasons} == set()
    world.post_everything()
    paid = sum(p.amount_minor for s in Sale.objects.all() for p in s.payments.all() if p.method == "vipps")
    books = world.sandbox.books
    assert books.balance(1903) == paid
    assert {v.state for v in Voucher.objects.all()} == {"posted"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"not json", "JSON"),
        (b"{}", "/id"),
        (json.dumps({**json.loads(orders()[0]), "total": "1.00"}).encode(), "1.00"),
        (json.dumps({**json.loads(orders()[0]), "line_items": "none"}).encode(), "line_items"),
    ],
)
def test_what_cannot_be_read_is_kept_with_the_reason_and_can_be_read_again(
    world: World, shop: Connection, body: bytes, words: str
) -> None:
    event = receive(shop, body, "d-1").event
    world.drain()

    event.refresh_from_db()
    assert event.state == "unreadable"
    assert words in event.note
    assert not Sale.objects.exists()

    inbox.read_again(event)
    assert InboundEvent.objects.get().state == "received"


def test_a_mistake_of_ours_keeps_the_event_and_comes_again(
    world: World, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a bug")

    event = receive(shop, orders()[0], "d-1").event
    with monkeypatch.context() as patched:
        patched.setattr(intake, "record_sale", broken)
        world.drain(rounds=1)
    event.refresh_from_db()
    assert (event.state, event.attempts) == ("received", 1)

    InboundEvent.objects.update(next_attempt_at=None)
    world.drain()
    assert Sale.objects.count() == 1


def test_a_cancelled_order_draws_its_open_voucher_back(world: World, shop: Connection) -> None:
    order = json.loads(orders()[0]) | {"date_paid": None, "date_paid_gmt": None, "payment_method": "bacs"}
    receive(shop, json.dumps(order).encode(), "d-1")
    world.drain()
    assert Voucher.objects.get(kind="sales_order").state == "awaiting_approval"

    later = order["date_modified_gmt"][:-1] + "9"
    cancelled = order | {"status": "cancelled", "date_modified_gmt": later}
    receive(shop, json.dumps(cancelled).encode(), "d-2", "order.updated")
    world.drain()

    assert Voucher.objects.get(kind="sales_order").state == "withdrawn"
    assert Sale.objects.get().state == "cancelled"


def test_a_processed_event_is_never_read_again(world: World, shop: Connection) -> None:
    event = receive(shop, orders()[0], "d-1").event
    world.drain()
    event.refresh_from_db()

    with pytest.raises(IllegalMove):
        inbox.read_again(event)
