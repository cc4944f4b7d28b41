"""Take in a settlement file, or rows that somebody sends: stored byte for byte and read in the same transaction.

A file that a person uploads is stored first: what cannot be read waits in the inbox with its error, is read again
after an update or under another provider, or is deleted by a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.clients.models import ApiKey, Client, SalesPoint
from backoffice.connections.inbox import accept, finish, read_again
from backoffice.connections.models import Connection, EventSource, InboundEvent
from backoffice.connections.providers import payout_reader, payout_source
from backoffice.connections.states import EventState
from backoffice.contracts.errors import ProviderError, UnreadablePayload
from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.errors import LedgerError
from backoffice.settlements.services import RecordedStatement, record_statement
from backoffice.vouchers.services import NotAllowed

TOPIC = "payouts"
#: whoever uploaded a file reads it; a worker does where that has not come to its end by then
READ_BY_A_WORKER_AFTER = timedelta(minutes=5)


@transaction.atomic
def take_in_file(
    *,
    client: Client,
    provider: str,
    body: bytes,
    filename: str = "",
    method: str = "",
    sales_point: SalesPoint | None = None,
    connection: Connection | None = None,
    api_key: ApiKey | None = None,
) -> list[RecordedStatement]:
    """Read a provider's settlement file and record it; the same file again changes nothing.

    Raises UnreadablePayload with what was expected and what to do, and Misconfigured for a provider that nobody knows;
    nothing is stored then.
    """
    statements = _parse(provider, body, filename, connection)
    return take_in_statements(
        client=client,
        provider=provider,
        statements=statements,
        body=body,
        headers={},
        source=EventSource.FILE,
        method=method,
        sales_point=sales_point,
        connection=connection,
        api_key=api_key,
    )


def _parse(
    provider: str, body: bytes, filename: str, connection: Connection | None = None
) -> Sequence[ProviderStatement]:
    source = payout_source(connection) if connection is not None else payout_reader(provider)
    statements = source.parse(body, filename=filename)
    if not statements:
        raise UnreadablePayload("The file has no rows, payouts or balances.")
    return statements


@transaction.atomic
def keep_file(
    *,
    client: Client,
    provider: str,
    body: bytes,
    filename: str = "",
    method: str = "",
    sales_point: SalesPoint | None = None,
) -> InboundEvent:
    """Store a file that a person uploads, to be read with read_file. One that waits already is taken up again."""
    reading = {"provider": provider, "method": method, "filename": filename[:200]}
    sha256 = hashlib.sha256(body).hexdigest()
    waiting = (EventState.RECEIVED, EventState.UNREADABLE)
    mine = InboundEvent.objects.filter(client=client, source=EventSource.FILE, topic=TOPIC, body_sha256=sha256)
    event = mine.select_for_update(of=("self",)).filter(state__in=waiting).first()
    if event is None:
        point, source = sales_point, EventSource.FILE
        event = accept(client=client, sales_point=point, source=source, topic=TOPIC, body=body, headers={}).event
    elif event.state == EventState.UNREADABLE:
        read_again(event)
    event.reading, event.sales_point = reading, sales_point
    event.next_attempt_at = timezone.now() + READ_BY_A_WORKER_AFTER
    event.save(update_fields=["reading", "sales_point", "next_attempt_at"])
    return event


@transaction.atomic
def read_file(*, event_id: int) -> list[RecordedStatement]:
    """Read a stored file and record it. What cannot be read is marked so, with its error, and nothing is recorded."""
    InboundEvent.objects.select_for_update(of=("self",)).get(pk=event_id)
    event = InboundEvent.objects.select_related("client", "sales_point").get(pk=event_id)
    if event.state != EventState.RECEIVED:
        return []
    provider, method = event.reading["provider"], event.reading["method"]
    point = event.sales_point
    try:
        with transaction.atomic():
            statements = _parse(provider, bytes(event.body), event.reading["filename"])
            common = {"client": event.client, "provider": provider, "method": method, "sales_point": point}
            recorded = [record_statement(**common, statement=one, event=event) for one in statements]
    except (UnreadablePayload, LedgerError, ProviderError) as error:
        finish(event, to=EventState.UNREADABLE, note=str(error))
        return []
    finish(event, to=EventState.PROCESSED, note=" ".join(one.note for one in recorded))
    return recorded


@transaction.atomic
def delete_file(*, event_id: int, actor: Actor) -> None:
    """Delete the bytes of an uploaded file that cannot be read; that it was there stays in the audit trail."""
    InboundEvent.objects.select_for_update(of=("self",)).get(pk=event_id)
    event = InboundEvent.objects.select_related("client").get(pk=event_id)
    if not may_be_deleted(event):
        raise NotAllowed("Only an uploaded file that cannot be read can be deleted.")
    why = event.note
    finish(event, to=EventState.IGNORED, note=f"Deleted by {actor.label}.")
    InboundEvent.objects.filter(pk=event.pk).update(body=b"")
    record(
        action="inboundevent.file_deleted",
        actor=actor,
        subject_type="inboundevent",
        subject_id=event.pk,
        client=event.client,
        label=event.reading["filename"],
        before={"state": EventState.UNREADABLE, "sha256": event.body_sha256},
        after={"state": EventState.IGNORED},
        note=why,
    )


def may_be_deleted(event: InboundEvent) -> bool:
    """Say whether an event is an uploaded file that nobody could read."""
    return event.state == EventState.UNREADABLE and bool(event.reading)


@transaction.atomic
def take_in_statements(
    *,
    client: Client,
    provider: str,
    statements: Sequence[ProviderStatement],
    body: bytes,
    headers: Mapping[str, str],
    source: str = EventSource.API,
    method: str = "",
    sales_point: SalesPoint | None = None,
    connection: Connection | None = None,
    api_key: ApiKey | None = None,
) -> list[RecordedStatement]:
    """Store what arrived and record the statements that were read from it."""
    accepted = accept(
        client=client,
        sales_point=sales_point,
        connection=connection,
        api_key=api_key,
        source=source,
        topic=TOPIC,
        body=body,
        headers=headers,
        is_processed=True,
    )
    return [
        record_statement(
            client=client,
            provider=provider,
            statement=one,
            event=accepted.event,
            method=method,
            sales_point=sales_point,
            connection=connection,
        )
        for one in statements
    ]
