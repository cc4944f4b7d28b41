"""Whom a webhook is from, and what recognises a replay."""

from __future__ import annotations

import pytest

from backoffice.contracts.errors import UnreadablePayload, WebhookRefused
from backoffice.contracts.sales import Ignored, WebhookRequest
from integrations.woocommerce.webhook import sign
from tests.integrations.woocommerce.shop import SECRET, make_shop, payload

BODY = payload("order_created__one_chair_paid_with_vipps")


def request(body: bytes = BODY, **headers: str) -> WebhookRequest:
    """Make a signed webhook; keywords are header names with underscores."""
    sent = {
        "x-wc-webhook-signature": sign(body, SECRET),
        "x-wc-webhook-source": "https://www.nordlys.example/",
        "x-wc-webhook-topic": "order.created",
        "x-wc-webhook-delivery-id": "d1",
    }
    return WebhookRequest(body, sent | {name.replace("_", "-"): value for name, value in headers.items()})


def test_a_signed_webhook_of_this_shop_is_accepted() -> None:
    make_shop().verify(request())


@pytest.mark.parametrize("signature", ["", "AAAA", "å", sign(BODY, "another secret of the shop")])
def test_a_missing_or_wrong_signature_is_refused_with_what_to_do(signature: str) -> None:
    with pytest.raises(WebhookRefused, match="secret"):
        make_shop().verify(request(x_wc_webhook_signature=signature))


def test_one_changed_byte_is_refused() -> None:
    good = request()
    with pytest.raises(WebhookRefused):
        make_shop().verify(WebhookRequest(BODY + b" ", good.headers))


def test_a_copy_of_the_shop_is_refused_by_name() -> None:
    with pytest.raises(WebhookRefused, match=r"staging\.nordlys\.example"):
        make_shop().verify(request(x_wc_webhook_source="https://staging.nordlys.example/"))


def test_the_ping_of_a_new_webhook_passes_unsigned_and_means_nothing() -> None:
    ping = WebhookRequest(b"webhook_id=12", {"content-type": "application/x-www-form-urlencoded"})
    shop = make_shop()
    shop.verify(ping)
    assert shop.event_key(ping) == ""
    (found,) = shop.parse(ping.body, ping.headers)
    assert isinstance(found, Ignored)


@pytest.mark.parametrize("body", [b"webhook_id=12&total=1", b"webhook_id=", b'{"id": 1}', b""])
def test_nothing_else_passes_as_a_ping(body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        make_shop().verify(WebhookRequest(body, {}))


def test_two_orders_of_one_second_share_the_delivery_id_and_not_the_key() -> None:
    shop = make_shop()
    other = request(payload("order_created__all_free"))
    assert shop.event_key(request()) == shop.event_key(request())
    assert shop.event_key(request()) != shop.event_key(other)
    assert shop.event_key(request()).startswith("d1:")
    assert len(shop.event_key(request())) <= 200


@pytest.mark.parametrize("topic", ["product.updated", "customer.created", "coupon.created", "action.my_hook"])
def test_other_topics_are_ignored_by_name(topic: str) -> None:
    (found,) = make_shop().parse(b'{"id": 5}', {"x-wc-webhook-topic": topic})
    assert isinstance(found, Ignored)
    assert topic in found.why


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"17",
        b'"order"',
        b"\xff\xfe",
        b'{"id": NaN}',
        b'{"id": true, "status": "completed"}',
        b'{"status": "completed"}',
        b'{"id": 1, "status": ["completed"]}',
        b'{"id": 1, "status": "completed", "total": "12,50", "currency": "NOK"}',
        b'{"id": 1, "status": "completed", "total": "1e400", "currency": "NOK"}',
        b'{"id": 1, "status": "completed", "total": 1e99999999999999999999, "currency": "NOK"}',
        b'{"id": 1, "status": "completed", "total": "1.005", "currency": "NOK"}',
        b'{"id": 1, "status": "completed", "total": "-1", "currency": "NOK"}',
        b'{"id": 1, "status": "completed", "total": "1", "currency": "KRONER"}',
        b'{"id": 1, "status": "completed", "total": "1", "currency": "NOK"}',
        b'{"id": 1, "status": "completed", "total": "1", "currency": "NOK", "date_created_gmt": "0000-00-00"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_order_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(UnreadablePayload) as caught:
        make_shop().parse(body, {"x-wc-webhook-topic": "order.updated"})
    assert caught.value.message.endswith(".")
    assert caught.value.details
