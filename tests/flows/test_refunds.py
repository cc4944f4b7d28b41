"""Goods and money come back: a credit note on its day, and every entry of the customer meets another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from backoffice.chart.models import BookLimits
from backoffice.common.sentences import told
from backoffice.contracts.sales import (
    IssuedCreditNote,
    PaymentDetails,
)
from backoffice.ledger.money import Money
from backoffice.sales.models import Payment, Refund
from backoffice.sales.services import mark_needs_person, record_payment
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed, approve, withdraw
from backoffice.workflows.services import enter_credit_note_number, refund_again
from tests.flows.refunding import BACK_AT, OWN, back, credit_notes, proof, sell
from tests.world import SOLD_AT, TESTER, World


@pytest.fixture
def shop(shop_on_either_route: World) -> World:
    """Give the shop."""
    return shop_on_either_route


def test_the_whole_of_a_paid_sale_comes_back(shop: World) -> None:
    sell(shop)
    shop.post_everything()
    back(shop, 12_500)

    shop.post_everything()

    refund = Refund.objects.get()
    assert refund.voucher is not None
    assert (refund.state, refund.voucher.state) == ("routed", "posted")
    assert refund.voucher.matching_reference == "nettbutikk/1001-rr1"
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 0, "3000": 0, "2700": 0}) == []
    assert credit_notes(shop) == 1


@pytest.mark.parametrize("amount", [12_500, 2_500])
def test_a_credit_note_says_what_the_vat_return_wants_of_a_negative_base(shop: World, amount: int) -> None:
    sell(shop)
    shop.post_everything()
    back(shop, amount)
    shop.drain()

    voucher = Refund.objects.get().voucher
    assert voucher is not None
    said = {p.vat_code: [step["text"] for step in p.why if "negative" in step["text"]] for p in voucher.postings.all()}
    wanted = "If VAT code 3 ends its term negative, the VAT return wants a remark, such as credit note."
    assert [text.split(". ", 1)[1] for text in said["3"]] == [wanted]
    assert [texts for code, texts in said.items() if code != "3" and texts] == []
    with translation.override("nb"):
        assert "mva-kode 3 ender terminen negativt" in told(said["3"][0])


def test_sale_payment_refund_and_money_back_may_all_come_at_once(shop: World) -> None:
    sell(shop)
    back(shop, 12_500, refunded_at=SOLD_AT)

    shop.drain()
    assert "not posted yet" in Refund.objects.get().note
    for _ in range(2):
        shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 0, "3000": 0}) == []
    assert credit_notes(shop) == 1


def test_a_credit_note_is_never_dated_before_its_invoice(shop: World) -> None:
    sell(shop)
    back(shop, 12_500, refunded_at=SOLD_AT - timedelta(days=9))
    for _ in range(2):
        shop.post_everything()

    assert Refund.objects.get().voucher.dated_on == date(2026, 11, 20)  # type: ignore[union-attr]  # it has one


def test_a_sale_that_nobody_paid_is_closed_by_its_credit_note(shop: World) -> None:
    sell(shop, paid=False)
    shop.post_everything()
    back(shop, 12_500, money=False)

    shop.post_everything()

    assert Refund.objects.get().voucher.matching_reference == "nettbutikk/1001"  # type: ignore[union-attr]  # it has one
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 0, "3000": 0}) == []


def test_a_late_refund_never_changes_the_posted_voucher_and_is_dated_by_policy(shop: World) -> None:
    sell(shop)
    shop.post_everything()
    sold = Voucher.objects.get(sales__reference="1001")
    shop.sandbox.books.set_lock_date(date(2026, 12, 31))
    BookLimits.objects.all().delete()
    BookLimits.objects.create(client=shop.client, locked_through=date(2026, 12, 31), fetched_at=SOLD_AT)
    back(shop, 12_500, refunded_at=datetime(2026, 12, 30, 12, tzinfo=UTC), money=False)
    shop.drain()
    voucher = Voucher.objects.get(refunds__reference="r1")
    assert (voucher.state, voucher.reasons[0]["code"]) == ("blocked", "locked_period")

    shop.client.locked_period = "move"
    shop.client.save()
    Voucher.objects.filter(pk=voucher.pk).update(is_dirty=True)
    shop.drain()
    shop.approve_all()
    shop.settle()

    voucher.refresh_from_db()
    dates = (voucher.state, voucher.dated_on, voucher.original_dated_on)
    assert dates == ("posted", date(2027, 1, 1), date(2026, 12, 30))
    assert "2026-12-30" in voucher.description
    again = Voucher.objects.get(sales__reference="1001")
    assert (again.content_sha256, again.dated_on, again.number) == (sold.content_sha256, sold.dated_on, sold.number)


def test_money_back_that_comes_alone_and_later_meets_its_credit_note(shop: World) -> None:
    sell(shop)
    shop.post_everything()
    back(shop, 5_000, money=False)
    shop.post_everything()
    money = PaymentDetails("v-back", "vipps", Money(-5_000, "NOK"), BACK_AT, sale_reference="1001")
    record_payment(sales_point=shop.shop, payment=money, event=None)

    shop.post_everything()

    assert Payment.objects.get(reference="v-back").refund == Refund.objects.get()
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 7_500}) == []


def test_money_back_that_was_posted_before_its_refund_was_known_is_met_where_it_stands(shop: World) -> None:
    sell(shop)
    shop.post_everything()
    money = PaymentDetails("v-back", "vipps", Money(-5_000, "NOK"), BACK_AT, sale_reference="1001")
    record_payment(sales_point=shop.shop, payment=money, event=None)
    shop.post_everything()
    back(shop, 5_000, money=False)

    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 7_500}) == []


def test_a_refund_that_comes_before_its_sale_waits_for_it(shop: World) -> None:
    back(shop, 12_500)
    shop.drain()
    assert Refund.objects.get().note == "Sale 1001 has not arrived yet."

    sell(shop)
    for _ in range(2):
        shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 0, "3000": 0}) == []


def test_an_open_credit_note_of_a_sale_that_is_paid_after_all_stops_meeting_the_invoice(shop: World) -> None:
    sell(shop, paid=False)
    shop.post_everything()
    back(shop, 12_500, money=False)
    shop.drain()
    assert Voucher.objects.get(refunds__reference="r1").matching_reference == "nettbutikk/1001"

    payment = PaymentDetails("v-1", "vipps", Money(12_500, "NOK"), SOLD_AT, sale_reference="1001")
    record_payment(sales_point=shop.shop, payment=payment, event=None)
    shop.drain()

    assert Voucher.objects.get(refunds__reference="r1").matching_reference == "nettbutikk/1001-rr1"


def test_a_long_reference_still_fits_and_is_still_its_own(shop: World) -> None:
    own: dict[str, Any] = {"invoice": OWN} if shop.shop.invoice_issuer == "sales_system" else {}
    sell(shop, reference="9" * 60, **own)
    shop.post_everything()
    for reference in ("a" * 40, "b" * 40):
        back(shop, 2_500, reference=reference, sale="9" * 60, credit_note=IssuedCreditNote(f"K-{reference[0]}"))

    shop.post_everything()

    references = set(Refund.objects.values_list("matching_reference", flat=True))
    assert len(references) == 2
    assert all(len(one) == 50 for one in references)
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 7_500}) == []


def test_a_credit_note_without_its_number_waits_until_a_person_enters_it(world: World) -> None:
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    sell(world)
    world.post_everything()
    refund = back(world, 12_500, credit_note=None)
    world.drain()
    refund.refresh_from_db()
    assert "Enter the number" in refund.needs_person_because
    with pytest.raises(NotAllowed):
        enter_credit_note_number(refund_id=refund.pk, number=" ", actor=TESTER)

    enter_credit_note_number(refund_id=refund.pk, number=" K-17 ", actor=TESTER)
    world.post_everything()

    assert Refund.objects.get().voucher.invoice_number == "K-17"  # type: ignore[union-attr]  # it has one
    assert world.wrong_in_the_books(sales=1, clearing={"1903": 0, "3000": 0}) == []


def test_a_number_that_comes_later_with_the_same_refund_is_taken_over(world: World) -> None:
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    sell(world)
    world.post_everything()
    back(world, 12_500, credit_note=None)
    world.drain()

    back(world, 12_500, credit_note=IssuedCreditNote("K-18", date(2026, 11, 25)))
    world.post_everything()

    voucher = Refund.objects.get().voucher
    assert voucher is not None
    assert (voucher.invoice_number, voucher.dated_on) == ("K-18", date(2026, 11, 25))


def test_a_refund_can_be_tried_again_after_its_cause_is_mended(world: World) -> None:
    world.sell("1001", 12_500)
    world.post_everything()
    world.shop.invoice_issuer = "back_office"
    world.shop.save()
    refund = back(world, 12_500)
    world.drain()
    refund.refresh_from_db()
    assert refund.state == "needs_person"

    world.shop.invoice_issuer = "accounting_system"
    world.shop.save()
    refund_again(refund_id=refund.pk, actor=TESTER)
    world.post_everything()

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 0, "3000": 0}) == []


def test_a_paid_order_that_is_cancelled_before_its_invoice_closes_with_the_money_back(shop: World) -> None:
    sale = sell(shop)
    shop.drain()
    shop.close_days()
    approve(voucher_id=Voucher.objects.get(kind="bank_journal").pk, actor=TESTER)
    shop.settle()
    sale.refresh_from_db()
    withdraw(voucher_id=sale.voucher_id or 0, actor=TESTER, reason="The customer cancelled.")
    mark_needs_person(row=sale, why="It was cancelled and had been paid.")
    back(shop, 12_500)

    shop.post_everything()

    sale.refresh_from_db()
    refund = Refund.objects.get()
    assert (sale.state, refund.state, refund.voucher) == ("cancelled", "routed", None)
    proven = proof(shop)
    assert (proven["open_items"], proven["invoices"], proven["credit_notes"]) == (0, 0, 0)
    assert Money.parse(str(proven["balances"]["1903"]), "NOK") == Money(0, "NOK")


@pytest.mark.parametrize("gross_minor", [12_500, 5_000])
def test_a_refund_that_waited_learns_that_the_sale_is_withdrawn(shop: World, gross_minor: int) -> None:
    sale = sell(shop)
    refund = back(shop, gross_minor)
    shop.drain()
    sale.refresh_from_db()
    withdraw(voucher_id=sale.voucher_id or 0, actor=TESTER, reason="The customer cancelled.")
    mark_needs_person(row=sale, why="It was cancelled and had been paid.")

    shop.drain()

    refund.refresh_from_db()
    assert refund.state == ("routed" if gross_minor == 12_500 else "needs_person")
