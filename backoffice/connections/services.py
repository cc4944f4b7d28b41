"""What can be done with a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.common.secrets import reseal, seal, unseal
from backoffice.connections.models import Connection
from backoffice.connections.queue import ring
from backoffice.contracts.accounting import CompanyInformation


@transaction.atomic
def pause(*, connection: Connection, reason: str, actor: Actor) -> bool:
    """Stop sending over a connection; what waits keeps waiting. False when it was paused already."""
    now = timezone.now()
    changed = Connection.objects.filter(pk=connection.pk, paused_at=None).update(paused_at=now, paused_reason=reason)
    if changed:
        connection.paused_at, connection.paused_reason = now, reason
        _record(connection, "connection.paused", actor, note=reason)
    return bool(changed)


@transaction.atomic
def resume(*, connection: Connection, actor: Actor) -> bool:
    """Send again; everything that waited goes out. False when it was not paused."""
    changed = Connection.objects.filter(pk=connection.pk, paused_at__isnull=False).update(
        paused_at=None, paused_reason=""
    )
    if changed:
        connection.paused_at, connection.paused_reason = None, ""
        _record(connection, "connection.resumed", actor)
        ring(connection.client_id)
    return bool(changed)


@transaction.atomic
def save_secrets(*, connection: Connection, secrets: Mapping[str, str], actor: Actor) -> bool:
    """Seal new credentials beside the ones that stay; only names go to the audit trail. False: nothing changed."""
    stored = unseal(connection.sealed_secrets)
    merged = {**stored, **{name: value for name, value in secrets.items() if value}}
    if merged == stored:
        return False
    connection.sealed_secrets = seal(merged)
    connection.save(update_fields=["sealed_secrets", "updated_at"])
    _record(
        connection,
        "connection.credentials_changed",
        actor,
        note=", ".join(sorted(secrets)),
    )
    return True


@transaction.atomic
def reseal_secrets(*, connection: Connection, actor: Actor) -> bool:
    """Seal what is stored with the first key; raise CannotOpen when no key opens it. False when nothing is stored.

    Credentials that were saved meanwhile are left alone: they are sealed with the first key already.
    """
    sealed = connection.sealed_secrets
    stored = Connection.objects.filter(pk=connection.pk, sealed_secrets=sealed).exclude(sealed_secrets="")
    if not stored.update(sealed_secrets=reseal(sealed)):
        return False
    _record(connection, "connection.credentials_resealed", actor)
    return True


@transaction.atomic
def remember_company(*, connection: Connection, information: CompanyInformation, actor: Actor) -> None:
    """Keep whose books the key opens and what we may do there."""
    connection.company_name = information.name
    connection.facts = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(information).items()}
    connection.save(update_fields=["company_name", "facts", "updated_at"])
    _record(connection, "connection.identified", actor, note=information.name)


def _record(connection: Connection, action: str, actor: Actor, note: str = "") -> None:
    record(
        action=action,
        actor=actor,
        subject_type="connection",
        subject_id=connection.pk,
        client=connection.client,
        label=connection.key,
        note=note,
    )
