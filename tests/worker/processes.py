"""Looking at processes, for the tests of the worker."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path


def eventually(is_true: Callable[[], bool], within_s: float = 10.0) -> bool:
    ends_at = time.monotonic() + within_s
    while time.monotonic() < ends_at:
        if is_true():
            return True
        time.sleep(0.02)
    return is_true()


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not collected yet (Z) does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # no /proc here: os.kill has said that it runs
