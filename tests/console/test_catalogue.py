"""The error catalogue covers every reason code that the house and its providers can give."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.console.catalogue import CATALOGUE, GROUPS, cause_of
from backoffice.console.causes.entry import Who

ROOT = Path(__file__).resolve().parents[2]


def codes_in(path: Path) -> Iterator[str]:
    """Yield the first argument of every Reason(...) in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        is_reason = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason"
        if is_reason and node.args and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]  # a Call
            yield str(node.args[0].value)  # type: ignore[attr-defined]  # a Call


def all_codes() -> set[str]:
    files = [*(ROOT / "backoffice").rglob("*.py"), *(ROOT / "integrations").rglob("*.py")]
    return {code for path in files if "sandbox" not in path.parts for code in codes_in(path)}


def test_the_search_for_codes_finds_some() -> None:
    assert {"group_unmapped", "locked_period", "email_missing"} <= all_codes()


def test_every_code_has_an_entry() -> None:
    assert sorted(all_codes() - set(CATALOGUE)) == []


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_entry_says_cause_and_what_to_do(code: str) -> None:
    cause = CATALOGUE[code]
    assert str(cause.title)
    assert str(cause.cause).endswith(".")
    assert str(cause.what_to_do).endswith(".")
    assert str(cause.who_label)


def test_no_code_stands_in_two_groups() -> None:
    listed = [cause.code for _name, causes in GROUPS for cause in causes]
    assert sorted(listed) == sorted(CATALOGUE)


def test_a_code_nobody_wrote_down_is_shown_without_made_up_advice() -> None:
    cause = cause_of("moon_in_the_way")
    assert cause.title == "Moon in the way"
    assert cause.who is Who.SUPPORT
