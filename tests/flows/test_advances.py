"""Paid before delivery, with the policy for it: the money rests on the advance account until the delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backoffice.chart.models import BookLimits
from backoffice.contracts.sales import IssuedInvoice, PaymentDetails, RefundDetails
from backoffice.ledger.money import Money
from backoffice.sales.models import Payment, Refund, Sale
from backoffice.sales.services import mark_delivered, record_payment, record_refund, record_sale
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed
from backoffice.workflows import advances
from tests.world import SOLD_AT, TESTER, World, asked, sale_details

DELIVERED = date(2026, 12, 2)


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give a shop whose payments before delivery rest as advances, long after everything has happened."""
    world.shop.paid_before_delivery = "advance"
    world.shop.save()
    monkeypatch.setattr(advances, "today_of", lambda client: date(2027, 1, 15))
    return world


def balances(world: World) -> dict[str, int]:
    found = next(iter(asked(world.sandbox, "proof").values()))["balances"]
    return {
        number: Money.parse(str(amount), "NOK").minor
        for number, amount in found.items()
        if Money.parse(str(amount), "NOK")
    }


def deliver(world: World, reference: str = "1001", gross_minor: int = 12_500, **changes: Any) -> None:
    """Report the sale again, with its day of delivery."""
    details = replace(sale_details(reference, gross_minor, **changes), delivered_on=DELIVERED, revision=2)
    record_sale(sales_point=world.shop, sale=details, event=None)


def give_back(world: World, gross_minor: int, reference: str = "r1") -> None:
    amount = Money(gross_minor, "NOK")
    paid = PaymentDetails(f"{reference}-money", "vipps", -amount, SOLD_AT + timedelta(days=1))
    refund = RefundDetails(reference, "1001", SOLD_AT + timedelta(days=1), amount, payments=(paid,))
    record_refund(sales_point=world.shop, refund=refund, event=None)


def test_a_payment_rests_without_vat_until_delivery_and_then_meets_the_invoice(shop: World) -> None:
    sale = shop.sell("1001", 12_500)
    shop.post_everything()

    sale.refresh_from_db()
    assert (sale.state, sale.voucher) == ("waiting", None)
    assert "waits for its delivery" in sale.note
    assert balances(shop) == {"1903": 12_500, "2900": -12_500}

    deliver(shop)
    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500, "2900": 0, "3000": -10_000}) == []
    order, journal = Voucher.objects.get(kind="sales_order"), Voucher.objects.get(kind="manual_journal")
    assert (order.dated_on, journal.dated_on) == (DELIVERED, DELIVERED)
    lines = [(p.ledger_account, p.amount_minor, p.matching_reference) for p in journal.postings.all()]
    assert lines == [("2900", 12_500, ""), ("1500", -12_500, "nettbutikk/1001")]


def test_without_the_policy_everything_is_posted_at_once(world: World) -> None:
    world.sell("1001", 12_500)
    world.post_everything()

    assert not Voucher.objects.filter(kind="manual_journal").exists()
    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_what_is_delivered_when_it_is_paid_needs_no_advance(shop: World) -> None:
    shop.sell("1001", 12_500, delivered_on=SOLD_AT.date())
    shop.post_everything()

    assert not Payment.objects.get().is_advance
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_delivery_in_the_past_that_is_told_with_the_sale_still_makes_an_advance_of_an_earlier_payment(
    shop: World,
) -> None:
    shop.sell("1001", 12_500, delivered_on=DELIVERED)
    shop.post_everything()

    assert Payment.objects.get().is_advance
    kinds = sorted(Voucher.objects.values_list("kind", "dated_on"))
    assert kinds == [("bank_journal", SOLD_AT.date()), ("manual_journal", DELIVERED), ("sales_order", DELIVERED)]
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500, "2900": 0}) == []


def test_a_delivery_that_lies_ahead_is_waited_for(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advances, "today_of", lambda client: date(2026, 12, 1))
    sale = shop.sell("1001", 12_500, delivered_on=DELIVERED)
    shop.post_everything()
    sale.refresh_from_db()
    assert "delivered on 2026-12-02" in sale.note

    monkeypatch.setattr(advances, "today_of", lambda client: DELIVERED)
    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500, "2900": 0}) == []


def test_two_payments_of_which_one_comes_after_delivery(shop: World) -> None:
    first = PaymentDetails("v-1", "vipps", Money(5_000, "NOK"), SOLD_AT)
    shop.sell("1001", 12_500, payments=(first,))
    shop.post_everything()
    deliver(shop, payments=(first,))
    shop.post_everything()
    rest = PaymentDetails(
        "v-2", "klarna_payments", Money(7_500, "NOK"), datetime(2026, 12, 9, 11, tzinfo=UTC), sale_reference="1001"
    )
    record_payment(sales_point=shop.shop, payment=rest, event=None)
    shop.post_everything()

    assert not Payment.objects.get(reference="v-2").is_advance
    found = balances(shop)
    assert (found["1903"], found["1904"]) == (5_000, 7_500)
    assert not {"1500", "2900"} & set(found)


def test_several_sales_of_a_day_each_rest_on_a_line_of_their_own(shop: World) -> None:
    for number in range(3):
        shop.sell(f"{1001 + number}", 10_000 + number)
    shop.post_everything()

    day = Voucher.objects.get(kind="bank_journal")
    assert [p.amount_minor for p in day.postings.filter(ledger_account="2900")] == [-10_000, -10_001, -10_002]
    assert not day.postings.filter(ledger_account="1500").exists()


def test_a_part_given_back_before_delivery_meets_its_credit_note_after_it(shop: World) -> None:
    shop.sell("1001", 12_500)
    shop.post_everything()
    give_back(shop, 2_500)
    shop.post_everything()
    assert balances(shop) == {"1903": 10_000, "2900": -10_000}
    assert Refund.objects.get().state == "waiting"

    deliver(shop)
    shop.post_everything()
    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 10_000, "2900": 0, "3000": -8_000}) == []


def test_all_given_back_before_delivery_makes_no_invoice_and_no_credit_note(shop: World) -> None:
    shop.sell("1001", 12_500)
    shop.post_everything()
    give_back(shop, 2_500, "r1")
    shop.post_everything()
    give_back(shop, 10_000, "r2")
    shop.post_everything()

    assert Sale.objects.get().state == "cancelled"
    assert {refund.state for refund in Refund.objects.all()} == {"routed"}
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 0, "2900": 0}) == []


def test_money_back_that_comes_after_the_refund_leaves_the_advance_account_too(shop: World) -> None:
    shop.sell("1001", 12_500)
    shop.post_everything()
    refund = RefundDetails("r1", "1001", SOLD_AT, Money(12_500, "NOK"))
    record_refund(sales_point=shop.shop, refund=refund, event=None)
    shop.post_everything()
    money = PaymentDetails("v-back", "vipps", Money(-12_500, "NOK"), SOLD_AT + timedelta(days=3), sale_reference="1001")
    record_payment(sales_point=shop.shop, payment=money, event=None)
    shop.post_everything()

    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 0, "2900": 0}) == []


def test_a_person_enters_the_day_of_delivery(shop: World) -> None:
    sale = shop.sell("1001", 12_500)
    shop.post_everything()
    with pytest.raises(NotAllowed, match="sold on 2026-11-20"):
        mark_delivered(sale_id=sale.pk, on=date(2026, 11, 19), actor=TESTER)

    mark_delivered(sale_id=sale.pk, on=DELIVERED, actor=TESTER)
    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500, "2900": 0}) == []
    with pytest.raises(NotAllowed):
        mark_delivered(sale_id=sale.pk, on=DELIVERED, actor=TESTER)


def test_a_policy_that_is_taken_back_lets_everything_go_on(shop: World) -> None:
    shop.sell("1001", 12_500)
    shop.post_everything()
    shop.shop.paid_before_delivery = "at_once"
    shop.shop.save()

    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500, "2900": 0}) == []


def test_an_advance_account_that_is_not_there_blocks_with_the_cause(shop: World) -> None:
    shop.client.advance_ledger_account = "2988"
    shop.client.save()
    shop.sell("1001", 12_500)
    shop.drain()
    shop.close_days()

    day = Voucher.objects.get(kind="bank_journal")
    assert (day.state, day.reasons[0]["code"], day.reasons[0]["subject"]) == ("blocked", "account_missing", "2988")


def test_an_invoice_that_the_shop_has_issued_is_posted_on_its_day_all_the_same(shop: World) -> None:
    shop.shop.invoice_issuer = "sales_system"
    shop.shop.save()
    shop.sell("1001", 12_500, invoice=IssuedInvoice("F-1", date(2026, 11, 20)))
    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_locked_day_of_delivery_blocks_both_documents(shop: World) -> None:
    shop.sell("1001", 12_500)
    shop.post_everything()
    BookLimits.objects.filter(client=shop.client).update(locked_through=date(2026, 12, 31))
    deliver(shop)
    shop.drain()

    codes = {voucher.reasons[0]["code"] for voucher in Voucher.objects.filter(state="blocked")}
    assert (codes, Voucher.objects.filter(state="blocked").count()) == ({"locked_period"}, 2)
