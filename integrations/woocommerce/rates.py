"""Find the VAT rate of each item of an order.

An item names the tax rates that were used (`taxes[].id`) with the tax of each; the order's `tax_lines` say
how many percent they are (`rate_percent`, since WooCommerce 3.7). An item with several taxes is either taxed
twice (the rates add up) or spread over the goods' rates, as shipping plugins and negative fees do; then it
is split.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backoffice.contracts.errors import UnreadablePayload
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import minor_digits, round_half_up
from backoffice.ledger.vat import HUNDRED, parse_rate
from integrations.woocommerce.reading import Node, refuse

ITEM_LISTS = ("line_items", "shipping_lines", "fee_lines")
ZERO_RATE = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Part:
    """What of an item is taxed at one rate: net and tax in major units, not rounded."""

    rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rates of one order by WooCommerce's rate id. unit is the currency's minor unit in major units."""

    percents: Mapping[str, Decimal]
    known: tuple[Decimal, ...]
    unit: Decimal
    has_untaxed_items: bool

    @classmethod
    def of(cls, order: Node, known: tuple[Decimal, ...], currency: str) -> RateTable:
        """Read an order's rates; those that it does not state are worked out from all items taxed by them."""
        unit = Decimal(1).scaleb(-minor_digits(currency))
        stated = {
            line.identity("rate_id"): _percent(line.child("rate_percent"))
            for line in order.items("tax_lines")
            if line.has("rate_percent")
        }
        items = [item for name in ITEM_LISTS for item in order.items(name)]
        worked_out = _work_out(items, stated, known, unit)
        has_untaxed = any(not _taxes(item) and item.amount("total", Decimal(0)) > 0 for item in items)
        zero_ids = {rate_id for rate_id, percent in stated.items() if percent == 0}
        has_zero = any(rate_id in zero_ids for item in items for rate_id, _ in _taxes(item))
        return cls({**worked_out, **stated}, known, unit, has_untaxed or has_zero)

    def parts(self, item: Node) -> tuple[Part, ...]:
        """Give an item's net and tax per rate; together they are the item's total and total_tax.

        Raises UnreadablePayload (vat_rate_unknown, vat_differs).
        """
        net, tax = item.amount("total"), item.amount("total_tax", Decimal(0))
        taxes = _taxes(item)
        if not taxes:
            rate = ZERO_RATE if tax == 0 else self._nearest(item, net, tax)
            return (Part(rate, net, tax),)
        percents = [(self._percent_of(rate_id, item), amount) for rate_id, amount in taxes]
        used = [(percent, amount) for percent, amount in percents if amount != 0] or percents[:1]
        together = sum((percent for percent, _ in used), ZERO_RATE)
        if _fits(net, tax, together, self.unit):
            return (Part(together, net, tax),)
        if tax == 0:
            return (Part(ZERO_RATE, net, tax),)
        split = self._split(net, tax, used)
        if split:
            return split
        shown = " + ".join(f"{percent} %" for percent, _ in used)
        raise refuse(
            "vat_differs",
            f"{item.name('name') or item.name('method_title') or 'The item'} has {net} without VAT and {tax} "
            f"in VAT, which is not {shown}. Recalculate the order in WooCommerce.",
            item.pointer,
            subject=shown,
        )

    def _split(self, net: Decimal, tax: Decimal, used: list[tuple[Decimal, Decimal]]) -> tuple[Part, ...]:
        taxed = [(percent, amount) for percent, amount in used if percent > 0]
        if len(taxed) < 2 and not self.has_untaxed_items:
            return ()
        parts = [Part(percent, amount * HUNDRED / percent, amount) for percent, amount in taxed]
        left = net - sum((part.net for part in parts), Decimal(0))
        slack = self.unit + sum((self.unit * HUNDRED / percent for percent, _ in taxed), Decimal(0))
        if abs(tax - sum((part.tax for part in parts), Decimal(0))) > self.unit * len(parts):
            return ()
        if abs(left) <= slack:
            largest = max(range(len(parts)), key=lambda index: abs(parts[index].net))
            parts[largest] = Part(parts[largest].rate, parts[largest].net + left, parts[largest].tax)
            return tuple(parts)
        if self.has_untaxed_items and left * net > 0 and abs(left) < abs(net):
            return (*parts, Part(ZERO_RATE, left, Decimal(0)))
        return ()

    def _percent_of(self, rate_id: str, item: Node) -> Decimal:
        found = self.percents.get(rate_id)
        if found is None:
            raise _unknown(item, f"The tax rate {rate_id} has no rate_percent in the order's tax_lines")
        return found

    def _nearest(self, item: Node, net: Decimal, tax: Decimal) -> Decimal:
        found = _nearest(net, tax, self.known, self.unit)
        if found is None:
            raise _unknown(item, f"VAT of {tax} on {net} is none of the known rates")
        return found


def _taxes(item: Node) -> list[tuple[str, Decimal]]:
    """List the rates that were used on an item; an empty total means that the rate does not concern it."""
    return [(tax.identity(), tax.amount("total")) for tax in item.items("taxes") if tax.has("total")]


def _percent(node: Node) -> Decimal:
    try:
        return parse_rate(node.decimal())
    except LedgerError as error:
        raise refuse("vat_rate_unknown", str(error), node.pointer, subject=str(node.value)) from error


def _work_out(
    items: Iterable[Node], stated: Mapping[str, Decimal], known: tuple[Decimal, ...], unit: Decimal
) -> dict[str, Decimal]:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
    for item in items:
        used = [(rate_id, amount) for rate_id, amount in _taxes(item) if amount != 0]
        if len(used) == 1 and used[0][0] not in stated:
            so_far = sums[used[0][0]]
            so_far[0] += item.amount("total")
            so_far[1] += item.amount("total_tax", Decimal(0))
            so_far[2] += 1
    found = {key: _nearest(net, tax, known, unit * count) for key, (net, tax, count) in sums.items()}
    return {rate_id: rate for rate_id, rate in found.items() if rate is not None}


def _nearest(net: Decimal, tax: Decimal, known: tuple[Decimal, ...], tolerance: Decimal) -> Decimal | None:
    """Give the known rate whose VAT is nearest to the tax, the first of equals; None when none is near."""
    fitting = [rate for rate in known if _fits(net, tax, rate, tolerance)]
    return min(fitting, key=lambda rate: abs(net * rate / HUNDRED - tax), default=None)


def _fits(net: Decimal, tax: Decimal, rate: Decimal, tolerance: Decimal) -> bool:
    return abs(round_half_up(net * rate / HUNDRED - tax, 6)) <= tolerance


def _unknown(item: Node, why: str) -> UnreadablePayload:
    message = f"{why}. Recalculate the order in WooCommerce, or add the rate to the connection's VAT rates."
    return refuse("vat_rate_unknown", message, item.pointer)


def rates_off(order: Node, table: RateTable) -> dict[Decimal, int]:
    """Give by how many minor units the order's own VAT per rate differs from the sum of its rounded items."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for name in ITEM_LISTS:
        for item in order.items(name):
            for rate_id, amount in _taxes(item):
                sums[rate_id] += round_half_up(amount / table.unit)
    off: dict[Decimal, int] = defaultdict(int)
    for line in order.items("tax_lines"):
        rate_id = line.identity("rate_id")
        if rate_id in table.percents and line.has("tax_total"):
            stated = line.amount("tax_total") + line.amount("shipping_tax_total", Decimal(0))
            off[table.percents[rate_id]] += int(round_half_up(stated / table.unit) - sums[rate_id])
    return dict(off)
