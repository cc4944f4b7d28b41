"""A drain does what is due for one client in its turn, and stops for others."""

from __future__ import annotations

import pytest

from backoffice.connections.queue import lane
from backoffice.vouchers.models import Voucher
from backoffice.worker import jobs
from tests.world import World, sandbox, world

__all__ = ["sandbox", "world"]


def test_a_drain_does_everything_that_is_due(world: World) -> None:
    world.sell(paid=False)

    assert jobs.drain(world.client.pk) > 0
    assert Voucher.objects.get().state == "awaiting_approval"
    assert jobs.drain(world.client.pk) == 0


def test_a_client_whose_lane_is_taken_is_left_alone(world: World) -> None:
    world.sell(paid=False)
    with lane(world.client.pk):
        assert jobs.drain(world.client.pk) == 0
    assert not Voucher.objects.exists()


def test_a_turn_that_is_over_rings_again_behind_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TURN_S", 0.0)
    rung: list[int] = []
    monkeypatch.setattr(jobs, "ring_now", rung.append)

    jobs.drain(world.client.pk)

    assert rung == [world.client.pk]


def test_a_client_without_books_keeps_its_vouchers_until_it_has_some(world: World) -> None:
    world.connection.is_active = False
    world.connection.save()
    world.sell(paid=False)

    jobs.drain(world.client.pk)

    assert Voucher.objects.get().state == "awaiting_approval"
