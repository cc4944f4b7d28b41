"""From entries to the database: one transaction, everything validated, nothing written where nothing changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db import transaction

from backoffice.audit.services import Actor
from backoffice.clients.models import Client, SalesPoint
from backoffice.console.setup_file import schema
from backoffice.console.setup_file.linking import Linker
from backoffice.console.setup_file.mapping import Mapper
from backoffice.console.setup_file.outside import Outside
from backoffice.console.setup_file.reading import ClientEntry, Entry, PointEntry
from backoffice.console.setup_file.report import Report
from backoffice.console.setup_file.schema import Field
from backoffice.console.setup_file.tree import SetupRefused
from backoffice.console.setup_file.work import Work
from backoffice.invoices.models import DocumentPolicy, SellerProfile
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.identifiers import parse_nip, parse_organisation_number
from backoffice.ledger.money import Money


def apply_setup(
    clients: Iterable[ClientEntry], *, actor: Actor, environment: Mapping[str, str], is_check: bool = False
) -> Report:
    """Bring the database to what the file says; raise SetupRefused with every problem, and change nothing then.

    What the file does not name stays as it is. environment holds the variables that secrets are taken from.
    is_check does everything and takes it back.
    """
    work = Work(actor, environment)
    with transaction.atomic():
        for entry in clients:
            _client(work, entry)
        if work.problems:
            raise SetupRefused(work.problems)
        if is_check:
            transaction.set_rollback(True)
    return work.report


def _client(work: Work, entry: ClientEntry) -> None:
    """Take a client with all that stands under it; under one that is refused nothing is looked at."""
    entry = replace(entry, values=dict(entry.values))
    key = entry.values["key"]
    client = Client.objects.filter(key=key).first()
    if client is None:
        client = Client(key=key, **schema.DEFAULTS_BY_COUNTRY.get(entry.values.get("country", ""), {}))
        if not _has_all(work, entry, schema.CLIENT, key):
            return
    can_be_read = [_read_amount(work, entry, client), _read_organisation_number(work, entry, client)]
    if not all(can_be_read) or not work.save(client, entry, "client", f"client {key}"):
        return
    _seller(work, client, entry.seller)
    for point in entry.sales_points:
        _sales_point(work, client, point)
    linker = Linker(work, client)
    for connection in entry.connections:
        linker.connection(connection)
    Mapper(work, client).rules(entry)
    Outside(work, client).take(entry)


def _sales_point(work: Work, client: Client, entry: PointEntry) -> None:
    key = entry.values["key"]
    point = SalesPoint.objects.filter(client=client, key=key).first()
    if point is None:
        point = SalesPoint(client=client, key=key)
        if not _has_all(work, entry, schema.SALES_POINT, key):
            return
    is_saved = work.save(point, entry, "sales_point", f"sales point {client.key}/{key}")
    if is_saved and entry.documents is not None:
        policy = DocumentPolicy.objects.filter(sales_point=point).first() or DocumentPolicy(sales_point=point)
        work.save(policy, entry.documents, "document_policy", f"documents of {client.key}/{key}")


def _seller(work: Work, client: Client, entry: Entry | None) -> None:
    """Take what documents say about the client as the seller."""
    if entry is None:
        return
    row = SellerProfile.objects.filter(client=client).first()
    what = f"seller details {client.key}"
    if row is None:
        row = SellerProfile(client=client)
        if not _has_all(work, entry, schema.SELLER, what):
            return
    work.save(row, entry, "seller", what)


def _has_all(work: Work, entry: Entry, fields: Iterable[Field], what: str) -> bool:
    missing = [one.key for one in fields if one.is_required and one.name not in entry.values]
    for key in missing:
        work.complain(entry.line, f"{key} is missing, and {what} is new.")
    return not missing


def _read_amount(work: Work, entry: ClientEntry, client: Client) -> bool:
    """Read automatic_up_to, whose decimals hang on the client's currency."""
    text = entry.values.get("automatic_up_to_minor")
    if text is None:
        return True
    line = entry.line_for("automatic_up_to_minor")
    try:
        amount = Money.parse(text, entry.values.get("currency", client.currency))
    except LedgerError as error:
        work.complain(line, str(error))
        return False
    if amount.minor < 0:
        work.complain(line, "automatic_up_to must not be negative.")
        return False
    entry.values["automatic_up_to_minor"] = amount.minor
    return True


def _read_organisation_number(work: Work, entry: ClientEntry, client: Client) -> bool:
    """Hold the number against the country's check digit and keep it in one form."""
    number = entry.values.get("organisation_number")
    if number is None:
        return True
    parse = parse_nip if entry.values.get("country", client.country) == "PL" else parse_organisation_number
    try:
        entry.values["organisation_number"] = parse(number)
    except LedgerError as error:
        work.complain(entry.line_for("organisation_number"), str(error))
        return False
    return True
