"""RQ jobs. Each loads by id, calls services, returns. What is due stands in the database, never in the queue."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import connections
from django.utils import timezone

from backoffice.clients.models import Client
from backoffice.connections.holders import new_holder
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.queue import lane, ring_now, take_down_bell
from backoffice.connections.selectors import accounting_connection
from backoffice.connections.states import EventState
from backoffice.invoices.attaching import attach_documents
from backoffice.invoices.emailing import request_due_emails, send_due
from backoffice.invoices.services import render_due, request_due
from backoffice.vouchers.attaching import attach_due
from backoffice.vouchers.delivery import Courier
from backoffice.vouchers.papers import fetch_due
from backoffice.webhooks.sending import send_due as send_webhooks
from backoffice.workflows import intake
from backoffice.workflows.batch_papers import attach_batch_lists
from backoffice.workflows.books import Books
from backoffice.workflows.services import (
    closings_due,
    move_locked_by_policy,
    payment_recorded,
    payouts_due,
    rebuild_dirty,
    refund_recorded,
    refunds_due,
    sale_recorded,
    sales_due,
    unplaced_payments,
)

logger = logging.getLogger(__name__)
#: a client's turn; after it the bell is rung again and other clients come first
TURN_S = 15.0
EVENTS_A_ROUND = 25
SENDINGS_A_ROUND = 20


def drop_stale_connections() -> None:
    """Close connections that are too old or broken, outside a transaction: one that runs would be lost with them."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def drain(client_id: int) -> int:
    """Do all that is due for a client, for one turn; give the number of things done.

    Another worker in the client's lane makes this a no-op: what is due stays due.
    """
    drop_stale_connections()
    take_down_bell(client_id)
    with lane(client_id) as held:
        if held is None:
            return 0
        client = Client.objects.get(pk=client_id)
        done, ends_at = 0, time.monotonic() + TURN_S
        while time.monotonic() < ends_at:
            held.keep()
            count = drain_once(client, keep_lane=held.keep)
            done += count
            if not count:
                return done
    ring_now(client_id)
    return done


def drain_once(client: Client, *, keep_lane: Callable[[], None] = lambda: None) -> int:
    """One round: deliver what is due, then read, route, place payments and draft again what changed.

    Delivering comes first, so that a worker that lives only for seconds sends what waits before it drafts more.
    """
    count = 0
    connection = accounting_connection(client)
    if connection is not None:
        count += deliver(connection, keep_lane)
        count += move_locked_by_policy(client)
    count += read_events(client)
    count += route_sales(client)
    count += place_payments(client)
    count += route_refunds(client)
    count += closings_due(client, at_most=EVENTS_A_ROUND)
    count += payouts_due(client, at_most=EVENTS_A_ROUND)
    count += rebuild_dirty(client)
    keep_lane()
    count += make_documents(client, keep_lane)
    count += send_webhooks(client, keep_lane)
    return count + (carry_documentation(connection, keep_lane) if connection is not None else 0)


def deliver(connection: Connection, keep_lane: Callable[[], None]) -> int:
    """Let a courier do one round."""
    return Courier(connection, holder=new_holder(), keep_lane=keep_lane).round(sendings=SENDINGS_A_ROUND)


def make_documents(client: Client, keep_lane: Callable[[], None]) -> int:
    """Ask for the documents that are due, make them and send them, a bounded number of each."""
    count = request_due(client) + render_due(client, keep_lane)
    count += attach_documents(client) + attach_batch_lists(client, keep_lane)
    return count + request_due_emails(client) + send_due(client, keep_lane)


def carry_documentation(connection: Connection, keep_lane: Callable[[], None]) -> int:
    """Attach files to posted vouchers and fetch the PDFs of what they issued, after everything else."""
    return attach_due(connection, keep_lane) + len(fetch_due(connection, keep_lane))


def read_events(client: Client) -> int:
    """Read stored events that are due."""
    now = timezone.now()
    due = InboundEvent.objects.filter(client=client, state=EventState.RECEIVED)
    ids = [
        event_id
        for event_id, at in due.order_by("id").values_list("id", "next_attempt_at")[:EVENTS_A_ROUND]
        if at is None or at <= now
    ]
    for event_id in ids:
        try:
            intake.ingest_event(event_id=event_id)
        except Exception:
            logger.exception("Unforeseen error while reading event %s.", event_id)
            intake.unforeseen(event_id)
    return len(ids)


def route_sales(client: Client) -> int:
    """Draft what follows new sales, and those whose delivery was awaited."""
    ids = sales_due(client, at_most=EVENTS_A_ROUND)
    if ids:
        books = Books.load(client)
        for sale_id in ids:
            sale_recorded(sale_id=sale_id, books=books)
    return len(ids)


def route_refunds(client: Client) -> int:
    """Draft the credit notes of new refunds, and of those whose sale is posted by now."""
    ids = refunds_due(client, at_most=EVENTS_A_ROUND)
    if ids:
        books = Books.load(client)
        for refund_id in ids:
            refund_recorded(refund_id=refund_id, books=books)
    return len(ids)


def place_payments(client: Client) -> int:
    """Put payments of known sales into their day, once it is decided where the sale goes."""
    ids = list(
        unplaced_payments().filter(client=client).order_by("id").values_list("id", flat=True)[: EVENTS_A_ROUND * 5]
    )
    for payment_id in ids:
        payment_recorded(payment_id=payment_id)
    return len(ids)
