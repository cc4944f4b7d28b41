"""Measure, print a table and keep it in var/bench.md: `make bench`."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backoffice.console.bench import pdf as pdf_bench
from backoffice.invoices.pdf import PangoMissing, warm


class Command(BaseCommand):
    """Measure this machine."""

    help = "Measure PDF documents, each beside the plain way in the same run; writes bench.md into the data folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many documents; --child is how the command starts its own measuring processes."""
        parser.add_argument("--documents", type=int, default=1_000, help="how many documents the memory is watched for")
        parser.add_argument("--child", default="", help="for the command itself")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and tell."""
        if options["child"]:
            kind, _, count = options["child"].partition(":")
            self.stdout.write(json.dumps(pdf_bench.work(kind, int(count))))
            return
        try:
            warm()
        except PangoMissing as error:
            raise CommandError(str(error)) from error
        lines = [
            f"# Measured {timezone.now():%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {platform.machine()}",
            "",
            "Plain: `HTML(string=page).write_pdf()` of the same page. Ratios tell more than numbers: machines differ.",
            "",
            "| PDF documents | ours | plain | ours of plain |",
            "|---|---|---|---|",
        ]
        self.stdout.write("\n".join(lines))
        for row in pdf_bench.measure(options["documents"]):
            lines.append(f"| {' | '.join(row)} |")
            self.stdout.write(lines[-1])
        path = Path(settings.DATA_DIR) / "bench.md"
        path.write_text("\n".join(lines) + "\n")
        self.stdout.write(f"\nKept in {path}")
