"""A till's file read piece by piece: what a reader hands over, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadTo:
    """How far a file is read. Everything before `offset` (bytes) is in closings handed over already, or in `freeze()`.

    freeze gives the reader's own note as text: handed back with the same file, reading goes on from here with the
    same result. It is to be called before the reader is asked for more; None where reading cannot stop. receipts and
    left_out count receipts read so far; left_out are training, voided and credit ones. notes are sentences about the
    file as a whole.
    """

    offset: int
    receipts: int
    left_out: int
    notes: tuple[str, ...]
    freeze: Callable[[], str] | None
