"""Stripe as a PayoutSource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from backoffice.contracts.errors import Unsupported
from backoffice.contracts.payouts import PayoutSource, ProviderStatement
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import FetchedPayload
from integrations.exact_json import dumps
from integrations.reading import Node, load_json, looks_like_json, refuse
from integrations.reads import understood
from integrations.stripe.api import Api
from integrations.stripe.config import PROVIDER
from integrations.stripe.config import Config as StripeConfig
from integrations.stripe.csv_report import read_csv
from integrations.stripe.wire import Rules, is_itemised, moment_of, read_payout, read_transactions

#: A payout is itemised, and may still fail, days after it was made; those of this time before `since` are read again.
LATE = timedelta(days=10)


class Stripe(PayoutSource):
    """The payouts of a Stripe account: fetched with a restricted key, else read from the reconciliation report."""

    name: ClassVar[str] = PROVIDER
    label: ClassVar[str] = "Stripe"
    Config: ClassVar[type] = StripeConfig
    capabilities: ClassVar[frozenset[str]] = frozenset({"polling", "files", "fees", "disputes", "exchange"})

    def __init__(self, config: StripeConfig, runtime: Runtime) -> None:
        self.config = config
        self.rules = Rules(config.account or PROVIDER, ZoneInfo(config.time_zone), config.keys, config.fee_vat_code)
        self.api = Api.of(config, runtime) if config.api_key else None

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make the adapter; raise Misconfigured with all problems in words."""
        return cls(StripeConfig.read(values), runtime)

    def parse(self, body: bytes, *, filename: str = "") -> tuple[ProviderStatement, ...]:
        """Read a payout with its balance transactions, a list of balance transactions, or the CSV report."""
        if not looks_like_json(body):
            return read_csv(body, self.rules)
        report = load_json(body)
        if report.has("payout"):
            return (read_payout(report.child("payout"), report.items("balance_transactions"), self.rules),)
        if report.has("data") and isinstance(report.child("data").value, list):
            return read_transactions(report.items("data"), self.rules)
        raise refuse(
            "This is no report of Stripe's: it has neither a payout nor a list of balance transactions (data)."
        )

    def statements_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Yield payouts with what they consist of, oldest first, then rows since, which no payout settles yet.

        A payout is given again under another key once it is itemised or has failed. Raises Unsupported without a key.
        """
        if self.api is None:
            raise Unsupported(
                "Payouts can only be fetched with a key; enter a restricted API key.",
                provider=PROVIDER,
                operation="list payouts",
            )
        latest = since
        for payout in self.api.payouts(since - LATE):
            with understood(self.label, PROVIDER):
                payload = self._payout(self.api, payout)
            latest = max(latest, payload.changed_at)
            yield payload
        rows = self.api.transactions_since(since)
        if rows:
            with understood(self.label, PROVIDER):
                changed_at = max(latest, moment_of(rows[-1], "created"))
                key = f"history:{rows[0].text('id')}:{rows[-1].text('id')}:{len(rows)}"
            yield FetchedPayload(
                key, dumps({"object": "list", "data": [one.value for one in rows]}).encode(), changed_at
            )

    def _payout(self, api: Api, payout: Node) -> FetchedPayload:
        identity = payout.text("id")
        rows = api.transactions_of(identity) if is_itemised(payout) else []
        body = dumps({"payout": payout.value, "balance_transactions": [one.value for one in rows]}).encode()
        key = f"payout:{identity}:{payout.text('status', '')}:{len(rows)}"
        return FetchedPayload(key, body, moment_of(payout, "created"))
