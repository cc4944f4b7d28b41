"""What happens by itself, and how often. The scheduler only starts these; each may run twice without harm."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.module_loading import import_string

from backoffice.chart.sync import sync_chart
from backoffice.clients.models import Client
from backoffice.connections.providers import sales_channel
from backoffice.connections.queue import ring_now
from backoffice.connections.selectors import accounting_connection, clients_with_due_work, sales_connections
from backoffice.connections.services import pause
from backoffice.contracts.errors import Misconfigured, ProviderError
from backoffice.invoices.attaching import clients_with_documents_to_attach
from backoffice.invoices.emailing import clients_with_due_documents
from backoffice.invoices.rates import fetch_rates
from backoffice.invoices.waiting import ask_again_for_rates
from backoffice.sales.models import Refund, Sale, SaleState
from backoffice.settlements.selectors import clients_with_due_payouts
from backoffice.vouchers.attaching import clients_with_due_papers
from backoffice.webhooks.forgetting import forget_old_events
from backoffice.webhooks.selectors import clients_with_due_webhooks
from backoffice.worker.balances import poll_all_balances
from backoffice.worker.document_runs import sweep_document_runs
from backoffice.worker.payouts import poll_payout_sources
from backoffice.worker.polling import SCHEDULER, Poll
from backoffice.worker.till_imports import sweep_till_imports
from backoffice.workflows.batch_papers import clients_with_lists_to_attach
from backoffice.workflows.redrafting import clients_with_changed_vouchers
from backoffice.workflows.services import close_days, unplaced_payments

logger = logging.getLogger(__name__)
#: the poll looks back a little further than the last one saw, since shops' clocks and ours differ
POLL_OVERLAP = timedelta(minutes=10)
FIRST_POLL_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that happens every so many seconds."""

    name: str
    every_s: int
    function: Callable[[], object]


def sweep() -> int:
    """Ring for every client with something due: what the bell missed, what a retry waits for, what a crash left."""
    due = clients_with_due_work()
    due |= set(Sale.objects.filter(state=SaleState.RECORDED).values_list("client_id", flat=True))
    due |= set(Refund.objects.filter(state=SaleState.RECORDED).values_list("client_id", flat=True))
    due |= set(unplaced_payments().values_list("client_id", flat=True))
    due |= clients_with_due_documents() | clients_with_documents_to_attach() | clients_with_due_papers()
    due |= clients_with_lists_to_attach() | clients_with_due_webhooks() | clients_with_changed_vouchers()
    due |= clients_with_due_payouts()
    for client_id in due:
        ring_now(client_id)
    return len(due)


def close_finished_days() -> int:
    """Close the days that have passed their cut-off."""
    return len(close_days(actor=SCHEDULER))


SALES_POLL = Poll(
    topic="order.updated",
    overlap=POLL_OVERLAP,
    first_back=FIRST_POLL_BACK,
    payloads_since=lambda connection, since: sales_channel(connection).changed_since(since),
)


def poll_sales_channels() -> int:
    """Fetch what webhooks missed. An order that came by webhook too is recognised and recorded once."""
    return sum(SALES_POLL.ask(connection) for connection in sales_connections())


def read_charts() -> int:
    """Read every client's chart again."""
    count = 0
    for client in Client.objects.filter(is_active=True):
        connection = accounting_connection(client)
        if connection is None or connection.paused_at is not None:
            continue
        try:
            sync_chart(connection=connection, actor=SCHEDULER)
            count += 1
        except Misconfigured as error:
            pause(connection=connection, reason=error.describe(), actor=SCHEDULER)
        except ProviderError as error:
            logger.warning("Reading the chart of %s failed and is tried again: %s", client, error.describe())
    return count


def fetch_exchange_rates() -> int:
    """Fetch rates, then ask again for the documents that had none."""
    kept = fetch_rates()
    ask_again_for_rates()
    return kept


def forget_old_answers() -> object:
    """Forget kept API answers; they hold personal data. By its path, since the API is a neighbour."""
    return import_string("backoffice.api.idempotency.forget_old")()


SCHEDULE: tuple[Task, ...] = (
    Task("sweep", 5, sweep),
    Task("sweep till files", 5, sweep_till_imports),
    Task("sweep document runs", 5, sweep_document_runs),
    Task("close finished days", 300, close_finished_days),
    Task("poll sales channels", 600, poll_sales_channels),
    Task("poll payouts", 3_600, poll_payout_sources),
    Task("poll balances", 900, poll_all_balances),
    Task("fetch exchange rates", 3_600, fetch_exchange_rates),
    Task("read charts", 6 * 3_600, read_charts),
    Task("forget old API answers", 24 * 3_600, forget_old_answers),
    Task("forget old events", 24 * 3_600, forget_old_events),
)
