"""What a refund credits of each line of its sale. Pure: the sale's parts and what earlier refunds took are given.

Nothing is guessed: lines are credited as named, the whole rest as it was sold, and an amount without lines in
proportion where only one VAT rate is left. Where several are, a person is asked to accept the proportional split.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from backoffice.contracts.sales import LineKind, RefundDetails, RefundLineDetails
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import Money, allocate
from backoffice.ledger.sale_totals import spread_charge

#: the place of a sale's rounding among its parts; lines count from 1, the tip is 0
ROUNDING_POSITION = -1


@dataclass(frozen=True, slots=True)
class Share:
    """What is credited of one part of a sale: gross includes VAT and is positive on a plain line."""

    position: int
    gross: Money
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sale that can be credited: what was invoiced, and what earlier refunds left of it."""

    position: int
    reference: str
    kind: LineKind
    vat_rate: Decimal
    gross: Money
    rest: Money
    rest_quantity: Decimal


@dataclass(frozen=True, slots=True)
class Credited:
    """What a refund credits; is_whole: all of the sale, of which nothing was credited before."""

    shares: tuple[Share, ...]
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """An amount without lines over several VAT rates: the split that a person may accept, gross per rate."""

    shares: tuple[Share, ...]
    by_rate: Mapping[Decimal, Money]


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be credited from here; why says what to do."""

    why: str


BY_HAND = "Correct it in the sales system, or make the credit note by hand and mark the refund as dealt with."


def credit(refund: RefundDetails, parts: Sequence[Part]) -> Credited | Proposed | Refused:
    """Decide what a refund credits of each part; never more than what is left of the sale."""
    rest = sum(part.rest.minor for part in parts)
    if refund.amount.minor > rest:
        left = Money(max(rest, 0), refund.amount.currency)
        why = f"The refund of {refund.amount} is more than the {left} of the sale that is not credited yet. {BY_HAND}"
        return Refused(why)
    if refund.amount.minor == rest:
        return _whole_rest(parts)
    if refund.lines:
        return _lines(refund, parts)
    return _amount(refund.amount, parts)


def _whole_rest(parts: Sequence[Part]) -> Credited:
    is_whole = all(part.rest == part.gross for part in parts)
    shares = (Share(part.position, part.rest, part.rest_quantity) for part in parts if part.rest)
    return Credited(tuple(shares), is_whole)


def _lines(refund: RefundDetails, parts: Sequence[Part]) -> Credited | Refused:
    taken: dict[int, Share] = {}
    for line in refund.lines:
        part = _named(line, parts)
        if part is None:
            return Refused(f"The sale has no line {line.reference!r} that the refund could credit. {BY_HAND}")
        before = taken.get(part.position)
        gross = line.gross + before.gross if before else line.gross
        if gross.minor > part.rest.minor:
            why = f"The refund gives back {gross} of line {line.reference}, of which {part.rest} is left. {BY_HAND}"
            return Refused(why)
        quantity = abs(line.quantity) + (before.quantity if before else 0)
        taken[part.position] = Share(part.position, gross, quantity)
    added = sum(share.gross.minor for share in taken.values())
    if added != refund.amount.minor:
        lines = Money(added, refund.amount.currency)
        return Refused(f"The refund's lines add to {lines}, its amount is {refund.amount}. {BY_HAND}")
    return Credited(tuple(taken.values()))


def _named(line: RefundLineDetails, parts: Sequence[Part]) -> Part | None:
    named = [part for part in parts if part.reference == line.reference and part.position != ROUNDING_POSITION]
    same_kind = [part for part in named if part.kind is line.kind]
    return next(iter(same_kind or named), None)


def _amount(amount: Money, parts: Sequence[Part]) -> Credited | Proposed | Refused:
    left = [part for part in parts if part.rest and part.position != ROUNDING_POSITION]
    by_rate: dict[Decimal, list[Part]] = defaultdict(list)
    for part in left:
        by_rate[part.vat_rate].append(part)
    rests = {rate: _sum(group, amount.currency) for rate, group in sorted(by_rate.items())}
    try:
        per_rate = spread_charge(amount, rests)
        shares = [share for rate, group in sorted(by_rate.items()) for share in _within(per_rate[rate], group)]
    except LedgerError:
        why = "An amount came back of a sale with lines in both directions, so nobody can say of which lines it is."
        return Refused(f"{why} Send the refund again with its lines under another reference, or credit it by hand.")
    found = tuple(share for share in shares if share.gross)
    return Credited(found) if len(per_rate) == 1 else Proposed(found, per_rate)


def _sum(parts: Sequence[Part], currency: str) -> Money:
    return Money(sum(part.rest.minor for part in parts), currency)


def _within(amount: Money, parts: Sequence[Part]) -> list[Share]:
    amounts = allocate(amount, [part.rest.minor for part in parts])
    return [Share(part.position, gross, Decimal(1)) for part, gross in zip(parts, amounts, strict=True)]
