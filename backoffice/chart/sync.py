"""Read a client's chart from its accounting system. What vanished over there becomes inactive here, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.chart.models import (
    BookLimits,
    BrandingTheme,
    Dimension,
    LedgerAccount,
    PaymentTerm,
    Product,
    Synced,
    VatCode,
)
from backoffice.clients.models import Client
from backoffice.connections.models import Connection
from backoffice.connections.providers import accounting_system
from backoffice.contracts import accounting

MAX_NAME_CHARACTERS = 400


@dataclass
class SyncResult:
    """What a reading found: how many of each kind, and what is new, changed or gone, by name."""

    counts: dict[str, int] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    #: kinds that we may not read in full over there: nothing of them was taken for gone
    unreadable: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """Say it in a line."""
        counts = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        said = f"Read {counts}. {len(self.new)} new, {len(self.changed)} changed, {len(self.gone)} gone."
        if self.unreadable:
            said += f" Not all may be read of: {', '.join(self.unreadable)}. Give the integration that privilege."
        return said


def sync_chart(*, connection: Connection, actor: Actor) -> SyncResult:
    """Read everything that can be mapped onto and keep it; raises the ProviderError tree."""
    snapshot = accounting_system(connection).chart()
    client = connection.client
    result = SyncResult(unreadable=snapshot.unreadable)
    with transaction.atomic():
        for kind, (model, key, rows) in _tables(snapshot).items():
            _keep(client, model, key, rows, kind, result)
        _keep_limits(client, snapshot.limits)
        if result.new or result.changed or result.gone:
            record(
                action="chart.read",
                actor=actor,
                subject_type="connection",
                subject_id=connection.pk,
                client=client,
                label=connection.key,
                after={"new": result.new[:100], "changed": result.changed[:100], "gone": result.gone[:100]},
                note=result.summary,
            )
    return result


Table = tuple[type[Synced], str, list[dict[str, Any]]]


def _tables(snapshot: accounting.ChartSnapshot) -> dict[str, Table]:
    return {
        "accounts": (LedgerAccount, "number", [_account(one) for one in snapshot.accounts]),
        "vat_codes": (VatCode, "external_id", [_columns(one) for one in snapshot.vat_codes]),
        "dimensions": (Dimension, "kind code", [_columns(one) for one in snapshot.dimensions]),
        "themes": (BrandingTheme, "code", [_columns(one) for one in snapshot.themes]),
        "payment_terms": (PaymentTerm, "external_id", [_columns(one) for one in snapshot.payment_terms]),
        "products": (Product, "code", [{**_columns(one), "name": one.code} for one in snapshot.products]),
    }


def _columns(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _account(one: accounting.ChartAccount) -> dict[str, Any]:
    return {**_columns(one), "required_dimensions": list(one.required_dimensions)}


def _keep(
    client: Client, model: type[Synced], key: str, rows: Iterable[Mapping[str, Any]], kind: str, result: SyncResult
) -> None:
    names = key.split()
    stored = {tuple(getattr(row, name) for name in names): row for row in model._default_manager.filter(client=client)}
    now = timezone.now()
    new, changed, seen = [], [], set()
    for given in rows:
        values = {"is_active": True, **given, "name": given["name"][:MAX_NAME_CHARACTERS]}
        identity = tuple(values[name] for name in names)
        if identity in seen:
            continue
        seen.add(identity)
        row = stored.get(identity)
        if row is None:
            new.append(model(client=client, synced_at=now, **values))
            continue
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.synced_at = now
            changed.append(row)
    is_all = kind not in result.unreadable
    gone = [row for identity, row in stored.items() if is_all and identity not in seen and row.is_active]
    for row in gone:
        row.is_active, row.synced_at = False, now
    model._default_manager.bulk_create(new, batch_size=500)
    fields = [f.name for f in model._meta.concrete_fields if f.name not in ("id", "client")]
    model._default_manager.bulk_update([*changed, *gone], fields, batch_size=200)
    result.counts[kind] = len(seen)
    result.new += [str(row) for row in new]
    result.changed += [str(row) for row in changed]
    result.gone += [str(row) for row in gone]


def _keep_limits(client: Client, limits: accounting.BookLimits) -> BookLimits:
    row, _ = BookLimits.objects.update_or_create(
        client=client,
        defaults={
            "locked_through": limits.locked_through,
            "converted_on": limits.converted_on,
            "fetched_at": timezone.now(),
        },
    )
    return row


def refresh_limits(*, connection: Connection) -> BookLimits:
    """Read the lock date again; raises the ProviderError tree."""
    return _keep_limits(connection.client, accounting_system(connection).limits())
