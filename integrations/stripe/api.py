"""The calls that we make to Stripe: payouts, and balance transactions with what they are for.

https://docs.stripe.com/api/payouts/list, https://docs.stripe.com/api/balance_transactions/list
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from backoffice.contracts.errors import Misunderstood
from backoffice.contracts.runtime import Runtime
from integrations.reading import Node
from integrations.reads import MAX_PAGES, Reads, understood, way_to
from integrations.stripe.config import PROVIDER, Config

LABEL = "Stripe"
HOST = "api.stripe.com"
SANDBOX_SETTING = "STRIPE_SANDBOX_URL"
ADVICE = "Make a restricted key that may read Balance, Payouts, Charges, Refunds and Disputes, and enter it."
#: Pinned, so that a newer version of the account changes nothing here.
VERSION = "2024-06-20"
PAGE_SIZE = 100
REQUESTS_PER_SECOND = 20


@dataclass(frozen=True, slots=True)
class Api:
    """Stripe with one key. Every call raises the ProviderError tree."""

    reads: Reads

    @classmethod
    def of(cls, config: Config, runtime: Runtime) -> Api:
        """Open the API; the one on this machine only when the settings name it."""
        http = way_to(
            HOST, "/v1", provider=PROVIDER, sandbox_setting=SANDBOX_SETTING, runtime=runtime, secrets=(config.api_key,)
        )
        headers = {"Authorization": f"Bearer {config.api_key}", "Stripe-Version": VERSION}
        if config.account:
            headers["Stripe-Account"] = config.account
        return cls(Reads(http, runtime, LABEL, ADVICE, lambda: headers, None, REQUESTS_PER_SECOND))

    def payouts(self, since: datetime) -> list[Node]:
        """Give the payouts made since a time, oldest first (GET /payouts)."""
        found = list(self._pages("/payouts", "list payouts", {"created[gte]": str(int(since.timestamp()))}))
        with understood(LABEL, PROVIDER):
            return sorted(found, key=lambda one: one.whole("created"))

    def transactions_of(self, payout_id: str) -> list[Node]:
        """Give the balance transactions of an automatic payout with their sources (GET /balance_transactions)."""
        query = {"payout": payout_id, "expand[]": "data.source"}
        return list(self._pages("/balance_transactions", "list balance transactions", query))

    def transactions_since(self, since: datetime) -> list[Node]:
        """Give all balance transactions since a time, oldest first (GET /balance_transactions)."""
        query = {"created[gte]": str(int(since.timestamp())), "expand[]": "data.source"}
        found = list(self._pages("/balance_transactions", "list balance transactions", query))
        with understood(LABEL, PROVIDER):
            return sorted(found, key=lambda one: one.whole("created"))

    def _pages(self, path: str, operation: str, query: Mapping[str, str]) -> Iterator[Node]:
        """Yield a list to its end; the newest come first, the next page begins after the last id."""
        after: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            page = self.reads.get(path, operation=operation, query={**query, "limit": str(PAGE_SIZE), **after})
            with understood(LABEL, PROVIDER):
                rows = list(page.child("data").objects())
                last = rows[-1].text("id") if rows else ""
            yield from rows
            if page.child("has_more").value is not True or not rows:
                return
            if after.get("starting_after") == last:
                break
            after = {"starting_after": last}
        raise Misunderstood(f"{LABEL} gave the same page again.", provider=PROVIDER, operation=operation)
