"""What the shared suite needs to know of each sales channel: how to reach a stand-in that reports sales."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from backoffice.contracts.sales import SalesChannel, WebhookRequest
from integrations.woocommerce import sandbox, store
from integrations.woocommerce.adapter import WooCommerce
from tests.integrations.woocommerce.shop import make_runtime


@dataclass(frozen=True)
class SalesCase:
    """One channel with a running stand-in.

    sales are genuine webhooks, each of another sale; changed is one of the same sale as the first, later and
    without a change that matters; unimportant is a genuine one that is no sale; since is before them all.
    """

    channel: SalesChannel
    values: dict[str, str]
    sales: tuple[WebhookRequest, ...]
    changed: WebhookRequest
    unimportant: WebhookRequest
    since: datetime


@contextmanager
def woocommerce() -> Iterator[SalesCase]:
    """Serve a WooCommerce shop with twenty orders; the first is then changed in what says nothing."""
    shop = store.Shop(now=store.ticking(datetime(2026, 11, 21, 8, 0, tzinfo=UTC)))
    with sandbox.run(shop) as running:
        for order in sandbox.generate_orders(20, 5, date(2026, 11, 20)):
            shop.place(order)
        shop.change(1001, customer_note="Ring på")
        waiting = [
            WebhookRequest(one.body, {name.lower(): value for name, value in one.headers.items()})
            for one in shop.waiting
        ]
        values = {
            "shop_url": running.url,
            "webhook_secret": store.WEBHOOK_SECRET,
            "consumer_key": store.CONSUMER_KEY,
            "consumer_secret": store.CONSUMER_SECRET,
        }
        yield SalesCase(
            channel=WooCommerce.build(values, make_runtime(WOOCOMMERCE_SANDBOX_URL=running.url)),
            values=values,
            sales=tuple(waiting[:-1]),
            changed=waiting[-1],
            unimportant=WebhookRequest(b"webhook_id=7", {}),
            since=datetime(2026, 11, 1, tzinfo=UTC),
        )


CASES: dict[str, Callable[[], AbstractContextManager[SalesCase]]] = {"woocommerce": woocommerce}
