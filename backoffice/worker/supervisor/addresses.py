"""Ports and sockets: which are free, which were used before."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = "127.0.0.1"
#: The kernel's limit is 108 bytes on Linux, 104 on macOS (sun_path in sockaddr_un).
MAX_SOCKET_PATH_BYTES = 100


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen there now. Sockets in TIME_WAIT do not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """Find a free port on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False


def remembered_port(file: Path) -> tuple[int, int | None]:
    """Give the port kept in a file while it is free, else a free one, and the one it had to leave.

    Stored connections name the address of a sandbox, so it must not wander from one start to the next.
    """
    try:
        before = int(file.read_text())
    except (FileNotFoundError, ValueError):
        before = None
    if before is not None and is_free(before):
        return before, None
    port = any_free_port()
    file.write_text(f"{port}\n")
    return port, before
