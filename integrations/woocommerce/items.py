"""Read the items of an order or of a refund into lines that add up to the stated total.

WooCommerce: decimal strings in major units, always without VAT; gross of an item = total + total_tax, even
if `prices_include_tax`. Coupons are information only: they are taken off the items. A negative fee is a
gift card that was used (a payment) when its name says so, else a discount.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from backoffice.contracts.sales import LineKind, SaleLineDetails
from backoffice.ledger.money import Money, minor_digits, round_half_up, total
from backoffice.ledger.vat import split_gross
from integrations.woocommerce.config import Rules
from integrations.woocommerce.rates import Part, RateTable
from integrations.woocommerce.reading import Node, refuse

UNIT_PRICE_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class GiftCard:
    """A gift card that paid a part; amount is positive when it was used."""

    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Items:
    """What an order holds. For a refund all is turned round, so that what comes back is positive."""

    lines: tuple[SaleLineDetails, ...]
    gift_cards: tuple[GiftCard, ...]
    tip: Money

    @property
    def gross(self) -> Money:
        """Give lines and tip, VAT included; gift cards do not lessen it."""
        return total((line.gross for line in self.lines), self.tip.currency) + self.tip

    @property
    def paid_by_gift_card(self) -> Money:
        """Give what gift cards paid."""
        return total((card.amount for card in self.gift_cards), self.tip.currency)


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads items in the light of their order: its rates, its currency, whether prices include VAT."""

    rates: RateTable
    rules: Rules
    currency: str
    prices_include_vat: bool
    #: -1 for a refund, whose items are negative
    sign: int = 1

    def read(self, document: Node) -> Items:
        """Read all items of an order or refund. Raises UnreadablePayload."""
        lines = [line for item in document.items("line_items") for line in self._product(item)]
        lines += [line for item in document.items("shipping_lines") for line in self._shipping(item)]
        gift_cards: list[GiftCard] = []
        tip = Money.zero(self.currency)
        for item in document.items("fee_lines"):
            gross = self._money(item.amount("total") + item.amount("total_tax", Decimal(0)))
            name = item.name("name")
            if gross.minor < 0 and self.rules.is_gift_card(name):
                gift_cards.append(GiftCard(self._reference(item), -gross))
            elif gross.minor > 0 and item.amount("total_tax", Decimal(0)) == 0 and self.rules.is_tip(name):
                tip = tip + gross
            else:
                lines += self._fee(item, name)
        return Items(tuple(lines), tuple(gift_cards), tip)

    def _product(self, item: Node) -> Iterator[SaleLineDetails]:
        sku = item.text("sku")
        group = item.meta(self.rules.group_meta_key) if self.rules.group_meta_key else ""
        kind = LineKind.GIFT_CARD if self.rules.is_gift_card_sku(sku) else LineKind.GOODS
        for line in self._lines(item, kind, item.name("name")):
            yield replace(line, sku=sku, group=group or item.text("tax_class") or "standard")

    def _shipping(self, item: Node) -> Iterator[SaleLineDetails]:
        return self._lines(item, LineKind.SHIPPING, item.name("method_title"))

    def _fee(self, item: Node, name: str) -> Iterator[SaleLineDetails]:
        is_discount = item.amount("total") * self.sign < 0
        kind = LineKind.FEE
        if not is_discount and self.rules.is_gift_wrap(name):
            kind = LineKind.GIFT_WRAP
        return self._lines(item, LineKind.OTHER if is_discount else kind, name)

    def _lines(self, item: Node, kind: LineKind, name: str) -> Iterator[SaleLineDetails]:
        """Give one line per VAT rate; the reference of a split item carries the rate ("317:15.00")."""
        parts = self.rates.parts(item)
        reference = self._reference(item)
        for part, gross, vat in self._in_money(item, parts):
            quantity = self._quantity(item, gross)
            yield SaleLineDetails(
                reference=reference if len(parts) == 1 else f"{reference}:{part.rate}",
                description=name or kind.value,
                gross=gross,
                vat=vat,
                vat_rate=part.rate,
                quantity=quantity,
                kind=kind,
                unit_price=self._unit_price(item, quantity) if len(parts) == 1 else None,
                discount=self._discount(item) if len(parts) == 1 else None,
            )

    def _in_money(self, item: Node, parts: Sequence[Part]) -> Iterator[tuple[Part, Money, Money]]:
        """Round so that the parts of a split item still add to the item; the last takes the rest."""
        tax = item.amount("total_tax", Decimal(0))
        gross_left, vat_left = self._money(item.amount("total") + tax), self._money(tax)
        for part in parts[:-1]:
            gross, vat = self._money(part.net + part.tax), self._money(part.tax)
            gross_left, vat_left = gross_left - gross, vat_left - vat
            yield part, gross, vat
        yield parts[-1], gross_left, vat_left

    def _money(self, amount: Decimal) -> Money:
        return Money.rounded(amount * self.sign, self.currency)

    def _reference(self, item: Node) -> str:
        if self.sign > 0:
            return item.identity()
        refunded = item.meta("_refunded_item_id")
        if not refunded:
            raise refuse("refund_line_unknown", "The refunded line does not name the line of the order.", item.pointer)
        return refunded

    def _quantity(self, item: Node, gross: Money) -> Decimal:
        """Give the quantity with the sign of the line's gross; a line with an amount counts at least one."""
        quantity = abs(item.amount("quantity", Decimal(1)))
        if quantity == 0 and gross:
            quantity = Decimal(1)
        return -quantity if gross.minor < 0 else quantity

    def _unit_price(self, item: Node, quantity: Decimal) -> Decimal | None:
        if not item.has("subtotal") or quantity == 0:
            return None
        price = item.amount("subtotal")
        if self.prices_include_vat:
            price += item.amount("subtotal_tax", Decimal(0))
        return round_half_up(price * self.sign / quantity, UNIT_PRICE_DECIMALS)

    def _discount(self, item: Node) -> Money | None:
        if not item.has("subtotal"):
            return None
        discount = item.amount("subtotal") - item.amount("total")
        if self.prices_include_vat:
            discount += item.amount("subtotal_tax", Decimal(0)) - item.amount("total_tax", Decimal(0))
        return self._money(discount) or None


def add_up(items: Items, stated: Money, *, rates_off: dict[Decimal, int], pointer: str) -> tuple[Items, str]:
    """Make lines and tip equal the stated total by moving at most one minor unit per line; say which lines.

    Shops that keep taxes unrounded show a total that can differ by an øre per line. It goes to the largest
    lines, first of the rates where the order's own VAT differs (`rates_off`, minor units by rate).
    Raises UnreadablePayload (totals_differ) with both sums when more is missing.
    """
    residue = (stated - items.gross).minor
    if residue == 0:
        return items, ""
    step = 1 if residue > 0 else -1
    candidates = [index for index, line in enumerate(items.lines) if line.gross]
    if abs(residue) > len(candidates):
        raise refuse(
            "totals_differ",
            f"The lines add up to {items.gross} {stated.currency}, the total is {stated} {stated.currency}. "
            "Recalculate the order in WooCommerce; see whether a plugin changes the total.",
            pointer,
            subject=str(stated - items.gross),
        )
    lines = list(items.lines)
    owed = {rate: off * step for rate, off in rates_off.items()}
    moved: list[str] = []
    by_size = sorted(candidates, key=lambda index: (-abs(lines[index].gross.minor), index))
    preferred = []
    for index in by_size:
        if owed.get(lines[index].vat_rate, 0) > 0:
            owed[lines[index].vat_rate] -= 1
            preferred.append(index)
    for index in [*preferred, *(index for index in by_size if index not in preferred)][: abs(residue)]:
        lines[index] = _moved(lines[index], Money(step, stated.currency))
        moved.append(lines[index].reference)
    sign = "+" if step > 0 else "-"
    amount = f"{sign}{Decimal(1).scaleb(-minor_digits(stated.currency))}"
    note = f"Rounded: {amount} {stated.currency} each on line {', '.join(moved)} to meet the total {stated}."
    return replace(items, lines=tuple(lines)), note


def _moved(line: SaleLineDetails, change: Money) -> SaleLineDetails:
    """Change a line's gross, and its VAT as well when that brings it nearer to the VAT in the new gross."""
    gross = line.gross + change
    right = split_gross(gross, line.vat_rate).vat
    vat = min((line.vat, line.vat + change), key=lambda vat: abs((vat - right).minor))
    return replace(line, gross=gross, vat=vat)
