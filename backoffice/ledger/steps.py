"""Arithmetic that can be shown: what was computed, before and after rounding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from backoffice.ledger.money import EXACT

#: Decimals shown of a quotient that does not end.
SHOWN_DECIMALS = 8


class Operator(StrEnum):
    """What joins the two numbers of a step."""

    PLUS = "+"
    MINUS = "-"
    TIMES = "*"
    OVER = "/"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic, in major units: result is exact after rounding, equal to it where nothing was.

    name is a stable key ("net", "vat") that a page translates.

    >>> print(Step.of("net", Decimal(3), Operator.TIMES, Decimal("33.333"), result=Decimal("100.00")))
    net: 3 * 33.333 = 99.999 -> 100.00
    """

    name: str
    left: Decimal
    operator: Operator
    right: Decimal
    exact: Decimal
    result: Decimal

    @classmethod
    def of(cls, name: str, left: Decimal, operator: Operator, right: Decimal, result: Decimal | None = None) -> Step:
        """Compute the exact value; result is what it became, itself where nothing was rounded."""
        exact = _compute(left, operator, right)
        return cls(name, left, operator, right, exact, exact if result is None else result)

    def __str__(self) -> str:
        shown = f"{self.name}: {self.left:f} {self.operator} {self.right:f} = {self.exact:f}"
        return shown if self.exact == self.result else f"{shown} -> {self.result:f}"


def _compute(left: Decimal, operator: Operator, right: Decimal) -> Decimal:
    match operator:
        case Operator.PLUS:
            return EXACT.add(left, right)
        case Operator.MINUS:
            return EXACT.subtract(left, right)
        case Operator.TIMES:
            return EXACT.multiply(left, right)
        case Operator.OVER:
            quotient = EXACT.divide(left, right)
            short = EXACT.quantize(quotient, Decimal(1).scaleb(-SHOWN_DECIMALS))
            return quotient if quotient == short else short
