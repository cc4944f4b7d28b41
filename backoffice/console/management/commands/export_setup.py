"""Write a set-up file."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.clients.models import Client
from backoffice.common.secrets import CannotOpen
from backoffice.console.setup_file.writing import write_setup


class Command(BaseCommand):
    """`manage.py export_setup [--client KEY]`: what import_setup takes, without secrets."""

    help = "Write clients, sales points, connections and mapping as a YAML file to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one client, or all."""
        parser.add_argument("--client", metavar="KEY", help="only this client")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        clients = Client.objects.order_by("key")
        if options["client"]:
            clients = clients.filter(key=options["client"])
            if not clients:
                raise CommandError(f"No client has the key {options['client']}.")
        try:
            self.stdout.write(write_setup(clients), ending="")
        except CannotOpen as error:
            raise CommandError(str(error)) from error
