"""Import day closings from a till's SAF-T Cash Register file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from backoffice.clients.models import SalesPoint
from backoffice.contracts.closings import DayClosingDetails
from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.till_files import ReadTo
from backoffice.ledger.errors import LedgerError
from backoffice.sales.closings import record_day_closing, show_repeat
from backoffice.sales.payments import ReferenceUsed

WIDTH = 40


class Command(BaseCommand):
    """Record each Z report of a file once. What was recorded stays when it is stopped; start it again to go on."""

    help = "Imports the Z reports of a SAF-T Cash Register 1.00 file as day closings of a sales point."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the sales point."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--sales-point", required=True, metavar="CLIENT/POINT")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import; raises CommandError for a file that is none, or when a closing was refused."""
        point, path = self._point(options["sales_point"]), options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        size, self.shown = max(path.stat().st_size, 1), -1
        read = import_string(settings.CASH_REGISTER_READER)
        outcomes = {"created": 0, "same": 0, "refused": 0}
        try:
            with path.open("rb") as file:
                for found in read(file, zone=point.client.zone):
                    if isinstance(found, ReadTo):
                        self._bar(found.offset, size)
                    else:
                        outcomes[self._record(point, found)] += 1
        except UnreadablePayload as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError(
                f"\nStopped. {_told(outcomes)} Start it again; what is recorded is recognised."
            ) from error
        self.stdout.write(f"\n{_told(outcomes)}")
        if outcomes["refused"]:
            raise CommandError(f"{outcomes['refused']} closings were refused; see above.")

    def _point(self, name: str) -> SalesPoint:
        client, _, key = name.partition("/")
        point = SalesPoint.objects.select_related("client").filter(client__key=client, key=key).first()
        if point is None:
            raise CommandError(f"There is no sales point {name!r}; write client/point, as in the set-up file.")
        return point

    def _record(self, point: SalesPoint, closing: DayClosingDetails) -> str:
        name = f"{closing.register} Z {closing.number}"
        for note in closing.notes:
            self.stdout.write(f"\n{name}: {note}")
        try:
            return record_day_closing(sales_point=point, closing=closing, event=None).outcome
        except ReferenceUsed as error:
            show_repeat(sales_point=point, closing=closing)
            self.stderr.write(f"\n{error}")
        except LedgerError as error:
            self.stderr.write(f"\n{error}")
        return "refused"

    def _bar(self, count: int, size: int) -> None:
        percent = min(100 * count // size, 100)
        if percent == self.shown:
            return
        self.shown = percent
        done = WIDTH * percent // 100
        self.stdout.write(f"\r[{'#' * done}{'.' * (WIDTH - done)}] {percent:3} %", ending="")
        self.stdout.flush()


def _told(outcomes: dict[str, int]) -> str:
    return f"{outcomes['created']} closings recorded, {outcomes['same']} were recorded before."
