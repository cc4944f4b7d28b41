"""A big day that grows is drafted again now and then, not for every sale; nothing hangs on the wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from backoffice.sales.models import Payment
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.services import ContentChanged, approve
from backoffice.worker.jobs import drain_once
from backoffice.workflows import redrafting
from backoffice.workflows.services import close_day
from tests.world import SOLD_AT, TESTER, World

pytestmark = pytest.mark.django_db(transaction=True)
NOON = SOLD_AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def four_is_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrafting, "SMALL", 4)
    monkeypatch.setattr(redrafting, "WAIT_EACH", timedelta(seconds=5))


def day() -> Voucher:
    return Voucher.objects.get(source_type=SourceType.PAYMENT_DAY)


def sell(world: World, count: int) -> None:
    first = Payment.objects.count()
    for number in range(first, first + count):
        world.sell(str(1000 + number), 10_000)
    world.drain()


def test_a_small_day_is_drafted_with_every_payment(world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        for count in (1, 2, 3, 4):
            sell(world, 1)
            assert day().total_minor == count * 10_000


def test_a_big_day_waits_and_then_has_all_that_came(world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        sell(world, 6)
        drafted = day()
        assert drafted.total_minor == 60_000
        for _ in range(5):
            sell(world, 1)
        waiting = day()
        assert (waiting.total_minor, waiting.is_dirty, waiting.drafted_at) == (60_000, True, drafted.drafted_at)
        assert redrafting.clients_with_changed_vouchers() == {world.client.pk}
        clock.shift(timedelta(seconds=5 * 7 - 1))
        drain_once(world.client)
        assert day().total_minor == 60_000
        clock.shift(timedelta(seconds=1))
        drain_once(world.client)
        assert (day().total_minor, day().is_dirty) == (110_000, False)
        assert redrafting.clients_with_changed_vouchers() == set()


def test_nobody_waits_longer_than_a_minute(world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        sell(world, 20)
        sell(world, 1)
        assert day().is_dirty
        clock.shift(redrafting.LONGEST_WAIT)
        drain_once(world.client)
        assert day().total_minor == 210_000


def test_closing_a_day_takes_in_what_waited(world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        sell(world, 6)
        sell(world, 3)
        with pytest.raises(ContentChanged):
            approve(voucher_id=day().pk, actor=TESTER)
        closed = close_day(voucher_id=day().pk, actor=TESTER)
        assert (closed.total_minor, closed.is_dirty) == (90_000, False)
        assert sum(p.amount_minor for p in closed.payments.all()) == 90_000
