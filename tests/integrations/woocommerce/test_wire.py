"""Orders of WooCommerce, one recorded shape a test."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.sales import LineKind, SaleCancelled, SaleDetails, SaleKind
from backoffice.ledger.money import Money
from tests.integrations.woocommerce.shop import (
    PAYLOADS,
    changed,
    events,
    headers,
    ignored,
    make_shop,
    payload,
    sale,
)


def kroner(minor: int) -> Money:
    """Give an amount in øre."""
    return Money(minor, "NOK")


def lines_of(found: SaleDetails) -> list[tuple[str, int, int, str]]:
    """Give kind, gross, VAT and rate of each line."""
    return [(line.kind.value, line.gross.minor, line.vat.minor, str(line.vat_rate)) for line in found.lines]


def refusal(body: bytes) -> UnreadablePayload:
    """Read a payload that must be refused."""
    with pytest.raises(UnreadablePayload) as caught:
        make_shop().parse(body, {"x-wc-webhook-topic": "order.updated"})
    return caught.value


def test_a_paid_order_is_an_invoice_sale_with_its_payment() -> None:
    found = sale("order_created__one_chair_paid_with_vipps")
    assert (found.reference, found.kind, found.currency) == ("2001", SaleKind.INVOICE_SALE, "NOK")
    assert found.total == kroner(1250000)
    assert found.sold_at == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    assert found.revision == int(found.sold_at.timestamp())
    (line,) = found.lines
    assert (line.gross, line.vat, line.vat_rate) == (kroner(1250000), kroner(250000), Decimal("25.00"))
    assert (line.description, line.sku, line.group) == ("Stol – Fjord, eik", "STOL-1", "standard")
    assert (line.quantity, line.unit_price, line.discount) == (Decimal(2), Decimal("6250.0000"), None)
    (payment,) = found.payments
    assert (payment.reference, payment.method, payment.amount) == ("vipps-2001", "vipps", kroner(1250000))
    assert payment.paid_at == datetime(2026, 11, 20, 11, 0, 40, tzinfo=UTC)
    assert found.notes == ()


def test_a_private_buyer_is_no_company() -> None:
    customer = sale("order_created__one_chair_paid_with_vipps").customer
    assert (customer.name, customer.reference, customer.is_company) == ("Kari Hansen", "", False)
    assert (customer.address.line1, customer.address.postal_code, customer.address.city) == (
        "Storgata 1",
        "0155",
        "Oslo",
    )


def test_each_line_has_the_rate_of_its_tax_line() -> None:
    found = sale("order_updated__four_rates_in_one_basket")
    assert lines_of(found) == [
        ("goods", 250000, 50000, "25.00"),
        ("goods", 23000, 3000, "15.00"),
        ("goods", 22400, 2400, "12.00"),
        ("goods", 34900, 0, "0.00"),
        ("shipping", 7900, 1580, "25.00"),
    ]
    assert [line.group for line in found.lines[:4]] == ["standard", "mat", "lav", "zero-rate"]
    assert found.total == kroner(338200)


def test_a_coupon_is_in_the_lines_already() -> None:
    found = sale("order_created__coupon_over_two_rates_and_free_shipping")
    assert lines_of(found)[:2] == [("goods", 225000, 45000, "25.00"), ("goods", 20700, 2700, "15.00")]
    assert found.total == kroner(245700)
    assert [line.discount for line in found.lines[:2]] == [kroner(25000), kroner(2300)]
    assert found.lines[2].gross == kroner(0)


def test_an_order_of_nothing_to_pay_is_still_a_sale() -> None:
    found = sale("order_created__all_free")
    assert (found.total, found.payments) == (kroner(0), ())
    assert found.lines[0].discount == kroner(250000)


def test_nothing_to_pay_is_no_payment_even_when_it_is_dated_as_paid() -> None:
    body = changed("order_created__all_free", {"date_paid_gmt": "2026-11-20T11:00:40"})
    found = make_shop().parse(body, {})[0]
    assert isinstance(found, SaleDetails)
    assert found.payments == ()


def test_a_gift_card_fee_is_a_payment_and_no_discount() -> None:
    found = sale("order_created__gift_card_as_negative_fee")
    assert found.total == kroner(257900)
    assert [line.kind for line in found.lines] == [LineKind.GOODS, LineKind.SHIPPING]
    assert [(one.method, one.amount.minor) for one in found.payments] == [
        ("gift_card", 50000),
        ("vipps", 207900),
    ]


def test_a_gift_card_may_pay_all() -> None:
    found = sale("order_created__gift_card_takes_all")
    assert found.total == kroner(250000)
    assert [(one.method, one.amount.minor) for one in found.payments] == [("gift_card", 250000)]


def test_a_gift_card_that_only_lessens_the_total_is_found() -> None:
    found = sale("order_created__gift_card_beside_the_items")
    assert found.total == kroner(250000)
    assert [(one.method, one.amount.minor) for one in found.payments] == [
        ("gift_card", 40050),
        ("vipps", 209950),
    ]


def test_a_listed_gift_card_that_did_not_lessen_the_total_is_no_payment() -> None:
    body = changed("order_created__gift_card_beside_the_items", {"total": "2500.00"})
    found = make_shop().parse(body, {})[0]
    assert isinstance(found, SaleDetails)
    assert [(one.method, one.amount.minor) for one in found.payments] == [("vipps", 250000)]


def test_store_credit_is_a_gift_card() -> None:
    found = sale("order_created__store_credit_coupon")
    assert found.total == kroner(250000)
    assert [(one.method, one.amount.minor) for one in found.payments] == [
        ("gift_card", 10000),
        ("vipps", 240000),
    ]


def test_any_other_negative_fee_is_a_discount_line() -> None:
    found = sale("order_created__negative_fee_as_discount")
    assert lines_of(found) == [("goods", 250000, 50000, "25.00"), ("other", -12500, -2500, "25.00")]
    assert found.lines[1].quantity == Decimal(-1)
    assert found.total == kroner(237500)


def test_a_negative_fee_over_two_rates_is_split() -> None:
    found = sale("order_created__negative_fee_over_two_rates")
    assert lines_of(found)[2:] == [("other", -12500, -2500, "25.00"), ("other", -1150, -150, "15.00")]
    assert [line.reference for line in found.lines[2:]] == ["40290:25.00", "40290:15.00"]


def test_shipping_over_three_rates_is_split_with_the_rest_untaxed() -> None:
    found = sale("order_created__shipping_over_three_rates")
    assert lines_of(found)[3:] == [
        ("shipping", 6250, 1250, "25.00"),
        ("shipping", 3450, 450, "15.00"),
        ("shipping", 2000, 0, "0.00"),
    ]


def test_shipping_that_is_only_partly_taxed_needs_untaxed_goods() -> None:
    def without_book(order: dict[str, Any]) -> None:
        book = order["line_items"].pop(2)
        order["total"] = str(Decimal(order["total"]) - Decimal(book["total"]))

    error = refusal(changed("order_created__shipping_over_three_rates", without_book))
    assert error.details[0].code == "vat_differs"
    assert error.pointer == "/shipping_lines/0"


def test_ore_of_unrounded_taxes_go_to_the_largest_lines_and_are_shown() -> None:
    found = sale("order_created__taxes_not_rounded")
    assert found.total == kroner(1550)
    assert lines_of(found) == [
        ("goods", 63, 13, "25.00"),
        ("goods", 63, 13, "25.00"),
        ("goods", 112, 22, "25.00"),
        ("goods", 1312, 262, "25.00"),
    ]
    assert found.notes == ("Rounded: -0.01 NOK each on line 40243, 40242 to meet the total 15.50.",)


def test_a_total_that_is_not_the_sum_of_the_lines_is_refused_with_both() -> None:
    error = refusal(payload("order_created__total_differs"))
    assert error.details[0].code == "totals_differ"
    assert error.pointer == "/total"
    assert "2500.00" in error.message
    assert "2400.00" in error.message


def test_rates_that_are_not_stated_are_worked_out() -> None:
    found = sale("order_created__rates_not_stated")
    assert lines_of(found) == [("goods", 250000, 50000, "25.00"), ("goods", 23000, 3000, "15.00")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("order_created__rate_unknown", "vat_rate_unknown"),
        ("order_created__vat_does_not_fit_its_rate", "vat_differs"),
        ("order_created__legacy_api", "webhook_version"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, code: str) -> None:
    error = refusal(payload(name))
    assert error.details[0].code == code
    assert error.pointer
    assert error.message.endswith(".")


def test_a_tax_that_is_nothing_means_no_vat_whatever_the_rate() -> None:
    def export(order: dict[str, Any]) -> None:
        item = order["line_items"][0]
        item.update(total_tax="0.00", taxes=[{"id": 1, "total": "0", "subtotal": "0"}])
        order["total"] = item["total"]

    found = make_shop().parse(changed("order_created__one_chair_paid_with_vipps", export), {})[0]
    assert isinstance(found, SaleDetails)
    assert lines_of(found) == [("goods", 1000000, 0, "0.00")]


def test_a_company_gives_its_number_and_reference_and_has_not_paid() -> None:
    found = sale("order_created__company_pays_by_bank_transfer")
    assert found.payments == ()
    assert found.customer.name == "Havblikk AS"
    assert found.customer.is_company
    assert (found.customer.organisation_number, found.customer.reference) == ("923609016", "77")
    assert found.customer_reference == "PO-55"


def test_a_foreign_company_has_a_tax_number() -> None:
    customer = sale("order_created__swedish_company").customer
    assert (customer.organisation_number, customer.tax_number) == ("", "SE556677889901")


def test_a_wrong_organisation_number_is_left_out_and_said() -> None:
    found = sale("order_created__wrong_organisation_number")
    assert found.customer.organisation_number == ""
    assert found.customer.is_company
    assert "left out" in found.notes[0]


def test_an_invoice_that_is_dated_as_paid_is_not_a_payment() -> None:
    assert sale("order_created__invoice_method_dated_as_paid").payments == ()
    paid = sale("order_created__invoice_method_dated_as_paid", unpaid_methods="")
    assert [one.method for one in paid.payments] == ["invoice"]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("on_hold", "waits for its payment"),
        ("pending", "not paid yet"),
        ("checkout_draft", "not been placed"),
        ("failed", "could not be paid"),
        ("packed", "'packed'"),
    ],
)
def test_an_order_that_does_not_count_is_ignored_with_the_reason(status: str, why: str) -> None:
    found = ignored(f"order_updated__status_{status}")
    assert found.reference == "2021"
    assert why in found.why


def test_a_status_can_be_made_to_count() -> None:
    assert sale("order_updated__status_packed", counting_statuses="completed, packed").reference == "2021"


@pytest.mark.parametrize("name", ["order_updated__status_cancelled", "order_updated__status_trash"])
def test_a_cancelled_order_cancels_its_sale(name: str) -> None:
    (found,) = events(name)
    assert isinstance(found, SaleCancelled)
    assert found.reference == "2021"


def test_a_deleted_order_cancels_its_sale() -> None:
    (found,) = events("order_deleted__id_only")
    assert isinstance(found, SaleCancelled)
    assert found.reference == "2001"


def test_the_day_of_delivery_is_the_clients() -> None:
    found = sale("order_updated__completed_after_midnight_in_oslo")
    assert found.delivered_on == date(2026, 12, 1)
    assert found.revision > sale("order_created__one_chair_paid_with_vipps").revision
    assert sale("order_updated__completed_after_midnight_in_oslo", delivered_status="").delivered_on is None


def test_the_hour_that_comes_twice_is_told_apart_by_utc() -> None:
    found = sale("order_created__placed_in_the_hour_that_comes_twice")
    assert found.sold_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_another_currency_stays_what_it_is() -> None:
    found = sale("order_created__in_euro")
    assert found.total == Money(250000, "EUR")
    assert found.payments[0].amount == Money(250000, "EUR")


def test_a_tip_is_no_line() -> None:
    found = sale("order_created__tip_as_fee")
    assert (found.tip, found.total, len(found.lines)) == (kroner(5000), kroner(255000), 1)
    assert found.payments[0].amount == kroner(255000)


def test_gift_wrap_is_a_kind_of_its_own_and_a_line_of_nothing_stays() -> None:
    found = sale("order_created__gift_wrap_and_a_line_of_nothing")
    assert lines_of(found)[1:] == [("goods", 0, 0, "25.00"), ("gift_wrap", 3900, 780, "25.00")]
    assert found.lines[1].quantity == Decimal(0)


def test_a_gift_card_that_is_sold_is_known_by_its_sku() -> None:
    found = sale("order_created__gift_card_sold", gift_card_skus="gavekort-")
    assert (found.lines[0].kind, found.lines[0].vat_rate) == (LineKind.GIFT_CARD, Decimal("0.00"))
    assert sale("order_created__gift_card_sold").lines[0].kind is LineKind.GOODS


def test_a_lines_meta_can_name_the_group() -> None:
    def group(order: dict[str, Any]) -> None:
        order["line_items"][0]["meta_data"] = [{"id": 1, "key": "varegruppe", "value": "stoler"}]

    body = changed("order_created__one_chair_paid_with_vipps", group)
    found = make_shop(group_meta_key="varegruppe").parse(body, {})[0]
    assert isinstance(found, SaleDetails)
    assert found.lines[0].group == "stoler"


def test_a_number_of_the_shops_own_is_kept_beside_the_id() -> None:
    body = changed("order_created__one_chair_paid_with_vipps", {"number": "NB-77"})
    found = make_shop().parse(body, {})[0]
    assert isinstance(found, SaleDetails)
    assert (found.reference, found.order_number) == ("2001", "NB-77")
    assert sale("order_created__one_chair_paid_with_vipps").order_number == ""


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("order_*.json")), ids=lambda path: path.stem)
def test_the_same_bytes_give_the_same_result_and_parts_that_add_up(path: Path) -> None:
    def read() -> object:
        try:
            return make_shop().parse(path.read_bytes(), headers(path.stem))
        except UnreadablePayload as error:
            return str(error)

    first = read()
    assert first == read()
    for one in first if isinstance(first, tuple) else ():
        if isinstance(one, SaleDetails):
            tip = one.tip.minor if one.tip else 0
            assert sum(line.gross.minor for line in one.lines) + tip == one.total.minor
            assert sum(payment.amount.minor for payment in one.payments) in (0, one.total.minor)
