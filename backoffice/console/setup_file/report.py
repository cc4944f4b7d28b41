"""What an import did, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one thing of the file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Done:
    """One thing, what became of it, and which of its values changed."""

    what: str
    outcome: Outcome
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.outcome}{f' ({self.detail})' if self.detail else ''}"


@dataclass(slots=True)
class Report:
    """Everything in the order of the file. notes tell what to look at; waiting names causes that rules may have mended.

    secrets holds those made new, each with what it belongs to: shown once, and only where the import stands.
    waiting holds (client id, code, subject) as `workflows.services.release_cause` takes them.
    """

    done: list[Done] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    waiting: list[tuple[int, str, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    @property
    def is_unchanged(self) -> bool:
        """Whether the file said nothing new."""
        return all(one.outcome is Outcome.UNCHANGED for one in self.done)

    @property
    def summary(self) -> str:
        """Count in a line."""
        counts = Counter(one.outcome for one in self.done)
        return ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
