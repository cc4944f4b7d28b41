"""State machines as tables: every edge is written down, and the table is checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)


class IllegalMove(Exception):
    """A state was asked to become one that the table does not allow."""


class StaleState(Exception):
    """Somebody else moved the row first; load it again and look."""


class Machine(Generic[State]):
    """A table of edges over a StrEnum.

    Checked when made: every state is reached from the first, every state has a way out unless it is named
    terminal, and terminal states have none. A wrong table raises ValueError at import.
    """

    def __init__(
        self,
        first: State,
        edges: Mapping[State, Set[State]],
        terminal: Set[State] = frozenset(),
    ) -> None:
        self.first = first
        self.edges: dict[State, frozenset[State]] = {state: frozenset(to) for state, to in edges.items()}
        self.terminal = frozenset(terminal)
        self._check(type(first))

    def _check(self, states: type[State]) -> None:
        if missing := set(states) - set(self.edges):
            raise ValueError(f"{states.__name__}: no row for {sorted(missing)}")
        reached = {self.first}
        frontier = [self.first]
        while frontier:
            for state in self.edges[frontier.pop()] - reached:
                reached.add(state)
                frontier.append(state)
        if unreachable := set(states) - reached:
            raise ValueError(f"{states.__name__}: {sorted(unreachable)} cannot be reached")
        for state in states:
            if bool(self.edges[state]) == (state in self.terminal):
                raise ValueError(f"{states.__name__}: {state} must have a way out or be terminal, not both")

    def allows(self, now: State, to: State) -> bool:
        """Say whether the table has the edge now -> to."""
        return to in self.edges[now]

    def check(self, now: State, to: State) -> None:
        """Raise IllegalMove unless the table has the edge."""
        if not self.allows(now, to):
            raise IllegalMove(
                f"{now} cannot become {to}; it can become {', '.join(sorted(self.edges[now])) or 'nothing'}."
            )
