"""Seal stored credentials with the first of CREDENTIALS_KEYS, so that the older keys can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.audit.services import Actor
from backoffice.common.secrets import CannotOpen
from backoffice.connections.models import Connection
from backoffice.connections.services import reseal_secrets
from backoffice.webhooks.models import WebhookEndpoint
from backoffice.webhooks.services import reseal_endpoint

ACTOR = Actor.system("key rotation")


class Command(BaseCommand):
    """`manage.py reseal_credentials`: the second step of a key rotation; can be repeated."""

    help = "Seal all stored credentials with the first key of CREDENTIALS_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal every connection; exit code 1 when some cannot be opened, naming them."""
        count, closed = 0, []
        for connection in Connection.objects.select_related("client").order_by("pk"):
            try:
                count += reseal_secrets(connection=connection, actor=ACTOR)
            except CannotOpen:
                closed.append(str(connection))
        hooks = 0
        for endpoint in WebhookEndpoint.objects.select_related("client").order_by("pk"):
            try:
                hooks += reseal_endpoint(endpoint=endpoint, actor=ACTOR)
            except CannotOpen:
                closed.append(str(endpoint))
        self.stdout.write(f"Webhook secrets sealed with the first key: {hooks}.")
        self.stdout.write(f"Connections sealed with the first key: {count}.")
        if closed:
            raise CommandError(
                f"No key opens the credentials of: {', '.join(closed)}.\n"
                "Add the key that sealed them to CREDENTIALS_KEYS and run this again, or enter them anew in the pages."
            )
        self.stdout.write("The older keys can go from CREDENTIALS_KEYS.")
