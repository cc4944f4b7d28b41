"""Send what is due, at least once each: the same bytes under the same id until the receiver has answered 2xx.

A row is claimed with a lease, the network is spoken to outside any transaction, and the outcome is written together
with the attempt. A worker that dies in between leaves the row in flight; it is sent again, and the receiver knows the
id. After a failure the whole address rests, ever longer, so that a slow one costs a client's postings seconds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from backoffice.clients.models import Client
from backoffice.common.machine import StaleState
from backoffice.common.secrets import CannotOpen
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.holders import is_dead, new_holder
from backoffice.connections.retry import jitter
from backoffice.contracts.errors import Reason
from backoffice.contracts.webhooks import HookAnswer, HookFailed, WebhookSender
from backoffice.webhooks import retry
from backoffice.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from backoffice.webhooks.selectors import due_deliveries
from backoffice.webhooks.services import publish, secrets_of
from backoffice.webhooks.signing import HEADER, signature
from backoffice.webhooks.states import HOOK, HookState

logger = logging.getLogger(__name__)
#: a client's round: at most so many, and none begins after so many seconds
SENT_A_ROUND = 20
ROUND_S = 3.0
LEASE_S = 60
GIVEN_UP_A_ROUND = 500
EVENT_HEADER, ID_HEADER = "X-Backoffice-Event", "X-Backoffice-Id"


def send_due(client: Client, keep_lane: Callable[[], None] = lambda: None) -> int:
    """Number new events and send what is due; give the number of things done."""
    done = publish(client) + _take_back(client)
    ends_at, holder = time.monotonic() + ROUND_S, new_holder()
    due = due_deliveries().filter(client=client).select_related("endpoint__client", "event")
    silent: set[int] = set()
    for row in list(due.order_by("event__sequence", "id")[:SENT_A_ROUND]):
        if row.endpoint_id in silent:
            continue
        if time.monotonic() > ends_at:
            break
        keep_lane()
        if not _send(row, holder):
            silent.add(row.endpoint_id)
        done += 1
    return done


def _take_back(client: Client) -> int:
    """Put back what a dead worker held: the receiver may have it, and knows it by its id."""
    now, count = timezone.now(), 0
    held = WebhookDelivery.objects.filter(client=client, state=HookState.IN_FLIGHT)
    for row in held:
        if is_dead(row.lease_holder) or (row.lease_until and row.lease_until < now):
            try:
                with transaction.atomic():
                    _log(row, "stopped", detail="The worker stopped while it was sending.")
                    _move(row, HookState.WAITING, next_attempt_at=now)
                count += 1
            except StaleState:
                logger.info("%s was moved by another worker.", row)
    return count


def _send(row: WebhookDelivery, holder: str) -> bool:
    """Send one; False when its address did not take it."""
    now = timezone.now()
    try:
        compare_and_swap(
            row,
            HOOK,
            HookState.IN_FLIGHT,
            attempts=row.attempts + 1,
            lease_holder=holder,
            lease_until=now + timedelta(seconds=LEASE_S),
            updated_at=now,
        )
    except StaleState:  # another worker was first
        return True
    try:
        answer = _post(row)
        if is_taken := 200 <= answer.status < 300:
            _delivered(row, answer)
        else:
            _failed(row, _refusal(answer), answer)
    except HookFailed as error:
        _failed(row, error.reason, HookAnswer(0, error.duration_ms))
        is_taken = False
    except CannotOpen as error:
        _failed(row, Reason("webhook_secret_closed", str(error)), HookAnswer(0, 0))
        is_taken = False
    return is_taken


def _post(row: WebhookDelivery) -> HookAnswer:
    body = row.event.body.encode()
    signed = signature(body, secrets=secrets_of(row.endpoint), at=int(timezone.now().timestamp()))
    send: WebhookSender = import_string(settings.WEBHOOK_SENDER)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": settings.USER_AGENT,
        EVENT_HEADER: row.event.type,
        ID_HEADER: str(row.event.uid),
        HEADER: signed,
    }
    return send(row.endpoint.url, body=body, headers=headers, allows_private=settings.WEBHOOKS_ALLOW_PRIVATE)


def _refusal(answer: HookAnswer) -> Reason:
    if 300 <= answer.status < 400:
        text = f"The address answered {answer.status} and leads elsewhere; redirects are not followed."
        return Reason("webhook_redirect", text)
    return Reason("webhook_refused", f"The address answered {answer.status} instead of 2xx.")


def _delivered(row: WebhookDelivery, answer: HookAnswer) -> None:
    now = timezone.now()
    with transaction.atomic():
        _log(row, "ok", answer, answer.excerpt)
        _move(row, HookState.DELIVERED, delivered_at=now, reason_code="", problem="")
        WebhookEndpoint.objects.filter(pk=row.endpoint_id).update(
            delivered_at=now, failures=0, failing_since=None, rests_until=None
        )


def _failed(row: WebhookDelivery, reason: Reason, answer: HookAnswer) -> None:
    """Try again later, or give up after three days; either way the address rests."""
    now = timezone.now()
    is_over = now >= row.expires_at
    wait_s = answer.retry_after_s
    later = retry.next_attempt_at(attempt=row.attempts, now=now, jitter=jitter(), retry_after_s=wait_s)
    with transaction.atomic():
        _log(row, reason.code, answer, f"{reason.detail} {answer.excerpt}".strip())
        to = HookState.FAILED if is_over else HookState.WAITING
        _move(row, to, next_attempt_at=later, reason_code=reason.code, problem=reason.detail)
        endpoint = WebhookEndpoint.objects.get(pk=row.endpoint_id)
        WebhookEndpoint.objects.filter(pk=row.endpoint_id).update(
            failures=F("failures") + 1,
            failing_since=endpoint.failing_since or now,
            rests_until=retry.rests_until(failures=endpoint.failures + 1, now=now, retry_after_s=wait_s),
        )
    _give_up_others(row.endpoint_id)


def _give_up_others(endpoint_id: int) -> None:
    """The address takes nothing: what has waited three days there is given up, tried itself or not."""
    waiting = WebhookDelivery.objects.filter(
        Q(attempts__gt=0) | Q(endpoint__failing_since__lte=timezone.now() - retry.GIVEN_UP_AFTER),
        endpoint=endpoint_id,
        state=HookState.WAITING,
        expires_at__lte=timezone.now(),
    )
    for row in waiting[:GIVEN_UP_A_ROUND]:
        detail = row.problem or "The address has taken nothing for three days."
        try:
            _move(row, HookState.FAILED, reason_code=row.reason_code or "webhook_given_up", problem=detail)
        except StaleState:
            logger.info("%s was moved by another worker.", row)


def _log(row: WebhookDelivery, outcome: str, answer: HookAnswer | None = None, detail: str = "") -> None:
    WebhookAttempt.objects.create(
        delivery=row,
        at=timezone.now(),
        outcome=outcome[:40],
        http_status=answer.status if answer and answer.status else None,
        duration_ms=answer.duration_ms if answer else 0,
        detail=detail,
    )


def _move(row: WebhookDelivery, to: HookState, **changes: object) -> None:
    compare_and_swap(row, HOOK, to, lease_until=None, lease_holder="", updated_at=timezone.now(), **changes)
