"""Write and verify the audit trail. `record` belongs in the same transaction as the change it tells of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.audit.models import AuditChain, AuditEntry
from backoffice.clients.models import Client, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, an API key or a part of the system."""

    label: str
    user: User | None = None

    @classmethod
    def person(cls, user: User) -> Actor:
        """Somebody who is logged in."""
        return cls(user.get_full_name() or user.get_username(), user)

    @classmethod
    def system(cls, part: str) -> Actor:
        """A part of the system: "worker", "policy", "command"."""
        return cls(part)


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a chain does not hold."""

    chain_id: int
    sequence: int
    why: str


def record(
    *,
    action: str,
    actor: Actor,
    subject_type: str,
    subject_id: object,
    client: Client | None,
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> AuditEntry:
    """Append one entry to the client's chain. action is "noun.past_participle" ("voucher.approved")."""
    with transaction.atomic():
        key = f"client:{client.pk}" if client else "installation"
        chain, _ = AuditChain.objects.select_for_update().get_or_create(key=key)
        entry = AuditEntry(
            chain=chain,
            sequence=chain.length + 1,
            client=client,
            at=timezone.now(),
            user=actor.user,
            actor=actor.label[:150],
            action=action,
            subject_type=subject_type,
            subject_id=str(subject_id),
            subject_label=label[:200],
            before=dict(before or {}),
            after=dict(after or {}),
            note=note,
            previous_sha256=chain.head_sha256,
        )
        entry.sha256 = fingerprint(entry)
        entry.save()
        AuditChain.objects.filter(pk=chain.pk).update(length=entry.sequence, head_sha256=entry.sha256)
    return entry


def fingerprint(entry: AuditEntry) -> str:
    """Hash an entry's content together with the hash before it."""
    content = {
        "sequence": entry.sequence,
        "client": entry.client_id,
        "at": entry.at.isoformat(),
        "user": entry.user_id,
        "actor": entry.actor,
        "action": entry.action,
        "subject": [entry.subject_type, entry.subject_id, entry.subject_label],
        "before": entry.before,
        "after": entry.after,
        "note": entry.note,
        "previous": entry.previous_sha256,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def breaks() -> Iterator[Break]:
    """Recompute every chain and yield each place where it does not hold."""
    for chain in AuditChain.objects.order_by("id"):
        previous, sequence = "0" * 64, 0
        for entry in chain.entries.order_by("sequence").iterator(chunk_size=2_000):
            sequence += 1
            if entry.sequence != sequence:
                yield Break(chain.pk, sequence, f"entry {sequence} is missing")
                sequence = entry.sequence
            if entry.previous_sha256 != previous:
                yield Break(chain.pk, entry.sequence, "does not follow the entry before it")
            if fingerprint(entry) != entry.sha256:
                yield Break(chain.pk, entry.sequence, "was changed after it was written")
            previous = entry.sha256
        if (sequence, previous) != (chain.length, chain.head_sha256):
            yield Break(chain.pk, chain.length, "entries at the end are missing")
