"""What an adapter should never do, it will do once: nothing else may stand still for it, and nothing is sent twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backoffice.connections.models import Delivery
from backoffice.contracts.accounting import Receipt
from backoffice.contracts.errors import Misunderstood, OutcomeUnknown
from backoffice.vouchers.models import Voucher
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.sandbox import Fault
from tests.vouchers.test_crash_points import SENDS
from tests.world import World, requests_to


def broken(*args: Any, **kwargs: Any) -> Any:
    """Fail as a mistake in an adapter does."""
    raise KeyError("a field that was always there")


def test_a_mistake_while_looking_one_up_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sandbox.faults.rules.append(Fault("commit_then_drop", SENDS["order"]))
    world.sell("1001", paid=False)
    world.drain()
    world.approve_all()
    world.drain(rounds=1)
    world.sell("1002", paid=False)
    with monkeypatch.context() as patched:
        patched.setattr(PowerOffice, "find", broken)
        world.drain(rounds=3)
        world.approve_all()
        world.drain(rounds=5)
        states = dict(Voucher.objects.values_list("description", "state"))
    assert states["Nettbutikk 1001"] == "in_doubt"
    assert states["Nettbutikk 1002"] == "posted"

    world.settle()

    assert world.wrong_in_the_books(sales=2, clearing={}) != []  # two unpaid invoices are open, rightly
    assert world.states == {"posted": 2}


def test_a_mistake_while_asking_comes_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sell("1001", paid=False)
    world.drain()
    world.approve_all()
    with monkeypatch.context() as patched:
        patched.setattr(PowerOffice, "outcomes", broken)
        world.drain(rounds=4)
    assert Voucher.objects.get().state == "sending"

    world.settle()

    assert Voucher.objects.get().state == "posted"


def test_an_invoice_that_did_not_reach_the_customer_is_posted_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = PowerOffice.outcomes

    def undelivered(self: PowerOffice, requests: Any, **options: Any) -> Any:
        found = original(self, requests, **options)
        return {
            name: replace(one, details={"delivery_error": "Mailbox full."}) if isinstance(one, Receipt) else one
            for name, one in found.items()
        }

    monkeypatch.setattr(PowerOffice, "outcomes", undelivered)
    world.sell("1001", paid=False)
    world.post_everything()

    voucher = Voucher.objects.get()
    assert voucher.state == "posted"
    assert "Mailbox full." in voucher.reasons[0]["detail"]


def test_doubt_while_preparing_only_waits_since_nothing_was_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_doubt(*args: Any, **kwargs: Any) -> Any:
        raise OutcomeUnknown("no answer while a customer was made")

    world.sell("1001", paid=False)
    world.drain()
    world.approve_all()
    with monkeypatch.context() as patched:
        patched.setattr(PowerOffice, "prepare", in_doubt)
        world.drain(rounds=1)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.request) == ("waiting", None)

    world.settle()

    assert Voucher.objects.get().state == "posted"


def test_an_answer_nobody_understands_is_looked_up_until_it_shows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = PowerOffice.send

    def send_and_misunderstand(self: PowerOffice, request: Any) -> Any:
        original(self, request)
        raise Misunderstood("an answer in another shape")

    hidden = {"left": 2}
    find = PowerOffice.find

    def find_late(self: PowerOffice, request: Any) -> Any:
        hidden["left"] -= 1
        return None if hidden["left"] >= 0 else find(self, request)

    world.sell("1001", paid=False)
    world.drain()
    world.approve_all()
    with monkeypatch.context() as patched:
        patched.setattr(PowerOffice, "send", send_and_misunderstand)
        patched.setattr(PowerOffice, "find", find_late)
        world.drain(rounds=1)
        assert Voucher.objects.get().state == "in_doubt"
        world.drain(rounds=2)
    world.settle()

    assert Voucher.objects.get().state == "posted"
    assert requests_to(world.sandbox, SENDS["order"]) == 1
