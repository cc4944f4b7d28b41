"""Write an order with all its sums as WooCommerce (wc/v3) does: text amounts without VAT, times twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from backoffice.ledger.money import Money, round_half_up

OSLO = ZoneInfo("Europe/Oslo")
ITEM_IDS_PER_ORDER = 20
#: WooCommerce's rate id, code and tax class per VAT rate in percent; 0 has no tax line.
RATES = {25: (1, "NO-25-MVA-1", ""), 15: (2, "NO-15-MVA-1", "mat"), 12: (3, "NO-12-MVA-1", "lav")}
UNTAXED_CLASS = "zero-rate"


METHOD_TITLES = {
    "vipps": "Vipps",
    "klarna_payments": "Klarna",
    "stripe": "Kort",
    "bacs": "Bankoverføring",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """An item to put into an order. gross is its price with VAT before percent_off, in øre."""

    name: str
    gross: int
    rate: int
    quantity: int = 1
    sku: str = ""
    percent_off: int = 0


def assemble(
    number: int,
    *,
    goods: Sequence[Wish],
    placed_at: datetime,
    billing: Mapping[str, str],
    method: str,
    shipping: Sequence[Wish] = (),
    fees: Sequence[Wish] = (),
    is_paid: bool = True,
    has_unrounded_taxes: bool = False,
) -> dict[str, Any]:
    """Put an order together and compute all its sums as WooCommerce does.

    has_unrounded_taxes is the shop setting that rounds taxes only in the sum: the stated total can then
    differ by an øre per line from the lines.
    """
    ids = iter(range(number * ITEM_IDS_PER_ORDER, (number + 1) * ITEM_IDS_PER_ORDER))
    lines = [_item(next(ids), wish, has_unrounded_taxes) for wish in goods]
    shipping_lines = [_item(next(ids), wish, has_unrounded_taxes) for wish in shipping]
    fee_lines = [_item(next(ids), wish, has_unrounded_taxes) for wish in fees]
    for line in shipping_lines:
        line["method_title"] = line.pop("name")
        line["method_id"] = "flat_rate"
    tax_lines = [
        _tax_line(next(ids), rate, [*lines, *fee_lines], shipping_lines)
        for rate in sorted(_rates(lines, shipping_lines, fee_lines))
    ]
    order: dict[str, Any] = {
        "id": number,
        "parent_id": 0,
        "number": str(number),
        "status": "processing",
        "currency": "NOK",
        "prices_include_tax": True,
        **_sums(lines, shipping_lines, fee_lines, tax_lines),
        "customer_id": 0,
        "billing": dict(billing),
        "payment_method": method,
        "payment_method_title": METHOD_TITLES.get(method, method),
        "transaction_id": f"{method}-{number}" if is_paid else "",
        "meta_data": [],
        "line_items": lines,
        "tax_lines": tax_lines,
        "shipping_lines": shipping_lines,
        "fee_lines": fee_lines,
        "coupon_lines": [],
        "refunds": [],
    }
    for name, moment in (
        ("date_created", placed_at),
        ("date_modified", placed_at),
        ("date_paid", placed_at + timedelta(seconds=40) if is_paid else None),
        ("date_completed", None),
    ):
        set_time(order, name, moment)
    return order


def _sums(
    lines: Sequence[Any], shipping_lines: Sequence[Any], fee_lines: Sequence[Any], tax_lines: Sequence[Any]
) -> dict[str, str]:
    """Give an order's own totals."""
    net = _sum([*lines, *shipping_lines, *fee_lines], "total")
    cart_tax, shipping_tax = _sum(tax_lines, "tax_total"), _sum(tax_lines, "shipping_tax_total")
    return {
        "discount_total": _text(_sum(lines, "subtotal") - _sum(lines, "total")),
        "discount_tax": _text(_sum(lines, "subtotal_tax") - _sum(lines, "total_tax")),
        "shipping_total": _text(_sum(shipping_lines, "total")),
        "shipping_tax": _text(shipping_tax),
        "cart_tax": _text(cart_tax),
        "total": _text(net + cart_tax + shipping_tax),
        "total_tax": _text(cart_tax + shipping_tax),
    }


def complete(order: dict[str, Any], at: datetime) -> None:
    """Set an order to completed, as a shop does when it has sent the goods."""
    order["status"] = "completed"
    set_time(order, "date_completed", at)
    set_time(order, "date_modified", at)


def set_time(order: dict[str, Any], name: str, moment: datetime | None) -> None:
    """Write a time twice, in the shop's zone and in UTC, both without offset."""
    shape = "%Y-%m-%dT%H:%M:%S"
    order[name] = moment.astimezone(OSLO).strftime(shape) if moment else None
    order[f"{name}_gmt"] = moment.astimezone(UTC).strftime(shape) if moment else None


def gross_of(wish: Wish) -> int:
    """Give what is paid for an item with VAT, after discount, in øre."""
    return int(round_half_up(Decimal(wish.gross) * (100 - wish.percent_off) / 100))


def _item(item_id: int, wish: Wish, has_unrounded_taxes: bool) -> dict[str, Any]:
    total, total_tax, raw = _split(gross_of(wish), wish.rate, has_unrounded_taxes)
    subtotal, subtotal_tax, raw_before = _split(wish.gross, wish.rate, has_unrounded_taxes)
    rate_id, _, tax_class = RATES.get(wish.rate, (0, "", UNTAXED_CLASS))
    taxes = [{"id": rate_id, "total": f"{raw:f}", "subtotal": f"{raw_before:f}"}] if rate_id else []
    item: dict[str, Any] = {
        "id": item_id,
        "name": wish.name,
        "tax_class": tax_class,
        "taxes": taxes,
        "meta_data": [],
    }
    item.update({"total": total, "total_tax": total_tax})
    if wish.sku:
        price = Money.parse(total, "NOK").to_decimal() / wish.quantity
        item.update({"sku": wish.sku, "product_id": 90, "variation_id": 0, "quantity": wish.quantity})
        item.update({"subtotal": subtotal, "subtotal_tax": subtotal_tax, "price": f"{price:.6f}"})
    return item


def _split(gross: int, rate: int, has_unrounded_taxes: bool) -> tuple[str, str, Decimal]:
    """Give net and VAT as the shop shows them, and the VAT as exact as it keeps it."""
    amount = Money(gross, "NOK").to_decimal()
    exact = amount * rate / (100 + rate)
    if has_unrounded_taxes:
        net = round_half_up(amount - exact, 2)
        exact = net * rate / 100
        return _text(net), _text(exact), round_half_up(exact, 6)
    vat = round_half_up(exact, 2)
    return _text(amount - vat), _text(vat), vat


def _tax_line(
    item_id: int, rate: int, items: Iterable[Mapping[str, Any]], shipping: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    rate_id, code, _ = RATES[rate]
    return {
        "id": item_id,
        "rate_code": code,
        "rate_id": rate_id,
        "label": "MVA",
        "compound": False,
        "tax_total": _text(_raw_sum(items, rate_id)),
        "shipping_tax_total": _text(_raw_sum(shipping, rate_id)),
        "rate_percent": rate,
        "meta_data": [],
    }


def _rates(*lists: Iterable[Mapping[str, Any]]) -> set[int]:
    used = {tax["id"] for items in lists for item in items for tax in item["taxes"]}
    return {rate for rate, (rate_id, _, _) in RATES.items() if rate_id in used}


def _raw_sum(items: Iterable[Mapping[str, Any]], rate_id: int) -> Decimal:
    taxes = (tax for item in items for tax in item["taxes"] if tax["id"] == rate_id)
    return sum((Decimal(tax["total"]) for tax in taxes), Decimal(0))


def _sum(items: Iterable[Mapping[str, Any]], key: str) -> Decimal:
    return sum((Decimal(item[key]) for item in items), Decimal(0))


def _text(amount: Decimal) -> str:
    return f"{round_half_up(amount, 2):f}"
