"""Take in a settlement file, or rows that somebody sends: stored byte for byte and read in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from backoffice.clients.models import ApiKey, Client, SalesPoint
from backoffice.connections.inbox import accept
from backoffice.connections.models import Connection, EventSource
from backoffice.connections.providers import payout_reader, payout_source
from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.payouts import ProviderStatement
from backoffice.settlements.services import RecordedStatement, record_statement


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
    source = payout_source(connection) if connection is not None else payout_reader(provider)
    statements = source.parse(body, filename=filename)
    if not statements:
        raise UnreadablePayload("The file has no rows, payouts or balances.")
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
        topic="payouts",
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
