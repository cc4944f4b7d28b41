"""Order pricing: docs/algorithms/order-pricing.md and its properties."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backoffice.ledger.errors import CurrencyMismatch, LedgerError
from backoffice.ledger.invoice_totals import (
    UNIT_PRICE_DECIMALS,
    OrderPart,
    PricedLine,
    PricedOrder,
    price_order,
)
from backoffice.ledger.money import Money, minor_digits, round_half_up, total
from tests.ledger.tables import Row, each_row, nok

HALF = 50
currencies = st.sampled_from(["NOK", "NOK", "JPY", "KWD"])
usual_rates = st.sampled_from([Decimal(rate) for rate in ("25", "15", "12", "11.11", "0", "23", "8", "5")])
any_rates = st.one_of(usual_rates, st.integers(0, 10_000).map(lambda cents: Decimal(cents).scaleb(-2)))
quantities = st.one_of(
    st.sampled_from([Decimal(1), Decimal(1), Decimal(2), Decimal(-1), Decimal(0)]),
    st.integers(-1000, 1000).map(Decimal),
    st.integers(-(10**9), 10**9).map(lambda units: Decimal(units).scaleb(-3)),
    st.decimals(-(10**12), 10**12, places=8, allow_nan=False),
)
gross_minors = st.one_of(st.integers(-30, 30), st.integers(-(10**6), 10**6), st.integers(-(10**13), 10**13))


def part(gross: str, rate: str = "25", quantity: str = "1") -> OrderPart:
    return OrderPart(nok(gross), Decimal(rate), Decimal(quantity))


@st.composite
def orders(draw: st.DrawFn, max_size: int = 25) -> tuple[list[OrderPart], str]:
    currency = draw(currencies)
    money = gross_minors.map(lambda minor: Money(minor, currency))
    return draw(st.lists(st.builds(OrderPart, money, any_rates, quantities), max_size=max_size)), currency


def invoice_line(line: PricedLine) -> tuple[Decimal, Decimal]:
    """Compute net and VAT as the accounting system does, from nothing but what is sent."""
    digits = minor_digits(line.net.currency)
    net = round_half_up(line.quantity * line.unit_price, digits)
    return net, round_half_up(net * line.part.vat_rate / 100, digits)


@each_row("order-pricing", "One line")
def test_a_line_gets_the_unit_price_that_gives_its_net(row: Row) -> None:
    (line,) = price_order([part(row["gross"], row["rate"], row["quantity"])], "NOK").lines
    assert [str(v) for v in (line.quantity, line.unit_price, line.net, line.vat, line.difference)] == [
        row[name] for name in ("sent quantity", "unit price", "net", "VAT", "difference")
    ]
    assert line.is_quantity_kept == (row["quantity"] == row["sent quantity"])


@each_row("order-pricing", "An order")
def test_differences_cancel_within_an_order(row: Row) -> None:
    lines = [part(*text.split(" at ")) for text in row["lines (gross at rate)"].split(", ")]
    order = price_order(lines, "NOK")
    assert [str(line.difference) for line in order.lines] == row["differences"].split()
    assert (str(order.predicted_total), str(order.rounding)) == (row["predicted total"], row["rounding"])


@settings(max_examples=400)
@given(orders())
@example(([part("0.02")] * 3, "NOK"))
def test_predicted_total_and_rounding_are_the_sum_of_gross(drawn: tuple[list[OrderPart], str]) -> None:
    lines, currency = drawn
    order = price_order(lines, currency)
    assert order.predicted_total + order.rounding == total((line.gross for line in lines), currency)
    assert order.predicted_total == total((line.gross_predicted for line in order.lines), currency)


@settings(max_examples=400)
@given(orders())
def test_the_invoice_computes_from_what_is_sent_what_we_predict(drawn: tuple[list[OrderPart], str]) -> None:
    for line in price_order(*drawn).lines:
        assert invoice_line(line) == (line.net.to_decimal(), line.vat.to_decimal())
        assert -line.unit_price.as_tuple().exponent <= UNIT_PRICE_DECIMALS  # type: ignore[operator]  # finite


@given(orders())
def test_no_line_is_off_by_more_than_a_minor_unit_and_none_is_lost(
    drawn: tuple[list[OrderPart], str],
) -> None:
    lines, currency = drawn
    order = price_order(lines, currency)
    assert [line.part for line in order.lines] == [line for line in lines if line.gross]
    assert list(order.dropped) == [line for line in lines if not line.gross]
    for line in order.lines:
        assert abs(line.difference.minor) <= 1
        assert line.net.minor * line.part.gross.minor > 0
    if all(line.vat_rate < HALF for line in lines):
        assert abs(order.rounding.minor) <= 1


def smallest_rounding(lines: list[OrderPart]) -> int:
    """Try every net near every line: the smallest rounding that differences of one minor unit allow."""
    reachable = []
    for line in lines:
        size, sign = abs(line.gross.minor), 1 if line.gross.minor > 0 else -1
        differences = set()
        for net in range(1, size + 2):
            difference = net + int(round_half_up(net * line.vat_rate / 100)) - size
            if abs(difference) <= 1:
                differences.add(sign * difference)
        reachable.append(differences)
    return min((abs(sum(combination)) for combination in product(*reachable)), default=0)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(-40, 40).filter(bool), any_rates), max_size=6))
@example([(2, Decimal(25)), (3, Decimal(25))])
@example([(1, Decimal(60)), (1, Decimal(60)), (3, Decimal(25))])
@example([(-1, Decimal(60)), (12, Decimal(12))])
def test_the_rounding_is_the_smallest_there_can_be(drawn: list[tuple[int, Decimal]]) -> None:
    lines = [OrderPart(Money(minor, "NOK"), rate) for minor, rate in drawn]
    assert abs(price_order(lines, "NOK").rounding.minor) == smallest_rounding(lines)


@given(st.lists(st.builds(OrderPart, gross_minors.map(lambda m: Money(m, "NOK")), usual_rates), max_size=12))
def test_a_credited_order_comes_to_what_the_order_came_to(lines: list[OrderPart]) -> None:
    sale: PricedOrder = price_order(lines, "NOK")
    back = price_order([OrderPart(-line.gross, line.vat_rate, line.quantity) for line in lines], "NOK")
    assert back.predicted_total + back.rounding == -(sale.predicted_total + sale.rounding)
    assert abs(back.rounding) == abs(sale.rounding)


@given(st.integers(1, 10**8), usual_rates, st.integers(1, 9999))
def test_a_quantity_below_ten_thousand_is_always_kept(minor: int, rate: Decimal, pieces: int) -> None:
    (line,) = price_order([OrderPart(Money(minor, "NOK"), rate, Decimal(pieces))], "NOK").lines
    assert (line.is_quantity_kept, line.quantity) == (True, Decimal(pieces))


def test_a_product_on_half_a_minor_unit_is_avoided() -> None:
    (line,) = price_order([part("0.03", "0", "0.5")], "NOK").lines
    assert line.quantity * line.unit_price == Decimal("0.030")
    (line,) = price_order([part("0.07", "0", "10")], "NOK").lines
    assert line.unit_price == Decimal("0.007")


def test_an_order_of_a_thousand_lines_that_cannot_be_exact_is_exact() -> None:
    order = price_order([part("12.52")] * 1000, "NOK")
    assert not order.rounding
    assert {line.difference.minor for line in order.lines} == {-1, 1}


def test_an_empty_order_comes_to_nothing() -> None:
    assert price_order([], "NOK") == PricedOrder((), nok("0"), nok("0"))


def test_the_arithmetic_of_a_line_can_be_read() -> None:
    (line,) = price_order([part("12.52", "25", "3")], "NOK").lines
    assert [str(step) for step in line.steps] == [
        "wanted_net: 12.52 / 1.25 = 10.016 -> 10.02",
        "unit_price: 10.02 / 3 = 3.34",
        "net: 3 * 3.34 = 10.02",
        "vat: 10.02 * 0.25 = 2.5050 -> 2.51",
        "gross: 10.02 + 2.51 = 12.53",
        "difference: 12.53 - 12.52 = 0.01",
    ]


def test_the_arithmetic_says_when_a_line_gave_way() -> None:
    line = price_order([part("12.52"), part("100.00")], "NOK").lines[1]
    assert "chosen_net: 80.00 + -0.01 = 79.99" in [str(step) for step in line.steps]


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "1E+13"])
def test_what_is_no_quantity_is_refused(quantity: str) -> None:
    with pytest.raises(LedgerError, match="not a quantity"):
        price_order([part("1.00", "25", quantity)], "NOK")


def test_a_rate_above_100_percent_is_refused() -> None:
    with pytest.raises(LedgerError, match="not a VAT rate"):
        price_order([part("1.00", "101")], "NOK")


def test_a_line_in_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch, match="NOK"):
        price_order([part("1.00")], "EUR")
