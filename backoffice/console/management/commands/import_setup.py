"""Take a set-up file."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.audit.services import Actor
from backoffice.clients.models import Client
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.console.setup_file.applying import apply_setup
from backoffice.console.setup_file.reading import read_setup
from backoffice.console.setup_file.report import Report
from backoffice.console.setup_file.tree import SetupRefused
from backoffice.vouchers.services import NotAllowed
from backoffice.workflows.services import release_cause

ACTOR = Actor.system("set-up file")


class Command(BaseCommand):
    """`manage.py import_setup FILE`: all of it or nothing, and the same file again changes nothing."""

    help = "Take clients, sales points, connections and mapping from a YAML file (docs/setup-file.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and whether it is only looked at."""
        parser.add_argument("file", help="the set-up file; - for standard input")
        parser.add_argument("--check", action="store_true", help="say what would happen and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, apply, say what was done; then let go what waited for a rule."""
        is_check = options["check"]
        try:
            clients = read_setup(_text_of(options["file"]))
            report = apply_setup(clients, actor=ACTOR, environment=os.environ, is_check=is_check)
        except SetupRefused as error:
            raise CommandError(f"{options['file']} was not taken; nothing was changed.\n{error}") from error
        for done in report.done:
            self.stdout.write(str(done))
        for note in report.notes:
            self.stdout.write(f"Look at this: {note}")
        if not is_check:
            for secret in report.secrets:
                self.stdout.write(f"New secret, shown this once: {secret}")
            self._release(report)
        self.stdout.write(f"{'Checked only, nothing was changed' if is_check else 'Done'}: {report.summary}.")

    def _release(self, report: Report) -> None:
        for client_id, code, subject in report.waiting:
            client = Client.objects.get(pk=client_id)
            try:
                released = release_cause(client=client, code=code, subject=subject, actor=ACTOR)
            except (NotAllowed, StaleState, IllegalMove) as error:
                self.stdout.write(f"Look at this: a voucher of {client.key} still waits ({code}). {error}")
                continue
            if count := released.rebuilt + released.resent:
                self.stdout.write(f"Vouchers of {client.key} that waited for this and go on: {count}")


def _text_of(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not UTF-8 text. Save it as UTF-8.") from error
