"""Ask the other side about what it has taken in: how a sending went, which number a voucher got."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.utils import timezone

from backoffice.common.codec import from_builtins
from backoffice.common.machine import StaleState
from backoffice.connections import outbox
from backoffice.connections.models import Connection, Delivery
from backoffice.connections.states import DeliveryState
from backoffice.contracts.accounting import AccountingSystem, Receipt, Request
from backoffice.contracts.errors import Misconfigured, Permanent, ProviderError
from backoffice.vouchers import moves

logger = logging.getLogger(__name__)
#: how many taken-in documents one question asks about
QUESTION_BATCH = 200
#: how many missing voucher numbers a round asks for
NUMBER_BATCH = 5
#: after so long a taken-in document is asked about by a call of its own
OVERDUE = timedelta(seconds=60)


def ask_outcomes(connection: Connection, system: AccountingSystem, keep_lane: Callable[[], None]) -> int:
    """Ask about everything that was taken in and is due, in as few calls as possible; give how many."""
    due = Delivery.objects.filter(
        client=connection.client,
        connection=connection,
        state=DeliveryState.ACCEPTED,
        next_attempt_at__lte=timezone.now(),
    )
    waiting = {str(delivery.reference): delivery for delivery in due.order_by("next_attempt_at", "id")[:QUESTION_BATCH]}
    if not waiting:
        return 0
    keep_lane()
    for reference, outcome in _outcomes(waiting, system).items():
        try:
            _settle(waiting[reference], outcome)
        except StaleState:
            logger.info("%s was moved by another worker.", waiting[reference])
    return len(waiting)


def _outcomes(waiting: Mapping[str, Delivery], system: AccountingSystem) -> dict[str, Receipt | Permanent | None]:
    late = timezone.now() - OVERDUE
    overdue = [reference for reference, one in waiting.items() if one.sent_at and one.sent_at < late]
    found: Mapping[str, Receipt | Permanent] = {}
    try:
        found = system.outcomes([from_builtins(one.request, Request) for one in waiting.values()], overdue=overdue)
    except Misconfigured:
        raise
    except ProviderError as error:
        logger.warning("Asking about %s documents failed: %s", len(waiting), error.describe())
    except Exception:
        logger.exception("Unforeseen error while asking about %s documents.", len(waiting))
    return {reference: found.get(reference) for reference in waiting}


def _settle(delivery: Delivery, outcome: Receipt | Permanent | None) -> None:
    if outcome is None:
        outbox.ask_later(delivery)
    elif isinstance(outcome, Receipt):
        outbox.note_attempt(delivery, operation="ask", outcome="ok", detail=outcome.invoice_number)
        moves.received(delivery, outcome)
    else:
        outbox.note_attempt(delivery, operation="ask", outcome=type(outcome).__name__, error=outcome)
        moves.refuse(delivery, outcome.reasons)


def ask_numbers(connection: Connection, system: AccountingSystem, keep_lane: Callable[[], None]) -> int:
    """Ask for voucher numbers that were not dealt yet when the voucher was posted; give how many came."""
    waiting = Delivery.objects.filter(
        client=connection.client, connection=connection, number_due_at__lte=timezone.now()
    )
    found = 0
    for delivery in waiting.order_by("number_due_at")[:NUMBER_BATCH]:
        keep_lane()
        receipt = None
        try:
            receipt = system.find(from_builtins(delivery.request, Request))
        except Misconfigured:
            raise
        except ProviderError as error:
            logger.warning("Asking for the number of %s failed: %s", delivery, error.describe())
        except Exception:
            logger.exception("Unforeseen error while asking for the number of %s.", delivery)
        if receipt is not None and receipt.number:
            moves.numbered(delivery, receipt)
            found += 1
        else:
            outbox.ask_number_later(delivery)
    return found
