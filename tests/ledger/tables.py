"""The worked tables of docs/algorithms, and the shared reference data where it is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backoffice.ledger.money import Money

ROOT = Path(__file__).parents[2]
ALGORITHMS = ROOT / "docs" / "algorithms"
SHARED = ROOT.parent / "shared" / "data" / "norway"

Row = dict[str, str]


def rows(page: str, heading: str) -> list[Row]:
    """Read the first table under a heading of a page ("money", "Splitting")."""
    text = (ALGORITHMS / f"{page}.md").read_text(encoding="utf-8")
    if heading:
        text = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    names, _, *body = cells
    return [dict(zip(names, row, strict=True)) for row in body]


def each_row(page: str, heading: str) -> pytest.MarkDecorator:
    """Run a test once per row of a table; the test takes `row`."""
    table = rows(page, heading)
    return pytest.mark.parametrize("row", table, ids=[" ".join(row.values())[:60] for row in table])


def shared_json(name: str) -> Any:
    """Read a file of the shared Norwegian data, or skip where it is not at hand."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"no shared data here ({name})")
    return json.loads(path.read_text(encoding="utf-8"))


def worked_example(key: str) -> dict[str, Any]:
    """Give one case of the shared posting examples, or skip."""
    examples: list[dict[str, Any]] = shared_json("worked_examples.json")["examples"]
    return next(example for example in examples if example["id"] == key)


def nok(text: str) -> Money:
    """Read kroner."""
    return Money.parse(text, "NOK")
