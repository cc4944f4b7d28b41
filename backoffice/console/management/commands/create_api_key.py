"""Make a key to the REST API."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backoffice.audit.services import Actor
from backoffice.clients.models import ApiKey, SalesPoint
from backoffice.clients.services import create_api_key
from backoffice.console.setup.clients import tell_key


class Command(BaseCommand):
    """`manage.py create_api_key CLIENT/SALES_POINT`: the key is the last word of the last line, shown this once."""

    help = "Make an API key for a sales point; it is the last word of the last line and is shown only this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the sales point, and a name to know the key by."""
        parser.add_argument("sales_point", metavar="CLIENT/SALES_POINT", help="for instance nordlys-butikk/nettbutikk")
        parser.add_argument("--name", default="command line", help="what the key is called in the list of keys")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key and tell the audit trail, without the key."""
        client, slash, key = options["sales_point"].partition("/")
        if not slash:
            raise CommandError("Write client and sales point with a slash: nordlys-butikk/nettbutikk.")
        point = SalesPoint.objects.select_related("client").filter(client__key=client, key=key).first()
        if point is None:
            known = [f"{one.client.key}/{one.key}" for one in SalesPoint.objects.select_related("client")]
            raise CommandError(f"No sales point is {client}/{key}. Known are: {', '.join(known) or 'none yet'}.")
        longest = ApiKey._meta.get_field("name").max_length or 0
        if not options["name"].strip() or len(options["name"]) > longest:
            raise CommandError(f"Give the key a name of at most {longest} characters.")
        with transaction.atomic():
            row, secret = create_api_key(sales_point=point, name=options["name"])
            tell_key(row, "api_key.created", Actor.system("command"))
        self.stdout.write(f"The key of {point.client} · {point}, shown only this once: {secret}")
