"""Which events there are, what waits, and which addresses are in trouble."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.clients.models import Client, SalesPoint
from backoffice.webhooks.models import TEST_EVENT, OutgoingEvent, WebhookDelivery, WebhookEndpoint
from backoffice.webhooks.retry import TROUBLED_AFTER
from backoffice.webhooks.states import HookState


def events_of(sales_point: SalesPoint) -> QuerySet[OutgoingEvent]:
    """The numbered events of a sales point in their order, without tests and those that are kept no longer."""
    return _numbered(sales_point).exclude(body="").order_by("sequence")


def forgotten_after(sales_point: SalesPoint, sequence: int) -> bool:
    """Whether events behind a number are kept no longer, so that who has read up to it misses some."""
    return _numbered(sales_point).filter(sequence__gt=sequence, body="").exists()


def _numbered(sales_point: SalesPoint) -> QuerySet[OutgoingEvent]:
    found = OutgoingEvent.objects.filter(sales_point=sales_point, sequence__isnull=False)
    return found.exclude(type=TEST_EVENT)


def due_deliveries(now: datetime | None = None) -> QuerySet[WebhookDelivery]:
    """What should be sent now: its time has come, and its address is neither paused nor resting."""
    now = now or timezone.now()
    is_awake = Q(endpoint__rests_until=None) | Q(endpoint__rests_until__lte=now)
    return WebhookDelivery.objects.filter(
        is_awake,
        state=HookState.WAITING,
        next_attempt_at__lte=now,
        endpoint__is_active=True,
        endpoint__paused_at=None,
    )


def clients_with_due_webhooks(now: datetime | None = None) -> set[int]:
    """Ids of clients with events to number, deliveries to send, or deliveries whose worker may have died."""
    found = set(OutgoingEvent.objects.filter(sequence=None).values_list("client_id", flat=True).distinct())
    found |= set(due_deliveries(now).values_list("client_id", flat=True).distinct())
    held = WebhookDelivery.objects.filter(state=HookState.IN_FLIGHT)
    return found | set(held.values_list("client_id", flat=True).distinct())


def failed_deliveries(clients: object) -> QuerySet[WebhookDelivery]:
    """What was given up, at addresses still in use."""
    return WebhookDelivery.objects.filter(
        client__in=clients,  # type: ignore[misc]  # a queryset or any collection of clients
        state=HookState.FAILED,
        endpoint__is_active=True,
    )


def troubled_endpoints(clients: object, now: datetime | None = None) -> QuerySet[WebhookEndpoint]:
    """Addresses in use that have failed for a while."""
    since = (now or timezone.now()) - TROUBLED_AFTER
    return WebhookEndpoint.objects.filter(
        client__in=clients,  # type: ignore[misc]  # a queryset or any collection of clients
        is_active=True,
        paused_at=None,
        failing_since__lte=since,
    )


def listens(client: Client) -> bool:
    """Whether anybody is told what happens at a client."""
    return WebhookEndpoint.objects.filter(client=client, is_active=True).exists()
