"""The outbox: one function per move of a delivery. Every move is a compare-and-swap that counts rows.

A worker that wants to send claims the row: state in_flight, a lease, a holder. Only the holder may move it on. A lease
that runs out means that the worker died: if the request had not been stored, nothing was sent and the row waits again;
otherwise it is in doubt and is looked up before anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backoffice.clients.models import Client
from backoffice.common.codec import sha256, to_builtins
from backoffice.common.machine import StaleState
from backoffice.common.transitions import compare_and_swap
from backoffice.connections import retry
from backoffice.connections.models import Connection, Delivery, DeliveryAttempt
from backoffice.connections.queue import ring
from backoffice.connections.states import DELIVERY, DeliveryState
from backoffice.contracts.accounting import Document, Receipt, Request
from backoffice.contracts.errors import ProviderError, Reason
from backoffice.ledger.money import Money

#: names of this house's references; changing it would make every reference new
NAMESPACE = UUID("6f1d3c0a-5b7e-4f0e-9a51-2f8f6f0f7c11")
#: pause between questions how a taken-in document is doing: doubles up to the last
FIRST_QUESTION_S, LAST_QUESTION_S, LAST_NUMBER_QUESTION_S = 2, 600, 6 * 3_600


def reference_of(client: Client, kind: str, source: str, generation: int = 0) -> UUID:
    """Give the reference that the other side keeps unique: the same document always has the same one."""
    return uuid5(NAMESPACE, f"{client.key}/{kind}/{source}/{generation}")


@transaction.atomic
def enqueue(
    *,
    connection: Connection,
    kind: str,
    subject_type: str,
    subject_id: int,
    generation: int,
    reference: UUID,
    document: Document,
    total: Money,
    dated_on: date,
) -> Delivery:
    """Write a delivery in the caller's transaction and ring on commit; the same document twice is an IntegrityError."""
    delivery = Delivery.objects.create(
        client=connection.client,
        connection=connection,
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        generation=generation,
        reference=reference,
        document=to_builtins(document),
        document_sha256=sha256(document),
        total_minor=total.minor,
        currency=total.currency,
        dated_on=dated_on,
        next_attempt_at=timezone.now(),
    )
    ring(connection.client_id)
    return delivery


def claim(delivery: Delivery, *, holder: str) -> bool:
    """Take a due delivery for sending; False when another worker was first."""
    now = timezone.now()
    try:
        compare_and_swap(
            delivery,
            DELIVERY,
            DeliveryState.IN_FLIGHT,
            lease_until=now + timedelta(seconds=settings.LEASE_S),
            lease_holder=holder,
            attempts=delivery.attempts + 1,
        )
    except StaleState:
        return False
    return True


def keep(delivery: Delivery, *, holder: str) -> None:
    """Say that the stored bytes go out now; raise StaleState when the lease was lost."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.LEASE_S)
    held = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.IN_FLIGHT, lease_holder=holder)
    if held.update(lease_until=until, sent_at=now) != 1:
        raise StaleState(f"{delivery} was taken over by another worker.")
    delivery.lease_until, delivery.sent_at = until, now


def freeze_request(delivery: Delivery, request: Request, *, holder: str) -> None:
    """Store the exact bytes before they are sent; raise StaleState when the lease was lost meanwhile."""
    values: dict[str, Any] = {
        "request": to_builtins(request),
        "sent_at": timezone.now(),
        "lease_until": timezone.now() + timedelta(seconds=settings.LEASE_S),
    }
    held = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.IN_FLIGHT, lease_holder=holder)
    if held.update(**values) != 1:
        raise StaleState(f"{delivery} was taken over by another worker.")
    for name, value in values.items():
        setattr(delivery, name, value)


def acknowledge(delivery: Delivery, receipt: Receipt, *, number_follows: bool = False) -> None:
    """The other side has it: delivered. number_follows: it deals the voucher number later and is asked again."""
    due = timezone.now() + timedelta(seconds=FIRST_QUESTION_S) if number_follows else None
    compare_and_swap(
        delivery,
        DELIVERY,
        DeliveryState.DELIVERED,
        delivered_at=timezone.now(),
        external_id=receipt.external_id,
        receipt=to_builtins(receipt),
        reasons=[],
        lease_until=None,
        lease_holder="",
        doubted_at=None,
        number_due_at=due,
        look_ups=0,
    )


def ask_number_later(delivery: Delivery) -> None:
    """The number is not dealt yet: ask again, ever less often."""
    wait_s = min(FIRST_QUESTION_S * 2 ** min(delivery.look_ups + 1, 12), LAST_NUMBER_QUESTION_S)
    Delivery.objects.filter(pk=delivery.pk).update(
        look_ups=delivery.look_ups + 1, number_due_at=timezone.now() + timedelta(seconds=wait_s)
    )


def keep_number(delivery: Delivery, receipt: Receipt) -> None:
    """The number is known now."""
    Delivery.objects.filter(pk=delivery.pk).update(number_due_at=None, receipt=to_builtins(receipt))


def take_in(delivery: Delivery, receipt: Receipt) -> None:
    """The other side has taken it in and works on it; it is asked about from now on."""
    compare_and_swap(
        delivery,
        DELIVERY,
        DeliveryState.ACCEPTED,
        external_id=receipt.external_id,
        receipt=to_builtins(receipt),
        next_attempt_at=timezone.now() + timedelta(seconds=FIRST_QUESTION_S),
        look_ups=0,
        lease_until=None,
        lease_holder="",
        doubted_at=None,
    )


def ask_later(delivery: Delivery) -> None:
    """Still worked on over there: ask again, ever less often."""
    wait_s = min(FIRST_QUESTION_S * 2 ** min(delivery.look_ups, 10), LAST_QUESTION_S)
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.ACCEPTED).update(
        look_ups=delivery.look_ups + 1,
        next_attempt_at=timezone.now() + timedelta(seconds=wait_s),
    )


def postpone(delivery: Delivery, error: ProviderError, *, retry_after_s: int | None = None) -> None:
    """It certainly did not run: wait and try again with the same reference."""
    compare_and_swap(
        delivery,
        DELIVERY,
        DeliveryState.WAITING,
        next_attempt_at=retry.next_attempt_at(
            attempt=delivery.attempts,
            now=timezone.now(),
            jitter=retry.jitter(),
            retry_after_s=retry_after_s,
        ),
        reasons=[asdict(Reason("waiting", error.describe()))],
        lease_until=None,
        lease_holder="",
    )


def doubt(delivery: Delivery) -> None:
    """It may have run: look it up before anything else."""
    now = timezone.now()
    compare_and_swap(
        delivery,
        DELIVERY,
        DeliveryState.IN_DOUBT,
        doubted_at=now,
        look_ups=0,
        next_attempt_at=retry.next_look_up_at(look_ups=0, now=now, wait_s=settings.DOUBT_WAIT_S),
        lease_until=None,
        lease_holder="",
    )


def look_up_later(delivery: Delivery, *, found_nothing: bool) -> None:
    """Still in doubt. A look-up that found nothing counts towards the proof of absence; one that failed does not.

    One that keeps failing comes ever less often, by how long the doubt has lasted.
    """
    now = timezone.now()
    look_ups = delivery.look_ups + (1 if found_nothing else 0)
    due = retry.next_look_up_at(look_ups=look_ups, now=now, wait_s=settings.DOUBT_WAIT_S)
    if not found_nothing and delivery.doubted_at is not None:
        lasted = min(now - delivery.doubted_at, timedelta(seconds=4 * retry.MAX_RETRY_AFTER_S))
        due = max(due, now + lasted / 4)
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.IN_DOUBT).update(look_ups=look_ups, next_attempt_at=due)
    delivery.look_ups = look_ups


def send_again(delivery: Delivery) -> None:
    """Proved absent: the same bytes under the same reference go out once more."""
    compare_and_swap(
        delivery,
        DELIVERY,
        DeliveryState.WAITING,
        next_attempt_at=timezone.now(),
        doubted_at=None,
    )


def refuse(delivery: Delivery, reasons: Sequence[Reason]) -> None:
    """Understood and refused: a person must act."""
    compare_and_swap(
        delivery,
        DELIVERY,
        DeliveryState.FAILED,
        reasons=[asdict(reason) for reason in reasons],
        lease_until=None,
        lease_holder="",
        doubted_at=None,
    )


def resend(delivery: Delivery, *, document: Document | None = None, total: Money | None = None) -> None:
    """Put a failed delivery back in line, with a new document where a person mended it; same reference, new bytes."""
    changes: dict[str, Any] = {
        "request": None,
        "attempts": 0,
        "reasons": [],
        "doubted_at": None,
        "next_attempt_at": timezone.now(),
    }
    if document is not None:
        changes |= {"document": to_builtins(document), "document_sha256": sha256(document)}
    if total is not None:
        changes |= {"total_minor": total.minor, "currency": total.currency}
    compare_and_swap(delivery, DELIVERY, DeliveryState.WAITING, **changes)
    ring(delivery.client_id)


def withdraw(delivery: Delivery) -> None:
    """Draw back what never took effect."""
    compare_and_swap(delivery, DELIVERY, DeliveryState.WITHDRAWN)


def ask_now(delivery: Delivery) -> None:
    """Bring the next look-up or question forward to now."""
    Delivery.objects.filter(
        pk=delivery.pk,
        state__in=[
            DeliveryState.IN_DOUBT,
            DeliveryState.ACCEPTED,
            DeliveryState.WAITING,
        ],
    ).update(next_attempt_at=timezone.now())
    ring(delivery.client_id)


def note_attempt(
    delivery: Delivery,
    *,
    operation: str,
    outcome: str,
    error: ProviderError | None = None,
    detail: str = "",
) -> None:
    """Keep one conversation for the timeline: what was asked, what came back."""
    DeliveryAttempt.objects.create(
        delivery=delivery,
        at=timezone.now(),
        operation=operation,
        outcome=outcome,
        http_status=error.http_status if error else None,
        request_id=(error.request_id if error else "")[:100],
        detail=(error.describe() if error else detail),
    )
