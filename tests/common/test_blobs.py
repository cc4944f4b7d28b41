"""Large files arrive in pieces, are kept under their hash, and leave nothing behind when they are not."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest

from backoffice.common import blobs


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    """Give an empty file store."""
    settings.MEDIA_ROOT = tmp_path / "documents"
    return tmp_path / "documents"


def arrive(*pieces: bytes) -> blobs.Arriving:
    arriving = blobs.Arriving()
    for piece in pieces:
        arriving.write(piece)
    return arriving


def test_pieces_become_one_file_under_its_hash(store: Path) -> None:
    arriving = arrive(b"one", b"two")
    sha256 = arriving.keep("xml")
    assert sha256 == hashlib.sha256(b"onetwo").hexdigest() == arriving.sha256
    assert blobs.stored(sha256, "xml", 6).read_bytes() == b"onetwo"
    blobs.prove(sha256, "xml")
    arriving.discard()  # after it is kept this does nothing
    assert arrive(b"onetwo").keep("xml") == sha256
    assert blobs.stored(sha256, "xml", 6).read_bytes() == b"onetwo"
    assert list((store / "arriving").iterdir()) == []


def test_what_is_discarded_or_left_behind_is_gone(store: Path) -> None:
    arrive(b"x").discard()
    left = arrive(b"of a process that died")
    assert list((store / "arriving").iterdir()) == [left.path]
    long_ago = time.time() - blobs.LEFT_BEHIND_S - 60
    os.utime(left.path, (long_ago, long_ago))
    now = arrive(b"new")
    assert list((store / "arriving").iterdir()) == [now.path]


def test_a_file_that_is_gone_or_changed_is_told(store: Path) -> None:
    sha256 = arrive(b"onetwo").keep("xml")
    path = blobs.path_of(sha256, "xml")
    path.write_bytes(b"onetwx")
    with pytest.raises(blobs.BlobMissing, match="was changed"):
        blobs.prove(sha256, "xml")
    path.write_bytes(b"one")
    with pytest.raises(blobs.BlobMissing, match="was changed"):
        blobs.stored(sha256, "xml", 6)
    blobs.remove(sha256, "xml")
    with pytest.raises(blobs.BlobMissing, match="not there"):
        blobs.stored(sha256, "xml", 6)
    blobs.remove(sha256, "xml")


def test_room_is_left_for_the_rest_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = blobs.ROOM_LEFT_BYTES + 100

    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage)
    assert blobs.has_room(99)
    assert not blobs.has_room(100)
