"""What the supervisor knows about a part before it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def always_ready() -> bool:
    """Stand for a part that nobody has to wait for."""
    return True


@dataclass(frozen=True)
class Part:
    """One process of the house. `name` is also the name of its log; `is_ready` must answer at once."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    is_ready: Callable[[], bool] = always_ready
    #: How long it may take to finish what it is doing after SIGTERM, before SIGKILL.
    stop_grace_s: float = 10.0


class StartFailed(Exception):
    """Say in plain words why the house cannot stand, and what to do."""
