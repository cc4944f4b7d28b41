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


def choose(rules: Iterable[R], sales_point_id: int, name: str, vat_rate: Decimal | None = None) -> R | None:
    """Give the winning rule, or None when none fits. Two fitting rules never rank the same: their slots differ."""
    return max((one for one in rules if fits(one, sales_point_id, name, vat_rate)), key=rank, default=None)
