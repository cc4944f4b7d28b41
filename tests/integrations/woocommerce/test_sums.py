"""Whatever the amounts: the parts add up to what the shop states, or the order is refused in words."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.sales import SaleDetails, SalesEvent
from backoffice.ledger.sale_totals import TaxedAmount, check_total, vat_differences
from tests.integrations.woocommerce.shop import make_shop

SHOP = make_shop()
RATES = {1: Decimal(25), 2: Decimal(15), 3: Decimal(12), 4: Decimal("11.11"), 5: Decimal(0)}
REFUSALS = {"totals_differ", "vat_differs", "vat_rate_unknown", "total_unreadable"}
Line = tuple[str, int, Decimal, int]

amounts = st.decimals(min_value=-5000, max_value=500000, places=2) | st.decimals(min_value=0, max_value=1000, places=6)
#: list, rate id, net, deviation of the shown VAT in øre
lines = st.tuples(
    st.sampled_from(["line_items", "line_items", "shipping_lines", "fee_lines"]),
    st.sampled_from(sorted(RATES)),
    amounts,
    st.integers(min_value=-2, max_value=2) | st.just(0),
)


fair_lines = st.tuples(
    st.sampled_from(["line_items", "line_items", "shipping_lines", "fee_lines"]),
    st.sampled_from(sorted(RATES)),
    st.decimals(min_value=0, max_value=500000, places=2),
    st.just(0),
)


def outcome(order: dict[str, Any]) -> SalesEvent | UnreadablePayload:
    """Read an order, or give why it is refused; anything else that is raised fails the test."""
    try:
        return SHOP.parse(json.dumps(order).encode(), {})[0]
    except UnreadablePayload as error:
        return error


def order_of(drawn: list[Line], off: int, *, states_rates: bool) -> dict[str, Any]:
    """Write an order: VAT kept with six decimals and shown with two, the total rounded from the exact sum."""
    order: dict[str, Any] = {"line_items": [], "shipping_lines": [], "fee_lines": []}
    exact = Decimal(0)
    for number, (name, rate_id, net, deviation) in enumerate(drawn, 1):
        tax = net * RATES[rate_id] / 100
        shown = round(tax, 2) + Decimal(deviation).scaleb(-2)
        exact += net + tax
        item = {"id": number, "name": "Ting", "total": str(net), "total_tax": str(shown)}
        order[name].append({**item, "taxes": [{"id": rate_id, "total": f"{tax:.6f}"}]})
    used = sorted({rate_id for _, rate_id, _, _ in drawn})
    order["tax_lines"] = [
        {"rate_id": rate_id} | ({"rate_percent": str(RATES[rate_id])} if states_rates else {}) for rate_id in used
    ]
    total = round(exact, 2) + Decimal(off).scaleb(-2)
    return order | {
        "id": 1,
        "status": "completed",
        "currency": "NOK",
        "total": f"{total:.2f}",
        "date_created_gmt": "2026-11-20T11:00:00",
        "date_paid_gmt": "2026-11-20T11:00:00",
        "payment_method": "vipps",
    }


@settings(deadline=None)
@given(st.lists(lines, max_size=8), st.integers(-5, 5) | st.just(0), st.booleans())
def test_parts_add_up_or_the_order_is_refused(drawn: list[Line], off: int, states_rates: bool) -> None:
    order = order_of(drawn, off, states_rates=states_rates)
    sale = outcome(order)
    if isinstance(sale, UnreadablePayload):
        assert sale.details[0].code in REFUSALS
        assert sale.message.endswith(".")
        return
    assert isinstance(sale, SaleDetails)
    check_total([line.gross for line in sale.lines], sale.total, tip=sale.tip)
    assert sale.total.to_decimal() == Decimal(order["total"])
    stated = {
        str(item["id"]): Decimal(item["total"]) + Decimal(item["total_tax"])
        for name in ("line_items", "shipping_lines", "fee_lines")
        for item in order[name]
    }
    grosses = dict.fromkeys(stated, Decimal(0))
    for line in sale.lines:
        grosses[line.reference.split(":")[0]] += line.gross.to_decimal()
    for reference, gross in grosses.items():
        assert abs(gross - stated[reference]) <= Decimal("0.015"), "a line moves by an øre at most"
    vat_differences([TaxedAmount(line.gross, line.vat, line.vat_rate) for line in sale.lines], "NOK")


@settings(deadline=None)
@given(st.lists(fair_lines, min_size=1, max_size=8))
def test_what_a_shop_computes_rightly_is_never_refused(drawn: list[Line]) -> None:
    (sale,) = SHOP.parse(json.dumps(order_of(drawn, 0, states_rates=True)).encode(), {})
    assert isinstance(sale, SaleDetails)
    check_total([line.gross for line in sale.lines], sale.total)
    assert sum(line.vat.minor for line in sale.lines) >= 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("1.00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = [
    "id",
    "status",
    "total",
    "currency",
    "line_items",
    "tax_lines",
    "fee_lines",
    "billing",
    "meta_data",
]
MEMBERS += [
    "gift_cards",
    "coupon_lines",
    "refunds",
    "date_created_gmt",
    "date_paid_gmt",
    "prices_include_tax",
]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(MEMBERS), json_values, min_size=1, max_size=3))
def test_whatever_stands_in_an_order_it_is_read_or_refused(values: dict[str, Any]) -> None:
    order = order_of([("line_items", 1, Decimal("100.00"), 0)], 0, states_rates=True) | values
    found = outcome(order)
    assert found.message if isinstance(found, UnreadablePayload) else found
