"""Orders of the demo's webshop, written as WooCommerce (wc/v3) writes them: text amounts without VAT, times twice.

People and companies are made up; the organisation numbers have right check digits and are nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice.console.demo.times import OSLO
from backoffice.ledger.money import Money, total
from backoffice.ledger.vat import split_gross

#: WooCommerce's rate id, code and tax class per VAT rate in percent; books carry no tax line
RATES = {25: (1, "NO-25-MVA-1", ""), 15: (2, "NO-15-MVA-1", "mat"), 12: (3, "NO-12-MVA-1", "lav")}
UNTAXED_CLASS = "zero-rate"
GROUP_KEY = "_varegruppe"
ORGANISATION_NUMBER_KEY, REFERENCE_KEY = "_billing_org_nr", "_po_number"
IDS_PER_ORDER = 20
TITLES = {"vipps": "Vipps", "klarna_payments": "Klarna", "stripe": "Kort", "svea_checkout": "Svea Checkout"}


@dataclass(frozen=True, slots=True)
class Goods:
    """Something for sale, or a way of sending it. price is for one, VAT included, in øre; rate is a percent."""

    name: str
    price: int
    rate: int
    sku: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an order; percent_off is taken off its price."""

    goods: Goods
    quantity: int = 1
    percent_off: int = 0

    @property
    def rate(self) -> int:
        """Give the VAT rate in percent."""
        return self.goods.rate

    @property
    def before(self) -> Money:
        """Give what all of them cost before the discount."""
        return Money(self.goods.price * self.quantity, "NOK")

    @property
    def gross(self) -> Money:
        """Give what is paid for all of them, VAT included."""
        return Money.rounded(self.before.to_decimal() * (100 - self.percent_off) / 100, "NOK")


@dataclass(frozen=True, slots=True)
class Order:
    """An order: how many days ago, at which minute of the day (for today: how many minutes ago), who, what, how."""

    number: int
    days_ago: int
    minute: int
    buyer: Mapping[str, str]
    method: str
    items: tuple[Item, ...]
    shipping: Item | None = None
    fee: Item | None = None
    coupon: str = ""
    organisation_number: str = ""
    reference: str = ""


def write(order: Order, placed_at: datetime) -> dict[str, Any]:
    """Write an order with all its sums. Orders of earlier days are completed, those of today being packed."""
    goods = [_product(order, at, item) for at, item in enumerate(order.items)]
    shipping = [_charge(order, 10, order.shipping, "method_title")] if order.shipping else []
    fees = [_charge(order, 11, order.fee, "name")] if order.fee else []
    parts = [*order.items, *(one for one in (order.shipping, order.fee) if one)]
    whole = total((one.gross for one in parts), "NOK")
    tax = total((_tax(one) for one in parts), "NOK")
    written: dict[str, Any] = {
        "id": order.number,
        "parent_id": 0,
        "number": str(order.number),
        "status": "completed" if order.days_ago else "processing",
        "currency": "NOK",
        "prices_include_tax": True,
        "total": str(whole),
        "total_tax": str(tax),
        "shipping_total": str(_net(order.shipping)) if order.shipping else "0.00",
        "shipping_tax": str(_tax(order.shipping)) if order.shipping else "0.00",
        "customer_id": 0,
        "billing": dict(order.buyer),
        "payment_method": order.method,
        "payment_method_title": TITLES[order.method],
        "transaction_id": f"{order.method.partition('_')[0]}-{order.number}",
        "meta_data": _meta({ORGANISATION_NUMBER_KEY: order.organisation_number, REFERENCE_KEY: order.reference}),
        "line_items": goods,
        "shipping_lines": shipping,
        "fee_lines": fees,
        "tax_lines": _tax_lines(order, [*order.items, *([order.fee] if order.fee else [])]),
        "coupon_lines": _coupons(order),
        "refunds": [],
    }
    for name, at in (
        ("date_created", placed_at),
        ("date_modified", placed_at + timedelta(seconds=41)),
        ("date_paid", placed_at + timedelta(seconds=40)),
        ("date_completed", placed_at + timedelta(minutes=90) if order.days_ago else None),
    ):
        written[name] = at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S") if at else None
        written[f"{name}_gmt"] = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at else None
    return written


def _tax(item: Item) -> Money:
    return split_gross(item.gross, Decimal(item.rate)).vat


def _net(item: Item) -> Money:
    return item.gross - _tax(item)


def _meta(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"id": at, "key": key, "value": value} for at, (key, value) in enumerate(values.items(), 1) if value]


def _sums(order: Order, place: int, item: Item) -> dict[str, Any]:
    """Give what every kind of line has."""
    before = split_gross(item.before, Decimal(item.rate))
    rate_id, _, tax_class = RATES.get(item.rate, (0, "", UNTAXED_CLASS))
    taxes = [{"id": rate_id, "total": str(_tax(item)), "subtotal": str(before.vat)}] if rate_id else []
    return {
        "id": order.number * IDS_PER_ORDER + place,
        "tax_class": tax_class,
        "total": str(_net(item)),
        "total_tax": str(_tax(item)),
        "taxes": taxes,
    }


def _product(order: Order, place: int, item: Item) -> dict[str, Any]:
    before = split_gross(item.before, Decimal(item.rate))
    return {
        **_sums(order, place, item),
        "name": item.goods.name,
        "sku": item.goods.sku,
        "quantity": item.quantity,
        "subtotal": str(before.net),
        "subtotal_tax": str(before.vat),
        "meta_data": _meta({GROUP_KEY: item.goods.group}),
    }


def _charge(order: Order, place: int, item: Item, name_key: str) -> dict[str, Any]:
    return {**_sums(order, place, item), name_key: item.goods.name, "meta_data": []}


def _tax_lines(order: Order, items: Iterable[Item]) -> list[dict[str, Any]]:
    items = list(items)
    used = sorted({one.rate for one in [*items, *([order.shipping] if order.shipping else [])]} & RATES.keys())
    return [
        {
            "id": order.number * IDS_PER_ORDER + 12 + place,
            "rate_code": RATES[rate][1],
            "rate_id": RATES[rate][0],
            "label": "MVA",
            "compound": False,
            "tax_total": str(total((_tax(one) for one in items if one.rate == rate), "NOK")),
            "shipping_tax_total": str(_tax(order.shipping) if order.shipping and order.shipping.rate == rate else 0),
            "rate_percent": rate,
            "meta_data": [],
        }
        for place, rate in enumerate(used)
    ]


def _coupons(order: Order) -> list[dict[str, Any]]:
    """Tell the coupon. It is taken off the goods already."""
    if not order.coupon:
        return []
    off = [(split_gross(one.before, Decimal(one.rate)), one) for one in order.items]
    net = total((before.net - _net(one) for before, one in off), "NOK")
    vat = total((before.vat - _tax(one) for before, one in off), "NOK")
    return [
        {
            "id": order.number * IDS_PER_ORDER + 19,
            "code": order.coupon,
            "discount": str(net),
            "discount_tax": str(vat),
            "discount_type": "percent",
            "meta_data": [],
        }
    ]
