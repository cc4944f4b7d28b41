"""Events reach the sales system at least once, signed, in order, and give up after three days."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from backoffice.webhooks import sending, services
from backoffice.webhooks.models import OutgoingEvent, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from backoffice.webhooks.services import change_secret, pause_endpoint, resend, resend_failed, resume_endpoint
from integrations.outgoing_webhook import sending as wire
from tests.factories import TESTER
from tests.webhooks.conftest import Telling
from tests.webhooks.receiver import Receiver, verify


class Killed(BaseException):
    """Stands for kill -9."""


def test_an_event_arrives_as_documented_and_signed(telling: Telling, receiver: Receiver) -> None:
    telling.announce()
    telling.send()
    (taken,) = receiver.taken
    assert set(taken.content) == {"id", "type", "occurred_at", "client", "sales_point", "data"}
    assert taken.content["client"] == "nordlys"
    assert taken.content["sales_point"] == "nettbutikk"
    assert taken.content["data"] == {"sale": "1", "total": "125.00", "currency": "NOK"}
    assert taken.headers["X-Backoffice-Id"] == taken.content["id"]
    assert verify(taken.headers["X-Backoffice-Signature"], taken.body, telling.secret)
    assert not verify(taken.headers["X-Backoffice-Signature"], taken.body + b" ", telling.secret)
    assert not verify(taken.headers["X-Backoffice-Signature"], taken.body, "whsec_other")
    assert not verify(taken.headers["X-Backoffice-Signature"], taken.body, telling.secret, now=time.time() + 900)
    assert telling.states == ["delivered"]


def test_a_fact_is_told_once_and_other_facts_beside_it(telling: Telling, receiver: Receiver) -> None:
    for fact in ("1", "1", "2", "1"):
        telling.announce(fact)
    telling.send(rounds=3)
    assert [one.content["data"]["sale"] for one in receiver.taken] == ["1", "2"]


def test_nothing_is_told_of_a_transaction_that_is_rolled_back(telling: Telling, receiver: Receiver) -> None:
    class Undone(Exception):
        pass

    with pytest.raises(Undone):
        _announce_and_fail(telling, Undone)
    telling.send()
    assert receiver.taken == []


def _announce_and_fail(telling: Telling, error: type[Exception]) -> None:
    with transaction.atomic():
        telling.announce()
        raise error


@pytest.mark.parametrize("manner", [500, 404, "redirect", "reset"])
def test_what_is_not_taken_comes_again_with_the_same_bytes_and_id(
    telling: Telling, receiver: Receiver, manner: int | str
) -> None:
    receiver.manners.append(manner)
    telling.announce()
    telling.send()
    assert telling.states == ["waiting"]
    telling.wait(timedelta(minutes=1))
    telling.send()
    first, second = receiver.taken
    assert first.body == second.body
    assert first.path == second.path == "/hook"
    assert telling.states == ["delivered"]
    outcomes = list(WebhookAttempt.objects.values_list("outcome", flat=True))
    assert len(outcomes) == 2
    assert outcomes[1] == "ok"
    assert WebhookEndpoint.objects.get().failures == 0


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("1800", timedelta(minutes=30)),
        ("in_date", timedelta(minutes=20)),
        ("999999999999", timedelta(hours=1)),
        ("-5", timedelta(seconds=10)),
        ("soon", timedelta(seconds=10)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", timedelta(seconds=10)),
    ],
)
def test_an_address_that_asks_for_time_gets_it_up_to_an_hour(
    telling: Telling, receiver: Receiver, asked: str, waited: timedelta
) -> None:
    is_date = asked == "in_date"
    receiver.retry_after = format_datetime(timezone.now() + waited, usegmt=True) if is_date else asked
    receiver.manners.append(429)
    telling.announce()
    telling.send()
    began = timezone.now()
    row, endpoint = WebhookDelivery.objects.get(), WebhookEndpoint.objects.get()
    # a date has whole seconds; without a wish the first step may be stretched by a quarter
    assert -5 <= (row.next_attempt_at - began - waited).total_seconds() <= 3
    assert endpoint.rests_until is not None
    telling.announce("2")
    telling.wait(waited - timedelta(seconds=8))
    telling.send()
    assert len(receiver.taken) == 1
    telling.wait(timedelta(seconds=15))
    telling.send(rounds=2)
    assert telling.states == ["delivered", "delivered"]


@pytest.mark.parametrize("manner", ["silent", "drip"])
def test_a_slow_address_is_cut_off(
    telling: Telling, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    monkeypatch.setattr(wire, "TOTAL_TIMEOUT_S", 0.3)
    receiver.manners.append(manner)
    telling.announce()
    began = time.monotonic()
    telling.send()
    assert time.monotonic() - began < 1.5
    attempt = WebhookAttempt.objects.get()
    assert attempt.outcome == "webhook_timeout"
    assert 200 < attempt.duration_ms < 1_500


def test_a_worker_killed_after_sending_sends_again_and_the_receiver_knows_the_id(
    telling: Telling, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: Any) -> None:
        raise Killed

    telling.announce()
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_delivered", killed)
        with pytest.raises(Killed):
            telling.send()
    assert telling.states == ["in_flight"]
    telling.send()
    assert telling.states == ["in_flight"], "its lease still runs, and its worker lives"
    telling.wait(timedelta(minutes=2))
    telling.send()
    assert telling.states == ["delivered"]
    assert len(receiver.taken) == 2
    assert len(set(receiver.ids)) == 1


def test_no_transaction_is_open_while_the_network_is_spoken_to(
    telling: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    depth: list[int] = []
    real: Callable[..., Any] = sending._post

    def watched(row: WebhookDelivery) -> Any:
        depth.append(len(connection.savepoint_ids))
        return real(row)

    outside = len(connection.savepoint_ids)
    monkeypatch.setattr(sending, "_post", watched)
    telling.announce()
    telling.send()
    assert depth == [outside]


def test_a_backlog_goes_out_in_order_after_an_outage(telling: Telling, receiver: Receiver) -> None:
    receiver.otherwise = 503
    for number in range(12):
        telling.announce(str(number))
        telling.send()
    tried = len(receiver.taken)
    assert tried < 12, "the address rests after a failure"
    receiver.otherwise = 200
    telling.wait(timedelta(hours=1))
    telling.send()
    assert [one.content["data"]["sale"] for one in receiver.taken[tried:]] == [str(n) for n in range(12)]


def test_one_event_that_is_refused_does_not_hold_up_the_others(telling: Telling, receiver: Receiver) -> None:
    telling.announce("odd")
    receiver.manners.append(422)
    telling.send()
    telling.announce("1")
    telling.announce("2")
    telling.wait(timedelta(seconds=6))  # the address has rested, the refused one waits longer
    telling.send()
    assert telling.states == ["waiting", "delivered", "delivered"]


def test_three_days_of_retries_then_given_up_and_sent_by_hand(telling: Telling, receiver: Receiver) -> None:
    receiver.otherwise = 500
    telling.announce("1")
    hours = 0
    while "waiting" in (telling.states or ["waiting"]):
        telling.send()
        telling.wait(timedelta(hours=1))
        hours += 1
        assert hours < 90
    assert 72 <= hours <= 78
    assert 15 <= len(receiver.taken) <= 40
    assert len({one.body for one in receiver.taken}) == 1
    row = WebhookDelivery.objects.get()
    assert (row.state, row.reason_code) == ("failed", "webhook_refused")
    assert row.attempts == row.attempt_log.count() == len(receiver.taken)
    receiver.otherwise = 200
    resend(delivery=row, actor=TESTER)
    telling.send()
    assert telling.states == ["delivered"]
    assert len(set(receiver.ids)) == 1


def test_what_waits_behind_an_address_that_is_gone_is_given_up_too(telling: Telling, receiver: Receiver) -> None:
    receiver.otherwise = 500
    for number in range(30):
        telling.announce(str(number))
    for _ in range(9):
        telling.send()
        telling.wait(timedelta(hours=9))
    assert set(telling.states) == {"failed"}
    receiver.otherwise = 200
    assert resend_failed(endpoint=telling.endpoint, actor=TESTER) == 30
    telling.send(rounds=2)
    assert set(telling.states) == {"delivered"}


def test_a_slow_address_costs_one_time_out_a_round_and_a_good_one_is_served(
    telling: Telling, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "TOTAL_TIMEOUT_S", 0.3)
    receiver.fixed["/hook"] = "silent"
    services.add_endpoint(client=telling.client, url=f"{receiver.url}/good", actor=TESTER)
    for number in range(8):
        telling.announce(str(number))
    began = time.monotonic()
    telling.send()
    assert time.monotonic() - began < 1.5
    assert [one.path for one in receiver.taken].count("/hook") == 1
    assert [one.path for one in receiver.taken].count("/good") == 8
    assert telling.send() == 0, "the slow one rests; nothing is due"


def test_a_paused_address_keeps_what_happens_until_it_is_resumed(telling: Telling, receiver: Receiver) -> None:
    pause_endpoint(endpoint=telling.endpoint, reason="moving house", actor=TESTER)
    telling.announce()
    telling.send()
    telling.wait(timedelta(days=10))
    telling.send()
    assert receiver.taken == []
    resume_endpoint(endpoint=telling.endpoint, actor=TESTER)
    telling.send()
    assert telling.states == ["delivered"]


def test_an_address_hears_only_what_it_asked_for(telling: Telling, receiver: Receiver) -> None:
    services.add_endpoint(client=telling.client, url=f"{receiver.url}/paid", event_types=["invoice.paid"], actor=TESTER)
    other = telling.shop.__class__.objects.create(client=telling.client, key="kasse", name="Kasse", kind="pos")
    telling.announce("1")
    telling.announce("2", type="invoice.paid")
    telling.announce("3", type="invoice.paid", sales_point=other)
    telling.announce("4", type="invoice.paid", sales_point=None)
    telling.send()
    heard = [(one.path, one.content["data"]["sale"]) for one in receiver.taken]
    assert sorted(heard) == [("/hook", "1"), ("/hook", "2"), ("/paid", "2"), ("/paid", "3"), ("/paid", "4")]


def test_after_a_change_of_the_secret_both_sign_for_a_day(telling: Telling, receiver: Receiver) -> None:
    new = change_secret(endpoint=telling.endpoint, actor=TESTER)
    telling.announce("1")
    telling.send()
    telling.wait(timedelta(hours=25))
    telling.announce("2")
    telling.send()
    first, second = receiver.taken
    header = first.headers["X-Backoffice-Signature"]
    assert verify(header, first.body, new)
    assert verify(header, first.body, telling.secret)
    assert verify(second.headers["X-Backoffice-Signature"], second.body, new)
    assert not verify(second.headers["X-Backoffice-Signature"], second.body, telling.secret)


def test_a_test_event_goes_to_one_address_and_nowhere_else(telling: Telling, receiver: Receiver) -> None:
    services.add_endpoint(client=telling.client, url=f"{receiver.url}/other", actor=TESTER)
    services.send_test(endpoint=telling.endpoint, actor=TESTER)
    telling.send()
    assert [(one.path, one.content["type"]) for one in receiver.taken] == [("/hook", "webhook.test")]


def test_two_workers_send_an_event_once(telling: Telling, receiver: Receiver) -> None:
    telling.announce()
    services.publish(telling.client)
    row = WebhookDelivery.objects.select_related("endpoint__client", "event").get()
    again = WebhookDelivery.objects.select_related("endpoint__client", "event").get()
    assert sending._send(row, "one")
    assert sending._send(again, "two")
    assert len(receiver.taken) == 1


def test_numbers_are_dealt_without_a_gap(telling: Telling) -> None:
    for number in range(5):
        telling.announce(str(number))
        if number % 2:
            telling.send()
    telling.send()
    assert list(OutgoingEvent.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]
    assert OutgoingEvent.objects.get(sequence=1).occurred_at <= timezone.now()
