"""Webhook addresses and accounts with payment providers of the set-up file: what leads out of the house."""

from __future__ import annotations

from dataclasses import replace

from backoffice.clients.models import Client, SalesPoint
from backoffice.connections.models import Connection
from backoffice.console.setup.audited import record_change, values_of
from backoffice.console.setup_file.reading import ClientEntry, Entry
from backoffice.console.setup_file.report import Done, Outcome
from backoffice.console.setup_file.work import Work
from backoffice.settlements.models import ProviderAccount
from backoffice.settlements.services import choose_method
from backoffice.webhooks.models import WebhookEndpoint
from backoffice.webhooks.services import BadAddress, add_endpoint, check_address

Place = tuple[str, int | None]


class Outside:
    """Takes one client's webhook addresses and provider accounts."""

    def __init__(self, work: Work, client: Client) -> None:
        self.work = work
        self.client = client
        self.points = {point.key: point for point in SalesPoint.objects.filter(client=client)}
        self.connections = {row.key: row for row in Connection.objects.filter(client=client)}
        self.endpoints: dict[Place, list[WebhookEndpoint]] = {}
        for row in WebhookEndpoint.objects.filter(client=client).select_related("client").order_by("pk"):
            self.endpoints.setdefault((row.url, row.sales_point_id), []).append(row)
        self.first_lines: dict[Place, int] = {}

    def take(self, entry: ClientEntry) -> None:
        """Take them all; what cannot be is a problem with its line."""
        for one in entry.payout_accounts:
            self._account(one)
        for one in entry.webhooks:
            self._webhook(one)

    def _account(self, entry: Entry) -> None:
        entry = replace(entry, values=dict(entry.values))
        if not (self._name_point(entry) and self._name_connection(entry)):
            return
        names = ("provider", "external_id", "currency")
        identity = {name: entry.values[name] for name in names}
        found = ProviderAccount.objects.filter(client=self.client, **identity)
        row = found.select_related("client", "sales_point", "connection").first() or ProviderAccount(client=self.client)
        is_new, method = row._state.adding, row.method
        what = f"payout account {self.client.key}: {' '.join(identity.values())}"
        if self.work.save(row, entry, "provideraccount", what) and not is_new and row.method != method:
            choose_method(account_id=row.pk, method=row.method, actor=self.work.actor)

    def _webhook(self, entry: Entry) -> None:
        entry = replace(entry, values=dict(entry.values))
        if not self._name_point(entry):
            return
        point = entry.values.pop("sales_point", None)
        try:
            url = entry.values["url"] = check_address(entry.values["url"])
        except BadAddress as error:
            self.work.complain(entry.line_for("url"), str(error))
            return
        place = (url, point.pk if point else None)
        what = f"webhook {self.client.key}{f'/{point.key}' if point else ''}: {url}"
        if stored := self.endpoints.get(place):
            self.work.save(stored.pop(0), entry, "webhook_endpoint", what)
        elif place in self.first_lines:
            text = f"A second webhook {url}; the first stands in line {self.first_lines[place]}. Keep one."
            self.work.complain(entry.line, text)
        else:
            self._add(entry, point, what)
        self.first_lines.setdefault(place, entry.line)

    def _add(self, entry: Entry, point: SalesPoint | None, what: str) -> None:
        row, secret = add_endpoint(
            client=self.client,
            url=entry.values["url"],
            sales_point=point,
            event_types=entry.values.get("event_types"),
            actor=self.work.actor,
        )
        if entry.values.get("is_active") is False:
            before, row.is_active = values_of(row), False
            row.save(update_fields=["is_active", "updated_at"])
            record_change(obj=row, noun="webhook_endpoint", client=self.client, actor=self.work.actor, before=before)
        self.work.report.done.append(Done(what, Outcome.CREATED))
        self.work.report.secrets.append(f"{what}: {secret}")

    def _name_point(self, entry: Entry) -> bool:
        """Put the sales point in the place of its key."""
        key = entry.values.get("sales_point")
        if key is not None and key not in self.points:
            text = f"{self.client.key} has no sales point {key}. Add it under sales_points."
            self.work.complain(entry.line_for("sales_point"), text)
            return False
        if key is not None:
            entry.values["sales_point"] = self.points[key]
        return True

    def _name_connection(self, entry: Entry) -> bool:
        """Put the connection in the place of its key."""
        key = entry.values.get("connection")
        if key is not None and key not in self.connections:
            text = f"{self.client.key} has no connection {key}. Add it under connections."
            self.work.complain(entry.line_for("connection"), text)
            return False
        if key is not None:
            entry.values["connection"] = self.connections[key]
        return True
