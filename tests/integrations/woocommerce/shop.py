"""A configured shop and its payloads for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import Ignored, RefundDetails, SaleDetails, SalesEvent
from integrations.woocommerce.adapter import WooCommerce
from integrations.woocommerce.config import Config, Rules
from integrations.woocommerce.reading import load
from integrations.woocommerce.wire import read_order

PAYLOADS = Path(__file__).parent / "payloads"
SECRET = "a secret of at least sixteen characters"  # opens nothing
VALUES = {"shop_url": "https://nordlys.example", "webhook_secret": SECRET}


class NoWaiting:
    """A limiter that counts and never waits."""

    def __init__(self) -> None:
        self.waits: list[str] = []

    def wait(self, key: str, *, per_second: int) -> None:
        """Count."""
        assert per_second > 0
        self.waits.append(key)


class Tokens:
    """A token store for one test."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """Give what was put."""
        return self.values.get(key)

    def put(self, key: str, value: str, *, ttl_s: int) -> None:
        """Keep."""
        assert ttl_s > 0
        self.values[key] = value

    def drop(self, key: str) -> None:
        """Forget."""
        self.values.pop(key, None)


def make_runtime(**settings: str) -> Runtime:
    """Make a runtime without waiting; keywords are environment settings."""
    return Runtime(limiter=NoWaiting(), tokens=Tokens(), settings=settings, user_agent="tests")


def make_shop(**values: str) -> WooCommerce:
    """Make the adapter of a shop without REST keys, with settings changed."""
    return WooCommerce.build({**VALUES, **values}, make_runtime())


def payload(name: str) -> bytes:
    """Give the bytes of a payload file by its name without ending."""
    return (PAYLOADS / f"{name}.json").read_bytes()


def headers(name: str) -> dict[str, str]:
    """Give the topic header that a payload file's name stands for."""
    return {"x-wc-webhook-topic": name.split("__", maxsplit=1)[0].replace("_", ".")}


def events(name: str, refunds: str = "", **values: str) -> tuple[SalesEvent, ...]:
    """Read a payload file; refunds names the file with the refund objects that REST would give."""
    if not refunds:
        return make_shop(**values).parse(payload(name), headers(name))
    rules = Rules.of(Config.read({**VALUES, **values}))
    return read_order(load(payload(name)), rules, load(payload(refunds)).elements())


def sale(name: str, **values: str) -> SaleDetails:
    """Read the sale in a payload file."""
    found = events(name, **values)[0]
    assert isinstance(found, SaleDetails), found
    return found


def refunds_in(found: tuple[SalesEvent, ...]) -> list[RefundDetails]:
    """Give the refunds among events."""
    return [one for one in found if isinstance(one, RefundDetails)]


def ignored(name: str, **values: str) -> Ignored:
    """Read a payload that must be ignored."""
    (found,) = events(name, **values)
    assert isinstance(found, Ignored), found
    return found


def changed(name: str, change: Callable[[dict[str, Any]], None] | Mapping[str, Any]) -> bytes:
    """Give a payload file's bytes after a change."""
    order: dict[str, Any] = json.loads(payload(name))
    if callable(change):
        change(order)
    else:
        order.update(change)
    return json.dumps(order).encode()
