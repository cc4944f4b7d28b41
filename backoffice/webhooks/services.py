"""Tell sales systems what happened, and look after the addresses they are told at.

`announce` writes one row in the caller's transaction and nothing else: no lock, no network, no address is looked up.
A worker then deals the event its number and makes one delivery per address that hears it (`publish`).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.clients.models import Client, SalesPoint
from backoffice.common.secrets import reseal, seal, unseal
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.queue import ring
from backoffice.contracts.webhooks import address_problem
from backoffice.webhooks.models import (
    TEST_EVENT,
    EventCounter,
    OutgoingEvent,
    WebhookDelivery,
    WebhookEndpoint,
)
from backoffice.webhooks.retry import GIVEN_UP_AFTER
from backoffice.webhooks.states import HOOK, HookState

PUBLISHED_A_ROUND = 500
#: after a change of the secret the old one signs beside it for so long
BOTH_SECRETS_FOR = timedelta(days=1)
SECRET_BYTES = 32
RESENT_AT_ONCE = 1_000


class BadAddress(Exception):
    """The address may not be called; the text says why and how to write it."""


def announce(
    *,
    client: Client,
    sales_point: SalesPoint | None,
    type: str,
    fact: str,
    data: Mapping[str, Any],
    subject: str = "",
) -> None:
    """Write down, in the caller's transaction, that something happened; the same fact again changes nothing.

    type is one of EventType. fact names what is told, unique per client and type ("17/0": voucher 17, generation 0).
    data goes out as it is: amounts as decimal strings beside their currency, no personal data. subject is the
    reference that people search by.
    """
    _write(client, sales_point, type, fact, data, subject)
    ring(client.pk)


def _write(
    client: Client, sales_point: SalesPoint | None, kind: str, fact: str, data: Mapping[str, Any], subject: str
) -> OutgoingEvent:
    uid, now = uuid4(), timezone.now()
    content = {
        "id": str(uid),
        "type": kind,
        "occurred_at": now.isoformat(),
        "client": client.key,
        "sales_point": sales_point.key if sales_point else None,
        "data": dict(data),
    }
    row = OutgoingEvent(
        uid=uid,
        client=client,
        sales_point=sales_point,
        type=kind,
        fact=f"{kind}/{fact}"[:200],
        subject=subject[:200],
        body=json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        occurred_at=now,
    )
    # a repeat is left out by the constraint, without breaking the caller's transaction
    OutgoingEvent.objects.bulk_create([row], ignore_conflicts=True)
    return row


def publish(client: Client) -> int:
    """Deal the numbers of a client's committed events, and make a delivery for each address that hears them.

    The counter's row is locked: whoever deals next waits for this commit, so numbers become visible in their order
    and a reader of the feed never passes one that shows up later. Gives the number of events.
    """
    if not OutgoingEvent.objects.filter(client=client, sequence=None).exists():
        return 0
    with transaction.atomic():
        return _deal_numbers(client)


def _deal_numbers(client: Client) -> int:
    EventCounter.objects.get_or_create(client=client)
    counter = EventCounter.objects.select_for_update().get(client=client)
    events = list(OutgoingEvent.objects.filter(client=client, sequence=None).order_by("id")[:PUBLISHED_A_ROUND])
    for number, event in enumerate(events, counter.last + 1):
        event.sequence = number
    OutgoingEvent.objects.bulk_update(events, ["sequence"])
    EventCounter.objects.filter(client=client).update(last=counter.last + len(events))
    endpoints = list(WebhookEndpoint.objects.filter(client=client, is_active=True))
    told = [event for event in events if event.type != TEST_EVENT]
    WebhookDelivery.objects.bulk_create(
        (_delivery(endpoint, event) for event in told for endpoint in endpoints if endpoint.hears(event)),
        ignore_conflicts=True,
    )
    return len(events)


def _delivery(endpoint: WebhookEndpoint, event: OutgoingEvent) -> WebhookDelivery:
    now = timezone.now()
    return WebhookDelivery(
        endpoint=endpoint, event=event, client=endpoint.client, next_attempt_at=now, expires_at=now + GIVEN_UP_AFTER
    )


def check_address(url: str) -> str:
    """Give an address without blanks around it; raise BadAddress when it may not be called."""
    url = url.strip()
    if problem := address_problem(url, allows_private=settings.WEBHOOKS_ALLOW_PRIVATE):
        raise BadAddress(problem)
    return url


@transaction.atomic
def add_endpoint(
    *,
    client: Client,
    url: str,
    actor: Actor,
    sales_point: SalesPoint | None = None,
    event_types: list[str] | None = None,
) -> tuple[WebhookEndpoint, str]:
    """Add an address; the second value is its secret, shown this once. Raises BadAddress."""
    secret = _new_secret()
    row = WebhookEndpoint.objects.create(
        client=client,
        sales_point=sales_point,
        url=check_address(url),
        event_types=list(event_types or []),
        created_by=actor.label,
        sealed_secrets=seal({"current": secret}),
        secret_changed_at=timezone.now(),
    )
    _tell(row, "webhook.created", actor)
    return row, secret


@transaction.atomic
def change_secret(*, endpoint: WebhookEndpoint, actor: Actor) -> str:
    """Give the address a new secret, shown this once; for a day the old one signs too."""
    secret = _new_secret()
    stored = unseal(endpoint.sealed_secrets)
    endpoint.sealed_secrets = seal({"current": secret, "previous": stored.get("current", "")})
    endpoint.secret_changed_at = timezone.now()
    endpoint.save(update_fields=["sealed_secrets", "secret_changed_at", "updated_at"])
    _tell(endpoint, "webhook.secret_changed", actor)
    return secret


def secrets_of(endpoint: WebhookEndpoint) -> list[str]:
    """Give the secrets that sign now, the newest first; raise CannotOpen when no key opens them."""
    stored = unseal(endpoint.sealed_secrets)
    changed_at = endpoint.secret_changed_at
    is_recent = changed_at is not None and timezone.now() < changed_at + BOTH_SECRETS_FOR
    return [stored[name] for name in ("current", "previous") if stored.get(name) and (name == "current" or is_recent)]


@transaction.atomic
def reseal_endpoint(*, endpoint: WebhookEndpoint, actor: Actor) -> bool:
    """Seal the secrets with the first key; raise CannotOpen when no key opens them. False: nothing is stored."""
    sealed = endpoint.sealed_secrets
    stored = WebhookEndpoint.objects.filter(pk=endpoint.pk, sealed_secrets=sealed).exclude(sealed_secrets="")
    if not stored.update(sealed_secrets=reseal(sealed)):
        return False
    _tell(endpoint, "webhook.secret_resealed", actor)
    return True


@transaction.atomic
def pause_endpoint(*, endpoint: WebhookEndpoint, reason: str, actor: Actor) -> bool:
    """Send nothing to the address; what happens meanwhile waits. False when it was paused already."""
    changed = WebhookEndpoint.objects.filter(pk=endpoint.pk, paused_at=None).update(
        paused_at=timezone.now(), paused_reason=reason[:300]
    )
    if changed:
        _tell(endpoint, "webhook.paused", actor, reason)
    return bool(changed)


@transaction.atomic
def resume_endpoint(*, endpoint: WebhookEndpoint, actor: Actor) -> bool:
    """Send again what waited; its three days begin now. False when it was not paused."""
    now = timezone.now()
    changed = WebhookEndpoint.objects.filter(pk=endpoint.pk, paused_at__isnull=False).update(
        paused_at=None, paused_reason="", failures=0, failing_since=None, rests_until=None
    )
    if changed:
        waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=HookState.WAITING)
        waiting.update(next_attempt_at=now, expires_at=now + GIVEN_UP_AFTER)
        _tell(endpoint, "webhook.resumed", actor)
        ring(endpoint.client_id)
    return bool(changed)


@transaction.atomic
def resend(*, delivery: WebhookDelivery, actor: Actor) -> None:
    """Send once more, by hand, the same bytes with the same id. Raises IllegalMove and StaleState."""
    _again(delivery)
    _tell(delivery.endpoint, "webhook.resent", actor, str(delivery.event.uid))
    ring(delivery.client_id)


@transaction.atomic
def resend_failed(*, endpoint: WebhookEndpoint, actor: Actor) -> int:
    """Put all that was given up at an address back in line, at most RESENT_AT_ONCE; give how many."""
    failed = WebhookDelivery.objects.filter(endpoint=endpoint, state=HookState.FAILED).order_by("event__sequence")
    rows = list(failed[:RESENT_AT_ONCE])
    for row in rows:
        _again(row)
    if rows:
        _tell(endpoint, "webhook.resent", actor, str(len(rows)))
        ring(endpoint.client_id)
    return len(rows)


def _again(delivery: WebhookDelivery) -> None:
    now = timezone.now()
    compare_and_swap(
        delivery,
        HOOK,
        HookState.WAITING,
        attempts=0,
        reason_code="",
        problem="",
        next_attempt_at=now,
        expires_at=now + GIVEN_UP_AFTER,
        updated_at=now,
    )
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(rests_until=None)


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, actor: Actor) -> WebhookDelivery:
    """Send an event of no consequence to one address, signed like any other."""
    data = {"message": "This is a test. Nothing happened."}
    event = _write(endpoint.client, endpoint.sales_point, TEST_EVENT, str(uuid4()), data, "")
    row = _delivery(endpoint, OutgoingEvent.objects.get(uid=event.uid))
    row.save()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(rests_until=None)
    _tell(endpoint, "webhook.tested", actor)
    ring(endpoint.client_id)
    return row


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(SECRET_BYTES)}"


def _tell(endpoint: WebhookEndpoint, action: str, actor: Actor, note: str = "") -> None:
    record(
        action=action,
        actor=actor,
        subject_type="webhook_endpoint",
        subject_id=endpoint.pk,
        client=endpoint.client,
        label=str(endpoint),
        note=note,
    )
