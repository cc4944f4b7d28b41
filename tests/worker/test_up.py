"""`manage.py up` as a person uses it: it starts, says so, starts again what dies, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from backoffice.console.proof.house import House, ask, free_port
from backoffice.worker.supervisor.addresses import is_free


@contextmanager
def running_up(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run the command in a folder of its own."""
    environment = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "DATABASE_URL", "QUEUE_RINGS")}
    environment |= {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "backoffice.settings"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port), "--workers", "1"],
        cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)


def wait_until(process: subprocess.Popen[str], words: str) -> None:
    """Read what it says until the words come."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    pytest.fail(f"it ended without saying {words!r}")


def test_it_starts_keeps_and_stops_everything(tmp_path: Path) -> None:
    port = free_port()
    with running_up(tmp_path, port) as process:
        wait_until(process, "ready:")
        assert ask(f"http://127.0.0.1:{port}/readyz")["status"] == "ready"
        note = json.loads((tmp_path / "up.json").read_text())
        house = House(tmp_path, f"http://127.0.0.1:{port}", note["POWEROFFICE_SANDBOX_URL"])
        first = set(house.worker_pids())
        assert first

        house.kill_workers()
        ends_at = time.monotonic() + 20
        while time.monotonic() < ends_at and not set(house.worker_pids()) - first:
            time.sleep(0.1)
        assert set(house.worker_pids()) - first

        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert house.worker_pids() == []
    assert is_free(port)
    assert not (tmp_path / "up.json").exists()


def test_a_taken_port_is_said_with_the_way_out(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running_up(tmp_path, taken.getsockname()[1]) as process:
            said, _ = process.communicate(timeout=60)

    assert process.returncode != 0
    assert "is taken" in said
    assert "--port" in said
