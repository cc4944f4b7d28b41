"""Real parts for every test: an embedded Valkey for the session, emptied before each test that uses the database."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings

from backoffice.worker.supervisor.valkey import embedded_valkey


@pytest.fixture(scope="session", autouse=True)
def closed_network() -> Iterator[None]:
    """Let no test leave this machine: whatever it needs runs here, and a forgotten address must not be asked."""

    def guarded(connect: Any) -> Any:
        def connect_here(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
                raise AssertionError(f"A test tried to reach {address[0]}; only loopback is open.")
            return connect(self, address)

        return connect_here

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        yield


@pytest.fixture(scope="session", autouse=True)
def valkey() -> Iterator[str]:
    """Start a real server on a socket in the tests' data folder, unless REDIS_URL names one."""
    if os.environ.get("REDIS_URL"):
        yield os.environ["REDIS_URL"]
        return
    server = embedded_valkey(Path(settings.DATA_DIR))
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends_at = time.monotonic() + 10
        while not server.is_ready():
            assert process.poll() is None, "the embedded Valkey stopped"
            assert time.monotonic() < ends_at, "the embedded Valkey does not answer"
            time.sleep(0.01)
        yield server.url
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(autouse=True)
def empty_redis(request: pytest.FixtureRequest, valkey: str) -> None:
    """Start each database test with an empty Redis."""
    is_marked = request.node.get_closest_marker("django_db") is not None
    if is_marked or {"db", "transactional_db", "live_server"} & set(request.fixturenames):
        redis.Redis.from_url(valkey).flushall()
