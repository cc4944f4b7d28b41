"""From the database to the text of a set-up file. Reading it again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import yaml
from django.db import models

from backoffice.chart.mapping import living
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.clients.models import Client, SalesPoint
from backoffice.common.secrets import unseal
from backoffice.connections.models import Connection
from backoffice.console.setup_file import schema
from backoffice.console.setup_file.schema import Field
from backoffice.invoices.models import DocumentPolicy, SellerProfile
from backoffice.ledger.money import Money
from backoffice.settlements.models import ProviderAccount
from backoffice.webhooks.models import WebhookEndpoint

WIDTH = 110


def write_setup(clients: Iterable[Client]) -> str:
    """Write clients with all that stands under them; secrets by the names of variables, never themselves."""
    found = [_client(client) for client in clients]
    return yaml.safe_dump({"clients": found}, sort_keys=False, allow_unicode=True, width=WIDTH)


def variable_for(client: Client, connection: Connection, name: str) -> str:
    """Name the environment variable that an exported secret is expected in."""
    return f"{client.key}_{connection.key}_{name}".replace("-", "_").upper()


def _shown(row: models.Model, fields: Iterable[Field]) -> dict[str, Any]:
    """Show a row's values; those that a new row has anyway only where the field says so."""
    shown: dict[str, Any] = {}
    for one in fields:
        value = getattr(row, one.name)
        column = cast("models.Field[Any, Any]", row._meta.get_field(one.name))
        if one.always or value != column.get_default():
            shown[one.key] = one.show(value)
    return shown


def _client(client: Client) -> dict[str, Any]:
    shown = _shown(client, schema.CLIENT)
    policies = _shown(client, schema.POLICIES)
    if client.automatic_up_to_minor is not None:
        policies["automatic_up_to"] = str(Money(client.automatic_up_to_minor, client.currency))
    seller = SellerProfile.objects.filter(client=client).first()
    return {
        **shown,
        "policies": policies,
        **({"seller": _shown(seller, schema.SELLER)} if seller else {}),
        "connections": [_connection(client, one) for one in _of(Connection, client, "key")],
        "sales_points": [_sales_point(one) for one in _of(SalesPoint, client, "key")],
        "payment_methods": _rules(living(PaymentMethodMapping, client), schema.PAYMENT_RULE),
        "sales_mapping": _rules(living(SalesMapping, client), schema.SALES_RULE),
        **_outside(client),
    }


def _outside(client: Client) -> dict[str, Any]:
    """Show provider accounts and webhook addresses where there are any; an address never with its secret."""
    accounts = _of(ProviderAccount, client, "provider", "external_id", "currency")
    endpoints = _of(WebhookEndpoint, client, "url", "sales_point__key", "pk")
    parts = {
        "payout_accounts": [_placed(one, schema.PAYOUT_ACCOUNT) for one in accounts],
        "webhooks": [_placed(one, schema.WEBHOOK) | _event_types(one) for one in endpoints],
    }
    return {key: part for key, part in parts.items() if part}


def _placed(row: models.Model, fields: Iterable[Field]) -> dict[str, Any]:
    """Show a row's values, and what it points to by the key of that."""
    shown = _shown(row, fields)
    shown |= {key: shown[key].key for key in ("sales_point", "connection") if shown.get(key) is not None}
    return {key: value for key, value in shown.items() if value is not None}


def _event_types(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {"event_types": list(endpoint.event_types)} if endpoint.event_types else {}


def _of(model: Any, client: Client, *order: str) -> Any:
    return model.objects.filter(client=client).order_by(*order)


def _sales_point(point: SalesPoint) -> dict[str, Any]:
    shown = _shown(point, schema.SALES_POINT)
    themes = _shown(point, schema.THEMES)
    policy = DocumentPolicy.objects.filter(sales_point=point).first()
    parts = {
        "dimensions": dict(sorted(point.dimensions.items())),
        "branding_theme": themes,
        "documents": _shown(policy, schema.DOCUMENTS) if policy else {},
    }
    return shown | {key: part for key, part in parts.items() if part}


def _connection(client: Client, connection: Connection) -> dict[str, Any]:
    shown = _shown(connection, [one for one in schema.CONNECTION if one.key != "sales_point"])
    if connection.sales_point is not None:
        shown["sales_point"] = connection.sales_point.key
    shown |= dict(sorted(connection.settings.items()))
    names = sorted(name for name, value in unseal(connection.sealed_secrets).items() if value)
    if names:
        shown["secrets_from_env"] = {name: variable_for(client, connection, name) for name in names}
    return shown


def _rules(
    rules: Iterable[PaymentMethodMapping] | Iterable[SalesMapping], fields: Iterable[Field]
) -> list[dict[str, Any]]:
    plain = [one for one in fields if one.key != "sales_point"]
    found = []
    for rule in sorted(rules, key=lambda one: one.slot):
        place = {"sales_point": rule.sales_point.key} if rule.sales_point is not None else {}
        found.append({**place, **_shown(rule, plain)})
    return sorted(found, key=lambda one: one.get("sales_point", ""))
