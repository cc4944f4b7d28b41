"""WooCommerce as a SalesChannel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Self

from backoffice.contracts.errors import Misunderstood, Unsupported
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import FetchedPayload, Ignored, SalesChannel, SalesEvent, WebhookRequest
from integrations.http import dumps
from integrations.woocommerce import webhook, wire
from integrations.woocommerce.api import MAX_PAGES, Api
from integrations.woocommerce.config import PROVIDER, Rules
from integrations.woocommerce.config import Config as ShopConfig
from integrations.woocommerce.reading import Node, load, refuse

ORDER_TOPICS = frozenset({"order.created", "order.updated", "order.restored"})
DELETED_TOPIC = "order.deleted"
#: `modified_after` leaves out its own second, and a second can hold several changes.
OVERLAP = timedelta(seconds=1)


class WooCommerce(SalesChannel):
    """A WooCommerce shop: verifies its webhooks, reads its orders, fetches those that were missed."""

    name: ClassVar[str] = PROVIDER
    label: ClassVar[str] = "WooCommerce"
    Config: ClassVar[type] = ShopConfig
    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"webhooks", "polling", "payments", "refunds", "cancellations", "gift_cards", "tips"}
    )

    def __init__(self, config: ShopConfig, runtime: Runtime) -> None:
        self.config = config
        self.rules = Rules.of(config)
        self.api = Api.of(config, runtime) if config.has_rest else None

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make the adapter; raise Misconfigured with all problems in words."""
        return cls(ShopConfig.read(values), runtime)

    def verify(self, request: WebhookRequest) -> None:
        """Check signature and sender; the unsigned ping of a newly saved webhook passes."""
        webhook.verify(request, secret=self.config.webhook_secret, host=self.config.host)

    def event_key(self, request: WebhookRequest) -> str:
        """Give delivery id and body hash; the delivery id alone is shared by all deliveries of one second."""
        return webhook.event_key(request)

    def parse(self, body: bytes, headers: Mapping[str, str]) -> tuple[SalesEvent, ...]:
        """Read an order, with its refunds from REST when keys are there, from its summary otherwise.

        headers are empty for a polled payload, which is an order.
        """
        topic = webhook.topic(headers)
        if webhook.is_ping(body):
            return (Ignored("", "WooCommerce has saved the webhook and asked whether anybody listens."),)
        if topic and topic not in ORDER_TOPICS and topic != DELETED_TOPIC:
            return (Ignored("", f"The topic {topic} is not about orders; the webhook can be removed from the shop."),)
        order = load(body)
        if "id" not in order.fields() and "order" in order.fields():
            text = "The webhook uses WooCommerce's legacy API. Choose API version WP REST API v3 in the webhook."
            raise refuse("webhook_version", text, "/order")
        if topic == DELETED_TOPIC:
            return (wire.read_deleted(order),)
        return wire.read_order(order, self.rules, self._refunds(order))

    def _refunds(self, order: Node) -> list[Node] | None:
        if self.api is None or not wire.counts(order, self.rules) or not wire.has_refunds(order):
            return None
        return list(self.api.refunds(wire.sale_reference(order)))

    def changed_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Yield orders changed at or after `since`, oldest change first.

        The list is read from its first page again after every page that gets further in time: an order that
        changes meanwhile moves to the end, and counting pages on would skip its successor. Raises Unsupported
        without REST keys.
        """
        if self.api is None:
            raise Unsupported(
                "Missed orders can only be read with REST keys; enter consumer key and secret.",
                provider=PROVIDER,
                operation="list changed orders",
            )
        after, number = since - OVERLAP, 1
        seen: set[str] = set()
        for _ in range(MAX_PAGES):
            page = self.api.orders_changed_after(after, number)
            changed_at = after
            for order in page.entries:
                payload = _payload(order)
                changed_at = payload.changed_at
                if payload.key not in seen:
                    seen.add(payload.key)
                    yield payload
            if number >= page.pages or not page.entries:
                return
            if changed_at - OVERLAP > after:
                after, number = changed_at - OVERLAP, 1
            else:
                number += 1


def _payload(order: Node) -> FetchedPayload:
    """Make a payload of a listed order. Raises Misunderstood when it has no time of change."""
    changed_at = order.time("date_modified_gmt") or order.time("date_created_gmt")
    if changed_at is None:
        raise Misunderstood("An order in the shop's list has no date_modified_gmt.", provider=PROVIDER)
    key = f"order:{order.identity()}:{changed_at:%Y-%m-%dT%H:%M:%S}"
    return FetchedPayload(key, dumps(order.value).encode(), changed_at)
