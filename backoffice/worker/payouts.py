"""Ask payment providers for their reports."""

from __future__ import annotations

from datetime import timedelta

from backoffice.connections.providers import payout_source
from backoffice.connections.selectors import payout_connections
from backoffice.worker.polling import Poll

#: reports are finished a while after what they tell of; the same report again is recognised by its key
POLL_OVERLAP = timedelta(hours=2)
FIRST_POLL_BACK = timedelta(days=31)
PAYOUT_POLL = Poll(
    topic="payouts",
    overlap=POLL_OVERLAP,
    first_back=FIRST_POLL_BACK,
    payloads_since=lambda connection, since: payout_source(connection).statements_since(since),
)


def poll_payout_sources() -> int:
    """Fetch new reports of every payment provider that can be asked; give how many."""
    return sum(PAYOUT_POLL.ask(connection) for connection in payout_connections())
