"""Unit prices ex VAT that make an invoice come out at the total the customer saw.

An accounting system that invoices from unit prices computes per line, half-up to the minor unit:

    net = quantity x unit price        VAT = net x rate        gross = net + VAT

and adds the lines. We are given the gross per line and look for quantity and unit price. Three things stand
in the way, and each has one answer:

* Some gross amounts have no net: at 25 % no net gives 0.02. Such a line goes up or down by one minor unit,
  and the lines of an order are chosen so that these differences cancel. Where an odd one is left, a line
  that could be exact gives way by one minor unit. No line is ever off by more.
* What cannot be cancelled (an order of one such line) is handed back as `rounding`, for a visible line
  without VAT.
* A large quantity may need a unit price with more decimals than are sent. Then the line is sold as quantity 1
  and the caller writes the original quantity into the text.

Worked tables: docs/algorithms/order-pricing.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from backoffice.ledger.errors import CurrencyMismatch, LedgerError
from backoffice.ledger.money import EXACT, Money, divide_half_up, minor_digits, round_half_up, total
from backoffice.ledger.steps import Operator, Step
from backoffice.ledger.vat import HUNDRED, parse_rate, vat_on_net

#: Most decimals of a unit price that is sent.
UNIT_PRICE_DECIMALS = 6
#: Most decimals of a quantity that is sent; a quantity with more is not kept.
QUANTITY_DECIMALS = 6
#: A larger quantity is a slip of the shop's, not a sale.
MAX_QUANTITY = 10**12

_PRICE_SCALE = 10**UNIT_PRICE_DECIMALS
_QUANTITY_SCALE = 10**QUANTITY_DECIMALS


@dataclass(frozen=True, slots=True)
class OrderPart:
    """A line as the customer saw it: gross includes VAT, after discount; negative where money goes back.

    vat_rate is a percent. reference is the caller's own and comes back untouched.
    """

    gross: Money
    vat_rate: Decimal
    quantity: Decimal = Decimal(1)
    reference: str = ""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line as it is sent. unit_price is ex VAT, in major units; net, vat: what the other side will compute.

    is_quantity_kept is False where the line is sold as quantity 1; part.quantity then belongs into the text.
    steps is the arithmetic, in the order in which a person would do it.
    """

    part: OrderPart
    quantity: Decimal
    unit_price: Decimal
    net: Money
    vat: Money
    is_quantity_kept: bool

    @property
    def gross_predicted(self) -> Money:
        """Give what the line will come to on the invoice, VAT included."""
        return self.net + self.vat

    @property
    def difference(self) -> Money:
        """Give predicted less wanted gross: at most one minor unit either way."""
        return self.gross_predicted - self.part.gross

    @property
    def steps(self) -> tuple[Step, ...]:
        """Show how the unit price was found and what the invoice makes of it."""
        return tuple(_explain(self))


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """An order to send. predicted_total + rounding is the sum of all gross, to the minor unit, always.

    rounding belongs on a visible line without VAT; it is zero for nearly every order, and never more than one
    minor unit either way for rates below 50 %. dropped are the parts of gross zero, which no invoice can
    post.
    """

    lines: tuple[PricedLine, ...]
    rounding: Money
    predicted_total: Money
    dropped: tuple[OrderPart, ...] = ()


def price_order(lines: Sequence[OrderPart], currency: str) -> PricedOrder:
    """Choose quantity and unit price per line so that the invoice equals the sum of gross to the minor unit.

    Lines keep their order. Raises CurrencyMismatch for a line in another currency and LedgerError for a rate
    outside 0 to 100 % or a quantity that is not a number.

    >>> order = price_order([OrderPart(Money(12500, "NOK"), Decimal("25"), Decimal("3"))], "NOK")
    >>> order.lines[0].unit_price, str(order.predicted_total), str(order.rounding)
    (Decimal('33.333'), '125.00', '0.00')
    """
    for part in lines:
        _check(part, currency)
    sold = [part for part in lines if part.gross]
    options = [_Options.of(part) for part in sold]
    nets = [option.nets[difference] for option, difference in zip(options, _choose(options), strict=True)]
    priced = tuple(_price(part, Money(net, currency)) for part, net in zip(sold, nets, strict=True))
    predicted = total((line.gross_predicted for line in priced), currency)
    wanted = total((part.gross for part in lines), currency)
    return PricedOrder(priced, wanted - predicted, predicted, tuple(part for part in lines if not part.gross))


def _check(part: OrderPart, currency: str) -> None:
    if part.gross.currency != currency:
        raise CurrencyMismatch(f"A line in {part.gross.currency} cannot stand on an order in {currency}.")
    if not part.quantity.is_finite() or abs(part.quantity) > MAX_QUANTITY:
        raise LedgerError(f"{part.quantity} is not a quantity; write a number such as 1 or 0.5.")
    parse_rate(part.vat_rate)


@dataclass(frozen=True, slots=True)
class _Options:
    """What a line can come to: difference to its gross (-1, 0, 1 minor units) -> net in minor units.

    A line that can be exact prefers that; one that cannot prefers the net nearest to gross / (1 + rate).
    flip_cost says how much worse the other side of such a line is.
    """

    nets: dict[int, int]
    preferred: int
    flip_cost: int
    size: int

    @classmethod
    def of(cls, part: OrderPart) -> _Options:
        parts, whole = part.vat_rate.as_integer_ratio()
        size, sign = abs(part.gross.minor), -1 if part.gross.minor < 0 else 1
        ideal, scale = size * 100 * whole, 100 * whole + parts  # the exact net is ideal / scale
        nets: dict[int, int] = {}
        costs: dict[int, int] = {}
        below = ideal // scale
        for net in range(max(1, below - 1), below + 3):  # net 0 would lose the line
            difference = net + divide_half_up(net * parts, 100 * whole) - size
            if abs(difference) <= 1:
                nets[sign * difference] = sign * net
                costs[sign * difference] = abs(net * scale - ideal)
        preferred = min(nets, key=lambda difference: (abs(difference), costs[difference], -difference))
        flip_cost = costs.get(-preferred, 0) - costs[preferred]
        return cls(nets, preferred, flip_cost, size)


def _choose(options: Sequence[_Options]) -> list[int]:
    """Give a difference per line so that they add to zero, or as near as the lines allow."""
    chosen = [option.preferred for option in options]
    by_cost = sorted(range(len(options)), key=lambda index: (options[index].flip_cost, index))
    by_size = sorted(range(len(options)), key=lambda index: (-options[index].size, index))

    def move(order: list[int], step: int, at_most: int) -> int:
        moved = 0
        for index in order:
            if moved == at_most:
                break
            if chosen[index] + step in options[index].nets:
                chosen[index] += step
                moved += 1
        return moved

    rest = sum(chosen)
    towards = -1 if rest > 0 else 1
    # Lines that cannot be exact take their other side; then a line that could be exact gives way.
    rest += 2 * towards * move(by_cost, 2 * towards, abs(rest) // 2)
    rest += towards * move(by_size, towards, abs(rest))
    # Only the wrong way is open to such a line: it takes that, and one more that cannot be exact changes
    # sides.
    if rest and move(by_size, -towards, 1) and not move(by_cost, 2 * towards, 1):
        move(by_size, towards, 1)
    return chosen


def _price(part: OrderPart, net: Money) -> PricedLine:
    vat = vat_on_net(net, part.vat_rate)
    unit_price = _unit_price(net, part.quantity)
    if unit_price is None:
        return PricedLine(part, Decimal(1), net.to_decimal(), net, vat, is_quantity_kept=False)
    return PricedLine(part, part.quantity, unit_price, net, vat, is_quantity_kept=True)


def _unit_price(net: Money, quantity: Decimal) -> Decimal | None:
    """Find the unit price with the fewest decimals that gives the net, or None.

    A product that lands on half a minor unit does not count: it would hang on the other side's rounding rule.
    """
    kept = round_half_up(quantity, QUANTITY_DECIMALS)
    if not quantity or kept != quantity:
        return None
    quantity_units = int(kept.scaleb(QUANTITY_DECIMALS, EXACT))
    digits = minor_digits(net.currency)
    # minor = price units x quantity units / unit, for a price with all its decimals
    unit = _PRICE_SCALE * _QUANTITY_SCALE // 10**digits
    for decimals in range(digits, UNIT_PRICE_DECIMALS + 1):
        coarse = 10 ** (UNIT_PRICE_DECIMALS - decimals)
        price_units = divide_half_up(net.minor * unit, quantity_units * coarse)
        if 2 * abs(price_units * coarse * quantity_units - net.minor * unit) < unit:
            return Decimal(price_units).scaleb(-decimals, EXACT)
    return None


def _explain(line: PricedLine) -> Iterator[Step]:
    gross, net, vat = line.part.gross.to_decimal(), line.net.to_decimal(), line.vat.to_decimal()
    share = line.part.vat_rate / HUNDRED
    nearest = Money.rounded(gross / (1 + share), line.net.currency).to_decimal()
    yield Step.of("wanted_net", gross, Operator.OVER, 1 + share, nearest)
    if nearest != net:
        yield Step.of("chosen_net", nearest, Operator.PLUS, net - nearest)
    yield Step.of("unit_price", net, Operator.OVER, line.quantity, line.unit_price)
    yield Step.of("net", line.quantity, Operator.TIMES, line.unit_price, net)
    yield Step.of("vat", net, Operator.TIMES, share, vat)
    yield Step.of("gross", net, Operator.PLUS, vat)
    yield Step.of("difference", line.gross_predicted.to_decimal(), Operator.MINUS, gross)
