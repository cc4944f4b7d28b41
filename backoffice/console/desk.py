"""The desk: what needs a person first, then how the day goes. Every number opens the list behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.clients.models import Client
from backoffice.clients.scope import chosen_client, clients_shown, person
from backoffice.clients.selectors import clients_of
from backoffice.console import figures
from backoffice.console.catalogue import cause_of
from backoffice.console.causes.entry import Cause
from backoffice.console.svg import bars_per_day
from backoffice.vouchers.states import VoucherState as V

MAX_CLIENTS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with its name; empty tone is quiet. href is the list behind it."""

    number: str
    label: str
    href: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class CauseShown:
    """A cause that stops vouchers, with the page where it is mended."""

    cause: Cause
    client: Client
    subject: str
    count: int
    first_id: int


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client in the overview of all."""

    client: Client
    to_approve: int
    stopped: int
    in_doubt: int
    growing: int

    @property
    def needs_person(self) -> int:
        """What a person has to do here."""
        return self.to_approve + self.stopped + self.in_doubt


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the first page."""
    clients = list(clients_shown(request).filter(is_active=True))
    per_client = figures.counts_per_client(clients)
    counts = Counter[str]()
    for one in per_client.values():
        counts.update(one)
    others = figures.waiting(clients)
    troubled = figures.troubled_connections(clients)
    by_id = {client.pk: client for client in clients}
    speed = figures.speed_today(clients)
    needs = needs_tiles(counts, others, len(troubled))
    return context | {
        "title": _("Desk"),
        "my_clients": list(clients_of(person(request)).filter(is_active=True)),
        "chosen_client": chosen_client(request),
        "clients": clients,
        "needs": needs,
        "causes": causes_shown(figures.causes(clients), by_id),
        "troubled": troubled,
        "today": today_tiles(speed),
        "slowest_id": speed.slowest_id,
        "clearing": [(by_id[one.client_id], one) for one in figures.clearing_accounts(clients)],
        "chart": bars_per_day(figures.posted_per_day(clients), _("Vouchers posted per day")),
        "rows": client_rows(clients, per_client) if len(clients) > 1 else [],
        "first_steps": not needs and not figures.has_vouchers(clients),
    }


def _vouchers(state: str) -> str:
    return f"{reverse('admin:vouchers_voucher_changelist')}?state={state}"


def needs_tiles(counts: Mapping[str, int], others: figures.Waiting, paused: int) -> list[Tile]:
    """What needs a person, with nothing that is zero."""
    sales = reverse("admin:sales_sale_changelist")
    refunds = reverse("admin:sales_refund_changelist")
    payments = reverse("admin:sales_payment_changelist")
    inbox = reverse("admin:connections_inboundevent_changelist")
    connections = reverse("admin:connections_connection_changelist")
    outbox = reverse("admin:connections_delivery_changelist")
    hooks = reverse("admin:webhooks_webhookdelivery_changelist")
    addresses = reverse("admin:webhooks_webhookendpoint_changelist")
    payouts = reverse("admin:settlements_payout_changelist")
    provider_rows = reverse("admin:settlements_payoutentry_changelist")
    files = reverse("admin:sales_tillimport_changelist")
    candidates = [
        (counts.get(V.FAILED, 0), _("failed"), _vouchers(V.FAILED), "bad"),
        (paused, _("connections paused"), f"{connections}?trouble=paused", "bad"),
        (counts.get(V.IN_DOUBT, 0), _("in doubt"), _vouchers(V.IN_DOUBT), "warn"),
        (counts.get(V.BLOCKED, 0), _("blocked"), _vouchers(V.BLOCKED), "warn"),
        (counts.get(V.AWAITING_APPROVAL, 0), _("to approve"), _vouchers(V.AWAITING_APPROVAL), "info"),
        (others.sales, _("sales need a person"), f"{sales}?state=needs_person", "warn"),
        (others.refunds, _("refunds need a person"), f"{refunds}?state=needs_person", "warn"),
        (others.payments, _("payments wait for their sale"), f"{payments}?place=waiting", "warn"),
        (others.payouts, _("payouts are not explained"), f"{payouts}?needs=person", "warn"),
        (others.provider_rows, _("provider's rows need a person"), f"{provider_rows}?needs=person", "warn"),
        (others.reversals, _("reversals refused"), f"{outbox}?state=failed&kind=reversal", "bad"),
        (others.webhooks, _("webhooks given up"), f"{hooks}?state=failed", "warn"),
        (others.addresses, _("webhook addresses fail"), addresses, "warn"),
        (others.till_files, _("SAF-T files need a person"), f"{files}?needs=person", "warn"),
        (others.unreadable, _("events cannot be read"), f"{inbox}?state=unreadable", "bad"),
    ]
    return [Tile(str(number), label, href, tone) for number, label, href, tone in candidates if number]


def today_tiles(speed: figures.Speed) -> list[Tile]:
    """How today goes."""
    vouchers = reverse("admin:vouchers_voucher_changelist")
    posted_today = f"{vouchers}?state=posted&posted=today"
    tiles = [Tile(str(speed.count), _("posted today"), posted_today)]
    if speed.median_s is not None and speed.slowest_s is not None and speed.slowest_id is not None:
        slowest = reverse("admin:vouchers_voucher_change", args=[speed.slowest_id])
        tiles.append(Tile(duration(speed.median_s), _("from sale to books, median"), posted_today))
        tiles.append(Tile(duration(speed.slowest_s), _("the slowest"), slowest))
    return tiles


def duration(seconds: float) -> str:
    """Write a duration as people say it: "40 s", "12 min", "3 h", "2 days"."""
    if seconds < 90:
        return _("%(n)s s") % {"n": round(seconds)}
    if seconds < 90 * 60:
        return _("%(n)s min") % {"n": round(seconds / 60)}
    if seconds < 36 * 3600:
        return _("%(n)s h") % {"n": round(seconds / 3600)}
    days = round(seconds / 86_400)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def causes_shown(counted: Iterable[figures.CauseCount], clients: dict[int, Client]) -> list[CauseShown]:
    """Explain each cause by the catalogue."""
    return [
        CauseShown(cause_of(one.code), clients[one.client_id], one.subject, one.count, one.first_id)
        for one in counted
        if one.client_id in clients
    ]


def client_rows(clients: list[Client], counts: dict[int, dict[str, int]]) -> list[ClientRow]:
    """One row a client, those with work first."""
    rows = []
    for client in clients:
        by_state = counts.get(client.pk, {})
        stopped = by_state.get(V.BLOCKED, 0) + by_state.get(V.FAILED, 0)
        approve, doubt = by_state.get(V.AWAITING_APPROVAL, 0), by_state.get(V.IN_DOUBT, 0)
        rows.append(ClientRow(client, approve, stopped, doubt, by_state.get(V.DRAFT, 0)))
    return sorted(rows, key=lambda row: (-row.needs_person, row.client.name))[:MAX_CLIENTS_SHOWN]
