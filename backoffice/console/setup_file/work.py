"""What all parts of an import share: problems so far, what was done, and the one way to save a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from backoffice.audit.services import Actor
from backoffice.clients.models import Client, SalesPoint
from backoffice.connections.models import Connection
from backoffice.console.setup.audited import record_change, values_of
from backoffice.console.setup_file.reading import Entry
from backoffice.console.setup_file.report import Done, Outcome, Report
from backoffice.console.setup_file.tree import Problem
from backoffice.invoices.models import DocumentPolicy, SellerProfile
from backoffice.settlements.models import ProviderAccount
from backoffice.webhooks.models import WebhookEndpoint

Row = Client | SalesPoint | Connection | SellerProfile | DocumentPolicy | ProviderAccount | WebhookEndpoint
R = TypeVar("R", bound=Row)


class Work:
    """One import: what is wrong so far, and what was done."""

    def __init__(self, actor: Actor, environment: Mapping[str, str]) -> None:
        self.actor = actor
        self.environment = environment
        self.problems: list[Problem] = []
        self.report = Report()

    def complain(self, line: int, text: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(line, text))

    def save(self, row: R, entry: Entry, noun: str, what: str) -> bool:
        """Set what the entry says, validate, save and tell the audit trail; nothing where nothing changed."""
        is_new = row._state.adding
        before = {} if is_new else values_of(row)
        for column, value in entry.values.items():
            setattr(row, column, value)
        changed = [] if is_new else [name for name, value in values_of(row).items() if value != before[name]]
        if not is_new and not changed:
            self.report.done.append(Done(what, Outcome.UNCHANGED))
            return True
        try:
            row.full_clean()
        except ValidationError as error:
            self._complain_of(error, entry)
            return False
        row.save()
        record_change(obj=row, noun=noun, client=_client_of(row), actor=self.actor, before=before)
        outcome = Outcome.CREATED if is_new else Outcome.CHANGED
        self.report.done.append(Done(what, outcome, ", ".join(changed)))
        return True

    def _complain_of(self, error: ValidationError, entry: Entry) -> None:
        messages: dict[str, Any] = error.message_dict
        for column, texts in messages.items():
            where = entry.line if column == NON_FIELD_ERRORS else entry.line_for(column)
            for text in texts:
                self.complain(where, text if column == NON_FIELD_ERRORS else f"{column}: {text}")


def _client_of(row: Row) -> Client:
    if isinstance(row, Client):
        return row
    return row.sales_point.client if isinstance(row, DocumentPolicy) else row.client
