"""Read charts from the accounting systems."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.audit.services import Actor
from backoffice.chart.sync import sync_chart
from backoffice.clients.models import Client
from backoffice.connections.selectors import accounting_connection
from backoffice.contracts.errors import ProviderError

ACTOR = Actor.system("command")


class Command(BaseCommand):
    """`manage.py sync_chart [--client KEY]`: accounts, VAT codes, dimensions, themes, terms, products, lock dates."""

    help = "Read the chart of one client, or of all, from the accounting system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one client, or all."""
        parser.add_argument("--client", metavar="KEY", help="only this client")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read every chart; a failure at one client does not keep the others from being read."""
        clients = Client.objects.filter(is_active=True).order_by("key")
        if options["client"]:
            clients = Client.objects.filter(key=options["client"])
            if not clients:
                raise CommandError(f"No client has the key {options['client']}.")
        failed = [client.key for client in clients if not self._sync(client, is_asked=bool(options["client"]))]
        if failed:
            raise CommandError(f"Not read: {', '.join(failed)}. The reasons stand above.")

    def _sync(self, client: Client, *, is_asked: bool) -> bool:
        connection = accounting_connection(client)
        if connection is None:
            self.stdout.write(f"{client.key}: has no active connection to an accounting system.")
            return not is_asked
        try:
            result = sync_chart(connection=connection, actor=ACTOR)
        except ProviderError as error:
            self.stdout.write(f"{client.key}: {error.message}")
            return False
        self.stdout.write(f"{client.key}: {result.summary}")
        return True
