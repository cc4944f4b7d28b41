"""Stand-ins for Norges Bank's open data (SDMX-JSON of EXR) and for NBP's table A, strict about what is asked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.fakes.serving import Asked, StandIn, Told

#: currencies that Norges Bank quotes for a hundred units
HUNDREDS = {"SEK", "DKK", "JPY"}
NBP_PATH = re.compile(r"/api/exchangerates/tables/a/(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)/")
MAX_DAYS = 93


@dataclass
class NorgesBank(StandIn):
    """quotes: currency to day to the rate as text, as the bank quotes it."""

    quotes: dict[str, dict[str, str]] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Told:
        """Answer a call."""
        if asked.path != "/api/data/EXR/B..NOK.SP" or asked.query.get("format") != "sdmx-json":
            return Told(400, b"Invalid request", {"Content-Type": "text/plain"})
        since, until = date.fromisoformat(asked.query["startPeriod"]), date.fromisoformat(asked.query["endPeriod"])
        picked = {
            currency: {day: rate for day, rate in days.items() if since <= date.fromisoformat(day) <= until}
            for currency, days in self.quotes.items()
        }
        picked = {currency: days for currency, days in picked.items() if days}
        if not picked or since > until:
            return Told(404, b"No data for data query against the dataflow", {"Content-Type": "text/plain"})
        return Told(200, sdmx(picked))


def sdmx(quotes: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Write quotes as the bank does: values by position in the lists of the structure."""
    currencies, days = sorted(quotes), sorted({day for of in quotes.values() for day in of})
    series = {
        f"0:{place}:0:0": {
            "attributes": [0, 0, 1 if currency in HUNDREDS else 0, 0],
            "observations": {str(days.index(day)): [rate] for day, rate in quotes[currency].items()},
        }
        for place, currency in enumerate(currencies)
    }

    def listed(name: str, *values: str) -> dict[str, Any]:
        return {"id": name, "name": name, "values": [{"id": value, "name": value} for value in values]}

    structure = {
        "dimensions": {
            "dataset": [],
            "series": [
                listed("FREQ", "B"), listed("BASE_CUR", *currencies), listed("QUOTE_CUR", "NOK"), listed("TENOR", "SP"),
            ],
            "observation": [listed("TIME_PERIOD", *days)],
        },
        "attributes": {
            "dataset": [],
            "series": [
                listed("DECIMALS", "4"), listed("CALCULATED", "false"), listed("UNIT_MULT", "0", "2"),
                listed("COLLECTION", "C"),
            ],
            "observation": [],
        },
    }  # fmt: skip
    data = {"dataSets": [{"action": "Information", "series": series}], "structure": structure}
    return {"meta": {"id": "IREF000001", "test": False}, "data": data}


@dataclass
class Nbp(StandIn):
    """tables: day to currency to the rate as it stands in the JSON."""

    tables: dict[str, dict[str, str]] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Told:
        """Answer a call."""
        found = NBP_PATH.fullmatch(asked.path)
        since, until = (date.fromisoformat(found[1]), date.fromisoformat(found[2])) if found else (date.max, date.min)
        if since > until or until - since >= timedelta(days=MAX_DAYS):
            return Told(400, b"400 BadRequest - limit of 93 days exceeded", {"Content-Type": "text/plain"})
        days = [day for day in sorted(self.tables) if since <= date.fromisoformat(day) <= until]
        if not days:
            return Told(404, b"404 NotFound - Not Found - Brak danych", {"Content-Type": "text/plain"})
        return Told(200, ("[" + ",".join(self._table(day) for day in days) + "]").encode())

    def _table(self, day: str) -> str:
        rates = ",".join(
            f'{{"currency":"waluta","code":"{code}","mid":{mid}}}' for code, mid in self.tables[day].items()
        )
        number = json.dumps(f"{sorted(self.tables).index(day) + 1:03}/A/NBP/{day[:4]}")
        return f'{{"table":"A","no":{number},"effectiveDate":"{day}","rates":[{rates}]}}'
