"""Prove at size that everything is posted exactly once, and write a report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backoffice.console.proof.house import House, running_house
from backoffice.console.proof.month_run import prove_month
from backoffice.console.proof.run import Result, make_sales, prove, set_up, write_report

CUSTOMERS = 50
#: generous; a proof that is not done by then shows what is stuck
WITHIN_S = 900
MONTH_WITHIN_S = 3_600
#: the house of a proof is impatient, so that a killed worker's documents are looked up within seconds
IMPATIENT = {"LEASE_S": "8", "DOUBT_WAIT_S": "2", "QUEUE_RINGS": "1", "LOG_LEVEL": "WARNING"}


class Command(BaseCommand):
    """`manage.py prove`: a house of its own, sales through the API, workers killed, answers lost, books counted."""

    help = "Prove that everything is posted exactly once, with processes killed and answers lost; writes a report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many sales, and where the report goes."""
        parser.add_argument("--sales", type=int, default=1_000, help="sales per proof (default 1000)")
        parser.add_argument("--month-sales", type=int, default=20_000, help="sales of the month (default 20000)")
        parser.add_argument("--report", default=str(settings.DATA_DIR / "proof.md"))
        parser.add_argument("--only", choices=("load", "trouble", "month"), help="one of the three proofs")
        parser.add_argument("--inside", default="", help="used by the command itself")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run outside: start the house; inside it: prove."""
        if options["inside"]:
            self._inside(options["inside"], options["sales"], Path(options["report"]))
            return
        Path(options["report"]).parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="proof-") as folder:
            for name, rate_limit in (("load", 10), ("trouble", 400), ("month", 400)):
                if options["only"] not in (None, name):
                    continue
                data_dir = Path(folder) / name
                environment = IMPATIENT | ({} if name == "load" else {"POWEROFFICE_REQUESTS_PER_SECOND": "300"})
                with running_house(data_dir, workers=2, rate_limit=rate_limit, environment=environment) as house:
                    self._run_inside(house, name, options, environment)

    def _run_inside(self, house: House, name: str, options: dict[str, Any], environment: dict[str, str]) -> None:
        """Prove in a process whose settings are the house's."""
        redis = json.loads((house.data_dir / "up.json").read_text())["REDIS_URL"]
        code = subprocess.call(  # noqa: S603  # our own program
            [
                *(sys.executable, "manage.py", "prove"),
                *("--inside", f"{name} {house.url} {house.sandbox_url}"),
                *("--sales", str(options["month_sales"] if name == "month" else options["sales"])),
                *("--report", options["report"]),
            ],
            cwd=settings.BASE_DIR,
            env=os.environ
            | environment
            | {"DATA_DIR": str(house.data_dir), "POWEROFFICE_SANDBOX_URL": house.sandbox_url, "REDIS_URL": redis},
        )
        if code:
            raise SystemExit(code)

    def _inside(self, what: str, sales: int, report: Path) -> None:
        name, url, sandbox_url = what.split(" ")
        house = House(settings.DATA_DIR, url, sandbox_url)
        client, api_key = set_up()
        if name == "month":
            self._report([prove_month(house, client, sales=sales, within_s=MONTH_WITHIN_S)], report)
            return
        known = make_sales(1, CUSTOMERS, customers=CUSTOMERS)
        results = [
            prove(house, client, api_key, known, [], name="customers made known", has_trouble=False, within_s=WITHIN_S)
        ]
        title = "load" if name == "load" else "workers killed, answers lost, Redis emptied"
        main = make_sales(10_001, sales, customers=CUSTOMERS)
        results.append(
            prove(house, client, api_key, main, known, name=title, has_trouble=name != "load", within_s=WITHIN_S)
        )
        self._report(results, report, keeps_earlier=name != "load")

    def _report(self, results: list[Result], report: Path, *, keeps_earlier: bool = True) -> None:
        earlier = report.read_text() if keeps_earlier and report.exists() else ""
        text = write_report(results, report)
        if earlier:
            report.write_text(f"{earlier}\n{text}")
        self.stdout.write(text)
        if any(result.wrong for result in results):
            raise SystemExit(1)
