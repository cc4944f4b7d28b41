"""A key rotation: every connection is sealed anew, and what no key opens is named instead of lost."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError

from backoffice.audit.models import AuditEntry
from backoffice.audit.services import Actor
from backoffice.common.secrets import CannotOpen, seal, unseal
from backoffice.connections.models import Connection
from backoffice.connections.services import reseal_secrets
from tests.factories import make_client

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def connection(db: None, settings: Any) -> Connection:
    settings.CREDENTIALS_KEYS = [OLD]
    sealed = seal({"client_key": "abc"})
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    client = make_client()
    Connection.objects.create(client=client, key="without", provider="poweroffice")
    return Connection.objects.create(client=client, key="books", provider="poweroffice", sealed_secrets=sealed)


def run() -> str:
    out = StringIO()
    call_command("reseal_credentials", stdout=out)
    return out.getvalue()


def test_after_it_the_old_key_is_not_needed(connection: Connection, settings: Any) -> None:
    said = run()

    settings.CREDENTIALS_KEYS = [NEW]
    connection.refresh_from_db()
    assert unseal(connection.sealed_secrets) == {"client_key": "abc"}
    assert "first key: 1." in said
    assert "can go" in said
    assert AuditEntry.objects.get(action="connection.credentials_resealed").subject_label == "books"


def test_what_no_key_opens_is_named_and_the_old_keys_must_stay(connection: Connection, settings: Any) -> None:
    settings.CREDENTIALS_KEYS = [NEW]
    before = connection.sealed_secrets

    with pytest.raises(CommandError, match="books"):
        run()

    connection.refresh_from_db()
    assert connection.sealed_secrets == before


def test_credentials_saved_meanwhile_are_kept(connection: Connection) -> None:
    saved = seal({"client_key": "newer"})
    Connection.objects.filter(pk=connection.pk).update(sealed_secrets=saved)

    assert not reseal_secrets(connection=connection, actor=Actor.system("test"))
    connection.refresh_from_db()
    assert connection.sealed_secrets == saved


def test_resealing_with_no_fitting_key_says_so(connection: Connection, settings: Any) -> None:
    settings.CREDENTIALS_KEYS = [NEW]

    with pytest.raises(CannotOpen):
        reseal_secrets(connection=connection, actor=Actor.system("test"))
