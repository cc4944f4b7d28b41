"""Close finished days."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.clients.models import Client
from backoffice.workflows.services import close_days

ACTOR = Actor.system("command")


class Command(BaseCommand):
    """`manage.py close_days [--client KEY] [--through DATE]`: what comes later for a closed day makes a supplement."""

    help = "Close days that are over, so that their vouchers can be approved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one client, or all, and the last day."""
        parser.add_argument("--client", metavar="KEY", help="only this client")
        parser.add_argument(
            "--through", metavar="DATE", help="the last day, as 2026-11-20 (default: yesterday where the client is)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Close, and say what was closed."""
        through = _day(options["through"]) if options["through"] else None
        clients = Client.objects.filter(is_active=True).order_by("key")
        if options["client"]:
            clients = Client.objects.filter(key=options["client"])
            if not clients:
                raise CommandError(f"No client has the key {options['client']}.")
        count = 0
        for client in clients:
            last = through or timezone.now().astimezone(client.zone).date() - timedelta(days=1)
            for voucher in close_days(client=client, through=last, actor=ACTOR):
                count += 1
                self.stdout.write(f"{client.key}: {voucher} closed, now {voucher.get_state_display()}")
        self.stdout.write(f"Done: {count} closed.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is not a day; write it like 2026-11-20.") from error
