"""The calls that we make to the Finance API v2: a token, transactions and balance of the liquid account.

https://github.com/iZettle/api-documentation/tree/master/finance-api
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from backoffice.contracts.errors import Misunderstood
from backoffice.contracts.runtime import Runtime
from integrations.http import Http
from integrations.reading import Node
from integrations.reads import MAX_PAGES, Reads, Tokens, understood, way_to
from integrations.zettle.config import PROVIDER, Config

LABEL = "Zettle"
HOST, TOKEN_HOST = "finance.izettle.com", "oauth.zettle.com"
SANDBOX_SETTING = "ZETTLE_SANDBOX_URL"
ADVICE = "Make an API key with the scope READ:FINANCE at my.zettle.com > Integrations and enter it with its client id."
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PAGE_SIZE = 1_000
REQUESTS_PER_SECOND = 5


@dataclass(frozen=True, slots=True)
class Api:
    """The liquid account with one API key. Every call raises the ProviderError tree."""

    reads: Reads

    @classmethod
    def of(cls, config: Config, runtime: Runtime) -> Api:
        """Open the API; the one on this machine only when the settings name it."""
        sandbox = runtime.settings.get(SANDBOX_SETTING, "")

        def http(host: str, path: str) -> Http:
            return way_to(
                host,
                path,
                provider=PROVIDER,
                sandbox_setting=SANDBOX_SETTING,
                runtime=runtime,
                secrets=(config.api_key,),
            )

        told = hashlib.sha256(f"{config.client_id}:{config.api_key}:{sandbox}".encode()).hexdigest()[:16]
        form = {"grant_type": GRANT, "client_id": config.client_id, "assertion": config.api_key}
        tokens = Tokens(
            http(TOKEN_HOST, ""),
            runtime,
            LABEL,
            ADVICE,
            f"zettle:{config.client_id}:{told}",
            "/token",
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode(form).encode(),
        )

        def headers() -> Mapping[str, str]:
            return {"Authorization": f"Bearer {tokens.bearer()}"}

        return cls(Reads(http(HOST, "/v2"), runtime, LABEL, ADVICE, headers, tokens.drop, REQUESTS_PER_SECOND))

    def transactions(self, start: datetime, end: datetime, *, only: str = "") -> list[Node]:
        """Give the account's transactions in a time, the end left out, oldest first; `only` is one type."""
        query = {"start": _stamp(start), "end": _stamp(end), "limit": str(PAGE_SIZE)}
        if only:
            query["includeTransactionType"] = only
        found: list[Node] = []
        for _ in range(MAX_PAGES):
            page = self.reads.get(
                "/accounts/LIQUID/transactions",
                operation="list transactions",
                query={**query, "offset": str(len(found))},
            )
            with understood(LABEL, PROVIDER):
                rows = list(rows_of(page).objects())
            found += rows
            if len(rows) < PAGE_SIZE:
                with understood(LABEL, PROVIDER):
                    return sorted(found, key=lambda one: one.moment("timestamp"))
        raise Misunderstood(f"The list is longer than {MAX_PAGES} pages.", provider=PROVIDER)

    def balance(self, at: datetime) -> Node:
        """Give the account's balance at a time ({"totalBalance", "currencyId"})."""
        page = self.reads.get("/accounts/LIQUID/balance", operation="read the balance", query={"at": _stamp(at)})
        return page.child("data") if page.has("data") else page


def rows_of(report: Node) -> Node:
    """Give the list of transactions, which is the answer itself or stands under `data`."""
    return report if isinstance(report.value, list) else report.child("data")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
