"""Cut a file into pieces, each ending right behind an event or a receipt, without reading more than a piece ahead.

A cut is a guess from the bytes (a comment may hold what looks like an end tag); the reader takes it only where the
parser has seen the same elements end, see `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

PIECE_BYTES: Final = 262_144
#: an element larger than this is handed on as it is, so that memory stays bounded
MAX_HELD_BYTES: Final = 16 * PIECE_BYTES
END = re.compile(rb"</(?:[^\s<>/:]+:)?(?:cashtransaction|event)\s*>")


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes, and how many events and receipts seem to end in them. is_cut: the last one ends them."""

    data: bytes
    ends: int
    is_cut: bool


def pieces_of(file: BinaryIO) -> Iterator[Piece]:
    """Give all bytes of a file from where it stands."""
    held = b""
    while read := file.read(PIECE_BYTES):
        held += read
        ends = cut = 0
        for ended in END.finditer(held):
            ends, cut = ends + 1, ended.end()
        if cut:
            yield Piece(held[:cut], ends, is_cut=True)
            held = held[cut:]
        elif len(held) > MAX_HELD_BYTES:
            yield Piece(held, 0, is_cut=False)
            held = b""
    if held:
        yield Piece(held, 0, is_cut=False)
