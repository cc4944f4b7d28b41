"""A sales point with a key, and a client that speaks the API."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client as Browser

from backoffice.api import counting
from backoffice.api.examples import CASH_BODY, SALE_BODY
from backoffice.clients.models import Client, SalesPoint
from backoffice.clients.services import create_api_key
from backoffice.wsgi import application


@dataclass
class Api:
    """Send requests as a sales system does."""

    key: str
    browser: Browser

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a JSON body (or raw bytes) to /api/v1 + path; headers in Python spelling."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Authorization", f"Bearer {self.key}")
        content_type = named.pop("Content-Type", "application/json")
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        return self.browser.generic(method, f"/api/v1{path}", data, content_type=content_type, headers=named)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST."""
        return self.send("POST", path, body, **headers)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.send("GET", path, **headers)


@pytest.fixture(autouse=True)
def no_queue(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no bell ring, and let nobody be counted: the tests of limits bring their own Redis."""
    settings.QUEUE_RINGS = False
    monkeypatch.setitem(counting._resting, "until", float("inf"))


@pytest.fixture
def wsgi(db: None) -> Iterator[Any]:
    """Give the application as a server calls it, but let it keep the test's connection to the database."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield application
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def sales_point(db: None) -> SalesPoint:
    """Give a webshop of a Norwegian client."""
    return make_sales_point("nordlys", "nettbutikk")


def make_sales_point(client_key: str, key: str) -> SalesPoint:
    """Make a sales point, and its client where there is none."""
    client, _ = Client.objects.get_or_create(
        key=client_key,
        defaults={"name": client_key.title(), "country": "NO", "organisation_number": "923609016"},
    )
    return SalesPoint.objects.create(
        client=client, key=key, name=key.title(), kind="webshop", invoice_issuer="accounting_system"
    )


def api_for(sales_point: SalesPoint) -> Api:
    """Make a key and a client that uses it."""
    return Api(create_api_key(sales_point=sales_point, name="test")[1], Browser(raise_request_exception=False))


@pytest.fixture
def api(sales_point: SalesPoint) -> Api:
    """Give a client with the sales point's key."""
    return api_for(sales_point)


def sale_body(reference: str = "1001", **changes: Any) -> dict[str, Any]:
    """Give the order of docs/api.md under another reference, with other payments' names."""
    body = copy.deepcopy(SALE_BODY) | {"reference": reference}
    body["payments"][0]["reference"] = f"vipps-{reference}"
    return body | changes


def cash_body(reference: str = "2001", **changes: Any) -> dict[str, Any]:
    """Give a cup of coffee."""
    body = copy.deepcopy(CASH_BODY) | {"reference": reference}
    body["payments"][0]["reference"] = f"card-{reference}"
    return body | changes


def errors_of(answer: Any) -> list[tuple[str, str]]:
    """Give (pointer, code) of every error in a problem, after checking that it is one."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors", "request_id"}
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer["X-Request-ID"]
    return [(error["pointer"], error["code"]) for error in problem["errors"]]


def kind_of(answer: Any) -> str:
    """Give the last word of a problem's type, after checking that it is one."""
    errors_of(answer)
    return str(answer.json()["type"]).removeprefix("urn:backoffice:problem:")
