"""All parts together: started in order, kept running, stopped in the opposite order."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from backoffice.worker.supervisor.child import Child, cap_log, last_lines, spawn
from backoffice.worker.supervisor.parts import Part, StartFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

TICK_S = 0.1
#: While something long goes on, say so this often.
PATIENCE_S = 10.0
LOG_CHECK_S = 10.0
#: One wish to stop may come as several signals (from `make` and from the terminal); a later one means "at once".
AGAIN_AFTER_S = 1.0


class StopAsked(Exception):
    """Ctrl-C or SIGTERM came while the house was starting."""


class House:
    """The supervisor. Everything happens in one thread: parts die with the thread that started them."""

    def __init__(self, say: Callable[[str], None], claim: int) -> None:
        """Make an empty house. `say` shows progress; `claim` is a descriptor the watcher holds until it is done."""
        self._say = say
        self._children: list[Child] = []
        self._stop_asked_at: float | None = None
        self._is_impatient = False
        self._watcher = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("watcher.py"))],
            stdin=subprocess.PIPE,
            text=True,
            bufsize=1,
            pass_fds=(claim,),
            start_new_session=True,
        )

    def heed_signals(self) -> None:
        """Stop in order on Ctrl-C, SIGTERM and the end of the terminal; at once when asked again."""
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
        elif now - self._stop_asked_at > AGAIN_AFTER_S:
            self._is_impatient = True

    @property
    def must_stop(self) -> bool:
        """Tell whether somebody asked for the end."""
        return self._stop_asked_at is not None

    def _tell_watcher(self, word: str, pid: int) -> None:
        if self._watcher.stdin:
            with suppress(BrokenPipeError):
                self._watcher.stdin.write(f"{word}{pid}\n")

    def start(self, part: Part) -> Child:
        """Start a part; wait for it with `wait_ready`."""
        child = Child(
            part,
            on_start=lambda pid: self._tell_watcher("+", pid),
            on_end=lambda pid: self._tell_watcher("-", pid),
        )
        self._children.append(child)
        child.start()
        return child

    def wait_ready(self, child: Child, timeout_s: float = 60.0) -> None:
        """Wait until a part answers. Raises StartFailed with the end of its log when it ends or takes too long."""
        name, log = child.part.name, child.part.log
        until = time.monotonic() + timeout_s
        while not child.part.is_ready():
            self._pause()
            code = child.ended()
            if code is not None:
                raise StartFailed(f"{name} ended at once (exit code {code}). Its log, {log}, ends:\n{last_lines(log)}")
            if time.monotonic() > until:
                raise StartFailed(
                    f"{name} does not answer after {timeout_s:.0f} s. Its log, {log}, ends:\n{last_lines(log)}"
                )

    def run_to_end(self, parts: Sequence[Part]) -> None:
        """Run commands that end, beside each other. Raises StartFailed with what the failing one said."""
        running: list[tuple[Part, subprocess.Popen[bytes]]] = []
        started, told = time.monotonic(), time.monotonic()
        try:
            for part in parts:
                part.log.parent.mkdir(parents=True, exist_ok=True)
                with part.log.open("wb") as log:
                    running.append((part, spawn(part.command, dict(part.env), log)))
            while any(process.poll() is None for _, process in running):
                self._pause()
                if time.monotonic() - told > PATIENCE_S:
                    told = time.monotonic()
                    busy = ", ".join(part.name for part, process in running if process.poll() is None)
                    self._say(f"still busy: {busy} ({told - started:.0f} s)")
        finally:
            for _, process in running:
                process.kill()
                process.wait()
        for part, process in running:
            if process.returncode != 0:
                raise StartFailed(f"{part.name} failed:\n{last_lines(part.log, 25)}")

    def run_in_the_open(self, part: Part) -> int:
        """Run a command that ends with its output on this terminal; return its exit code."""
        process = spawn(part.command, dict(part.env), sys.stdout.fileno())
        try:
            while process.poll() is None:
                self._pause()
                for child in self._children:
                    self._look_after(child)
        finally:
            process.kill()
            process.wait()
        return process.returncode

    def keep(self) -> None:
        """Start again what dies, keep the logs short, until somebody asks to stop."""
        logs_checked = time.monotonic()
        while not self.must_stop:
            time.sleep(TICK_S)
            for child in self._children:
                self._look_after(child)
            if time.monotonic() - logs_checked > LOG_CHECK_S:
                logs_checked = time.monotonic()
                for child in self._children:
                    cap_log(child.part.log)

    def _look_after(self, child: Child) -> None:
        code = child.ended()
        if code is not None and not self.must_stop:
            pause_s = child.plan_restart()
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            self._say(f"{child.part.name} {how}; starting it again in {pause_s:g} s (log: {child.part.log})")
        child.restart_if_due()

    def stop(self) -> None:
        """Stop all, the last started first; parts of one kind (`rqworker-1`, `rqworker-2`) together."""
        for kind in reversed(list(dict.fromkeys(kind_of(child) for child in self._children))):
            together = [child for child in self._children if kind_of(child) == kind]
            for child in together:
                child.ask_to_stop()
            until = time.monotonic() + max(child.part.stop_grace_s for child in together)
            for child in together:
                self._wait_stopped(child, until)
        if self._watcher.stdin:
            self._watcher.stdin.close()
        self._watcher.wait()

    def _wait_stopped(self, child: Child, until: float) -> None:
        while not child.has_ended and time.monotonic() < until and not self._is_impatient:
            time.sleep(TICK_S / 5)
        if not child.wait_stopped(time.monotonic() + TICK_S):
            self._say(f"{child.part.name} did not stop in time and was killed")

    def _pause(self) -> None:
        if self.must_stop:
            raise StopAsked
        time.sleep(TICK_S / 2)


def kind_of(child: Child) -> str:
    """Give the name without the number."""
    return child.part.name.rstrip("0123456789").rstrip("-")
