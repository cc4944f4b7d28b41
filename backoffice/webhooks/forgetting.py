"""Forget what old events said. Ids and numbers stay: no fact is told twice, and the feed knows what is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from backoffice.webhooks.models import OutgoingEvent, WebhookDelivery
from backoffice.webhooks.states import HookState

FORGOTTEN_AT_ONCE = 500
#: an event is tried for three days, and people need some to see that it was given up
FEWEST_DAYS = 7
OPEN = (HookState.WAITING, HookState.IN_FLIGHT)


def kept_days() -> int:
    """Give for how many days events are kept."""
    return max(int(settings.WEBHOOK_EVENT_DAYS), FEWEST_DAYS)


def forget_old_events(*, now: datetime | None = None) -> int:
    """Empty events older than they are kept and delete what was sent of them; give how many. For the schedule.

    An event that still waits for an address, as at a paused one, is kept until it has arrived or was given up.
    """
    limit = (now or timezone.now()) - timedelta(days=kept_days())
    waiting = WebhookDelivery.objects.filter(event=OuterRef("pk"), state__in=OPEN)
    old = OutgoingEvent.objects.filter(~Exists(waiting), occurred_at__lt=limit, sequence__isnull=False)
    keys = old.exclude(body="").order_by("pk").values_list("pk", flat=True)
    count, last = 0, 0
    while ids := list(keys.filter(pk__gt=last)[:FORGOTTEN_AT_ONCE]):
        count, last = count + _forget(ids), ids[-1]
    return count


@transaction.atomic
def _forget(ids: list[int]) -> int:
    """Forget these but for those that somebody has just sent again."""
    rows = list(WebhookDelivery.objects.select_for_update().filter(event__in=ids).values_list("event_id", "state"))
    free = set(ids) - {event_id for event_id, state in rows if state in OPEN}
    WebhookDelivery.objects.filter(event__in=free).delete()
    return OutgoingEvent.objects.filter(pk__in=free).update(body="")
