"""What is read from the accounting system is kept, and what vanished there becomes inactive here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.chart.models import BookLimits, Dimension, LedgerAccount, PaymentTerm, Product, VatCode
from backoffice.chart.selectors import limits_of
from backoffice.chart.sync import SyncResult, refresh_limits, sync_chart
from backoffice.connections.models import Connection
from backoffice.connections.services import save_secrets
from backoffice.contracts import accounting
from backoffice.contracts.errors import Misconfigured
from tests.factories import TESTER, make_client
from tests.fakes.books import SNAPSHOT, FakeBooks, offer
from tests.world import World


@pytest.fixture
def books(db: None, settings: Any) -> Connection:
    """Give a connection to books in memory."""
    offer(settings)
    connection = Connection.objects.create(client=make_client(), key="books", provider="books")
    save_secrets(connection=connection, secrets={"client_key": "k"}, actor=TESTER)
    return connection


def read(books: Connection, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> SyncResult:
    """Read the chart, with something changed over there."""
    monkeypatch.setattr(FakeBooks, "snapshot", replace(SNAPSHOT, **changes))
    return sync_chart(connection=books, actor=TESTER)


def test_everything_is_kept_as_it_is_over_there(books: Connection) -> None:
    result = sync_chart(connection=books, actor=TESTER)

    assert result.counts == {
        "accounts": 2, "vat_codes": 2, "dimensions": 1, "themes": 1, "payment_terms": 1, "products": 1,
    }  # fmt: skip
    account = LedgerAccount.objects.get(number="3000")
    assert (account.external_id, account.name, account.vat_code) == ("a-1", "Salg", "3")
    assert account.required_dimensions == ["department"]
    code = VatCode.objects.get(code="3")
    assert (code.rate, code.valid_from, code.valid_to) == (Decimal("25.00"), date(2005, 1, 1), None)
    assert Dimension.objects.get().external_id == "d-1"
    assert PaymentTerm.objects.get().credit_days == 14
    assert Product.objects.get().ledger_account == "3000"
    limits = limits_of(books.client)
    assert limits is not None
    assert (limits.locked_through, limits.converted_on) == (date(2026, 10, 31), date(2024, 1, 1))


def test_reading_again_changes_nothing_and_says_nothing(books: Connection) -> None:
    sync_chart(connection=books, actor=TESTER)
    rows = list(LedgerAccount.objects.values())
    entries = AuditEntry.objects.count()

    again = sync_chart(connection=books, actor=TESTER)

    assert (again.new, again.changed, again.gone) == ([], [], [])
    assert list(LedgerAccount.objects.values()) == rows
    assert AuditEntry.objects.count() == entries


def test_what_vanished_becomes_inactive_and_comes_back(books: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_chart(connection=books, actor=TESTER)

    gone = read(books, monkeypatch, accounts=SNAPSHOT.accounts[1:], themes=())
    assert gone.gone == ["3000 Salg", "STD Standard"]
    assert not LedgerAccount.objects.get(number="3000").is_active

    back = read(books, monkeypatch)
    assert back.changed == ["3000 Salg", "STD Standard"]
    assert LedgerAccount.objects.get(number="3000").is_active
    assert LedgerAccount.objects.count() == 2


def test_a_change_over_there_is_kept_and_told(books: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_chart(connection=books, actor=TESTER)
    renamed = replace(SNAPSHOT.accounts[0], name="Salg av varer", is_vat_code_locked=True)

    result = read(books, monkeypatch, accounts=(renamed, SNAPSHOT.accounts[1]))

    assert result.changed == ["3000 Salg av varer"]
    account = LedgerAccount.objects.get(number="3000")
    assert (account.name, account.is_vat_code_locked) == ("Salg av varer", True)
    entry = AuditEntry.objects.filter(action="chart.read").latest("id")
    assert entry.after["changed"] == ["3000 Salg av varer"]


def test_what_may_not_be_read_is_unknown_and_not_gone(books: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_chart(connection=books, actor=TESTER)
    bergen = accounting.ChartDimension("department", "d-2", "20", "Bergen", True)

    result = read(books, monkeypatch, dimensions=(bergen,), products=(), unreadable=("dimensions", "products"))

    assert result.gone == []
    assert result.new == ["20 Bergen"]
    assert Dimension.objects.filter(is_active=True).count() == 2
    assert "Not all may be read of: dimensions, products" in result.summary


def test_the_same_thing_twice_over_there_is_one_row(books: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    result = read(books, monkeypatch, accounts=SNAPSHOT.accounts * 2)
    assert result.counts["accounts"] == LedgerAccount.objects.count() == 2


def test_a_name_longer_than_ours_is_cut_once_and_not_at_every_reading(
    books: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = (replace(SNAPSHOT.accounts[0], name="x" * 500),)
    read(books, monkeypatch, accounts=long)
    assert read(books, monkeypatch, accounts=long).changed == []
    assert LedgerAccount.objects.get(number="3000").name == "x" * 400


def test_the_limits_can_be_read_by_themselves(books: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_chart(connection=books, actor=TESTER)
    before = BookLimits.objects.get().fetched_at
    limits = accounting.BookLimits(date(2026, 11, 30), None)
    monkeypatch.setattr(FakeBooks, "snapshot", replace(SNAPSHOT, limits=limits))

    row = refresh_limits(connection=books)

    assert (row.locked_through, row.converted_on) == (date(2026, 11, 30), None)
    assert row.fetched_at > before
    assert BookLimits.objects.get().locked_through == date(2026, 11, 30)


def test_one_clients_chart_leaves_anothers_alone(books: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Connection.objects.create(client=make_client("other"), key="books", provider="books")
    save_secrets(connection=other, secrets={"client_key": "k"}, actor=TESTER)
    sync_chart(connection=other, actor=TESTER)
    read(books, monkeypatch, accounts=())
    assert LedgerAccount.objects.filter(client=other.client, is_active=True, number="3000").exists()


def test_a_connection_that_keeps_no_books_is_refused(books: Connection) -> None:
    books.provider = "woocommerce"
    with pytest.raises(Misconfigured):
        sync_chart(connection=books, actor=TESTER)


def test_a_real_chart_over_http_is_kept(world: World) -> None:
    again = sync_chart(connection=world.connection, actor=TESTER)
    assert (again.new, again.changed, again.gone) == ([], [], [])
    assert again.counts["accounts"] > 20
    assert LedgerAccount.objects.get(client=world.client, number="1903").name == "Vipps"
    assert not LedgerAccount.objects.get(client=world.client, number="3300").is_active
