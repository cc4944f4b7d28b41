"""The calls that we make to the Settlements API v1: payouts, and the transactions of one.

https://docs.klarna.com/api/settlements/
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from backoffice.contracts.errors import Misunderstood
from backoffice.contracts.runtime import Runtime
from integrations.klarna.config import HOSTS, PROVIDER, Config
from integrations.reading import Node
from integrations.reads import MAX_PAGES, Reads, understood, way_to

LABEL = "Klarna"
SANDBOX_SETTING = "KLARNA_SANDBOX_URL"
ADVICE = "Make API credentials in the merchant portal (Settings) and enter both parts; playground keys are others."
PAGE_SIZE = 500
REQUESTS_PER_SECOND = 5


@dataclass(frozen=True, slots=True)
class Api:
    """The Settlements API with one set of credentials. Every call raises the ProviderError tree."""

    reads: Reads

    @classmethod
    def of(cls, config: Config, runtime: Runtime) -> Api:
        """Open the API; the one on this machine only when the settings name it."""
        host = HOSTS[config.service]
        http = way_to(
            host,
            "/settlements/v1",
            provider=PROVIDER,
            sandbox_setting=SANDBOX_SETTING,
            runtime=runtime,
            secrets=(config.password,),
        )
        pair = base64.b64encode(f"{config.username}:{config.password}".encode()).decode()
        return cls(
            Reads(http, runtime, LABEL, ADVICE, lambda: {"Authorization": f"Basic {pair}"}, None, REQUESTS_PER_SECOND)
        )

    def payouts(self, since: datetime, until: datetime) -> list[Node]:
        """Give the payouts of a time, in the order in which they were paid (GET /payouts)."""
        query = {"start_date": _stamp(since), "end_date": _stamp(until)}
        found = list(self._pages("/payouts", "payouts", "list payouts", query))
        with understood(LABEL, PROVIDER):
            return sorted(found, key=lambda one: one.moment("payout_date"))

    def transactions(self, payment_reference: str) -> list[Node]:
        """Give what a payout consists of (GET /transactions)."""
        query = {"payment_reference": payment_reference}
        return list(self._pages("/transactions", "transactions", "list transactions", query))

    def _pages(self, path: str, name: str, operation: str, query: Mapping[str, str]) -> Iterator[Node]:
        offset = 0
        for _ in range(MAX_PAGES):
            paging = {"size": str(PAGE_SIZE), "offset": str(offset)}
            page = self.reads.get(path, operation=operation, query={**query, **paging})
            with understood(LABEL, PROVIDER):
                rows = list(page.child(name).objects())
                total = page.child("pagination").whole("total", offset + len(rows))
                has_more = page.child("pagination").has("next") or total > offset + len(rows)
            yield from rows
            offset += len(rows)
            if not has_more or not rows:
                return
        raise Misunderstood(f"The list is longer than {MAX_PAGES} pages.", provider=PROVIDER, operation=operation)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
