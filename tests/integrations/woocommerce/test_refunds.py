"""Refunds: from the order's summary, and as REST gives them."""

from __future__ import annotations

from backoffice.contracts.sales import Ignored, RefundDetails, SaleCancelled, SaleDetails
from tests.integrations.woocommerce.shop import changed, events, make_shop, payload, refunds_in


def lines_of(refund: RefundDetails) -> list[tuple[str, int, int]]:
    """Give reference, gross and quantity of each line."""
    return [(line.reference, line.gross.minor, int(line.quantity)) for line in refund.lines]


def test_the_summary_gives_amounts_only_and_says_nothing_of_money() -> None:
    found = events("order_updated__partly_refunded")
    assert isinstance(found[0], SaleDetails)
    assert found[0].total.minor == 280900, "the total of an order does not change by refunds"
    refunds = refunds_in(found)
    assert [(one.reference, one.amount.minor, one.sale_reference) for one in refunds] == [
        ("9001", 11500, "2030"),
        ("9002", 5000, "2030"),
    ]
    assert [(one.lines, one.payments) for one in refunds] == [((), ()), ((), ())]


def test_a_partial_refund_names_the_lines_of_the_order() -> None:
    first, second = refunds_in(events("order_updated__partly_refunded", "refunds__partial_then_amount_only"))
    assert lines_of(first) == [("40601", 11500, 1)]
    assert (first.amount.minor, first.reason) == (11500, "Angret seg")
    assert [(one.method, one.amount.minor) for one in first.payments] == [("vipps", -11500)]
    assert (second.lines, second.amount.minor) == ((), 5000)
    assert second.payments == (), "refunded_payment is false: the money was not sent"
    assert second.refunded_at > first.refunded_at


def test_a_later_refund_does_not_change_an_earlier_one() -> None:
    name = "order_updated__refunded_in_full"
    (alone,) = refunds_in(make_shop().parse(payload(name), {}))
    more = [{"id": 9999, "reason": "", "total": "-2809.00"}, {"id": 9003, "reason": alone.reason, "total": "-2809.00"}]
    first, second = refunds_in(make_shop().parse(changed(name, {"refunds": more}), {}))
    assert first == alone
    assert len(first.lines) == 3
    assert second.lines == (), "what more is given back than the sale has no lines"


def test_a_refund_of_everything_without_lines_has_all_lines() -> None:
    (refund,) = refunds_in(events("order_updated__refunded_in_full", "refunds__full_without_lines"))
    assert refund.amount.minor == 280900
    assert sum(line.gross.minor for line in refund.lines) == 280900
    assert len(refund.lines) == 3


def test_putting_back_on_stock_is_no_refund() -> None:
    found = events("order_updated__restocked_only", "refunds__nothing")
    assert isinstance(found[1], Ignored)
    assert "nothing back" in found[1].why


def test_lines_that_do_not_explain_the_amount_are_left_to_a_person() -> None:
    (refund,) = refunds_in(events("order_updated__refund_larger_than_its_lines", "refunds__lines_less_than_amount"))
    assert (refund.amount.minor, refund.lines) == (30000, ())
    assert "lines not usable" in refund.reason
    assert refund.payments[0].amount.minor == -30000


def test_a_gift_card_gets_its_part_back() -> None:
    (refund,) = refunds_in(events("order_updated__refunded_with_gift_card", "refunds__with_gift_card"))
    assert refund.amount.minor == 250000
    assert lines_of(refund) == [("40680", 250000, 1)]
    assert [(one.method, one.amount.minor) for one in refund.payments] == [
        ("vipps", -200000),
        ("gift_card", -50000),
    ]


def test_a_cancelled_order_that_was_paid_back_in_full_is_a_sale_and_its_refund() -> None:
    found = events("order_updated__cancelled_after_paying_all_back")
    assert [type(one) for one in found] == [SaleDetails, RefundDetails]


def test_a_cancelled_order_that_was_paid_back_in_part_is_cancelled() -> None:
    body = payload("order_updated__cancelled_after_paying_all_back").replace(b"-2809.00", b"-100.00")
    (found,) = make_shop().parse(body, {})
    assert isinstance(found, SaleCancelled)


def test_a_refund_may_sit_on_an_unpaid_order() -> None:
    found = events("order_updated__refund_on_an_unpaid_order")
    assert isinstance(found[0], SaleDetails)
    assert found[0].payments == ()
    assert refunds_in(found)[0].amount.minor == 11500
