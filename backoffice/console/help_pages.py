"""What can go wrong, and how the queue does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from backoffice.clients.scope import clients_shown
from backoffice.connections.models import Delivery, InboundEvent
from backoffice.connections.queue import queue_depth, redis
from backoffice.connections.states import DeliveryState, EventState
from backoffice.console.catalogue import GROUPS
from backoffice.worker.management.commands.scheduler import SEEN

#: what waits longer than this although it is due means that no worker comes
STUCK_AFTER = timedelta(minutes=5)
SCHEDULER_AWAY_AFTER = timedelta(minutes=1)
OPEN_STATES = (DeliveryState.WAITING, DeliveryState.IN_FLIGHT, DeliveryState.ACCEPTED, DeliveryState.IN_DOUBT)


def catalogue_page(request: HttpRequest) -> HttpResponse:
    """Show the whole error catalogue."""
    context = {**admin.site.each_context(request), "title": _("What can go wrong"), "groups": GROUPS}
    return TemplateResponse(request, "console/catalogue.html", context)


def health_page(request: HttpRequest) -> HttpResponse:
    """Show workers, queue, scheduler and what waits."""
    clients = clients_shown(request)
    now = timezone.now()
    due = Delivery.objects.filter(client__in=clients, state=DeliveryState.WAITING, connection__paused_at=None)
    oldest = due.filter(next_attempt_at__lte=now).order_by("next_attempt_at").first()
    unread = InboundEvent.objects.filter(client__in=clients, state=EventState.RECEIVED).order_by("id")
    first_unread = unread.first()
    by_state = {state: Delivery.objects.filter(client__in=clients, state=state).count() for state in OPEN_STATES}
    queue = _queue()
    seen = queue["scheduler_seen"]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Queue health"),
        **queue,
        "is_scheduler_away": seen is None or now - seen > SCHEDULER_AWAY_AFTER,
        "by_state": by_state.items(),
        "oldest": oldest,
        "unread": unread.count(),
        "first_unread": first_unread,
        "is_stuck": _is_old(oldest.next_attempt_at if oldest else None, now)
        or _is_old(first_unread.received_at if first_unread else None, now),
    }
    return TemplateResponse(request, "console/health.html", context)


def _is_old(since: datetime | None, now: datetime) -> bool:
    return since is not None and now - since > STUCK_AFTER


def _queue() -> dict[str, Any]:
    """Ask Redis; when it does not answer, the page says so and shows the rest, which the database knows."""
    try:
        connection = redis()
        workers = Worker.all(connection=connection)
        return {
            "answers": True,
            "depth": queue_depth(),
            "scheduler_seen": _scheduler_seen(connection),
            "workers": [{"name": one.name, "state": one.get_state(), "seen": one.last_heartbeat} for one in workers],
        }
    except RedisError:
        return {"answers": False, "depth": 0, "workers": [], "scheduler_seen": None}


def _scheduler_seen(connection: Redis) -> datetime | None:
    """When a scheduler last gave a sign of life."""
    seen = connection.get(SEEN)
    return datetime.fromtimestamp(int(str(seen, "ascii")), tz=UTC) if isinstance(seen, bytes) else None
