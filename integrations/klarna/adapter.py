"""Klarna and Kustom as a PayoutSource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from backoffice.contracts.errors import Unsupported
from backoffice.contracts.payouts import PayoutSource, ProviderStatement
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import FetchedPayload
from integrations.exact_json import dumps
from integrations.klarna.api import Api
from integrations.klarna.config import PROVIDER
from integrations.klarna.config import Config as KlarnaConfig
from integrations.klarna.csv_report import read_csv
from integrations.klarna.wire import Rules, read_report, read_transactions
from integrations.reading import load_json, looks_like_json, refuse
from integrations.reads import understood

#: A payout can be listed later than it is dated; those of this time before `since` are given again, under their key.
LATE = timedelta(days=2)


class Klarna(PayoutSource):
    """The payouts of Klarna or Kustom: fetched with their transactions, else read from the CSV report."""

    name: ClassVar[str] = PROVIDER
    label: ClassVar[str] = "Klarna"
    Config: ClassVar[type] = KlarnaConfig
    capabilities: ClassVar[frozenset[str]] = frozenset({"polling", "files", "fees", "disputes", "gross_settlement"})

    def __init__(self, config: KlarnaConfig, runtime: Runtime) -> None:
        self.config = config
        self.rules = Rules(ZoneInfo(config.time_zone), config.fee_vat_code)
        self.api = Api.of(config, runtime) if config.has_api else None

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make the adapter; raise Misconfigured with all problems in words."""
        return cls(KlarnaConfig.read(values), runtime)

    def parse(self, body: bytes, *, filename: str = "") -> tuple[ProviderStatement, ...]:
        """Read a payout with its transactions from the API, transactions alone, or the CSV report."""
        if not looks_like_json(body):
            return read_csv(body, self.rules)
        report = load_json(body)
        if report.has("payout"):
            return (read_report(report.child("payout"), report.items("transactions"), self.rules),)
        if report.has("transactions"):
            return read_transactions(report.items("transactions"), self.config.username or PROVIDER, self.rules)
        raise refuse("This is no report of Klarna's: it has neither a payout nor transactions.")

    def statements_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Yield each payout with its transactions, oldest first. Raises Unsupported without credentials."""
        if self.api is None:
            raise Unsupported(
                "Payouts can only be fetched with credentials; enter API user name and password.",
                provider=PROVIDER,
                operation="list payouts",
            )
        for payout in self.api.payouts(since - LATE, datetime.now(UTC) + timedelta(days=1)):
            with understood(self.label, PROVIDER):
                reference, paid_at = payout.text("payment_reference"), payout.moment("payout_date")
            transactions = [one.value for one in self.api.transactions(reference)]
            body = dumps({"payout": payout.value, "transactions": transactions}).encode()
            yield FetchedPayload(f"payout:{reference}", body, paid_at)
