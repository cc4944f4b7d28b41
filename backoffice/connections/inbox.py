"""The inbox: what arrives is stored byte for byte before anything is made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.clients.models import ApiKey, Client, SalesPoint
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.queue import ring
from backoffice.connections.retry import jitter, next_attempt_at
from backoffice.connections.states import EVENT, EventState

#: headers that tell something later; all others are left at the door
KEPT_HEADERS = ("content-type", "user-agent", "idempotency-key", "x-request-id")
KEPT_PREFIXES = ("x-wc-", "x-shopify-")
DROPPED_HEADERS = ("x-wc-webhook-signature", "x-shopify-hmac-sha256")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored event; is_new is False when the same delivery had come before."""

    event: InboundEvent
    is_new: bool


def accept(
    *,
    client: Client,
    sales_point: SalesPoint | None,
    source: str,
    body: bytes,
    headers: Mapping[str, str],
    topic: str = "",
    connection: Connection | None = None,
    api_key: ApiKey | None = None,
    event_key: str = "",
    is_processed: bool = False,
) -> Accepted:
    """Store what arrived, in the caller's transaction, and ring for the client on commit.

    event_key is the sender's own id of this delivery: the second time gives the first row and is_new False.
    is_processed: the caller derives everything from it in the same transaction (REST API).
    """
    now = timezone.now()
    event = InboundEvent(
        client=client,
        sales_point=sales_point,
        connection=connection,
        api_key=api_key,
        source=source,
        topic=topic[:60],
        event_key=event_key[:200],
        headers=_kept(headers),
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        received_at=now,
        state=EventState.PROCESSED if is_processed else EventState.RECEIVED,
        processed_at=now if is_processed else None,
    )
    try:
        with transaction.atomic():
            event.save()
    except IntegrityError:
        earlier = InboundEvent.objects.filter(connection=connection, event_key=event.event_key).first()
        if earlier is None or not event_key:
            raise
        return Accepted(earlier, is_new=False)
    ring(client.pk)
    return Accepted(event, is_new=True)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    lower = {name.lower(): value for name, value in headers.items()}
    return {
        name: value[:500]
        for name, value in lower.items()
        if name not in DROPPED_HEADERS and (name in KEPT_HEADERS or name.startswith(KEPT_PREFIXES))
    }


def finish(
    event: InboundEvent,
    *,
    to: EventState,
    note: str,
    result: Mapping[str, Any] | None = None,
) -> None:
    """Say what became of an event: processed, ignored or unreadable, and why."""
    compare_and_swap(
        event,
        EVENT,
        to,
        processed_at=timezone.now(),
        note=note,
        result=dict(result or {}),
    )


def postpone(event: InboundEvent, *, why: str, retry_after_s: int | None = None) -> None:
    """Try an event again later; it stays received."""
    attempts = event.attempts + 1
    when = next_attempt_at(
        attempt=attempts,
        now=timezone.now(),
        jitter=jitter(),
        retry_after_s=retry_after_s,
    )
    InboundEvent.objects.filter(pk=event.pk, state=EventState.RECEIVED).update(
        attempts=attempts, next_attempt_at=when, note=why
    )


def read_again(event: InboundEvent) -> None:
    """Put an unreadable event back to be read, after a fix."""
    compare_and_swap(event, EVENT, EventState.RECEIVED, attempts=0, next_attempt_at=None, note="")
    ring(event.client_id)
