"""The audit trail is append-only, and every break of its chain is found."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.audit.models import AppendOnly, AuditChain, AuditEntry
from backoffice.audit.services import Actor, breaks, record
from backoffice.clients.models import Client

pytestmark = pytest.mark.django_db
TESTER = Actor.system("test")


@pytest.fixture
def client_row() -> Client:
    """Give a client with three entries in its chain."""
    client = Client.objects.create(key="c", name="C", country="NO", organisation_number="1")
    for number in range(3):
        record(
            action="thing.changed", actor=TESTER, subject_type="thing", subject_id=number, client=client,
            after={"number": number},
        )  # fmt: skip
    return client


def test_an_untouched_chain_holds(client_row: Client) -> None:
    record(action="other.changed", actor=TESTER, subject_type="thing", subject_id=1, client=None)

    assert list(breaks()) == []
    assert AuditChain.objects.get(key=f"client:{client_row.pk}").length == 3


def test_entries_cannot_be_changed_or_deleted(client_row: Client) -> None:
    entry = AuditEntry.objects.first()
    assert entry is not None
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ({"note": "nothing happened"}, "changed after it was written"),
        ({"actor": "somebody else"}, "changed after it was written"),
        ({"after": {"number": 7}}, "changed after it was written"),
        ({"previous_sha256": "0" * 64}, "does not follow"),
    ],
)
def test_a_change_behind_its_back_is_found(client_row: Client, harm: dict[str, Any], why: str) -> None:
    AuditEntry.objects.filter(sequence=2).update(**harm)

    found = [(one.sequence, one.why) for one in breaks()]
    assert found
    assert all(sequence == 2 for sequence, _ in found)
    assert any(why in words for _, words in found)


@pytest.mark.parametrize("sequence", [1, 2, 3])
def test_a_deleted_entry_is_found(client_row: Client, sequence: int) -> None:
    AuditEntry.objects.filter(sequence=sequence)._raw_delete("default")

    assert any("missing" in one.why for one in breaks())
