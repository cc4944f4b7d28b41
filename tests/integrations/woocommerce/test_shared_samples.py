"""The vendor's documented samples, read where they lie beside the project; skipped elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from backoffice.contracts.sales import LineKind, RefundDetails, SaleDetails
from integrations.woocommerce.config import Config, Rules
from integrations.woocommerce.reading import Node, load
from integrations.woocommerce.wire import read_order
from tests.integrations.woocommerce.shop import VALUES, make_shop

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "norway" / "orders" / "woocommerce"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")


def sample(name: str) -> bytes:
    """Give a sample's bytes."""
    return (SAMPLES / name).read_bytes()


def test_the_documented_order_adds_up_without_a_stated_rate() -> None:
    (sale,) = make_shop(vat_rates="7.5, 0").parse(sample("docs_v3_order_0.json"), {})
    assert isinstance(sale, SaleDetails)
    assert (str(sale.total), sale.currency) == ("29.35", "USD")
    assert [(line.gross.minor, line.vat.minor, line.vat_rate) for line in sale.lines] == [
        (645, 45, Decimal("7.50")),
        (1290, 90, Decimal("7.50")),
        (1000, 0, Decimal("0.00")),
    ]
    assert sale.lines[1].description == "Ship Your Idea – Color: Black, Size: M Test"
    assert sale.lines[2].kind is LineKind.SHIPPING
    assert [(one.reference, one.method, one.amount.minor) for one in sale.payments] == [("727:paid", "bacs", 2935)]
    assert sale.payments[0].paid_at == datetime(2017, 3, 22, 19, 28, 8, tzinfo=UTC)


def test_the_documented_refund_is_an_amount_whose_money_was_not_sent() -> None:
    rules = Rules.of(Config.read({**VALUES, "vat_rates": "7.5, 0"}))
    refund = load(sample("docs_v3_order_refund_0.json"))
    events = read_order(load(sample("docs_v3_order_0.json")), rules, [Node(refund.value, "/0")])
    assert isinstance(events[1], RefundDetails)
    assert (str(events[1].amount), events[1].lines, events[1].payments) == ("10.00", (), ())
