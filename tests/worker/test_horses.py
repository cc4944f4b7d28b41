"""A job ends with its worker, and a long task holds up no other."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import rq
from redis import Redis

from backoffice.worker.management.commands.scheduler import Scheduler, fire
from backoffice.worker.schedule import Task
from tests.worker.processes import eventually, runs

WORKER = """
import sys
from redis import Redis
from backoffice.worker.horses import HouseWorker
HouseWorker(["horses"], connection=Redis.from_url(sys.argv[1])).work()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has ended")
def test_a_killed_worker_takes_its_running_job_with_it(valkey: str, tmp_path: Path) -> None:
    note = tmp_path / "horse"
    queue = rq.Queue("horses", connection=Redis.from_url(valkey))
    queue.enqueue("subprocess.call", ["sh", "-c", f"echo $PPID > {note}; exec sleep 30"])
    worker = subprocess.Popen([sys.executable, "-c", WORKER, valkey], stderr=subprocess.DEVNULL)
    try:
        assert eventually(lambda: note.exists() and note.read_text() != "")
        horse = int(note.read_text())
        assert horse != worker.pid
        assert runs(horse)
    finally:
        worker.kill()
        worker.wait()
    assert eventually(lambda: not runs(horse))


def test_a_long_task_holds_up_no_other_and_is_not_started_twice() -> None:
    goes_on, sweeps = threading.Event(), []
    starts: list[float] = []

    def long() -> None:
        starts.append(time.monotonic())
        goes_on.wait(30)

    scheduler = Scheduler((Task("long", 0, long), Task("sweep", 0, lambda: sweeps.append(1))), stagger_s=0)
    for _ in range(3):
        scheduler.fire_due()
        scheduler.running["sweep"].join()
    assert len(starts) == 1
    assert len(sweeps) == 3
    goes_on.set()
    scheduler.finish()
    assert not scheduler.running["long"].is_alive()


def test_a_task_that_fails_says_when_it_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("no route")

    fire(Task("read charts", 600, fail))
    assert "The task 'read charts' failed and comes again in 600 s." in caplog.text
    assert "no route" in caplog.text
