"""The scheduler: one acts, a failing task stops no other, and what the bell missed is rung again."""

from __future__ import annotations

import threading

import pytest

from backoffice.connections import queue
from backoffice.worker import schedule
from backoffice.worker.management.commands import scheduler as module
from backoffice.worker.management.commands.scheduler import SEEN, Scheduler
from backoffice.worker.schedule import Task, sweep
from tests.world import World, sandbox, world

__all__ = ["sandbox", "world"]


def test_two_schedulers_one_acts_and_the_other_takes_over(db: None) -> None:
    first, second = Scheduler(()), Scheduler(())

    assert first.holds_lease()
    assert not second.holds_lease()
    assert first.holds_lease()
    queue.redis().delete(module.LEASE)
    assert second.holds_lease()
    assert queue.redis().get(SEEN)


def test_a_task_that_fails_is_logged_and_stops_no_other(db: None, caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def fail() -> None:
        raise RuntimeError("no")

    tasks = (Task("failing", 60, fail), Task("working", 60, lambda: done.append("worked")))
    scheduler = Scheduler(tasks)
    scheduler.due = dict.fromkeys(scheduler.due, 0.0)

    for _ in range(2):
        scheduler.fire_due()
        for thread in scheduler.running.values():
            thread.join(10)

    assert done == ["worked"]
    assert "failing" in caplog.text


def test_it_gives_the_lease_back_when_it_is_stopped(db: None) -> None:
    stopped = threading.Event()
    scheduler = Scheduler((Task("stop", 1, stopped.set),), tick_s=0.01)
    scheduler.due = {"stop": 0.0}

    scheduler.run(stopped)

    assert queue.redis().get(module.LEASE) is None


def test_the_sweep_rings_for_all_that_is_due_and_for_nobody_else(world: World) -> None:
    assert sweep() == 0
    world.sell(paid=False)
    assert sweep() == 1
    world.drain()
    assert sweep() == 0
    world.approve_all()

    assert sweep() == 1
    assert queue.redis().exists(f"bell:{world.client.pk}")


def test_every_task_has_a_name_and_a_pace() -> None:
    names = [task.name for task in schedule.SCHEDULE]

    assert len(set(names)) == len(names)
    assert all(task.every_s > 0 for task in schedule.SCHEDULE)


def test_old_api_answers_are_forgotten(db: None) -> None:
    assert schedule.forget_old_answers() == 0
