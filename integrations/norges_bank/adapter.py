"""Norges Bank's rates: one call for all currencies over some days.

GET /api/data/EXR/B..NOK.SP?format=sdmx-json&startPeriod=…&endPeriod=…: frequency B (business days), every base
currency, quoted in NOK, spot. No rates in that time is 404. https://www.norges-bank.no/en/topics/statistics/open-data/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import ClassVar, Self

from backoffice.contracts.rates import PublishedRate, RateSource
from backoffice.contracts.runtime import Runtime
from integrations.norges_bank.wire import rates_of
from integrations.open_data import open_data
from integrations.reads import Reads, failure, node_of, understood

OPERATION = "read exchange rates"


@dataclass(frozen=True, slots=True)
class NorgesBank(RateSource):
    """The bank of Norway. VAT is counted by the rate of the document's day (bokføringsforskriften § 4-2)."""

    reads: Reads
    name: ClassVar[str] = "norges_bank"
    label: ClassVar[str] = "Norges Bank"
    home: ClassVar[str] = "NOK"
    time_zone: ClassVar[str] = "Europe/Oslo"
    published_at: ClassVar[time] = time(16, 0)

    @classmethod
    def build(cls, runtime: Runtime) -> Self:
        """Make the adapter."""
        return cls(open_data(cls.name, cls.label, "data.norges-bank.no", runtime))

    def published(self, since: date, until: date) -> tuple[PublishedRate, ...]:
        """Give all rates published for these days."""
        query = {"format": "sdmx-json", "startPeriod": str(since), "endPeriod": str(until), "locale": "en"}
        answer = self.reads.answer("/data/EXR/B..NOK.SP", operation=OPERATION, query=query)
        if answer.status == 404:
            return ()
        if answer.status != 200:
            raise failure(answer, OPERATION, self.reads)
        with understood(self.label, self.name):
            return rates_of(node_of(answer, OPERATION, self.reads), since, until)
