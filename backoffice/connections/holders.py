"""Who holds a lane or a lease: a process, by name, so that the death of one on this machine is seen at once."""

from __future__ import annotations

import os
import socket
from uuid import uuid4


def new_holder() -> str:
    """Name this process as a holder: host, process id, and what makes the name its own."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:12]}"


def is_dead(holder: str) -> bool:
    """Whether a holder was a process of this machine that is gone. One elsewhere, or unreadable, counts as alive."""
    host, _, rest = holder.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
