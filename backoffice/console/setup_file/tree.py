"""YAML as texts with line numbers. Nothing is guessed from how a value looks: NO is a country, 0150 keeps its zero."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import yaml

NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in a line (from 1), and what to do."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


class SetupRefused(Exception):
    """The file cannot be taken; nothing was changed. problems are in the order of their lines."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(one) for one in self.problems))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it is written; text None where it says null."""

    line: int
    text: str | None


@dataclass(slots=True)
class Block:
    """The keys of a mapping. `line` is where it begins."""

    line: int
    nodes: dict[str, Any] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


class Tree:
    """Walks a YAML text and collects what is wrong, so that all of it is told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def complain(self, line: int, text: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(line, text))

    def compose(self, text: str) -> Any:
        """Read a YAML text; raise SetupRefused where it is no YAML."""
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise SetupRefused([Problem(line, f"This is not YAML: {error.problem or error.context}.")]) from error
        except yaml.YAMLError as error:
            raise SetupRefused([Problem(1, f"This is not YAML: {error}")]) from error

    def block(self, node: Any, what: str) -> Block:
        """Read a mapping; anything else is a problem and gives an empty one."""
        found = Block(line_of(node))
        if not isinstance(node, yaml.MappingNode):
            self.complain(found.line, f"Expected {what} as `key: value` pairs.")
            return found
        for key, value in node.value:
            line = line_of(key)
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None:
                self.complain(line, "A key must be a plain word.")
            elif name in found.nodes:
                self.complain(line, f"{name} stands here twice, first in line {found.key_lines[name]}. Keep one.")
            else:
                found.nodes[name], found.key_lines[name] = value, line
        return found

    def only(self, block: Block, known: Collection[str]) -> None:
        """Complain about every key that is not known here."""
        for name, line in block.key_lines.items():
            if name not in known:
                self.complain(line, f"{name!r} is not known here. {suggestion(name, known)}")

    def items(self, block: Block, key: str) -> list[Any]:
        """Read a list under a key; missing or null gives an empty one."""
        node = block.nodes.get(key)
        if node is None or is_null(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.complain(block.key_lines[key], f"{key} must be a list: each item begins with a hyphen.")
            return []
        return list(node.value)

    def scalar(self, block: Block, key: str) -> Scalar | None:
        """Read a single value under a key, None where the key is missing or holds no single value."""
        node = block.nodes.get(key)
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.complain(block.key_lines[key], f"{key} must be a single value.")
            return None
        return Scalar(line_of(node), None if is_null(node) else node.value)


def line_of(node: Any) -> int:
    """Give the line a node begins in, from 1."""
    return int(node.start_mark.line) + 1 if node is not None else 1


def is_null(node: Any) -> bool:
    """Whether a node says null, ~ or nothing."""
    return isinstance(node, yaml.ScalarNode) and node.tag == NULL


def suggestion(word: str, known: Collection[str]) -> str:
    """Say what was probably meant, or what may stand here."""
    close = get_close_matches(word, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Known are: {', '.join(known)}."
