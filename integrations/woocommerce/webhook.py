"""Tell a genuine webhook from a false one.

WooCommerce signs the raw body: `X-WC-Webhook-Signature` = base64(HMAC-SHA256(body, secret)). When a
webhook is saved it first sends `webhook_id=N` as a form, unsigned; that is harmless and means nothing.
https://developer.woocommerce.com/docs/webhooks/
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from backoffice.contracts.errors import WebhookRefused
from backoffice.contracts.sales import WebhookRequest
from integrations.woocommerce.config import host_of

SIGNATURE = "x-wc-webhook-signature"
DELIVERY_ID = "x-wc-webhook-delivery-id"
TOPIC = "x-wc-webhook-topic"
SOURCE = "x-wc-webhook-source"
BODY_HASH_CHARACTERS = 32
_PING = re.compile(rb"webhook_id=\d{1,20}")


def sign(body: bytes, secret: str) -> str:
    """Sign raw bytes as WooCommerce does.

    >>> sign(b"{}", "a secret of the shop")
    'Xn1Kbfx0LVpdbLy9WvtbbwWMmb9kYB48QNi513SQ7Uw='
    """
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_ping(body: bytes) -> bool:
    """Say whether this is the form that WooCommerce sends when a webhook is saved."""
    return _PING.fullmatch(body.strip()) is not None


def verify(request: WebhookRequest, *, secret: str, host: str) -> None:
    """Raise WebhookRefused unless the signature is right and the sender is this shop.

    The source is looked at besides, since a copy of a shop for testing keeps the webhooks and their secret.
    """
    if is_ping(request.body):
        return
    given = request.headers.get(SIGNATURE, "").strip()
    if not given:
        raise WebhookRefused(
            "The webhook has no X-WC-Webhook-Signature. Give the webhook in WooCommerce the secret of this connection."
        )
    if not hmac.compare_digest(sign(request.body, secret).encode(), given.encode("utf-8", "surrogateescape")):
        raise WebhookRefused(
            "The webhook's signature is wrong. The secrets in WooCommerce and in this connection differ, or "
            "something between has changed the body."
        )
    source = host_of(request.headers.get(SOURCE, ""))
    if source and source != host:
        raise WebhookRefused(
            f"The webhook comes from {source}, this connection belongs to {host}. A copy of the shop "
            "must have its webhooks switched off."
        )


def event_key(request: WebhookRequest) -> str:
    """Give what recognises a replay: the delivery id and a hash of the body; empty for a ping.

    WooCommerce makes the delivery id from the webhook's number and the current second
    (WC_Webhook::get_new_delivery_id), so two orders in one second share it. The body tells them apart.
    """
    delivery_id = request.headers.get(DELIVERY_ID, "").strip()
    if not delivery_id:
        return ""
    return f"{delivery_id}:{hashlib.sha256(request.body).hexdigest()[:BODY_HASH_CHARACTERS]}"


def topic(headers: Mapping[str, str]) -> str:
    """Give the topic, such as order.updated; empty for a polled payload."""
    return headers.get(TOPIC, "").strip().casefold()
