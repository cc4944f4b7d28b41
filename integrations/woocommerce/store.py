"""The shop behind the sandbox: orders in memory, webhooks that can be lost, sent twice or out of order."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice.ledger.money import round_half_up
from integrations.woocommerce import webhook
from integrations.woocommerce.assembly import complete, set_time

#: What the sandbox uses unless told otherwise; these open nothing but a sandbox.
CONSUMER_KEY = "ck_sandbox"
CONSUMER_SECRET = "cs_sandbox"  # noqa: S105  # opens nothing but a sandbox
WEBHOOK_SECRET = "sandbox webhook secret"  # noqa: S105  # opens nothing but a sandbox
FIRST_REFUND_ID = 900_001
DELIVERY_TIMEOUT_S = 10.0
WEBHOOK_ID = 7

Order = dict[str, Any]
Post = Callable[[str, bytes, Mapping[str, str]], int]


@dataclass(frozen=True, slots=True)
class Faults:
    """How unreliable the webhooks are, in percent; the seed makes it the same every time."""

    lost_percent: int = 0
    twice_percent: int = 0
    is_shuffled: bool = False
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook on its way."""

    topic: str
    body: bytes
    headers: Mapping[str, str]


def post_with_urllib(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post a webhook and give the status; 0 when nobody listens."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310  # http(s)
    try:
        with urllib.request.urlopen(request, timeout=DELIVERY_TIMEOUT_S) as answer:  # noqa: S310  # as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def utc_now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Shop:
    """A shop with orders. Each change makes a webhook; `deliver` sends what waits."""

    webhook_url: str = ""
    url: str = "http://127.0.0.1"
    consumer_key: str = CONSUMER_KEY
    consumer_secret: str = CONSUMER_SECRET
    webhook_secret: str = WEBHOOK_SECRET
    faults: Faults = field(default_factory=Faults)
    now: Callable[[], datetime] = utc_now
    post: Post = post_with_urllib
    orders: dict[int, Order] = field(default_factory=dict)
    refunds: dict[int, list[Order]] = field(default_factory=dict)
    waiting: list[Delivery] = field(default_factory=list)
    lost: list[Delivery] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def place(self, order: Order) -> Order:
        """Take an order as `assemble` or `make_order` gives it; keeps its times."""
        with self.lock:
            self.orders[order["id"]] = copy.deepcopy(order)
            self._announce("order.created", order["id"])
            return self.read(order["id"])

    def read(self, order_id: int) -> Order:
        """Give an order as REST shows it; raise KeyError when there is none."""
        with self.lock:
            return copy.deepcopy(self.orders[order_id])

    def change(self, order_id: int, **values: Any) -> Order:
        """Change members of an order, such as its status; sets the times that WooCommerce sets."""
        with self.lock:
            order, at = self.orders[order_id], self.now()
            order.update(values)
            if values.get("status") == "completed":
                complete(order, at)
            set_time(order, "date_modified", at)
            self._announce("order.updated", order_id)
            return self.read(order_id)

    def pay(self, order_id: int, transaction_id: str) -> Order:
        """Mark an order as paid now."""
        with self.lock:
            set_time(self.orders[order_id], "date_paid", self.now())
            return self.change(order_id, status="processing", transaction_id=transaction_id)

    def refund(
        self,
        order_id: int,
        *,
        amount: str = "",
        items: Mapping[int, int] | None = None,
        reason: str = "",
        is_money_sent: bool = True,
    ) -> Order:
        """Give back an amount, or items by id and quantity (their amount when none is given)."""
        with self.lock:
            order, at = self.orders[order_id], self.now()
            back = {name: list(_returned(order[name], items or {})) for name in ("line_items", "shipping_lines")}
            worth = sum(
                (-Decimal(one[key]) for group in back.values() for one in group for key in ("total", "total_tax")),
                Decimal(0),
            )
            shown = amount or f"{worth:.2f}"
            refund_id = FIRST_REFUND_ID + sum(len(one) for one in self.refunds.values())
            refund: Order = {
                "id": refund_id,
                "amount": shown,
                "reason": reason,
                "refunded_by": 1,
                "refunded_payment": is_money_sent,
                "meta_data": [],
                "fee_lines": [],
                **back,
            }
            set_time(refund, "date_created", at)
            self.refunds.setdefault(order_id, []).insert(0, refund)
            order["refunds"].insert(0, {"id": refund_id, "reason": reason, "total": f"-{shown}"})
            if sum(-Decimal(one["total"]) for one in order["refunds"]) >= Decimal(order["total"]):
                order["status"] = "refunded"
            set_time(order, "date_modified", at)
            self._announce("order.updated", order_id)
            return copy.deepcopy(refund)

    def delete(self, order_id: int) -> None:
        """Delete an order for good."""
        with self.lock:
            del self.orders[order_id]
            self._queue("order.deleted", json.dumps({"id": order_id}).encode())

    def changed(self, after: datetime | None) -> list[Order]:
        """List orders changed after a time, the longest unchanged first."""
        shape = after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if after else ""
        with self.lock:
            found = [one for one in self.orders.values() if one["date_modified_gmt"] > shape]
            return copy.deepcopy(sorted(found, key=lambda one: (one["date_modified_gmt"], one["id"])))

    def ping(self) -> int:
        """Send what WooCommerce sends when a webhook is saved, and give the answer's status."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.post(self.webhook_url, f"webhook_id={WEBHOOK_ID}".encode(), headers)

    def deliver(self) -> list[int]:
        """Send all webhooks that wait, with the faults asked for, and give the statuses."""
        if not self.webhook_url:
            return []
        with self.lock:
            waiting, self.waiting = self.waiting, []
        return [self.post(self.webhook_url, one.body, one.headers) for one in self._with_faults(waiting)]

    def _with_faults(self, waiting: Iterable[Delivery]) -> Iterator[Delivery]:
        rng = random.Random(self.faults.seed)  # noqa: S311  # reproducible faults, no secret
        sent: list[Delivery] = []
        for one in waiting:
            if rng.randrange(100) < self.faults.lost_percent:
                self.lost.append(one)
                continue
            sent += [one] * (2 if rng.randrange(100) < self.faults.twice_percent else 1)
        if self.faults.is_shuffled:
            rng.shuffle(sent)
        yield from sent

    def _announce(self, topic: str, order_id: int) -> None:
        self._queue(topic, json.dumps(self.orders[order_id], ensure_ascii=False).encode())

    def _queue(self, topic: str, body: bytes) -> None:
        # As in WooCommerce, the delivery id is made from the webhook and the second.
        delivery_id = hashlib.sha256(f"{WEBHOOK_ID}{int(self.now().timestamp())}".encode()).hexdigest()[:32]
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "WooCommerce/9.4 Hookshot (WordPress/6.7)",
            "X-WC-Webhook-Source": f"{self.url}/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": "order",
            "X-WC-Webhook-Event": topic.split(".")[1],
            "X-WC-Webhook-ID": str(WEBHOOK_ID),
            "X-WC-Webhook-Delivery-ID": delivery_id,
            "X-WC-Webhook-Signature": webhook.sign(body, self.webhook_secret),
        }
        self.waiting.append(Delivery(topic, body, headers))


def ticking(start: datetime, step: timedelta = timedelta(seconds=1)) -> Callable[[], datetime]:
    """Make a clock that goes on by a step each time it is read."""
    moments = iter(range(10**9))
    return lambda: start + step * next(moments)


def _returned(items: Iterable[Order], quantities: Mapping[int, int]) -> Iterator[Order]:
    """Make the negative items of a refund, in proportion to the quantities given back."""
    for item in items:
        if item["id"] not in quantities:
            continue
        share = Decimal(quantities[item["id"]]) / Decimal(item.get("quantity") or 1)
        back = {**copy.deepcopy(item), "id": item["id"] + 10_000_000}
        for key in ("total", "total_tax", "subtotal", "subtotal_tax"):
            if key in item:
                back[key] = f"{-round_half_up(Decimal(item[key]) * share, 2):f}"
        back["taxes"] = [{**tax, "total": f"{-Decimal(tax['total']) * share:.6f}"} for tax in item["taxes"]]
        if "quantity" in item:
            back["quantity"] = -quantities[item["id"]]
        back["meta_data"] = [{"id": 1, "key": "_refunded_item_id", "value": str(item["id"])}]
        yield back
