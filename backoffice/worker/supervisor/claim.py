"""One `manage.py up` per DATA_DIR, and a note of what it started for commands given beside it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from typing import TYPE_CHECKING

from backoffice.worker.supervisor.parts import StartFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOTE = "up.json"


class Claim:
    """The claim of a running supervisor on a DATA_DIR. It ends with the process, however that ends."""

    #: A supervisor that was killed leaves the claim to its watcher for a moment.
    WAIT_S = 5.0

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._note = data_dir / NOTE
        self._lock = os.open(data_dir / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._take()

    def _take(self) -> None:
        until = time.monotonic() + self.WAIT_S
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._runs() or time.monotonic() > until:
                    os.close(self._lock)
                    raise StartFailed(self._refusal()) from None
                time.sleep(0.1)
            else:
                self._note.unlink(missing_ok=True)
                return

    def _read(self) -> dict[str, str]:
        try:
            note: dict[str, str] = json.loads(self._note.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return note

    def _runs(self) -> bool:
        pid = int(self._read().get("PID", 0))
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return pid > 0

    def _refusal(self) -> str:
        note = self._read()
        where = f" (process {note['PID']}, {note['PUBLIC_URL']})" if note else ""
        return (
            f"It runs already on {self._data_dir}{where}.\n"
            "Stop that one first (Ctrl-C), or start another beside it with data of its own:\n"
            "    DATA_DIR=var-2 python manage.py up --port 8001"
        )

    @property
    def descriptor(self) -> int:
        """Give the open lock, for the watcher to share."""
        return self._lock

    def note(self, started: Mapping[str, str]) -> None:
        """Write down what was started; settings.py reads it as defaults. It may hold a password: for the owner only."""
        draft = self._note.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"PID": str(os.getpid()), **started}, indent=1))
        draft.replace(self._note)

    def release(self) -> None:
        """Give the claim back."""
        self._note.unlink(missing_ok=True)
        os.close(self._lock)
