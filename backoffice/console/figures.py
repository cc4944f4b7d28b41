"""The numbers on the desk, read for a set of clients. Each is a count or a sum that a list can show in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.db.models import Count, Q, QuerySet, Sum

from backoffice.chart.models import LedgerAccount, PaymentMethodMapping
from backoffice.clients.models import Client
from backoffice.common.display import start_of_today
from backoffice.connections.models import Connection, Delivery, InboundEvent
from backoffice.connections.states import DeliveryState, EventState
from backoffice.sales.models import Payment, Refund, Sale, SaleState
from backoffice.sales.till_imports import till_imports_needing_person
from backoffice.settlements.selectors import entries_needing_person, payouts_needing_person
from backoffice.vouchers.models import Posting, Voucher
from backoffice.vouchers.states import VoucherState as V
from backoffice.webhooks.selectors import failed_deliveries, troubled_endpoints

#: how many blocked or failed vouchers are read to group their causes; beyond it the page says "at least"
MAX_GROUPED = 5_000
#: the median is taken over so many of today's postings, the newest
MAX_TIMED = 5_000
CHART_DAYS = 14


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How many vouchers one cause stops, at one client; first_id opens one of them."""

    client_id: int
    code: str
    subject: str
    count: int
    first_id: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds from the event to the books for what was posted today."""

    count: int
    median_s: float | None
    slowest_s: float | None
    slowest_id: int | None


@dataclass(frozen=True, slots=True)
class ClearingAccount:
    """A payment method's account and what our posted vouchers left on it. Debit > 0."""

    client_id: int
    number: str
    name: str
    currency: str
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What needs a person outside the vouchers."""

    sales: int
    refunds: int
    payments: int
    unreadable: int
    reversals: int
    payouts: int
    provider_rows: int
    webhooks: int
    addresses: int
    till_files: int


Clients = QuerySet[Client] | Iterable[Client]


def counts_per_client(clients: Clients) -> dict[int, dict[str, int]]:
    """How many vouchers stand in each state that needs a person or grows, per client."""
    states = [V.BLOCKED, V.FAILED, V.AWAITING_APPROVAL, V.IN_DOUBT, V.DRAFT]
    rows = Voucher.objects.filter(client__in=clients, state__in=states).order_by()
    counts: dict[int, dict[str, int]] = {}
    for row in rows.values("client", "state").annotate(n=Count("id")):
        counts.setdefault(row["client"], {})[row["state"]] = row["n"]
    return counts


def has_vouchers(clients: Clients) -> bool:
    """Whether anything has been drafted at all."""
    return Voucher.objects.filter(client__in=clients).exists()


def causes(clients: Clients) -> list[CauseCount]:
    """Group what stops vouchers by client, code and subject, most first."""
    stopped = Voucher.objects.filter(client__in=clients, state__in=[V.BLOCKED, V.FAILED])
    counts: Counter[tuple[int, str, str]] = Counter()
    first: dict[tuple[int, str, str], int] = {}
    for pk, client_id, reasons in stopped.order_by("id").values_list("pk", "client_id", "reasons")[:MAX_GROUPED]:
        for reason in reasons:
            key = (client_id, reason["code"], reason.get("subject", ""))
            counts[key] += 1
            first.setdefault(key, pk)
    return [CauseCount(*key, count, first[key]) for key, count in counts.most_common()]


def waiting(clients: Clients) -> Waiting:
    """Count what needs a person: sales, refunds, payments without their sale, unreadable events, refused reversals."""
    return Waiting(
        sales=Sale.objects.filter(client__in=clients, state=SaleState.NEEDS_PERSON).count(),
        refunds=Refund.objects.filter(client__in=clients, state=SaleState.NEEDS_PERSON).count(),
        payments=Payment.objects.filter(client__in=clients, sale=None, voucher=None, is_cancelled=False).count(),
        reversals=Delivery.objects.filter(client__in=clients, state=DeliveryState.FAILED, kind="reversal").count(),
        webhooks=failed_deliveries(clients).count(),
        addresses=troubled_endpoints(clients).count(),
        till_files=till_imports_needing_person(clients).count(),
        payouts=payouts_needing_person(clients).count(),
        provider_rows=entries_needing_person(clients).count(),
        unreadable=InboundEvent.objects.filter(client__in=clients, state=EventState.UNREADABLE).count(),
    )


def troubled_connections(clients: Clients) -> list[Connection]:
    """Active connections that are paused."""
    paused = Connection.objects.filter(client__in=clients, is_active=True, paused_at__isnull=False)
    return list(paused.select_related("client"))


def speed_today(clients: Clients) -> Speed:
    """Say how long today's vouchers took from the event to the books."""
    posted = Voucher.objects.filter(client__in=clients, posted_at__gte=start_of_today())
    count = posted.count()
    rows = (
        posted.exclude(occurred_at=None)
        .order_by("-posted_at")
        .values_list("pk", "posted_at", "occurred_at")[:MAX_TIMED]
    )
    seconds = [((at - occurred).total_seconds(), pk) for pk, at, occurred in rows if at and occurred]
    if not seconds:
        return Speed(count, None, None, None)
    slowest_s, slowest_id = max(seconds)
    return Speed(count, median(one for one, _pk in seconds), slowest_s, slowest_id)


def posted_per_day(clients: Clients, days: int = CHART_DAYS) -> list[tuple[date, int]]:
    """Count vouchers posted on each of the last days, oldest first, days without any included."""
    today = start_of_today()
    starts = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    posted = Voucher.objects.filter(client__in=clients, posted_at__gte=starts[0])
    ends = [*starts[1:], today + timedelta(days=1)]
    counts = {
        f"day_{index}": Count("pk", filter=Q(posted_at__gte=start, posted_at__lt=end))
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    }
    found = posted.aggregate(**counts)
    return [(start.date(), found[f"day_{index}"]) for index, start in enumerate(starts)]


def clearing_accounts(clients: Clients) -> list[ClearingAccount]:
    """Payment method accounts on which our posted vouchers left something, largest first."""
    living = PaymentMethodMapping.objects.filter(client__in=clients, superseded_at=None)
    wanted = set(living.values_list("client_id", "ledger_account"))
    if not wanted:
        return []
    match = Q()
    for client_id in {client for client, _number in wanted}:
        match |= Q(voucher__client=client_id, ledger_account__in=[n for c, n in wanted if c == client_id])
    rows = (
        Posting.objects.filter(match, voucher__state=V.POSTED)
        .order_by()
        .values("voucher__client", "ledger_account", "currency")
        .annotate(balance=Sum("amount_minor"))
    )
    found = [(row["voucher__client"], row["ledger_account"], row["currency"], row["balance"]) for row in rows]
    names = _names(wanted)
    accounts = [ClearingAccount(c, n, names.get((c, n), ""), cur, minor) for c, n, cur, minor in found if minor]
    return sorted(accounts, key=lambda one: -abs(one.balance_minor))


def _names(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    numbers = {number for _client, number in wanted}
    rows: Sequence[tuple[int, str, str]] = list(
        LedgerAccount.objects.filter(number__in=numbers).values_list("client_id", "number", "name")
    )
    return {(client_id, number): name for client_id, number, name in rows}
