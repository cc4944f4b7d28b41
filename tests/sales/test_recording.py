"""A sale is recorded once; what a changed report means depends on how far its voucher is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.contracts.sales import CustomerDetails, PaymentDetails, RefundDetails, SaleDetails
from backoffice.ledger.errors import TotalsDiffer
from backoffice.ledger.money import Money
from backoffice.sales.models import Payment, Refund, Sale
from backoffice.sales.services import (
    ReferenceUsed,
    customer_key_for,
    matching_reference_for,
    record_payment,
    record_refund,
    record_sale,
)
from backoffice.vouchers.models import Voucher
from tests.world import SOLD_AT, World, sale_details


def changed(details: SaleDetails, revision: int) -> SaleDetails:
    """Give the same sale with another customer name at a revision."""
    return replace(details, revision=revision, customer=replace(details.customer, name="Ola Nordmann"))


def test_the_same_revision_with_other_content_is_refused_with_the_fields_named(world: World) -> None:
    record_sale(sales_point=world.shop, sale=sale_details(), event=None)

    with pytest.raises(ReferenceUsed) as refusal:
        record_sale(sales_point=world.shop, sale=changed(sale_details(), 1), event=None)

    assert [name for name, _, _ in refusal.value.differences] == ["customer"]


def test_a_higher_revision_replaces_what_is_still_open(world: World) -> None:
    record_sale(sales_point=world.shop, sale=sale_details(), event=None)
    world.drain()

    outcome = record_sale(sales_point=world.shop, sale=changed(sale_details(), 2), event=None).outcome
    world.drain()

    assert outcome == "revised"
    assert Voucher.objects.get(kind="sales_order").customer_name == "Ola Nordmann"


def test_a_revision_that_comes_late_changes_nothing(world: World) -> None:
    record_sale(sales_point=world.shop, sale=changed(sale_details(), 5), event=None)

    outcome = record_sale(sales_point=world.shop, sale=replace(sale_details(), revision=2), event=None).outcome

    assert outcome == "older"
    assert Sale.objects.get().customer_name == "Ola Nordmann"


def test_a_change_after_approval_is_kept_for_a_person(world: World) -> None:
    sale = world.sell()
    world.drain()
    world.approve_all()

    outcome = record_sale(sales_point=world.shop, sale=changed(sale_details(), 2), event=None).outcome

    sale.refresh_from_db()
    assert outcome == "kept_for_person"
    assert sale.state == "needs_person"
    assert "customer" in sale.needs_person_because
    assert sale.pending_details is not None
    assert sale.pending_details["customer"]["name"] == "Ola Nordmann"
    assert sale.customer_name != "Ola Nordmann"


def test_a_sale_whose_parts_do_not_add_up_is_refused_and_nothing_is_stored(world: World) -> None:
    with pytest.raises(TotalsDiffer):
        record_sale(sales_point=world.shop, sale=replace(sale_details(), total=Money(12_501, "NOK")), event=None)

    assert not Sale.objects.exists()
    assert not Payment.objects.exists()


def test_a_payment_with_other_content_under_its_reference_is_refused(world: World) -> None:
    payment = PaymentDetails("v-1", "vipps", Money(100, "NOK"), SOLD_AT, sale_reference="1001")
    record_payment(sales_point=world.shop, payment=payment, event=None)

    assert record_payment(sales_point=world.shop, payment=payment, event=None).outcome == "same"
    with pytest.raises(ReferenceUsed):
        record_payment(sales_point=world.shop, payment=replace(payment, method="card"), event=None)


def test_a_payment_finds_its_sale_by_matching_reference(world: World) -> None:
    sale = world.sell(paid=False)
    payment = PaymentDetails("v-1", "vipps", Money(100, "NOK"), SOLD_AT, matching_reference=sale.matching_reference)

    assert record_payment(sales_point=world.shop, payment=payment, event=None).payment.sale == sale


def test_the_day_of_a_sale_is_the_clients_day(world: World) -> None:
    late_in_utc = SOLD_AT.replace(hour=23, minute=30)

    sale = record_sale(sales_point=world.shop, sale=replace(sale_details(), sold_at=late_in_utc), event=None).sale

    assert sale.sold_on == late_in_utc.date() + timedelta(days=1)


def test_a_refund_that_returns_with_another_time_is_the_same_refund(world: World) -> None:
    world.sell()
    back = PaymentDetails("r-1-back", "vipps", Money(2_500, "NOK"), SOLD_AT)
    refund = RefundDetails("r-1", "1001", SOLD_AT, Money(2_500, "NOK"), payments=(back,))
    record_refund(sales_point=world.shop, refund=refund, event=None)

    again = replace(refund, refunded_at=SOLD_AT + timedelta(hours=1))

    assert record_refund(sales_point=world.shop, refund=again, event=None).outcome == "same"
    assert Refund.objects.count() == 1
    assert Payment.objects.get(reference="r-1-back").amount_minor == -2_500


def test_a_refund_of_a_sale_that_is_not_posted_from_here_is_shown_to_a_person(world: World) -> None:
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    world.sell()
    refund = RefundDetails("r-1", "1001", SOLD_AT, Money(2_500, "NOK"))
    record_refund(sales_point=world.shop, refund=refund, event=None)

    world.drain()

    assert "credit note" in Refund.objects.get().needs_person_because


@pytest.mark.parametrize(
    ("customer", "key"),
    [
        (CustomerDetails("A", reference="7", email="a@b.no"), "nettbutikk:7"),
        (CustomerDetails("A", email=" A@B.no "), "nettbutikk:a@b.no"),
        (CustomerDetails("A"), "nettbutikk:sale:1001"),
    ],
)
def test_a_customers_key_is_the_shops_id_else_the_email_else_the_sale(
    world: World, customer: CustomerDetails, key: str
) -> None:
    assert customer_key_for(world.shop, sale_details(customer=customer)) == key


def test_a_matching_reference_is_readable_and_never_too_long(world: World) -> None:
    assert matching_reference_for(world.shop, "1001") == "nettbutikk/1001"
    long = [matching_reference_for(world.shop, "x" * 80 + end) for end in ("a", "b")]
    assert len(set(long)) == 2
    assert all(len(one) <= 50 for one in long)


def test_a_tip_goes_to_its_own_mapping(world: World) -> None:
    world.map_group("tip", "0.00", "2910", "0")
    gross = Money(12_500, "NOK")
    world.sell(total=gross + Money(1_000, "NOK"), tip=Money(1_000, "NOK"), paid=False)

    world.drain()

    voucher = Voucher.objects.get()
    assert {p.ledger_account: p.amount_minor for p in voucher.postings.all()}["2910"] == -1_000
    assert Decimal(voucher.total_minor) == 13_500
