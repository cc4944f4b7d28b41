"""Zettle as a PayoutSource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from backoffice.contracts.errors import Misconfigured, Unsupported
from backoffice.contracts.payouts import PayoutSource, ProviderStatement
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import FetchedPayload
from integrations.exact_json import dumps
from integrations.reading import Node, load_json, looks_like_json, refuse
from integrations.reads import understood
from integrations.zettle.api import Api, rows_of
from integrations.zettle.config import PROVIDER
from integrations.zettle.config import Config as ZettleConfig
from integrations.zettle.wire import PAYOUT, read_transactions, uuid_of

#: How far back the payout before is looked for: payouts are daily, weekly or monthly.
MAX_OPEN = timedelta(days=40)
#: Days whose closing balance is asked for in one go; each is a call.
MAX_BALANCES = 40


class Zettle(PayoutSource):
    """The liquid account of a Zettle merchant, from which payouts are made."""

    name: ClassVar[str] = PROVIDER
    label: ClassVar[str] = "Zettle"
    Config: ClassVar[type] = ZettleConfig
    capabilities: ClassVar[frozenset[str]] = frozenset({"polling", "files", "fees", "disputes", "balances"})

    def __init__(self, config: ZettleConfig, runtime: Runtime) -> None:
        self.config = config
        self.zone = ZoneInfo(config.time_zone)
        self.api = Api.of(config, runtime) if config.has_api else None

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make the adapter; raise Misconfigured with all problems in words."""
        return cls(ZettleConfig.read(values), runtime)

    def parse(self, body: bytes, *, filename: str = "") -> tuple[ProviderStatement, ...]:
        """Read answers of the Finance API: a list of transactions, or an object with them under `data`."""
        if not looks_like_json(body):
            raise refuse("This is no answer of Zettle's Finance API: JSON with transactions of the liquid account.")
        report = load_json(body)
        is_object = isinstance(report.value, dict)
        if is_object and not isinstance(report.child("data").value, list):
            raise refuse("This is no answer of Zettle's Finance API: there is no list of transactions (data).")
        return (
            read_transactions(
                list(rows_of(report).objects()),
                report.items("balances") if is_object else [],
                account=self.config.account,
                currency=report.text("currencyId", self.config.currency) if is_object else self.config.currency,
                zone=self.zone,
            ),
        )

    def statements_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Yield each payout with all rows since the one before it, then what no payout settles yet, then balances.

        Raises Unsupported without a key, Misconfigured when the account is in another currency than the connection.
        """
        if self.api is None:
            raise Unsupported(
                "Payouts can only be fetched with an API key; enter it with its client id.",
                provider=PROVIDER,
                operation="list transactions",
            )
        now = datetime.now(UTC)
        with understood(self.label, PROVIDER):
            balance = self.api.balance(now)
            self._check_currency(balance)
            rows = self._rows(self.api, since, now)
            yield from (one for one in self._payloads(rows) if one.changed_at > since)
            yield from self._balances(self.api, since, now)

    def _rows(self, api: Api, since: datetime, now: datetime) -> list[Node]:
        """Give everything since the last payout before `since`."""
        before = [one.moment("timestamp") for one in api.transactions(since - MAX_OPEN, since, only=PAYOUT)]
        paid_at = max(before, default=None)
        start = paid_at or since - MAX_OPEN
        found = api.transactions(start, now + timedelta(seconds=1))
        return [one for one in found if paid_at is None or one.moment("timestamp") > paid_at]

    def _payloads(self, rows: Sequence[Node]) -> Iterator[FetchedPayload]:
        group: list[Node] = []
        for one in rows:
            group.append(one)
            if one.text("originatorTransactionType") == PAYOUT:
                yield self._payload(f"payout:{uuid_of(one)}:{one.text('timestamp')}", group)
                group = []
        if group:
            first, last = group[0].text("timestamp"), group[-1].text("timestamp")
            yield self._payload(f"open:{first}:{last}:{len(group)}", group)

    def _payload(self, key: str, rows: Sequence[Node]) -> FetchedPayload:
        body = {"currencyId": self.config.currency, "data": [one.value for one in rows]}
        return FetchedPayload(key, dumps(body).encode(), rows[-1].moment("timestamp"))

    def _balances(self, api: Api, since: datetime, now: datetime) -> Iterator[FetchedPayload]:
        """Yield the balance at the end of each day that ended since."""
        on, today = since.astimezone(self.zone).date(), now.astimezone(self.zone).date()
        on = max(on, today - timedelta(days=MAX_BALANCES))
        found = []
        while on < today:
            ended_at = datetime.combine(on, time(23, 59, 59), self.zone)
            found.append({"on": on.isoformat(), "totalBalance": api.balance(ended_at).whole("totalBalance")})
            on += timedelta(days=1)
        if found:
            body = {"currencyId": self.config.currency, "data": [], "balances": found}
            key = f"balances:{found[0]['on']}:{found[-1]['on']}"
            changed_at = datetime.combine(today, time(), self.zone).astimezone(UTC)
            yield FetchedPayload(key, dumps(body).encode(), changed_at)

    def _check_currency(self, balance: Node) -> None:
        found = balance.text("currencyId", self.config.currency)
        if found != self.config.currency:
            raise Misconfigured(
                f"The Zettle account is in {found}, the connection in {self.config.currency}. Change the connection.",
                provider=PROVIDER,
                operation="read the balance",
            )
