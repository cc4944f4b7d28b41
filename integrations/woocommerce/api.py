"""The calls that we make to a shop's REST interface (wc/v3): two reads, no writes.

https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from backoffice.contracts.errors import (
    Misconfigured,
    Misunderstood,
    ProviderError,
    Reason,
    Rejected,
    Retryable,
    UnreadablePayload,
)
from backoffice.contracts.runtime import Runtime
from integrations.http import Answer, Http
from integrations.woocommerce.config import PROVIDER, Config
from integrations.woocommerce.reading import Node, load

PER_PAGE = 100
#: Shops stand on small servers; five reads a second leave them room for their customers.
REQUESTS_PER_SECOND = 5
MAX_PAGES = 10_000
MAX_RETRY_AFTER_S = 3_600
SANDBOX_SETTING = "WOOCOMMERCE_SANDBOX_URL"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list and how many there are."""

    entries: tuple[Node, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class Api:
    """The shop's REST interface with one key. Every call raises the ProviderError tree."""

    http: Http
    runtime: Runtime
    authorization: str

    @classmethod
    def of(cls, config: Config, runtime: Runtime) -> Api:
        """Open a shop's interface; one on this machine only when the settings name it as sandbox."""
        host = urlsplit(config.shop_url).hostname or ""
        sandbox = runtime.settings.get(SANDBOX_SETTING, "")
        http = Http(
            provider=PROVIDER,
            base_url=config.shop_url.rstrip("/") + "/wp-json/wc/v3",
            hosts=frozenset({host}),
            user_agent=runtime.user_agent,
            is_sandbox=bool(sandbox) and config.shop_url.rstrip("/") == sandbox.rstrip("/"),
            secrets=(config.consumer_key, config.consumer_secret),
        )
        pair = f"{config.consumer_key}:{config.consumer_secret}".encode()
        return cls(http, runtime, "Basic " + base64.b64encode(pair).decode())

    def orders_changed_after(self, after: datetime, page: int) -> Page:
        """List orders changed after a time, the longest unchanged first (GET /orders)."""
        query = {
            "modified_after": after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
            "status": "any",
            "per_page": str(PER_PAGE),
            "page": str(page),
        }
        return self._page("/orders", "list changed orders", query)

    def refunds(self, order_id: str) -> Iterator[Node]:
        """Give all refunds of an order (GET /orders/ID/refunds)."""
        for number in range(1, MAX_PAGES):
            query = {"per_page": str(PER_PAGE), "page": str(number)}
            page = self._page(f"/orders/{order_id}/refunds", "list refunds", query)
            yield from page.entries
            if number >= page.pages:
                return

    def _page(self, path: str, operation: str, query: Mapping[str, str]) -> Page:
        self.runtime.limiter.wait(self.http.base_url, per_second=REQUESTS_PER_SECOND)
        answer = self.http.send(
            "GET", path, operation=operation, query=query, headers={"Authorization": self.authorization}
        )
        if answer.status != 200:
            raise failure(answer, operation)
        pages = answer.headers.get("x-wp-totalpages", "")
        try:
            entries = load(answer.body).elements()
        except UnreadablePayload as error:
            raise Misunderstood(f"The shop's answer is no list: {error}", **_of(answer, operation)) from error
        if not pages.isdecimal():
            raise Misunderstood("The shop's answer does not say how many pages there are.", **_of(answer, operation))
        return Page(entries, int(pages))


def failure(answer: Answer, operation: str) -> ProviderError:
    """Say what an answer other than 200 means; all calls are reads, so nothing is ever in doubt."""
    told = _of(answer, operation)
    status = answer.status
    wrong_setting = _wrong_setting(answer)
    if wrong_setting:
        return Misconfigured(wrong_setting, **told)
    if status in (408, 425, 429) or status >= 500:
        text = f"The shop cannot answer now ({status})."
        return Retryable(text, retry_after_s=_retry_after_s(answer.headers), **told)
    if status == 404:
        reason = Reason("order_missing", "The order is not in the shop any more.")
        return Rejected(reason.detail, reasons=[reason], **told)
    if status >= 400:
        return Rejected(f"The shop refused the request ({status}): {answer.excerpt[:200]}", **told)
    return Misunderstood(f"The shop answered {status} to a read.", **told)


def _wrong_setting(answer: Answer) -> str:
    """Say what to change in the connection or the shop; empty when the answer does not speak of that."""
    if answer.status in (401, 403):
        return "The shop refuses the REST key. Make one with read permission in its settings (Advanced)."
    if 300 <= answer.status < 400:
        target = answer.headers.get("location", "another address")
        return f"The shop sends us on to {target}. Enter that address in the connection."
    if answer.status == 404 and "rest_no_route" in answer.excerpt:
        return "The shop has no REST interface there. Check the address and switch on pretty permalinks."
    return ""


def _of(answer: Answer, operation: str) -> dict[str, Any]:
    return {
        "provider": PROVIDER,
        "operation": operation,
        "http_status": answer.status,
        "request_id": answer.request_id,
        "excerpt": answer.excerpt,
    }


def _retry_after_s(headers: Mapping[str, str]) -> int | None:
    text = headers.get("retry-after", "")
    return min(int(text), MAX_RETRY_AFTER_S) if text.isdecimal() else None
