"""Money as whole minor units. No float, no division, no silent rounding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Self

from backoffice.ledger.errors import CurrencyMismatch, LedgerError, SurplusDecimals

#: Currencies whose minor unit is not a hundredth (ISO 4217).
MINOR_DIGITS: dict[str, int] = {
    "BHD": 3, "CLP": 0, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3, "VND": 0,
}  # fmt: skip
CURRENCY_LETTERS = 3
#: Largest amount a posting can hold, in minor units: fits a signed 64-bit column with room for sums.
MAX_MINOR = 10**15
#: Our own decimal context, so that nobody else's precision rounds money.
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)


def minor_digits(currency: str) -> int:
    """Give the number of decimals of a currency: 2 for NOK, 0 for JPY."""
    return MINOR_DIGITS.get(currency, 2)


def round_half_up(value: Decimal, digits: int = 0) -> Decimal:
    """Round to `digits` decimals, halves away from zero, as Norwegian and Polish practice do."""
    return value.quantize(Decimal(1).scaleb(-digits), context=EXACT)


def divide_half_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers and round half-up, halves away from zero; exact whatever the decimal context.

    >>> divide_half_up(5, 2), divide_half_up(-5, 2), divide_half_up(4, 3)
    (3, -3, 1)
    """
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    size, divisor = abs(numerator), abs(denominator)
    return sign * ((2 * size + divisor) // (2 * divisor))


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units: Money(12500, "NOK") is NOK 125.00, not 12,500 kroner.

    >>> Money(12500, "NOK") - Money(500, "NOK")
    Money(minor=12000, currency='NOK')
    >>> str(Money(-5, "NOK"))
    '-0.05'
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise LedgerError(f"An amount is a whole number of minor units, not {self.minor!r}.")
        if len(self.currency) != CURRENCY_LETTERS or not self.currency.isupper():
            raise LedgerError(f"{self.currency!r} is not a currency code; use three letters such as NOK.")

    @classmethod
    def parse(cls, text: str | Decimal | int, currency: str) -> Self:
        """Read a decimal amount in major units; surplus decimals raise SurplusDecimals, never rounded.

        >>> Money.parse("125.50", "NOK")
        Money(minor=12550, currency='NOK')
        """
        try:
            value = Decimal(text)
        except (InvalidOperation, TypeError) as error:
            raise LedgerError(f"{text!r} is not an amount; write it like 125.50.") from error
        if not value.is_finite():
            raise LedgerError(f"{text!r} is not an amount.")
        digits = minor_digits(currency)
        if value.copy_abs() > Decimal(MAX_MINOR).scaleb(-digits, EXACT):
            raise LedgerError(f"{text} {currency} is larger than any voucher may hold.")
        if round_half_up(value, digits) != value:
            raise SurplusDecimals(f"{text} has more than the {digits} decimals of {currency}.")
        return cls(int(value.scaleb(digits, EXACT)), currency)

    @classmethod
    def rounded(cls, value: Decimal, currency: str) -> Self:
        """Round a computed amount in major units half-up to the minor unit. Only for computed values."""
        return cls(int(round_half_up(value.scaleb(minor_digits(currency), EXACT))), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Give nothing, in a currency."""
        return cls(0, currency)

    def to_decimal(self) -> Decimal:
        """Give the amount in major units with exactly the currency's decimals: Decimal('125.00')."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency), EXACT)

    def __str__(self) -> str:
        return f"{self.to_decimal():.{minor_digits(self.currency)}f}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot stand in one sum.")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts of one currency; nothing gives zero of that currency."""
    minor = 0
    for amount in amounts:
        if amount.currency != currency:
            raise CurrencyMismatch(f"{currency} and {amount.currency} cannot stand in one sum.")
        minor += amount.minor
    return Money(minor, currency)


def allocate(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Split an amount by weights so that the shares add up to it and none is off by more than one minor unit.

    Weights are non-negative whole numbers (for instance gross minor units per VAT rate). Left-over minor
    units go to the largest remainders, the first of equals. All-zero weights raise LedgerError.

    >>> [share.minor for share in allocate(Money(9900, "NOK"), [80000, 23000])]
    [7689, 2211]
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise LedgerError("An amount can only be split by weights that are not negative and not all zero.")
    sign = -1 if amount.minor < 0 else 1
    size = abs(amount.minor)
    shares = [size * weight // whole for weight in weights]
    remainders = [size * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: size - sum(shares)]:
        shares[index] += 1
    return [Money(sign * share, amount.currency) for share in shares]
