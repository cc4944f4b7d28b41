"""Ask payment providers for their reports. What they answer is stored before it is read, like a webhook."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.connections.inbox import accept
from backoffice.connections.models import Connection, EventSource
from backoffice.connections.providers import payout_source
from backoffice.connections.selectors import payout_connections
from backoffice.connections.services import pause
from backoffice.contracts.errors import Misconfigured, ProviderError, Unsupported

logger = logging.getLogger(__name__)
SCHEDULER = Actor.system("scheduler")
#: reports are finished a while after what they tell of; the same report again is recognised by its key
POLL_OVERLAP = timedelta(hours=2)
FIRST_POLL_BACK = timedelta(days=31)


def poll_payout_sources() -> int:
    """Fetch new reports of every payment provider that can be asked; give how many."""
    return sum(_poll(connection) for connection in payout_connections())


def _poll(connection: Connection) -> int:
    since = connection.polled_through or timezone.now() - FIRST_POLL_BACK
    count = 0
    try:
        for payload in payout_source(connection).statements_since(since - POLL_OVERLAP):
            accepted = accept(
                client=connection.client,
                sales_point=connection.sales_point,
                connection=connection,
                source=EventSource.POLL,
                topic="payouts",
                body=payload.body,
                headers={},
                event_key=payload.key,
            )
            count += accepted.is_new
            since = max(since, payload.changed_at)
    except Unsupported:
        return 0
    except Misconfigured as error:
        pause(connection=connection, reason=error.describe(), actor=SCHEDULER)
    except ProviderError as error:
        logger.warning("Polling %s failed and is tried again: %s", connection, error.describe())
    Connection.objects.filter(pk=connection.pk).update(polled_through=since)
    return count
