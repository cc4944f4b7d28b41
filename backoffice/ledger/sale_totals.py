"""Whether a sale adds up, and what of a charge belongs to which VAT rate.

A shop's figures are checked, never mended: a total that differs is refused with both sums, a VAT figure
that is a minor unit off is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from backoffice.ledger.errors import LedgerError, TotalsDiffer, VatDiffers
from backoffice.ledger.money import Money, allocate, total
from backoffice.ledger.vat import parse_rate, split_gross


@dataclass(frozen=True, slots=True)
class TaxedAmount:
    """A line's gross and the VAT in it as the shop states it; both negative on a returned line."""

    gross: Money
    vat: Money
    vat_rate: Decimal


@dataclass(frozen=True, slots=True)
class VatDifference:
    """A rate for which the shop's VAT and ours are not the same. Never posted, only shown."""

    vat_rate: Decimal
    stated: Money
    computed: Money

    @property
    def difference(self) -> Money:
        """Give stated less computed."""
        return self.stated - self.computed


def check_total(
    gross: Iterable[Money], total_stated: Money, *, rounding: Money | None = None, tip: Money | None = None
) -> None:
    """Raise TotalsDiffer unless line gross + rounding + tip is the total that the customer owed.

    gross is per line, VAT included, after discount, with shipping and fees as lines of their own. rounding is
    what was added to the lines (negative where the customer paid less).

    >>> check_total([Money(29540, "NOK")], Money(29500, "NOK"), rounding=Money(-40, "NOK"))
    """
    currency = total_stated.currency
    lines = total(gross, currency)
    rounding, tip = rounding or Money.zero(currency), tip or Money.zero(currency)
    added = lines + rounding + tip
    if added != total_stated:
        raise TotalsDiffer(
            f"The parts add to {added} {currency} (lines {lines}, rounding {rounding}, tip {tip}) but the "
            f"total says {total_stated} {currency}; the difference is {added - total_stated}. "
            "Correct the lines or the total in the sales system and send the sale again."
        )


def vat_differences(lines: Sequence[TaxedAmount], currency: str) -> tuple[VatDifference, ...]:
    """Compare the shop's VAT per rate with ours; give the rates that differ, lowest rate first.

    Ours is taken out of the gross line by line. Shops round by line, by rate or not at all, so up to one
    minor unit per line is only shown. More raises VatDiffers and says which rate: there the rate or an
    amount is wrong.
    """
    by_rate: dict[Decimal, list[TaxedAmount]] = {}
    for line in lines:
        by_rate.setdefault(parse_rate(line.vat_rate), []).append(line)
    found = []
    for rate, group in sorted(by_rate.items()):
        stated = total((line.vat for line in group), currency)
        computed = total((split_gross(line.gross, rate).vat for line in group), currency)
        if abs(stated - computed) > Money(len(group), currency):
            raise VatDiffers(
                f"VAT at {rate} % is stated as {stated} {currency} but {len(group)} line(s) hold {computed} "
                f"{currency} of it; rounding explains at most {Money(len(group), currency)}. "
                "Check the rate and whether the prices include VAT."
            )
        if stated != computed:
            found.append(VatDifference(rate, stated, computed))
    return tuple(found)


def spread_charge(charge: Money, gross_by_rate: Mapping[Decimal, Money]) -> dict[Decimal, Money]:
    """Split shipping or a fee over the VAT rates of the goods, in proportion to their gross.

    Costs of fulfilling a sale follow the goods' rate, in a mixed basket each rate's share (mval. § 4-2).
    charge includes VAT, as do the shares; they add to it. A key of net amounts would give the same shares.
    Raises LedgerError where the goods do not say how: none, or some sold and some returned.

    >>> shares = spread_charge(
    ...     Money(9900, "NOK"), {Decimal(25): Money(80000, "NOK"), Decimal(15): Money(23000, "NOK")}
    ... )
    >>> [str(share) for share in shares.values()]
    ['76.89', '22.11']
    """
    weights = [total([gross], charge.currency).minor for gross in gross_by_rate.values()]
    if not any(weights) or min(weights) < 0 < max(weights):
        raise LedgerError(
            f"A charge of {charge} {charge.currency} cannot be spread over the VAT rates of "
            f"{'goods that are partly returned' if any(weights) else 'no goods'}; state its own VAT rate."
        )
    return dict(zip(gross_by_rate, allocate(charge, [abs(weight) for weight in weights]), strict=True))
