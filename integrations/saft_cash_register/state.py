"""What is known of a file between two of its events or receipts, as text to be stored and back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from integrations.saft_cash_register import freezing, journal, reports
from integrations.saft_cash_register.journal import Sums
from integrations.saft_cash_register.reports import ZReport

#: names this reader by its own text as it was loaded: sums that another version made are not gone on with
VERSION = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).hexdigest()


@dataclass(slots=True)
class State:
    """Sums of the register that is being read, and where in the file that is."""

    standard: dict[tuple[str, str], str] = field(default_factory=dict)
    described: dict[tuple[str, str], str] = field(default_factory=dict)
    currency: str = "NOK"
    register: str = ""
    reports: list[ZReport] = field(default_factory=list)
    is_sorted: bool = False
    after_last: Sums = field(default_factory=Sums)
    receipts: int = 0
    left_out: int = 0
    notes: list[str] = field(default_factory=list)
    #: bytes read, and lines that ended in them
    offset: int = 0
    lines: int = 0
    encoding: str = "UTF-8"
    #: start tags of the elements that are open behind `offset`
    opened: str = ""

    def freeze(self) -> str:
        """Write it down, under the name of this reader."""
        return f"{VERSION}\n{freezing.freeze(self)}"


def thawed(frozen: str) -> State:
    """Give what was written down; from the beginning when nothing was, or by another version of this reader."""
    reader, _, sums = frozen.partition("\n")
    if reader != VERSION:
        return State()
    kinds = [kind for module in (journal, reports) for kind in vars(module).values() if isinstance(kind, type)]
    state: State = freezing.thaw(sums, State, *kinds)
    return state
