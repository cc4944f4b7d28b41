"""The figures of /metrics, read from the database and Redis at the moment they are asked for.

They hold for all processes together; no process keeps counts of its own. Labels are numbers and words of ours, never
names of clients or customers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from backoffice.api.counting import answers_counted
from backoffice.balances.models import BalancePoll
from backoffice.connections.models import Connection, Delivery, DeliveryAttempt, InboundEvent
from backoffice.connections.queue import queue_depth
from backoffice.connections.states import DeliveryState, EventState
from backoffice.sales.models import Sale
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import VoucherState
from backoffice.webhooks.models import WebhookDelivery, WebhookEndpoint
from backoffice.webhooks.states import HookState

#: upper bounds in seconds: a minute, an hour and a day are where people begin to ask
BOUNDS_S = (5, 15, 30, 60, 300, 900, 3_600, 14_400, 86_400, 259_200)
WINDOW = timedelta(hours=1)
MAX_POSTED = 50_000


class House(Collector):
    """All figures."""

    def collect(self) -> Iterator[Metric]:
        """Yield each family once."""
        now = timezone.now()
        yield from _queue()
        yield _by_state("deliveries", "Documents in the outbox", Delivery.objects, list(DeliveryState))
        yield _by_state("vouchers", "Vouchers", Voucher.objects, list(VoucherState))
        yield _by_state("inbound_events", "What arrived", InboundEvent.objects, list(EventState))
        yield _by_state(
            "webhook_deliveries", "Events on their way to sales systems", WebhookDelivery.objects, list(HookState)
        )
        yield from _hooks(now)
        yield from _ages(now)
        yield _time_to_post(now)
        yield from _talks(now)
        yield _answers()

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return ()


def exposition() -> bytes:
    """Write all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(House())
    return generate_latest(registry)


def _queue() -> Iterator[Metric]:
    up = GaugeMetricFamily("backoffice_redis_up", "1 when Redis answers, else 0.")
    try:
        depth = queue_depth()
    except RedisError:
        up.add_metric([], 0)
    else:
        up.add_metric([], 1)
        yield GaugeMetricFamily("backoffice_queue_depth", "Jobs that wait in the queue.", value=depth)
    yield up


def _by_state(name: str, text: str, rows: object, states: list[str]) -> Metric:
    counted = rows.order_by().values("state").annotate(n=Count("id"))  # type: ignore[attr-defined]  # any manager
    numbers = {row["state"]: row["n"] for row in counted}
    family = GaugeMetricFamily(f"backoffice_{name}", f"{text} by state.", labels=["state"])
    for state in states:
        family.add_metric([str(state)], numbers.get(state, 0))
    return family


def _hooks(now: datetime) -> Iterator[Metric]:
    waiting = WebhookDelivery.objects.filter(state=HookState.WAITING).aggregate(oldest=Min("created_at"))["oldest"]
    age = (now - waiting).total_seconds() if waiting else 0
    text = "Age of the oldest event that a sales system has not taken. 0 when there is none."
    yield GaugeMetricFamily("backoffice_oldest_webhook_age_seconds", text, value=max(age, 0))
    failing = WebhookEndpoint.objects.filter(is_active=True, failing_since__isnull=False).count()
    yield GaugeMetricFamily("backoffice_webhook_addresses_failing", "Webhook addresses that fail now.", value=failing)
    polls = BalancePoll.objects.aggregate(polls=Sum("polls"), rows=Sum("rows"))
    yield CounterMetricFamily(
        "backoffice_balance_polls", "Times that balances were asked for.", value=polls["polls"] or 0
    )
    yield CounterMetricFamily("backoffice_balance_rows", "Balances that were read.", value=polls["rows"] or 0)


def _ages(now: datetime) -> Iterator[Metric]:
    open_states = [DeliveryState.WAITING, DeliveryState.IN_FLIGHT, DeliveryState.ACCEPTED, DeliveryState.IN_DOUBT]
    deliveries = Delivery.objects.aggregate(
        waiting=Min("created_at", filter=Q(state__in=open_states)),
        doubt=Min("doubted_at", filter=Q(state=DeliveryState.IN_DOUBT)),
    )
    event = InboundEvent.objects.filter(state=EventState.RECEIVED).aggregate(oldest=Min("received_at"))["oldest"]
    sale = Sale.objects.filter(state="recorded").aggregate(oldest=Min("created_at"))["oldest"]
    for name, text, since in (
        ("oldest_delivery_age_seconds", "Age of the oldest document not delivered yet.", deliveries["waiting"]),
        ("oldest_doubt_age_seconds", "Age of the oldest document in doubt.", deliveries["doubt"]),
        ("oldest_event_age_seconds", "Age of the oldest event not read yet.", event),
        ("oldest_sale_age_seconds", "Age of the oldest sale without a voucher.", sale),
    ):
        age = (now - since).total_seconds() if since else 0
        yield GaugeMetricFamily(f"backoffice_{name}", f"{text} 0 when there is none.", value=max(age, 0))
    paused = Connection.objects.filter(is_active=True, paused_at__isnull=False).count()
    yield GaugeMetricFamily("backoffice_connections_paused", "Connections that are paused.", value=paused)


def _time_to_post(now: datetime) -> Metric:
    posted = (
        Voucher.objects.filter(updated_at__gte=now - WINDOW, posted_at__gte=now - WINDOW, occurred_at__isnull=False)
        .order_by()
        .annotate(took=F("posted_at") - F("occurred_at"))
        .values_list("took", flat=True)[:MAX_POSTED]
    )
    seconds = [max(took.total_seconds(), 0) for took in posted]
    counts = [0] * (len(BOUNDS_S) + 1)
    for value in seconds:
        counts[bisect_left(BOUNDS_S, value)] += 1
    cumulative, buckets = 0, []
    for bound, count in zip([*map(str, BOUNDS_S), "+Inf"], counts, strict=True):
        cumulative += count
        buckets.append((bound, cumulative))
    return GaugeHistogramMetricFamily(
        "backoffice_event_to_posted_seconds",
        "From the event to the books, of vouchers posted in the last hour.",
        buckets=buckets,
        gsum_value=sum(seconds),
    )


def _talks(now: datetime) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "backoffice_provider_calls_last_hour",
        "Conversations about deliveries in the last hour, by connection number and outcome.",
        labels=["connection", "provider", "outcome", "http_status"],
    )
    rows = (
        DeliveryAttempt.objects.filter(at__gte=now - WINDOW)
        .order_by()
        .values_list("delivery__connection_id", "delivery__connection__provider", "outcome", "http_status")
        .annotate(n=Count("id"))
    )
    for number, provider, outcome, status, count in rows:
        family.add_metric([str(number), provider, outcome, str(status or "")], count)
    yield family


def _answers() -> Metric:
    family = CounterMetricFamily(
        "backoffice_api_answers",
        "Answers of the REST API since Redis was emptied.",
        labels=["method", "route", "status"],
    )
    for (method, route, status), number in sorted(answers_counted().items()):
        family.add_metric([method, route, status], number)
    return family
