"""Which mapping rule wins. Pure: docs/algorithms/mapping-precedence.md holds the worked table.

1. A rule of the sales point beats one for all sales points.
2. Then the exact name beats the longest prefix ("klarna*") beats "*".
3. Then the exact VAT rate beats any rate.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol, TypeVar

ANY = "*"


class Rule(Protocol):
    """What a rule must show to be chosen by; vat_rate is None where it holds for any rate or plays no part."""

    @property
    def sales_point_id(self) -> int | None:
        """The sales point it is for; None for all."""

    @property
    def pattern(self) -> str:
        """The name, a prefix with *, or *."""

    @property
    def vat_rate(self) -> Decimal | None:
        """The percent it is for; None for any."""


R = TypeVar("R", bound=Rule)


def pattern_problem(pattern: str) -> str:
    """Say in a sentence why a pattern cannot be meant; empty when it can."""
    if not pattern.strip():
        return "Name what the rule is for, or write * for everything."
    if pattern != pattern.strip():
        return f"{pattern!r} has spaces around it. Write it without."
    if ANY in pattern[:-1]:
        return f"{pattern!r} has a * that is not at its end. Only the end may be left open, as in klarna*."
    return ""


def fits(rule: Rule, sales_point_id: int, name: str, vat_rate: Decimal | None) -> bool:
    """Whether a rule speaks about this sales point, name and rate at all."""
    if rule.sales_point_id not in (None, sales_point_id):
        return False
    if rule.vat_rate is not None and rule.vat_rate != vat_rate:
        return False
    if rule.pattern.endswith(ANY):
        return name.startswith(rule.pattern[:-1])
    return name == rule.pattern


def rank(rule: Rule) -> tuple[bool, bool, int, bool]:
    """Order fitting rules: the largest wins."""
    is_exact = not rule.pattern.endswith(ANY)
    return (rule.sales_point_id is not None, is_exact, len(rule.pattern), rule.vat_rate is not None)


def candidates(rules: Iterable[R], sales_point_id: int, name: str, vat_rate: Decimal | None = None) -> list[R]:
    """List the rules that fit, the winner first. Two fitting rules never rank the same: their slots differ."""
    return sorted((one for one in rules if fits(one, sales_point_id, name, vat_rate)), key=rank, reverse=True)


def choose(rules: Iterable[R], sales_point_id: int, name: str, vat_rate: Decimal | None = None) -> R | None:
    """Give the winning rule, or None when none fits."""
    return max((one for one in rules if fits(one, sales_point_id, name, vat_rate)), key=rank, default=None)


def why_it_won(winner: Rule, next_best: Rule | None) -> str:
    """Say by which step a rule beat the next best one that fits.

    >>> from types import SimpleNamespace as Row
    >>> klarna = Row(sales_point_id=None, pattern="klarna*", vat_rate=None)
    >>> why_it_won(klarna, Row(sales_point_id=None, pattern="*", vat_rate=None))
    'its beginning “klarna” is longer'
    """
    if next_best is None:
        return "no other rule fits"
    won, lost = rank(winner), rank(next_best)
    if won[0] != lost[0]:
        return "it is for this sales point"
    if won[1] != lost[1]:
        return "it has exactly this name"
    if won[2] != lost[2]:
        return f"its beginning “{winner.pattern[:-1]}” is longer"
    return "it is for exactly this VAT rate"
