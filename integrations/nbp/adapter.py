"""NBP's table A, all currencies, over at most 93 days a call; its `mid` is for one unit of every currency.

GET /api/exchangerates/tables/a/{from}/{to}/?format=json. No table in that time is 404. https://api.nbp.pl/en.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import ClassVar, Self

from backoffice.contracts.rates import PublishedRate, RateSource
from backoffice.contracts.runtime import Runtime
from integrations.open_data import open_data
from integrations.reading import Node
from integrations.reads import Reads, failure, node_of, understood

OPERATION = "read exchange rates"
MAX_DAYS = 93


@dataclass(frozen=True, slots=True)
class Nbp(RateSource):
    """The bank of Poland. VAT is counted by the rate of the last working day before (ustawa o VAT, art. 31a)."""

    reads: Reads
    name: ClassVar[str] = "nbp"
    label: ClassVar[str] = "NBP"
    home: ClassVar[str] = "PLN"
    time_zone: ClassVar[str] = "Europe/Warsaw"
    published_at: ClassVar[time] = time(12, 15)
    days_before: ClassVar[int] = 1

    @classmethod
    def build(cls, runtime: Runtime) -> Self:
        """Make the adapter."""
        return cls(open_data(cls.name, cls.label, "api.nbp.pl", runtime))

    def published(self, since: date, until: date) -> tuple[PublishedRate, ...]:
        """Give all rates published for these days."""
        found: list[PublishedRate] = []
        while since <= until:
            last = min(until, since + timedelta(days=MAX_DAYS - 1))
            found += self._tables(since, last)
            since = last + timedelta(days=1)
        return tuple(found)

    def _tables(self, since: date, until: date) -> list[PublishedRate]:
        path = f"/exchangerates/tables/a/{since}/{until}/"
        answer = self.reads.answer(path, operation=OPERATION, query={"format": "json"})
        if answer.status == 404:
            return []
        if answer.status != 200:
            raise failure(answer, OPERATION, self.reads)
        with understood(self.label, self.name):
            return [
                rate
                for table in node_of(answer, OPERATION, self.reads).objects()
                for rate in _rates(table, since, until)
            ]


def _rates(table: Node, since: date, until: date) -> list[PublishedRate]:
    on = table.day("effectiveDate")
    if table.text("table") != "A" or not since <= on <= until:
        raise table.wrong(f"a table A from {since} to {until}")
    return [PublishedRate(one.text("code"), _mid(one), on, table.text("no")) for one in table.child("rates").objects()]


def _mid(one: Node) -> Decimal:
    mid = one.child("mid")
    if isinstance(mid.value, bool) or not isinstance(mid.value, int | Decimal) or mid.value <= 0:
        raise mid.wrong("a rate above 0")
    return Decimal(mid.value)
