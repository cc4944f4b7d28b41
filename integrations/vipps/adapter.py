"""Vipps MobilePay as a PayoutSource."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from backoffice.contracts.errors import Unsupported
from backoffice.contracts.payouts import PayoutSource, ProviderStatement
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import FetchedPayload
from integrations.exact_json import dumps
from integrations.reading import Node, load_json, looks_like_json, looks_like_xml, refuse
from integrations.reads import understood
from integrations.vipps.api import FEES, FUNDS, Api
from integrations.vipps.config import PROVIDER
from integrations.vipps.config import Config as VippsConfig
from integrations.vipps.csv_files import read_table
from integrations.vipps.wire import PAYOUTS, read_page, read_period
from integrations.vipps.xml_files import read_xml

#: A ledger's day closes at midnight where the sales unit is; all of its markets are within two hours of Oslo.
ZONE = ZoneInfo("Europe/Oslo")
#: A day's report may come late; days that closed this long before `since` are given again, under the same key.
LATE = timedelta(days=3)
#: How far back the payout before is looked for: a month and some days, since payouts may be monthly.
MAX_OPEN_DAYS = 40
Day = dict[str, Any]


class Vipps(PayoutSource):
    """The payouts of Vipps MobilePay: fetched day by day with keys, else read from downloaded files."""

    name: ClassVar[str] = PROVIDER
    label: ClassVar[str] = "Vipps MobilePay"
    Config: ClassVar[type] = VippsConfig
    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"polling", "files", "fees", "disputes", "balances", "gross_settlement"}
    )

    def __init__(self, config: VippsConfig, runtime: Runtime) -> None:
        self.config = config
        self.api = Api.of(config, runtime) if config.has_api else None

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make the adapter; raise Misconfigured with all problems in words."""
        return cls(VippsConfig.read(values), runtime)

    def parse(self, body: bytes, *, filename: str = "") -> tuple[ProviderStatement, ...]:
        """Read the Report API's answers, or a settlement file in XML, CSV or XLSX."""
        if looks_like_json(body):
            return self._parse_json(load_json(body))
        if looks_like_xml(body):
            return read_xml(body)
        return read_table(body)

    def _parse_json(self, report: Node) -> tuple[ProviderStatement, ...]:
        if report.has("ledger"):
            return (read_period(report),)
        if report.has("items"):
            handles = sorted(self.config.handles)
            if len(handles) != 1:
                raise refuse("The report does not say whose it is: name one sales unit in the connection.")
            return (read_page(report, handles[0].rpartition(":")[2]),)
        raise refuse("This is no report of Vipps MobilePay: it has no items, or none yet (tryLater). Fetch it again.")

    def statements_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Yield each closed day of each ledger with all days since the payout before it, oldest first.

        A day is given again with the later ones until a payout settles it. Raises Unsupported without keys.
        """
        if self.api is None:
            raise Unsupported(
                "Payouts can only be fetched with keys; enter client id, secret and subscription key.",
                provider=PROVIDER,
                operation="list ledgers",
            )
        api = self.api
        with understood(self.label, PROVIDER):
            ledgers = [one for one in api.ledgers() if self._is_ours(one)]
        streams = [_periods(api, ledger, since) for ledger in ledgers]
        yield from heapq.merge(*streams, key=lambda payload: payload.changed_at)

    def _is_ours(self, ledger: Node) -> bool:
        settled = {str(one.value) for one in ledger.items("settlesForRecipientHandles")}
        return not self.config.handles or bool(settled & self.config.handles)


def _periods(api: Api, ledger: Node, since: datetime) -> Iterator[FetchedPayload]:
    identity = ledger.text("ledgerId")
    on = (since - LATE).astimezone(ZONE).date()
    today = datetime.now(UTC).astimezone(ZONE).date()
    days = _open_before(api, identity, on) if on < today else []
    while on < today:
        day = _day(api, identity, on)
        if day is None:
            return
        if _is_paid_out(days):
            days = []
        if day["funds"] or day["fees"]:
            days = [*days, day]
            yield _payload(ledger, days, on)
        on += timedelta(days=1)


def _open_before(api: Api, identity: str, first: date) -> list[Day]:
    """Give the days before `first` that no payout has settled, oldest first."""
    days: list[Day] = []
    for back in range(1, MAX_OPEN_DAYS + 1):
        day = _day(api, identity, first - timedelta(days=back))
        if day is None or _is_paid_out([day]):
            break
        if day["funds"] or day["fees"]:
            days.insert(0, day)
            if day["funds"] and day["funds"][0].get("balanceBefore") == 0:
                break
    return days


def _day(api: Api, identity: str, on: date) -> Day | None:
    funds = api.day(identity, FUNDS, on)
    fees = api.day(identity, FEES, on) if funds is not None else None
    if funds is None or fees is None:
        return None
    return {"ledgerDate": on.isoformat(), "funds": funds, "fees": fees}


def _is_paid_out(days: list[Day]) -> bool:
    return bool(days and days[-1]["funds"]) and days[-1]["funds"][-1].get("entryType") in PAYOUTS


def _payload(ledger: Node, days: list[Day], on: date) -> FetchedPayload:
    closed_at = datetime.combine(on + timedelta(days=1), time(), ZONE).astimezone(UTC)
    key = f"ledger:{ledger.text('ledgerId')}:{days[0]['ledgerDate']}:{on.isoformat()}"
    return FetchedPayload(key, dumps({"ledger": ledger.value, "days": days}).encode(), closed_at)
