"""The worked table of docs/algorithms/mapping-precedence.md, and what holds for any set of rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.chart.rules import candidates, choose, fits, pattern_problem, rank, why_it_won

PAGE = Path(__file__).parents[2] / "docs" / "algorithms" / "mapping-precedence.md"
POINTS = {"all": None, "shop": 1, "till": 2}


@dataclass(frozen=True)
class Row:
    """A rule, or what is asked for."""

    sales_point_id: int | None
    pattern: str
    vat_rate: Decimal | None


def written(text: str) -> list[Row]:
    """Read `sales point : name : rate` as often as it stands there."""
    parts = [one.split(" : ") for one in re.findall(r"`([^`]+)`", text)]
    return [Row(POINTS[point], name, None if rate == "any" else Decimal(rate)) for point, name, rate in parts]


TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("|")
][2:]


@pytest.mark.parametrize(("case", "rules", "asked", "wins", "because"), TABLE, ids=[row[0] for row in TABLE])
def test_the_worked_table_holds(case: str, rules: str, asked: str, wins: str, because: str) -> None:
    (wanted,) = written(asked)
    expected = written(wins)

    for order in (written(rules), written(rules)[::-1]):
        found = candidates(order, wanted.sales_point_id or 0, wanted.pattern, wanted.vat_rate)

        assert found[:1] == expected, case
        assert choose(order, wanted.sales_point_id or 0, wanted.pattern, wanted.vat_rate) == next(iter(found), None)
        if found:
            assert why_it_won(found[0], found[1] if len(found) > 1 else None) == because


a_rule = st.builds(
    Row,
    st.sampled_from([None, 1, 2]),
    st.sampled_from(["*", "a*", "ab*", "abc*", "a", "ab", "abc"]),
    st.sampled_from([None, Decimal(25), Decimal(15)]),
)


@given(
    st.sets(a_rule), st.sampled_from([1, 2]), st.text("abc", max_size=3), st.sampled_from([Decimal(25), Decimal(15)])
)
def test_rules_that_fit_never_rank_the_same(rules: set[Row], point: int, name: str, rate: Decimal) -> None:
    fitting = [one for one in rules if fits(one, point, name, rate)]

    assert len({rank(one) for one in fitting}) == len(fitting)
    assert candidates(rules, point, name, rate)[:1] == ([max(fitting, key=rank)] if fitting else [])


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "Name what"),
        ("  ", "Name what"),
        (" vipps", "spaces around"),
        ("kl*rna", "not at its end"),
        ("**", "not at its end"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_explained(pattern: str, says: str) -> None:
    assert says in pattern_problem(pattern)


@pytest.mark.parametrize("pattern", ["*", "vipps", "klarna*", "Gift card"])
def test_a_pattern_that_can_be_meant_has_no_problem(pattern: str) -> None:
    assert pattern_problem(pattern) == ""
