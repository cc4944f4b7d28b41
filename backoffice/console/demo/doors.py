"""The demo's sales come in through the real doors: same addresses, same checks, same answers as from outside."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client as Browser

SHOP = "https://nordlys.example/"


class DemoStopped(Exception):
    """The demo cannot go on; the text says why and what to do."""


class Doors:
    """Sends requests through the whole of the web application, in this process: no web server need run."""

    def __init__(self) -> None:
        host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
        self.browser = Browser(raise_request_exception=False, SERVER_NAME=host)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No directory at")  # static files, which nobody asks for here
            self.browser.handler.load_middleware()

    def webhook(self, connection: str, order: Mapping[str, Any], *, secret: str, at: datetime) -> None:
        """Send an order as WooCommerce does: signed over the raw body, with a delivery id of its own."""
        body = json.dumps(order, ensure_ascii=False).encode()
        signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "X-WC-Webhook-Signature": signature,
            "X-WC-Webhook-Topic": "order.created",
            "X-WC-Webhook-Delivery-ID": f"{order['id']}-{int(at.timestamp())}",
            "X-WC-Webhook-Source": SHOP,
        }
        self._post(f"/api/v1/inbound/{connection}/", body, headers)

    def sale(self, sale: Mapping[str, Any], *, key: str) -> None:
        """Hand over a sale by REST."""
        body = json.dumps(sale, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"demo-{sale['reference']}"}
        self._post("/api/v1/sales", body, headers)

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        answer = self.browser.post(
            path, body, content_type="application/json", headers=dict(headers), secure=settings.IS_HTTPS
        )
        if answer.status_code not in (200, 201):
            raise DemoStopped(f"{path} answered {answer.status_code}: {answer.content.decode()[:500]}")
