"""Reading vouchers: what needs a person, and what happened to one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import Client
from backoffice.connections.models import DeliveryAttempt
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import NEEDS_PERSON


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One thing that happened: when, what, by whom, and the words that were said."""

    at: datetime
    what: str
    who: str
    detail: str = ""
    http_status: int | None = None
    request_id: str = ""


def vouchers_of(clients: QuerySet[Client] | Iterable[Client]) -> QuerySet[Voucher]:
    """Vouchers of some clients, newest day first."""
    return Voucher.objects.filter(client__in=clients).select_related("client", "sales_point")


def counts_by_state(clients: QuerySet[Client] | Iterable[Client]) -> dict[str, int]:
    """How many vouchers stand in each state."""
    rows = Voucher.objects.filter(client__in=clients).order_by().values("state").annotate(n=Count("id"))
    return {row["state"]: row["n"] for row in rows}


def needing_a_person(clients: QuerySet[Client] | Iterable[Client]) -> QuerySet[Voucher]:
    """Vouchers with which a person has something to do, oldest first."""
    return vouchers_of(clients).filter(state__in=NEEDS_PERSON).order_by("dated_on", "id")


def stopped_for(client: Client, code: str, subject: str = "") -> list[Voucher]:
    """Blocked and failed vouchers that have a reason with this code (and subject, when given)."""
    found = Voucher.objects.filter(client=client, state__in=["blocked", "failed"]).select_related("client")
    return [
        voucher
        for voucher in found
        if any(r["code"] == code and (not subject or r["subject"] == subject) for r in voucher.reasons)
    ]


def timeline(voucher: Voucher) -> list[TimelineStep]:
    """Everything that happened to a voucher, oldest first: acts of people and the conversations with the other side."""
    acts = AuditEntry.objects.filter(subject_type="voucher", subject_id=str(voucher.pk))
    steps = [TimelineStep(act.at, act.action, act.actor, act.note) for act in acts]
    talks = DeliveryAttempt.objects.filter(delivery__subject_type="voucher", delivery__subject_id=voucher.pk)
    steps += [
        TimelineStep(
            talk.at,
            f"delivery.{talk.operation}.{talk.outcome}",
            talk.delivery.connection.provider,
            talk.detail,
            talk.http_status,
            talk.request_id,
        )
        for talk in talks.select_related("delivery__connection")
    ]
    return sorted(steps, key=lambda step: step.at)
