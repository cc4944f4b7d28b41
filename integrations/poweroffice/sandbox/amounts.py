"""Money inside the sandbox: whole øre (int) in the books, `Decimal` on the wire and for rates. Never binary
floats."""

from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)
ORE = Decimal("0.01")


def to_minor(amount: Decimal | int) -> int:
    """Give an amount with at most two decimals as whole minor units; raise ValueError when it has more."""
    minor = Decimal(amount) * HUNDRED
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} has more than two decimals")
    return int(minor)


def from_minor(minor: int) -> Decimal:
    """Give minor units as the amount that goes on the wire: 12345 -> 123.45."""
    return Decimal(minor).scaleb(-2)


def round_minor(amount: Decimal) -> int:
    """Round an amount half up (away from zero) to whole minor units: 0.125 -> 13."""
    return int((amount * HUNDRED).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def convert_minor(minor: int, rate: Decimal) -> int:
    """Convert minor units of a currency to øre; the rate is NOK for one unit of the currency."""
    return int((Decimal(minor) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def vat_inside(gross_minor: int, rate: Decimal) -> int:
    """Give the VAT contained in a gross amount, same sign: 12 500.00 at 0.25 -> 2 500.00 (all in øre)."""
    vat = Decimal(gross_minor) * rate / (1 + rate)
    return int(vat.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def vat_on_top(net_minor: int, rate: Decimal) -> int:
    """Give the VAT to add to a net amount, same sign: 10 000.00 at 0.25 -> 2 500.00 (all in øre)."""
    return int((Decimal(net_minor) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))
