"""Old events are forgotten, what still waits is not, and the feed says so to those who come too late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from backoffice.webhooks.forgetting import forget_old_events
from backoffice.webhooks.models import OutgoingEvent, WebhookDelivery
from backoffice.webhooks.services import pause_endpoint, resume_endpoint
from backoffice.worker.schedule import SCHEDULE
from tests.factories import TESTER
from tests.webhooks.conftest import Telling
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_feed import Follower


def grow_old(fact: str, days: int) -> None:
    """Let one event have happened so many days ago."""
    OutgoingEvent.objects.filter(subject=fact).update(occurred_at=timezone.now() - timedelta(days=days))


def test_old_events_are_emptied_with_what_was_sent_of_them(telling: Telling, receiver: Receiver) -> None:
    for fact, days in (("old", 91), ("young", 89)):
        telling.announce(fact)
        grow_old(fact, days)
    telling.send()

    assert (forget_old_events(), forget_old_events()) == (1, 0)

    assert OutgoingEvent.objects.get(subject="old").body == ""
    assert [row.event.subject for row in WebhookDelivery.objects.select_related("event")] == ["young"]
    telling.announce("old")  # the fact is known still and not told again
    telling.send()
    assert len(receiver.taken) == 2


def test_what_waits_for_a_paused_address_is_kept_until_it_has_arrived(telling: Telling, receiver: Receiver) -> None:
    pause_endpoint(endpoint=telling.endpoint, reason="moving", actor=TESTER)
    telling.announce("1")
    telling.send()
    grow_old("1", 200)
    assert forget_old_events() == 0

    resume_endpoint(endpoint=telling.endpoint, actor=TESTER)
    telling.send()

    assert len(receiver.taken) == 1
    assert forget_old_events() == 1


def test_the_setting_says_how_long_and_a_week_is_the_least(telling: Telling, receiver: Receiver, settings: Any) -> None:
    for fact, days in (("a", 6), ("b", 8), ("c", 31)):
        telling.announce(fact)
        grow_old(fact, days)
    telling.send()
    settings.WEBHOOK_EVENT_DAYS = 30
    assert forget_old_events() == 1
    settings.WEBHOOK_EVENT_DAYS = 1
    assert forget_old_events() == 1
    assert OutgoingEvent.objects.exclude(body="").get().subject == "a"
    assert forget_old_events in [task.function for task in SCHEDULE]


def test_a_follower_who_missed_some_is_told_what_to_do(telling: Telling, receiver: Receiver) -> None:
    telling.announce("1")
    follower, absent = Follower(telling.shop), Follower(telling.shop)
    follower.follow()
    absent.follow()
    telling.announce("2")
    follower.follow()
    telling.announce("3")
    telling.send()
    for fact in ("1", "2"):
        grow_old(fact, 100)
    assert forget_old_events() == 2

    follower.follow()  # it has seen all that is gone
    assert follower.seen == ["1", "2", "3"]
    answer = absent.ask()
    assert answer.status_code == 410
    problem = answer.json()
    assert problem["type"] == "urn:backoffice:problem:events_gone"
    assert "kept for 90 days" in problem["detail"]
    assert "Begin without `after`" in problem["detail"]
    absent.after = ""
    absent.follow()
    assert absent.seen == ["1", "3"]
