"""A small strict WooCommerce on this machine: `python -m integrations.woocommerce.sandbox --port 0`.

It serves the part of REST wc/v3 that we use, refuses what WooCommerce refuses, and posts signed webhooks.
`POST /sandbox/orders {"count": 3, "seed": 7, "day": "2026-11-20"}` places made-up orders and announces them.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import re
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from integrations.woocommerce.orders import FIRST_NUMBER, generate_orders, make_order
from integrations.woocommerce.store import Faults, Order, Shop, utc_now

ROOT = "/wp-json/wc/v3"
MAX_BODY_BYTES = 1024 * 1024
MAX_PER_PAGE = 100
MAX_COUNT = 5_000
LIST_PARAMETERS = frozenset({"modified_after", "dates_are_gmt", "orderby", "order", "status", "per_page", "page"})
STATUSES = frozenset({"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"})
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")

__all__ = ["Faults", "RunningSandbox", "Sandbox", "Shop", "generate_orders", "make_order", "run"]


class Refusal(Exception):
    """An error in WooCommerce's own shape: {"code", "message", "data": {"status"}}."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status}}


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the sandbox sees it."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    authorization: str


@dataclass(slots=True)
class Sandbox:
    """The WSGI application over a shop. `failures` are (status, headers) to answer next instead."""

    shop: Shop
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        headers: dict[str, str] = {}
        try:
            call = _call(environ)
            self.calls.append(f"{call.method} {call.path}")
            status, body, headers = self._answer(call)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        except (ValueError, KeyError, TypeError) as error:
            status, body = 400, Refusal(400, "rest_invalid_param", f"Invalid parameter: {error}").body
        content = json.dumps(body, ensure_ascii=False).encode()
        fixed = {"Content-Type": "application/json; charset=UTF-8", "Content-Length": str(len(content))}
        sent = {**fixed, **headers}
        start_response(f"{status} .", list(sent.items()))
        return [content]

    def _answer(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        if self.failures:
            status, headers = self.failures.pop(0)
            return status, {"code": "sandbox_failure", "message": "As asked."}, headers
        if (call.method, call.path) == ("POST", "/sandbox/orders"):
            return 201, self._place_many(call.body), {}
        if (call.method, call.path) == ("POST", "/sandbox/ping"):
            return 200, {"status": self.shop.ping()}, {}
        found = re.fullmatch(rf"{ROOT}/orders(?:/(\d+))?(/refunds)?", call.path)
        if not found or (found[2] and not found[1]):
            raise Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
        self._authorize(call)
        if not found[1]:
            return self._orders(call)
        order_id = int(found[1])
        if order_id not in self.shop.orders:
            raise Refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return self._refunds(call, order_id) if found[2] else self._order(call, order_id)

    def _authorize(self, call: Call) -> None:
        pair = f"{self.shop.consumer_key}:{self.shop.consumer_secret}".encode()
        wanted = "Basic " + base64.b64encode(pair).decode()
        if not hmac.compare_digest(wanted.encode(), call.authorization.encode()):
            message = "Sorry, you cannot list resources."
            raise Refusal(401, "woocommerce_rest_cannot_view", message)

    def _orders(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        if call.method != "GET":
            raise Refusal(404, "rest_no_route", "Orders are placed by POST /sandbox/orders.")
        unknown = sorted(set(call.query) - LIST_PARAMETERS)
        if unknown:
            raise Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {', '.join(unknown)}")
        return 200, *_page(self.shop.changed(_modified_after(call.query)), call.query)

    def _order(self, call: Call, order_id: int) -> tuple[int, Any, dict[str, str]]:
        if call.method == "GET":
            return 200, self.shop.read(order_id), {}
        if call.method == "DELETE":
            gone = self.shop.read(order_id)
            self.shop.delete(order_id)
            self.shop.deliver()
            return 200, gone, {}
        if call.method not in ("PUT", "POST"):
            raise Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
        wanted = call.body if isinstance(call.body, dict) else {}
        if set(wanted) - {"status", "set_paid", "transaction_id"} or wanted.get("status", "completed") not in STATUSES:
            raise Refusal(400, "rest_invalid_param", "Only status, set_paid and transaction_id can be changed here.")
        if wanted.get("set_paid"):
            changed = self.shop.pay(order_id, str(wanted.get("transaction_id", "")))
        if "status" in wanted or not wanted.get("set_paid"):
            changed = self.shop.change(order_id, status=wanted.get("status", self.shop.read(order_id)["status"]))
        self.shop.deliver()
        return 200, changed, {}

    def _refunds(self, call: Call, order_id: int) -> tuple[int, Any, dict[str, str]]:
        if call.method == "GET":
            return 200, *_page(list(self.shop.refunds.get(order_id, [])), call.query)
        wanted = call.body if isinstance(call.body, dict) else {}
        amount = str(wanted.get("amount", ""))
        items = {int(one["id"]): int(one["quantity"]) for one in wanted.get("line_items", [])}
        if call.method != "POST" or (not items and not re.fullmatch(r"\d+(\.\d{1,2})?", amount)):
            raise Refusal(400, "woocommerce_rest_invalid_order_refund", "Give an amount or line_items.")
        made = self.shop.refund(
            order_id,
            amount=amount,
            items=items,
            reason=str(wanted.get("reason", "")),
            is_money_sent=bool(wanted.get("api_refund", True)),
        )
        self.shop.deliver()
        return 201, made, {}

    def _place_many(self, wanted: Any) -> dict[str, list[int]]:
        if not isinstance(wanted, dict) or not 0 < int(wanted.get("count", 1)) <= MAX_COUNT:
            raise Refusal(400, "rest_invalid_param", f"count is 1 to {MAX_COUNT}.")
        day = date.fromisoformat(wanted["day"]) if "day" in wanted else utc_now().date()
        start = max(self.shop.orders, default=FIRST_NUMBER - 1) + 1 - FIRST_NUMBER
        count = int(wanted.get("count", 1))
        made = list(generate_orders(start + count, int(wanted.get("seed", 1)), day))[start:]
        for order in made:
            self.shop.place(order)
        self.shop.deliver()
        return {"orders": [order["id"] for order in made]}


def _call(environ: Mapping[str, Any]) -> Call:
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size > MAX_BODY_BYTES:
        raise Refusal(413, "rest_too_large", "The body is too large.")
    content = environ["wsgi.input"].read(size) if size else b""
    try:
        body = json.loads(content) if content else None
    except ValueError as error:
        raise Refusal(400, "rest_invalid_json", "Invalid JSON body passed.") from error
    return Call(
        environ["REQUEST_METHOD"],
        environ.get("PATH_INFO", "/"),
        dict(parse_qsl(environ.get("QUERY_STRING", ""))),
        body,
        environ.get("HTTP_AUTHORIZATION", ""),
    )


def _modified_after(query: Mapping[str, str]) -> datetime | None:
    text = query.get("modified_after", "")
    if not text:
        return None
    if not _TIME.fullmatch(text) or query.get("dates_are_gmt") != "true":
        raise Refusal(400, "rest_invalid_param", "Invalid parameter(s): modified_after")
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _page(found: list[Order], query: Mapping[str, str]) -> tuple[list[Order], dict[str, str]]:
    size, number = query.get("per_page", "10"), query.get("page", "1")
    if not size.isdecimal() or not number.isdecimal() or not 0 < int(size) <= MAX_PER_PAGE or int(number) < 1:
        raise Refusal(400, "rest_invalid_param", "Invalid parameter(s): per_page, page")
    pages = -(-len(found) // int(size))
    first = (int(number) - 1) * int(size)
    return found[first : first + int(size)], {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing; the sandbox keeps its calls."""


@dataclass(slots=True)
class RunningSandbox:
    """A sandbox that serves on a port of this machine; close it, or use it in a with statement."""

    sandbox: Sandbox
    server: WSGIServer
    thread: threading.Thread

    @property
    def url(self) -> str:
        """Give the shop's address."""
        return self.sandbox.shop.url

    def __enter__(self) -> RunningSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def run(shop: Shop, *, host: str = "127.0.0.1", port: int = 0) -> RunningSandbox:
    """Serve a shop in a thread; port 0 takes a free one. Sets the shop's address."""
    sandbox = Sandbox(shop)
    server = make_server(host, port, sandbox, server_class=_Server, handler_class=_Quiet)
    shop.url = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return RunningSandbox(sandbox, server, thread)


def main() -> None:
    """Serve until interrupted; the first line says where."""
    parser = argparse.ArgumentParser(prog="python -m integrations.woocommerce.sandbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--webhook-url", default="", help="where webhooks are posted; without it they wait")
    parser.add_argument("--webhook-secret", default=Shop().webhook_secret)
    parser.add_argument("--lost-percent", type=int, default=0)
    parser.add_argument("--twice-percent", type=int, default=0)
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    faults = Faults(given.lost_percent, given.twice_percent, given.shuffled, given.seed)
    shop = Shop(webhook_url=given.webhook_url, webhook_secret=given.webhook_secret, faults=faults)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with run(shop, host=given.host, port=given.port) as running:
        print(f"sandbox ready on {running.url}", flush=True)
        stopping.wait()


if __name__ == "__main__":
    main()
