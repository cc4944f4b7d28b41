"""Files kept for good under their own hash: written once, never changed, read only while they are what was stored."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import uuid4

from django.conf import settings


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
