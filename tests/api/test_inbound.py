"""Webhooks: only what is signed is stored, once, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from backoffice.audit.services import Actor
from backoffice.clients.models import SalesPoint
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.services import save_secrets
from integrations.woocommerce.webhook import sign
from tests.api.conftest import kind_of

SECRET = "a secret of the shop"
BODY = b'{"id": 727, "status": "processing"}'


@pytest.fixture
def shop(sales_point: SalesPoint) -> Connection:
    """Give a webshop's connection."""
    connection = Connection.objects.create(
        client=sales_point.client,
        sales_point=sales_point,
        key="shop",
        provider="woocommerce",
        settings={"shop_url": "https://shop.example"},
    )
    save_secrets(connection=connection, secrets={"webhook_secret": SECRET}, actor=Actor.system("test"))
    return connection


def send(body: bytes = BODY, address: str = "nordlys.shop", secret: str = SECRET, **headers: str) -> Any:
    """Send a webhook as the shop does."""
    named = {
        "X-WC-Webhook-Signature": sign(body, secret),
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Delivery-ID": "d1",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    browser = Browser(raise_request_exception=False)
    return browser.post(f"/api/v1/inbound/{address}/", body, content_type="application/json", headers=named)


def test_a_signed_webhook_is_stored_byte_for_byte(shop: Connection) -> None:
    answer = send()
    assert answer.status_code == 201, answer.content
    event = InboundEvent.objects.get()
    assert answer.json() == {"event": event.pk, "is_new": True}
    assert bytes(event.body) == BODY
    assert (event.connection, event.sales_point, event.source) == (shop, shop.sales_point, "webhook")
    assert (event.topic, event.state) == ("order.updated", "received")
    assert "x-wc-webhook-signature" not in event.headers


def test_a_replay_is_answered_and_stored_once(shop: Connection) -> None:
    send()
    answer = send()
    assert answer.status_code == 200
    assert answer.json() == {"event": InboundEvent.objects.get().pk, "is_new": False}


@pytest.mark.parametrize(
    "change",
    [
        {"secret": "another"},
        {"X_WC_Webhook_Signature": ""},
        {"X_WC_Webhook_Signature": "\u00f8"},
        {"X_WC_Webhook_Source": "https://copy.example"},
    ],
)
def test_a_webhook_that_is_not_the_shops_leaves_nothing(shop: Connection, change: dict[str, Any]) -> None:
    answer = send(**change)
    assert answer.status_code == 401
    assert kind_of(answer) == "webhook_refused"
    assert InboundEvent.objects.count() == 0


def test_a_changed_body_is_refused(shop: Connection) -> None:
    answer = send(BODY + b" ", X_WC_Webhook_Signature=sign(BODY, SECRET))
    assert answer.status_code == 401


def test_a_test_ping_is_answered_and_nothing_is_kept(shop: Connection) -> None:
    answer = send(b"webhook_id=12", X_WC_Webhook_Delivery_ID="", X_WC_Webhook_Signature="")
    assert answer.status_code == 200
    assert answer.json() == {"event": None, "is_new": False}
    assert InboundEvent.objects.count() == 0


@pytest.mark.parametrize("address", ["nordlys.other", "annen.shop", "nordlys", "shop", "nordlys.poweroffice"])
def test_an_unknown_connection_is_not_found(shop: Connection, address: str) -> None:
    Connection.objects.create(client=shop.client, key="poweroffice", provider="poweroffice")
    answer = send(address=address)
    assert answer.status_code == 404
    assert kind_of(answer) == "not_found"


def test_a_switched_off_connection_takes_nothing(shop: Connection) -> None:
    Connection.objects.update(is_active=False)
    assert send().status_code == 404


def test_a_paused_connection_still_takes_in(shop: Connection) -> None:
    Connection.objects.update(paused_at="2026-11-20T12:00:00Z", paused_reason="test")
    assert send().status_code == 201


def test_a_connection_whose_secrets_are_missing_asks_to_come_again(shop: Connection) -> None:
    Connection.objects.update(sealed_secrets="")
    answer = send()
    assert answer.status_code == 503
    assert kind_of(answer) == "not_ready"
    assert answer["Retry-After"] == "300"


def test_a_webhook_above_one_mebibyte_is_too_large(shop: Connection) -> None:
    answer = send(b'{"x": "' + b"x" * 1_048_576 + b'"}')
    assert answer.status_code == 413
    assert kind_of(answer) == "too_large"


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_taken(shop: Connection, method: str) -> None:
    answer = getattr(Browser(), method)("/api/v1/inbound/nordlys.shop/")
    assert answer.status_code == 405
    assert kind_of(answer) == "method_not_allowed"
