"""Ask every client's accounting system which invoices are paid, where it is worth a call."""

from __future__ import annotations

import logging

from backoffice.audit.services import Actor
from backoffice.balances.services import is_due, poll_balances
from backoffice.clients.models import Client
from backoffice.connections.selectors import accounting_connection
from backoffice.connections.services import pause
from backoffice.contracts.errors import Misconfigured, ProviderError, Unsupported

logger = logging.getLogger(__name__)
SCHEDULER = Actor.system("scheduler")


def poll_all_balances() -> int:
    """Read what changed at every client with something open; give how many invoices were touched."""
    count = 0
    for client in Client.objects.filter(is_active=True):
        connection = accounting_connection(client)
        if connection is None or connection.paused_at is not None or not is_due(connection):
            continue
        try:
            count += poll_balances(connection=connection)
        except Unsupported:
            continue
        except Misconfigured as error:
            pause(connection=connection, reason=error.describe(), actor=SCHEDULER)
        except ProviderError as error:
            logger.warning("Reading the balances of %s failed and is tried again: %s", client, error.describe())
    return count
