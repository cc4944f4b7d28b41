"""From the inbox to recorded sales and payouts: read a stored event, once, and say what became of it."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.connections import inbox
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.providers import payout_source, sales_channel
from backoffice.connections.selectors import providers_of
from backoffice.connections.services import pause
from backoffice.connections.states import EventState
from backoffice.contracts.errors import Misconfigured, ProviderError, Retryable, UnreadablePayload
from backoffice.contracts.payouts import PayoutSource, ProviderStatement
from backoffice.contracts.sales import Ignored, PaymentDetails, RefundDetails, SaleCancelled, SaleDetails, SalesEvent
from backoffice.ledger.errors import LedgerError
from backoffice.sales.models import Sale
from backoffice.sales.services import (
    ReferenceUsed,
    mark_cancelled,
    mark_needs_person,
    record_payment,
    record_refund,
    record_sale,
)
from backoffice.settlements.services import record_statement
from backoffice.vouchers.models import SourceType
from backoffice.vouchers.services import withdraw
from backoffice.vouchers.states import OPEN
from backoffice.workflows.batches import take_out
from backoffice.workflows.payout_files import read_file

logger = logging.getLogger(__name__)
INTAKE = Actor.system("intake")
#: after so many failed readings an event is shown to a person
MAX_READINGS = 8


def ingest_event(*, event_id: int) -> None:
    """Read one stored event and record what it reports. Doing it twice changes nothing; nothing is ever dropped."""
    event = InboundEvent.objects.select_related("client", "sales_point__client", "connection__client").get(pk=event_id)
    if event.state == EventState.RECEIVED and event.reading:
        read_file(event_id=event.pk)
        return
    if event.state != EventState.RECEIVED or event.connection is None:
        return
    try:
        reported = _read(event, event.connection)
    except UnreadablePayload as error:
        inbox.finish(event, to=EventState.UNREADABLE, note=str(error))
        return
    except Misconfigured as error:
        pause(connection=event.connection, reason=error.describe(), actor=INTAKE)
        inbox.postpone(event, why=error.describe())
        return
    except ProviderError as error:
        retry_after_s = error.retry_after_s if isinstance(error, Retryable) else None
        _try_later(event, error.describe(), retry_after_s)
        return
    try:
        _record_all(event, reported)
    except (LedgerError, ReferenceUsed, UnreadablePayload) as error:
        inbox.finish(event, to=EventState.UNREADABLE, note=str(error))


def _read(event: InboundEvent, connection: Connection) -> tuple[SalesEvent | ProviderStatement, ...]:
    """Let the connection's adapter read the stored bytes."""
    if connection.provider in providers_of(PayoutSource):
        return payout_source(connection).parse(bytes(event.body))
    return sales_channel(connection).parse(bytes(event.body), event.headers)


def _try_later(event: InboundEvent, why: str, retry_after_s: int | None = None) -> None:
    if event.attempts + 1 >= MAX_READINGS:
        inbox.finish(event, to=EventState.UNREADABLE, note=why)
    else:
        inbox.postpone(event, why=why, retry_after_s=retry_after_s)


def unforeseen(event_id: int) -> None:
    """A mistake of ours while reading: try later, then show it to a person; the body stays."""
    _try_later(InboundEvent.objects.get(pk=event_id), "Something went wrong while reading. The log has the details.")


@transaction.atomic
def _record_all(event: InboundEvent, reported: tuple[SalesEvent | ProviderStatement, ...]) -> None:
    notes = [_record(event, one) for one in reported]
    is_ignored = all(isinstance(one, Ignored) for one in reported)
    to = EventState.IGNORED if is_ignored else EventState.PROCESSED
    inbox.finish(event, to=to, note=" ".join(notes) or "Nothing to record.")


def _record(event: InboundEvent, reported: SalesEvent | ProviderStatement) -> str:
    if isinstance(reported, ProviderStatement):
        return _record_statement(event, reported)
    sales_point = event.sales_point
    if sales_point is None:
        raise UnreadablePayload("The connection belongs to no sales point; choose one on the connection.")
    match reported:
        case SaleDetails():
            sale = record_sale(sales_point=sales_point, sale=reported, event=event)
            notes = "".join(f" {note}" for note in reported.notes)
            return f"Sale {reported.reference}: {sale.outcome}.{notes}"
        case PaymentDetails():
            payment = record_payment(sales_point=sales_point, payment=reported, event=event)
            return f"Payment {reported.reference}: {payment.outcome}."
        case RefundDetails():
            refund = record_refund(sales_point=sales_point, refund=reported, event=event)
            return f"Refund {reported.reference}: {refund.outcome}."
        case SaleCancelled():
            return _cancel(event, reported)
        case Ignored():
            return reported.why


def _record_statement(event: InboundEvent, statement: ProviderStatement) -> str:
    connection = event.connection
    recorded = record_statement(
        client=event.client,
        provider=connection.provider if connection else "",
        statement=statement,
        event=event,
        sales_point=event.sales_point,
        connection=connection,
    )
    return " ".join((recorded.note, *statement.notes))


def _cancel(event: InboundEvent, cancelled: SaleCancelled) -> str:
    """Draw the voucher back while nothing is over there; else a person must credit what was posted."""
    sale = (
        Sale.objects.select_related("client", "voucher")
        .filter(sales_point=event.sales_point, reference=cancelled.reference)
        .first()
    )
    if sale is None:
        return f"Sale {cancelled.reference} was cancelled before it was ever reported."
    voucher = sale.voucher
    if voucher is not None and voucher.state not in OPEN:
        mark_needs_person(row=sale, why=f"{cancelled.why} Its voucher is {voucher.state}; credit it in the books.")
        return f"Sale {sale.reference} was cancelled after its voucher was approved: shown to a person."
    if voucher is not None and voucher.source_type == SourceType.SALES_DAY:
        take_out(sale)
    elif voucher is not None:
        withdraw(voucher_id=voucher.pk, actor=INTAKE, reason=cancelled.why)
    if sale.payments.filter(voucher__isnull=False).exists():
        mark_needs_person(row=sale, why=f"{cancelled.why} It was paid; the money back has not been reported yet.")
        return f"Sale {sale.reference} was cancelled, but it had been paid: shown to a person."
    sale.payments.update(is_cancelled=True, updated_at=timezone.now())
    mark_cancelled(sale=sale, why=cancelled.why)
    return f"Sale {sale.reference} was cancelled."
