"""Connections of the set-up file: settings beside the key, secrets from the environment, sealed at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backoffice.clients.models import Client, SalesPoint
from backoffice.common.secrets import CannotOpen, unseal
from backoffice.connections.models import Connection
from backoffice.connections.providers import build_provider, load_provider
from backoffice.connections.services import save_secrets
from backoffice.console.setup_file.reading import ConnectionEntry
from backoffice.console.setup_file.report import Done, Outcome
from backoffice.console.setup_file.work import Work
from backoffice.contracts.errors import Misconfigured
from backoffice.contracts.provider import config_problems
from backoffice.contracts.sales import SalesChannel


class Linker:
    """Takes one client's connections."""

    def __init__(self, work: Work, client: Client) -> None:
        self.work = work
        self.client = client
        self.points = {point.key: point for point in SalesPoint.objects.filter(client=client)}

    def connection(self, entry: ConnectionEntry) -> None:
        """Take one connection; values that cannot work are a problem."""
        entry = replace(entry, values=dict(entry.values))
        key, provider = entry.values["key"], entry.values["provider"]
        row = Connection.objects.filter(client=self.client, key=key).select_related("client", "sales_point").first()
        row = row or Connection(client=self.client, key=key, provider=provider)
        if row.provider != provider:
            text = f"{key} is a connection to {row.provider} and stays one. Give the new one another key."
            self.work.complain(entry.line_for("provider"), text)
            return
        if not self._place(row, entry):
            return
        settings = {**row.settings, **entry.settings}
        entry.values["settings"] = {name: value for name, value in settings.items() if value}
        try:
            secrets = self._secrets(entry, unseal(row.sealed_secrets))
        except CannotOpen as error:
            self.work.complain(entry.line, str(error))
            return
        what = f"connection {self.client.key}/{key}"
        if secrets is None or not self.work.save(row, entry, "connection", what):
            return
        self._seal(row, secrets)
        self._try(row, entry, what)

    def _try(self, row: Connection, entry: ConnectionEntry, what: str) -> None:
        """Complain about values that cannot work; what only this installation lacks is noted."""
        values = {**row.settings, **unseal(row.sealed_secrets)}
        problems = config_problems(load_provider(row.provider).Config, values)
        for problem in problems:
            self.work.complain(entry.line, problem)
        try:
            build_provider(row)
        except Misconfigured as error:
            if not problems:
                self.work.report.notes.append(f"{what} cannot be used yet: {error.message}")

    def _place(self, row: Connection, entry: ConnectionEntry) -> bool:
        """Put a shop's connection at its sales point, for good."""
        name = entry.values.pop("sales_point", row.sales_point.key if row.sales_point else None)
        line = entry.line_for("sales_point")
        if name is not None and name not in self.points:
            self.work.complain(line, f"{self.client.key} has no sales point {name}. Add it under sales_points.")
            return False
        if name is None and issubclass(load_provider(row.provider), SalesChannel):
            self.work.complain(line, "A shop's connection needs a sales_point, where its sales are recorded.")
            return False
        point = self.points[name] if name is not None else None
        if not row._state.adding and row.sales_point != point:
            self.work.complain(line, "A connection stays at its sales point. Give the new one another key.")
            return False
        row.sales_point = point
        return True

    def _secrets(self, entry: ConnectionEntry, stored: Mapping[str, str]) -> dict[str, str] | None:
        """Take secrets from the environment; a variable that is not set keeps what is stored."""
        found, is_complete = {}, True
        for name, variable in entry.secrets_from_env.items():
            value = self.work.environment.get(variable, "")
            if value:
                found[name] = value
            elif not stored.get(name):
                is_complete = False
                text = f"The environment variable {variable} is not set, and no {name} is stored yet. Set it."
                self.work.complain(entry.line_for(name), text)
        return found if is_complete else None

    def _seal(self, row: Connection, secrets: Mapping[str, str]) -> None:
        if not secrets or not save_secrets(connection=row, secrets=secrets, actor=self.work.actor):
            return
        last = self.work.report.done.pop()
        detail = ", ".join(part for part in (last.detail, "secrets") if part)
        is_new = last.outcome is Outcome.CREATED
        self.work.report.done.append(last if is_new else Done(last.what, Outcome.CHANGED, detail))
