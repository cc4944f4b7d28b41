"""The commands beside the set-up file: a key shown once, charts read, vouchers that waited for a rule."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice.audit.models import AuditEntry
from backoffice.chart.models import LedgerAccount
from backoffice.clients.models import ApiKey
from backoffice.clients.services import use_api_key
from backoffice.connections.models import Connection
from backoffice.connections.services import save_secrets
from backoffice.vouchers.models import Voucher
from tests.factories import TESTER, make_client, make_sales_point
from tests.fakes.books import offer
from tests.world import World, sandbox, world

__all__ = ["sandbox", "world"]


def said(*words: str) -> str:
    """Run a command and give what it wrote."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def books(db: None, settings: Any) -> Connection:
    """Give a connection to books in memory, with its credentials."""
    offer(settings)
    connection = Connection.objects.create(client=make_client(), key="books", provider="books")
    save_secrets(connection=connection, secrets={"client_key": "k"}, actor=TESTER)
    return connection


@pytest.mark.django_db
def test_a_key_is_the_last_word_of_the_last_line_and_works() -> None:
    point = make_sales_point(make_client())

    key = said("create_api_key", "nordlys/nettbutikk", "--name", "shop").splitlines()[-1].split()[-1]

    row = use_api_key(key=key)
    assert row is not None
    assert (row.sales_point, row.name) == (point, "shop")
    entry = AuditEntry.objects.get()
    assert entry.action == "api_key.created"
    assert key not in str(AuditEntry.objects.values().get())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nordlys"], "with a slash"),
        (["nordlys/kasse"], "Known are: nordlys/nettbutikk"),
        (["nordlys/nettbutikk", "--name", "x" * 101], "at most 100"),
        (["nordlys/nettbutikk", "--name", " "], "Give the key a name"),
    ],
)
def test_a_key_for_nothing_is_refused(words: list[str], says: str) -> None:
    make_sales_point(make_client())
    with pytest.raises(CommandError, match=says):
        said("create_api_key", *words)
    assert not ApiKey.objects.exists()


def test_a_chart_is_read_by_command(books: Connection) -> None:
    make_client("without")
    out = said("sync_chart")
    assert "nordlys: Read 2 accounts" in out
    assert "without: has no active connection" in out
    assert LedgerAccount.objects.filter(client=books.client).count() == 2


def test_a_chart_that_cannot_be_read_is_told_and_the_others_are_read(books: Connection) -> None:
    Connection.objects.create(client=make_client("broken"), key="poweroffice", provider="poweroffice")
    with pytest.raises(CommandError, match="Not read: broken"):
        said("sync_chart")
    assert LedgerAccount.objects.filter(client=books.client).exists()


def test_a_client_named_for_reading_must_exist_and_have_books(books: Connection) -> None:
    make_client("without")
    assert "nordlys: Read" in said("sync_chart", "--client", "nordlys")
    with pytest.raises(CommandError, match="Not read: without"):
        said("sync_chart", "--client", "without")
    with pytest.raises(CommandError, match="No client has the key nobody"):
        said("sync_chart", "--client", "nobody")


def test_vouchers_that_waited_for_a_rule_go_on_when_the_file_brings_it(world: World, tmp_path: Path) -> None:
    world.sell(method="swish")
    world.drain()
    stopped = Voucher.objects.get(state="blocked")
    file = tmp_path / "setup.yaml"
    file.write_text("clients:\n- {key: nordlys, payment_methods: [{method: swish, ledger_account: 1910}]}\n")

    out = said("import_setup", str(file))

    stopped.refresh_from_db()
    assert stopped.state != "blocked"
    assert "Vouchers of nordlys that waited for this and go on: 1" in out
