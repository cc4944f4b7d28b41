"""Ask an outside system what is new. What it answers is stored before it is read, like a webhook."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.connections.inbox import accept
from backoffice.connections.models import Connection, EventSource
from backoffice.connections.services import pause
from backoffice.contracts.errors import Misconfigured, ProviderError, Unsupported
from backoffice.contracts.sales import FetchedPayload

logger = logging.getLogger(__name__)
SCHEDULER = Actor.system("scheduler")


@dataclass(frozen=True, slots=True)
class Poll:
    """What is asked of a connection, and how far back: a little before the last answer; first_back the first time."""

    topic: str
    overlap: timedelta
    first_back: timedelta
    payloads_since: Callable[[Connection, datetime], Iterator[FetchedPayload]]

    def ask(self, connection: Connection) -> int:
        """Store what is new and give how much it was. Pauses on Misconfigured; other trouble is tried again."""
        since = connection.polled_through or timezone.now() - self.first_back
        count = 0
        try:
            for payload in self.payloads_since(connection, since - self.overlap):
                accepted = accept(
                    client=connection.client,
                    sales_point=connection.sales_point,
                    connection=connection,
                    source=EventSource.POLL,
                    topic=self.topic,
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
