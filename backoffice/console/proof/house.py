"""A house of its own for a proof: `manage.py up` on an empty folder, beside a sandbox whose faults can be set."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings

READY_WITHIN_S = 60


@dataclass
class House:
    """Running processes: where they answer and how to hurt them."""

    data_dir: Path
    url: str
    sandbox_url: str
    up: subprocess.Popen[bytes] | None = None

    def proof(self) -> dict[str, Any]:
        """Ask the sandbox what stands in the books of its first company."""
        found = ask(f"{self.sandbox_url}/_sandbox/proof")
        return dict(next(iter(found.values())))

    def requests(self) -> tuple[int, int]:
        """Give how many requests the sandbox has answered, and how many of them with 429."""
        found = ask(f"{self.sandbox_url}/_sandbox/statistics")
        return int(found["total"]), int(found["status_429"])

    def set_faults(self, rules: list[dict[str, Any]]) -> None:
        """Make some requests fail on purpose; an empty list ends it."""
        ask(f"{self.sandbox_url}/_sandbox/faults", method="DELETE")
        if rules:
            ask(f"{self.sandbox_url}/_sandbox/faults", method="POST", body=rules)

    def worker_pids(self) -> list[int]:
        """Find the worker processes of this house by their command line."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                line = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue  # it ended while we looked
            if b"rqworker" in line and f"DATA_DIR={self.data_dir}\0".encode() in environment + b"\0":
                found.append(int(entry.name))
        return found

    def kill_workers(self) -> int:
        """Kill every worker at once, as a machine does that loses its power; the supervisor starts them again."""
        pids = self.worker_pids()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return len(pids)


def ask(url: str, *, method: str = "GET", body: Any = None) -> Any:
    """Make one request to a process of our own on this machine; give the parsed answer."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})  # noqa: S310  # loopback
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # loopback
        return json.loads(answer.read() or b"null")


@contextmanager
def running_house(data_dir: Path, *, workers: int, rate_limit: int, environment: dict[str, str]) -> Iterator[House]:
    """Start sandbox and house, wait until ready, and stop both; their logs stay in data_dir."""
    data_dir.mkdir(parents=True, exist_ok=True)
    sandbox_log = (data_dir / "sandbox.log").open("wb")
    command = [sys.executable, "-m", "integrations.poweroffice.sandbox", "--port", "0"]
    command += ["--rate-limit", str(rate_limit), "--send-delay-ms", "300"]
    sandbox = subprocess.Popen(  # noqa: S603  # our own program
        command, stdout=subprocess.PIPE, stderr=sandbox_log, cwd=settings.BASE_DIR
    )
    try:
        sandbox_url = _announced(sandbox.stdout)
        port = free_port()
        log = (data_dir / "up.log").open("wb")
        child_environment = (
            os.environ
            | environment
            | {
                "DATA_DIR": str(data_dir),
                "POWEROFFICE_SANDBOX_URL": sandbox_url,
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
            }
        )
        child_environment.pop("REDIS_URL", None)
        up = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port), "--workers", str(workers)],
            stdout=log,
            stderr=log,
            cwd=settings.BASE_DIR,
            env=child_environment,
        )
        house = House(data_dir, f"http://127.0.0.1:{port}", sandbox_url, up)
        try:
            _wait_until_ready(house)
            yield house
        finally:
            up.terminate()
            up.wait(timeout=60)
    finally:
        sandbox.terminate()
        sandbox.wait(timeout=30)


def _announced(output: IO[bytes] | None) -> str:
    line = output.readline().decode() if output else ""
    found = re.search(r"http://\S+", line)
    if not found:
        raise RuntimeError(f"The sandbox did not start: {line!r}")
    return found.group()


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(house: House) -> None:
    ends_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < ends_at:
        if house.up and house.up.poll() is not None:
            raise RuntimeError(f"The house stopped; see {house.data_dir / 'up.log'}.")
        try:
            ask(f"{house.url}/readyz")
        except (urllib.error.URLError, ConnectionError, ValueError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"The house was not ready within {READY_WITHIN_S} s; see {house.data_dir / 'up.log'}.")
