"""Kill the worker between any two steps, break any answer: each document stands once, and nothing is stuck.

A kill is an exception that no handler of ours catches: what was not committed is rolled back, what was is kept, just
as with SIGKILL. The next worker finds only the database.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from backoffice.chart.directory import ChartDirectory
from backoffice.connections import outbox
from backoffice.connections.models import Delivery
from backoffice.contracts.accounting import Receipt, Request
from backoffice.vouchers import moves
from backoffice.vouchers.delivery import Courier
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.sandbox import Fault
from tests.world import World, requests_to

SENDS = {
    "order": "POST /v2/SalesOrders/Complete",
    "sending": "POST /v2/SalesOrders/*/createAndSendInvoice",
    "journal": "POST /v2/Vouchers/BankJournals",
}
FAULTS = ["commit_then_drop", "commit_then_500", "commit_then_502", "drop_before", "error_500", "429", "401"]


class Killed(BaseException):
    """SIGKILL, as the database sees it."""


def before(call: Callable[..., Any]) -> Callable[..., Any]:
    """Die instead of calling."""

    def die(*args: Any, **kwargs: Any) -> Any:
        raise Killed

    return die


def after(call: Callable[..., Any]) -> Callable[..., Any]:
    """Call, then die."""

    def call_and_die(*args: Any, **kwargs: Any) -> Any:
        call(*args, **kwargs)
        raise Killed

    return call_and_die


#: every boundary between "claimed" and "acknowledged": where, what, before or after
POINTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "before the claim": (outbox, "claim", before),
    "before the claim commits": (outbox, "claim", after),
    "after the claim": (Courier, "_request", before),
    "after the customer was created": (ChartDirectory, "remember_customer", before),
    "after the customer was remembered": (ChartDirectory, "remember_customer", after),
    "before the bytes are stored": (outbox, "freeze_request", before),
    "after the bytes are stored": (outbox, "freeze_request", after),
    "before the request": (PowerOffice, "send", before),
    "after the answer": (PowerOffice, "send", after),
    "before the result is written": (moves, "received", before),
    "before the result commits": (outbox, "acknowledge", after),
    "after the result commits": (moves, "received", after),
    "while it is looked up": (PowerOffice, "find", before),
    "while it is asked about": (PowerOffice, "outcomes", before),
}


def kill_once(monkeypatch: pytest.MonkeyPatch, point: str, skip: int) -> None:
    """Arrange for a death at a point, after it was passed `skip` times; once."""
    owner, name, when = POINTS[point]
    original = getattr(owner, name)
    deadly = when(original)
    passed = {"count": 0, "dead": 0}

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        passed["count"] += 1
        if passed["count"] > skip and not passed["dead"]:
            passed["dead"] = 1
            return deadly(*args, **kwargs)
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, wrapped)


def settle_through_deaths(world: World) -> int:
    """Start workers until all is done; give how many died."""
    deaths = 0
    while True:
        try:
            world.settle()
        except Killed:
            deaths += 1
            assert deaths < 5, "workers keep dying"
        else:
            return deaths


def post_everything_through_deaths(world: World) -> int:
    world.drain()
    world.approve_all()
    deaths = settle_through_deaths(world)
    world.close_days()
    world.approve_all()
    return deaths + settle_through_deaths(world)


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_leaves_the_books_right(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str, skip: int
) -> None:
    world.sell("1001", 12_500)
    world.sell("1002", 9_900)
    kill_once(monkeypatch, point, skip)

    post_everything_through_deaths(world)

    assert world.wrong_in_the_books(sales=2, clearing={"1903": 22_400}) == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("send", SENDS)
def test_any_broken_answer_leaves_the_books_right(world: World, send: str, fault: str) -> None:
    world.sell("1001", 12_500)
    world.sandbox.faults.rules.append(Fault(fault, SENDS[send]))

    world.post_everything()

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_500", "429"])
@pytest.mark.parametrize("point", ["after the answer", "before the result commits", "while it is looked up"])
@pytest.mark.parametrize("send", SENDS)
def test_a_broken_answer_and_then_a_killed_worker_leave_the_books_right(
    world: World, monkeypatch: pytest.MonkeyPatch, send: str, point: str, fault: str
) -> None:
    world.sell("1001", 12_500)
    world.sandbox.faults.rules.append(Fault(fault, SENDS[send], count=2))
    kill_once(monkeypatch, point, 0)

    post_everything_through_deaths(world)

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_two_workers_with_the_same_row_in_hand_send_it_once(world: World) -> None:
    world.sell("1001", 12_500, paid=False)
    world.drain()
    world.approve_all()
    row = Delivery.objects.get(kind="sales_order")
    same_row = Delivery.objects.get(pk=row.pk)
    first = Courier(world.connection, holder="first", keep_lane=lambda: None)
    second = Courier(world.connection, holder="second", keep_lane=lambda: None)

    first._send(row)
    second._guarded(same_row, second._send)

    assert requests_to(world.sandbox, SENDS["order"]) == 1


def test_a_document_held_by_a_process_that_died_here_is_looked_up_long_before_its_lease_ends(
    world: World, settings: Any
) -> None:
    settings.LEASE_S = 3_600
    world.sell("1001", 12_500, paid=False)
    world.drain()
    world.approve_all()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    row = Delivery.objects.get(kind="sales_order")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PowerOffice, "send", after(PowerOffice.send))
        with pytest.raises(Killed):
            Courier(world.connection, holder=f"{socket.gethostname()}:{gone.pid}:x", keep_lane=lambda: None)._send(row)

    world.settle()

    assert world.states == {"posted": 1}
    assert requests_to(world.sandbox, SENDS["order"]) == 1


def test_the_proof_fails_without_the_look_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a proof that cannot fail proves nothing."""
    monkeypatch.setattr(PowerOffice, "find", lambda self, request: None)
    world.sell("1001", 12_500)
    world.sandbox.faults.rules.append(Fault("commit_then_drop", SENDS["order"]))

    world.drain()
    world.approve_all()
    for _ in range(10):
        world.drain(rounds=5)

    assert world.wrong_in_the_books(sales=1, clearing={}) != []


def test_the_proof_fails_when_each_attempt_has_a_new_reference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without one reference a document, a lost answer makes two orders, and we must notice."""
    original = PowerOffice.send

    def send_under_a_new_name(self: PowerOffice, request: Request) -> Receipt:
        body = request.body.replace(request.reference, str(uuid4()))
        return original(self, replace(request, body=body))

    monkeypatch.setattr(PowerOffice, "send", send_under_a_new_name)
    world.sell("1001", 12_500)
    world.sandbox.faults.rules.append(Fault("commit_then_drop", SENDS["order"]))

    world.post_everything()

    assert len(world.sandbox.books.orders) == 2
