"""Finding connections and what waits at the wall."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from backoffice.clients.models import Client
from backoffice.connections.models import Connection, Delivery, InboundEvent
from backoffice.connections.states import DeliveryState, EventState
from backoffice.contracts.accounting import AccountingSystem
from backoffice.contracts.payouts import PayoutSource
from backoffice.contracts.sales import SalesChannel


def providers_of(contract: type) -> list[str]:
    """Names of the providers that fulfil a contract."""
    return [name for name, path in settings.PROVIDERS.items() if issubclass(import_string(path), contract)]


def accounting_connection(client: Client) -> Connection | None:
    """The client's one active connection to the system that keeps its books."""
    return Connection.objects.filter(client=client, is_active=True, provider__in=providers_of(AccountingSystem)).first()


def sales_connections() -> list[Connection]:
    """All active connections that report sales."""
    found = Connection.objects.select_related("client", "sales_point")
    return list(found.filter(is_active=True, paused_at=None, provider__in=providers_of(SalesChannel)))


def payout_connections() -> list[Connection]:
    """All active connections that report payouts."""
    found = Connection.objects.select_related("client", "sales_point")
    return list(found.filter(is_active=True, paused_at=None, provider__in=providers_of(PayoutSource)))


def clients_with_due_work(now: datetime | None = None) -> set[int]:
    """Ids of clients with something due at the wall: events to read, deliveries to send, ask about or look up."""
    now = now or timezone.now()
    events = InboundEvent.objects.filter(state=EventState.RECEIVED).filter(
        Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    )
    open_states = [
        DeliveryState.WAITING,
        DeliveryState.ACCEPTED,
        DeliveryState.IN_DOUBT,
    ]
    deliveries = Delivery.objects.filter(connection__paused_at=None).filter(
        Q(state__in=open_states, next_attempt_at__lte=now)
        | Q(state=DeliveryState.IN_FLIGHT)  # its worker may have died; a living one keeps the lane
        | Q(number_due_at__lte=now)
    )
    return set(events.values_list("client_id", flat=True)) | set(deliveries.values_list("client_id", flat=True))
