"""VAT split and VAT totals. Rates are percents: VatRate("25.00") means 25 %."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import Money, divide_half_up

HUNDRED = Decimal(100)


def parse_rate(text: str | Decimal | int) -> Decimal:
    """Read a VAT rate in percent with two decimals; 0 to 100.

    >>> parse_rate("25")
    Decimal('25.00')
    """
    try:
        rate = Decimal(text)
    except (InvalidOperation, TypeError) as error:
        raise LedgerError(f"{text!r} is not a VAT rate; write a percent like 25.00.") from error
    if not rate.is_finite() or rate < 0 or rate > HUNDRED or rate != round(rate, 2):
        raise LedgerError(f"{text!r} is not a VAT rate; write a percent, 0 to 100, with at most two decimals.")
    return rate.quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class VatSplit:
    """Net and VAT of a gross amount; net + vat == gross, always."""

    net: Money
    vat: Money

    @property
    def gross(self) -> Money:
        """Give back what was split."""
        return self.net + self.vat


def split_gross(gross: Money, rate: Decimal) -> VatSplit:
    """Split a VAT-inclusive amount into net and VAT.

    gross is what the customer paid, in minor units. VAT is rounded half-up to the minor unit and net takes
    what is left, so net + vat == gross: the gross was paid and may not change. A refund passes a negative
    gross and gets the mirror image.

    >>> split_gross(Money(12500, "NOK"), Decimal("25"))
    VatSplit(net=Money(minor=10000, currency='NOK'), vat=Money(minor=2500, currency='NOK'))
    """
    parts, whole = rate.as_integer_ratio()
    vat = Money(divide_half_up(gross.minor * parts, 100 * whole + parts), gross.currency)
    return VatSplit(gross - vat, vat)


def vat_on_net(net: Money, rate: Decimal) -> Money:
    """Compute VAT on a net amount, rounded half-up to the minor unit.

    >>> vat_on_net(Money(2, "NOK"), Decimal("25"))
    Money(minor=1, currency='NOK')
    """
    parts, whole = rate.as_integer_ratio()
    return Money(divide_half_up(net.minor * parts, 100 * whole), net.currency)
