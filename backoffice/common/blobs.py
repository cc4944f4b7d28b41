"""Files kept under their own hash: written once, never changed, read only while they are what was stored.

A small file is given and read as bytes. A large one arrives in pieces (`Arriving`) and is opened as a stream.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from django.conf import settings

PIECE_BYTES = 1_048_576
#: what a process left that died while a file arrived
LEFT_BEHIND_S = 24 * 3600
ROOM_LEFT_BYTES = 256 * 1_048_576


class BlobMissing(Exception):
    """The stored file is gone or was changed: restore it from a backup; it is never made anew in silence."""


def path_of(sha256: str, suffix: str) -> Path:
    """Say where a file stands; suffix without the dot ("pdf")."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / f"{sha256}.{suffix}"


def keep(content: bytes, suffix: str) -> str:
    """Store a file and give its hash; the same bytes again change nothing. Durable when it returns."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256, suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.{uuid4().hex[:8]}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return sha256


def read(sha256: str, suffix: str) -> bytes:
    """Read a stored file; raise BlobMissing when it is not what was stored."""
    path = path_of(sha256, suffix)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BlobMissing(f"The file {path.name} is not there. Restore it from a backup.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BlobMissing(f"The file {path.name} was changed after it was stored. Restore it from a backup.")
    return content


class Arriving:
    """A file that arrives in pieces and is in nobody's way until it is kept; discard it if it is not."""

    def __init__(self) -> None:
        folder = Path(settings.MEDIA_ROOT) / "arriving"
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        self.path = folder / uuid4().hex
        self.size = 0
        self._hash = hashlib.sha256()
        self._file = self.path.open("wb")

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    @property
    def sha256(self) -> str:
        """The hash of what has arrived."""
        return self._hash.hexdigest()

    def keep(self, suffix: str) -> str:
        """Store the file and give its hash; the same bytes again change nothing. Durable when it returns."""
        sha256 = self.sha256
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        path = path_of(sha256, suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path.replace(path)
        return sha256

    def discard(self) -> None:
        """Forget what arrived; after `keep` this does nothing."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def has_room(size: int) -> bool:
    """Whether a file of so many bytes may come and leave room for the rest of the house."""
    Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(settings.MEDIA_ROOT).free > size + ROOM_LEFT_BYTES


def _clear(folder: Path) -> None:
    for left in folder.iterdir():
        try:
            if left.stat().st_mtime < time.time() - LEFT_BEHIND_S:
                left.unlink()
        except FileNotFoundError:
            continue  # kept or discarded by its own process meanwhile


def stored(sha256: str, suffix: str, size: int) -> Path:
    """Say where a large file stands; raise BlobMissing when it is not there or has another size."""
    path = path_of(sha256, suffix)
    if not path.is_file():
        raise BlobMissing(f"The file {path.name} is not there. Restore it from a backup.")
    if path.stat().st_size != size:
        raise BlobMissing(f"The file {path.name} was changed after it was stored. Restore it from a backup.")
    return path


def prove(sha256: str, suffix: str, *, sign_of_life: Callable[[], None] = lambda: None) -> None:
    """Read a large file through; raise BlobMissing when it is not what was stored."""
    found, path = hashlib.sha256(), path_of(sha256, suffix)
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            found.update(piece)
            sign_of_life()
    if found.hexdigest() != sha256:
        raise BlobMissing(f"The file {path.name} was changed after it was stored. Restore it from a backup.")


def remove(sha256: str, suffix: str) -> None:
    """Delete a stored file that nobody needs any more."""
    path_of(sha256, suffix).unlink(missing_ok=True)
