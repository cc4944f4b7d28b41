"""The calls that we make to the Report API v2: a token, the ledgers, a day of a ledger.

There is no test system over there. https://developer.vippsmobilepay.com/docs/APIs/report-api/
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.contracts.errors import Misunderstood
from backoffice.contracts.runtime import Runtime
from integrations.http import Http
from integrations.reading import Node
from integrations.reads import MAX_PAGES, Reads, Tokens, failure, node_of, segment, understood, way_to
from integrations.vipps.config import ACCOUNTING_KEYS, PROVIDER, Config

LABEL = "Vipps MobilePay"
HOST = "api.vipps.no"
SANDBOX_SETTING = "VIPPS_SANDBOX_URL"
ADVICE = "Compare client id, secret and subscription key with the sales unit's at portal.vippsmobilepay.com."
ACCOUNTING_ADVICE = "Compare the accounting keys, and see whether the client has given access to its sales units."
#: Their own wish: hourly, in few calls.
REQUESTS_PER_SECOND = 5
FUNDS, FEES = "funds", "fees"


@dataclass(frozen=True, slots=True)
class Api:
    """The Report API with one set of keys. Every call raises the ProviderError tree."""

    reads: Reads

    @classmethod
    def of(cls, config: Config, runtime: Runtime) -> Api:
        """Open the API; the one on this machine only when the settings name it."""
        http = way_to(
            HOST,
            provider=PROVIDER,
            sandbox_setting=SANDBOX_SETTING,
            runtime=runtime,
            secrets=(config.client_secret, config.subscription_key),
        )
        system = {"Vipps-System-Name": "backoffice"}
        if config.merchant_serial_number:
            system["Merchant-Serial-Number"] = config.merchant_serial_number
        if config.subscription_key:
            system["Ocp-Apim-Subscription-Key"] = config.subscription_key
        is_accounting = config.keys == ACCOUNTING_KEYS
        advice = ACCOUNTING_ADVICE if is_accounting else ADVICE
        tokens = _tokens(config, http, runtime, system, advice)

        def headers() -> Mapping[str, str]:
            return {**system, "Authorization": f"Bearer {tokens.bearer()}"}

        return cls(Reads(http, runtime, LABEL, advice, headers, tokens.drop, REQUESTS_PER_SECOND))

    def ledgers(self) -> Iterator[Node]:
        """Yield every ledger that the keys open (GET /settlement/v1/ledgers)."""
        yield from self._pages("/settlement/v1/ledgers", "list ledgers")

    def day(self, ledger_id: str, topic: str, on: date) -> list[Any] | None:
        """Give all rows of a ledger's day, None while it is not closed.

        404 and tryLater both say that; a report that was given once never changes
        (GET /report/v2/ledgers/ID/TOPIC/dates/DATE).
        """
        path = f"/report/v2/ledgers/{segment(ledger_id)}/{topic}/dates/{on.isoformat()}"
        operation = f"read the {topic} of {on.isoformat()}"
        rows: list[Any] = []
        query: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            answer = self.reads.answer(path, operation=operation, query=query)
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise failure(answer, operation, self.reads)
            page = node_of(answer, operation, self.reads)
            if page.child("tryLater").value is True:
                return None
            rows += [one.value for one in _items(page)]
            cursor = _cursor(page) if page.child("hasMore").value is True else ""
            if not cursor:
                return rows
            if query.get("cursor") == cursor:
                break
            query = {"cursor": cursor}
        raise _endless(operation)

    def _pages(self, path: str, operation: str) -> Iterator[Node]:
        query: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            page = self.reads.get(path, operation=operation, query=query)
            yield from _items(page)
            cursor = _cursor(page)
            if not cursor:
                return
            if query.get("cursor") == cursor:
                break
            query = {"cursor": cursor}
        raise _endless(operation)


def _tokens(config: Config, http: Http, runtime: Runtime, system: Mapping[str, str], advice: str) -> Tokens:
    """Give the token handling: /accesstoken/get for the sales unit's keys, /miami/v1/token for accounting keys."""
    told = f"{config.client_id}:{config.client_secret}:{http.base_url}".encode()
    key = f"vipps:{config.client_id}:{hashlib.sha256(told).hexdigest()[:16]}"
    if config.keys == ACCOUNTING_KEYS:
        pair = base64.b64encode(f"{config.client_id}:{config.client_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded", **system}
        body = b"grant_type=client_credentials"
        return Tokens(http, runtime, LABEL, advice, key, "/miami/v1/token", headers, body)
    headers = {"client_id": config.client_id, "client_secret": config.client_secret, **system}
    return Tokens(http, runtime, LABEL, advice, key, "/accesstoken/get", headers)


def _items(page: Node) -> list[Node]:
    with understood(LABEL, PROVIDER):
        return list(page.child("items").objects())


def _cursor(page: Node) -> str:
    found = page.child("cursor").value
    return found if isinstance(found, str) else ""


def _endless(operation: str) -> Misunderstood:
    return Misunderstood(f"{LABEL} gave the same page again.", provider=PROVIDER, operation=operation)
