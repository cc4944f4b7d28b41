"""One running part: started, watched, stopped. Its output goes to a log of limited size."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backoffice.worker.supervisor.parts import Part

MAX_LOG_BYTES = 5_000_000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent_pid: int, sig: signal.Signals = signal.SIGKILL) -> None:
    """Ask Linux to kill this process when its parent ends, however it ends. Does nothing elsewhere.

    Called right after a fork. A parent that ended before the call is noticed too. See prctl(2), PR_SET_PDEATHSIG:
    what counts is the end of the parent's thread that forked.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def spawn(command: tuple[str, ...], env: dict[str, str], log: BinaryIO | int) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own (Ctrl-C at the terminal is not for it) that dies with this one."""
    parent_pid = os.getpid()
    return subprocess.Popen(  # noqa: S603  # our own parts
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: die_with(parent_pid),  # noqa: PLW1509 - the supervisor has one thread
    )


def cap_log(log: Path, max_bytes: int = MAX_LOG_BYTES) -> None:
    """Keep one older piece and empty the log once it is too long. The writer appends, so it goes on unhurt."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > max_bytes:
            shutil.copyfile(log, log.with_suffix(log.suffix + ".1"))
            os.truncate(log, 0)


def last_lines(log: Path, lines: int = 12, max_bytes: int = 20_000) -> str:
    """Give the end of a log, for a message about what went wrong."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - max_bytes))
        text = file.read().decode(errors="replace")
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


class Child:
    """A part and the process that runs it now."""

    #: A part that dies is started again after so long: soon at first, then less and less often.
    FIRST_PAUSE_S = 0.5
    LONGEST_PAUSE_S = 4.0
    #: Who ran for so long is taken for healthy again.
    HEALTHY_AFTER_S = 60.0

    def __init__(self, part: Part, *, on_start: Callable[[int], None], on_end: Callable[[int], None]) -> None:
        self.part = part
        self._on_start = on_start
        self._on_end = on_end
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause_s = self.FIRST_PAUSE_S
        self._start_again_at: float | None = None

    @property
    def pid(self) -> int | None:
        """Give the process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        """Tell whether nothing of it runs."""
        return self._process is None or self._process.poll() is not None

    def start(self) -> None:
        """Start the process, appending to its log."""
        self.part.log.parent.mkdir(parents=True, exist_ok=True)
        cap_log(self.part.log)
        with self.part.log.open("ab") as log:
            self._process = spawn(self.part.command, dict(self.part.env), log)
        self._started_at = time.monotonic()
        self._start_again_at = None
        self._on_start(self._process.pid)

    def ended(self) -> int | None:
        """Give the exit code when the process has ended since the last call (negative: the signal)."""
        if self._process is None:
            return None
        code = self._process.poll()
        if code is None:
            return None
        if time.monotonic() - self._started_at > self.HEALTHY_AFTER_S:
            self._pause_s = self.FIRST_PAUSE_S
        self._forget()
        return code

    def plan_restart(self) -> float:
        """Put the next start off by a growing pause; return the pause in seconds."""
        pause_s = self._pause_s
        self._start_again_at = time.monotonic() + pause_s
        self._pause_s = min(pause_s * 2, self.LONGEST_PAUSE_S)
        return pause_s

    def restart_if_due(self) -> bool:
        """Start again when the pause after a death is over."""
        if self._start_again_at is None or time.monotonic() < self._start_again_at:
            return False
        self.start()
        return True

    def ask_to_stop(self) -> None:
        """Send SIGTERM: finish what you are doing, then end."""
        self._start_again_at = None
        if self._process:
            self._process.terminate()

    def wait_stopped(self, until: float) -> bool:
        """Wait for the end until a monotonic time, then kill; return whether it ended by itself."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._forget()
        return True

    def kill(self) -> None:
        """End the process and all in its group at once."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._forget()

    def _forget(self) -> None:
        if self._process:
            with suppress(ProcessLookupError):  # what it left behind in its group
                os.killpg(self._process.pid, signal.SIGKILL)
            self._on_end(self._process.pid)
        self._process = None
