"""Payment providers are asked; what they answer is stored first, read in the next round, and recorded once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backoffice.clients.models import Client
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.services import save_secrets
from backoffice.contracts.errors import Misconfigured, Retryable, Unsupported
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount
from backoffice.worker import schedule
from backoffice.worker.jobs import drain_once
from backoffice.worker.payouts import POLL_OVERLAP, poll_payout_sources
from backoffice.workflows.intake import ingest_event
from backoffice.workflows.payout_files import take_in_file
from tests.factories import TESTER, make_client
from tests.fakes.payouts import STARTED_AT, FakePayouts, FakeProvider, paid, row, statement

pytestmark = pytest.mark.django_db
FIRST = statement(row("1", "capture", "10.00", payout_reference="P1"), payouts=(paid("P1", "9.00"),))
SECOND = replace(statement(row("2", "fee", "-1.00", payout_reference="P1")), notes=("A control does not hold.",))


@pytest.fixture
def connection(settings: Any) -> Connection:
    settings.PROVIDERS = {**settings.PROVIDERS, "fakepay": "tests.fakes.payouts.FakePayouts"}
    settings.QUEUE_RINGS = False
    FakePayouts.world = FakeProvider()
    client = make_client()
    made = Connection.objects.create(
        client=client, key="fakepay", provider="fakepay", polled_through=STARTED_AT - timedelta(days=1)
    )
    save_secrets(connection=made, secrets={"secret": "x"}, actor=TESTER)
    return made


def drain() -> None:
    while drain_once(Client.objects.get()):
        pass


def test_reports_are_stored_and_then_recorded_once(connection: Connection) -> None:
    FakePayouts.world.report(FIRST, SECOND)
    assert poll_payout_sources() == 2
    assert not PayoutEntry.objects.exists()
    assert poll_payout_sources() == 0, "the overlap finds them again"
    drain()

    assert Payout.objects.get().state == "explained"
    assert ProviderAccount.objects.get().connection == connection
    notes = list(InboundEvent.objects.order_by("pk").values_list("state", "note"))
    assert notes[0] == ("processed", "fakepay M-1 NOK: 1 new rows, 1 new payouts.")
    assert notes[1][1].endswith("1 new rows, 0 new payouts. A control does not hold.")


def test_the_next_question_begins_where_the_last_answer_ended(connection: Connection) -> None:
    FakePayouts.world.report(FIRST)
    poll_payout_sources()
    poll_payout_sources()
    assert FakePayouts.world.asked_since == [
        STARTED_AT - timedelta(days=1) - POLL_OVERLAP,
        STARTED_AT - POLL_OVERLAP,
    ]


def test_a_provider_that_is_away_is_asked_again_and_wrong_keys_pause_the_connection(connection: Connection) -> None:
    FakePayouts.world.error = Retryable("Try later.")
    assert poll_payout_sources() == 0
    FakePayouts.world.error = Unsupported("Files only.")
    assert poll_payout_sources() == 0
    connection.refresh_from_db()
    assert connection.paused_at is None
    FakePayouts.world.error = Misconfigured("The key is wrong.")
    poll_payout_sources()
    connection.refresh_from_db()
    assert "The key is wrong." in connection.paused_reason


def test_a_report_that_cannot_be_read_is_kept_and_shown(connection: Connection) -> None:
    FakePayouts.world.report(statement(row("1", "capture", "1.00", currency="EUR")))
    poll_payout_sources()
    drain()
    event = InboundEvent.objects.get()
    assert (event.state, event.note) == ("unreadable", "1 is in EUR, the statement in NOK.")


def test_a_file_is_stored_and_read_at_once(connection: Connection) -> None:
    body = FakePayouts.build({"secret": "x"}, None)  # type: ignore[arg-type]  # the fake asks nothing of its runtime
    FakePayouts.world.report(FIRST)
    (report,) = body.statements_since(STARTED_AT)
    values: dict[str, Any] = {"client": connection.client, "provider": "fakepay", "connection": connection}
    (first,) = take_in_file(body=report.body, filename="november.json", **values)
    (again,) = take_in_file(body=report.body, filename="november.json", **values)

    assert (first.new_rows, again.new_rows, PayoutEntry.objects.count()) == (1, 0, 1)
    assert set(InboundEvent.objects.values_list("source", "state")) == {("file", "processed")}


def test_the_sweep_rings_for_an_explained_payout(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    FakePayouts.world.report(FIRST, SECOND)
    poll_payout_sources()
    for event in InboundEvent.objects.all():
        ingest_event(event_id=event.pk)
    rung: list[int] = []
    monkeypatch.setattr(schedule, "ring_now", rung.append)
    schedule.sweep()
    assert rung == [connection.client_id]
    drain()
    rung.clear()
    schedule.sweep()
    assert rung == [], "its voucher waits for a person"
