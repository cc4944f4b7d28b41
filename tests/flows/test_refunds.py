"""Goods and money come back: a credit note of the right amount on the right accounts, and every entry meets another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from backoffice.chart.models import BookLimits
from backoffice.contracts.sales import (
    IssuedCreditNote,
    IssuedInvoice,
    PaymentDetails,
    RefundDetails,
    RefundLineDetails,
    SaleLineDetails,
)
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Payment, Refund, Sale
from backoffice.sales.services import record_payment, record_refund
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed, withdraw
from backoffice.workflows.services import accept_split, enter_credit_note_number, refund_again
from tests.world import SOLD_AT, TESTER, World, asked

BACK_AT = SOLD_AT + timedelta(days=2)
OWN = IssuedInvoice("F-5001", date(2026, 11, 20), date(2026, 12, 4))


@pytest.fixture(params=["accounting_system", "sales_system"])
def shop(request: pytest.FixtureRequest, world: World) -> World:
    """Give a shop on either route: invoices by the accounting system, or by itself."""
    world.shop.invoice_issuer = request.param
    world.shop.save()
    for rate, account, code in (("15.00", "3030", "31"), ("0.00", "3100", "5")):
        world.map_group("*", rate, account, code)
    return world


def line(reference: str, rate: str, gross_minor: int, quantity: str = "1") -> SaleLineDetails:
    gross = Money(gross_minor, "NOK")
    vat = split_gross(gross, Decimal(rate)).vat
    return SaleLineDetails(reference, f"Line {reference}", gross, vat, Decimal(rate), quantity=Decimal(quantity))


def sell(world: World, gross_minor: int = 12_500, reference: str = "1001", **changes: Any) -> Sale:
    own = {"invoice": replace(OWN, number=f"F-{reference}")} if world.shop.invoice_issuer == "sales_system" else {}
    return world.sell(reference, gross_minor, **{**own, **changes})


def back(
    world: World,
    gross_minor: int,
    lines: tuple[RefundLineDetails, ...] = (),
    reference: str = "r1",
    **changes: Any,
) -> Refund:
    """Give money back: by Vipps, unless `money=False`."""
    amount = Money(gross_minor, "NOK")
    has_money = changes.pop("money", True)
    paid = (PaymentDetails(f"{reference}-money", "vipps", -amount, BACK_AT),) if has_money else ()
    note = IssuedCreditNote(f"K-{reference}") if world.shop.invoice_issuer == "sales_system" else None
    values = {"lines": lines, "payments": paid, "credit_note": note, **changes}
    sale = values.pop("sale", "1001")
    refund = RefundDetails(reference, sale, values.pop("refunded_at", BACK_AT), amount, **values)
    return record_refund(sales_point=world.shop, refund=refund, event=None).refund


def part(reference: str, gross_minor: int, quantity: str = "1") -> RefundLineDetails:
    return RefundLineDetails(reference, Money(gross_minor, "NOK"), Decimal(quantity))


def proof(world: World) -> Any:
    return next(iter(asked(world.sandbox, "proof").values()))


def credit_notes(world: World) -> int:
    return int(proof(world)["credit_notes"])


def net(gross_minor: int, rate: str) -> int:
    return split_gross(Money(gross_minor, "NOK"), Decimal(rate)).net.minor


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


@pytest.mark.parametrize("gross_minor", [2, 7, 12_507, 99_901])
def test_the_whole_comes_back_to_the_ore_also_with_a_rounding_line(shop: World, gross_minor: int) -> None:
    sell(shop, gross_minor)
    shop.post_everything()
    back(shop, gross_minor, (part("1", gross_minor, "2"),))

    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 0, "3000": 0, "7740": 0}) == []


def test_one_of_two_chairs_comes_back_at_the_invoices_price(shop: World) -> None:
    sell(shop, 12_500)
    shop.post_everything()
    back(shop, 6_250, (part("1", 6_250),))

    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 6_250, "3000": -5_000}) == []
    document = Voucher.objects.get(refunds__reference="r1").document
    if shop.shop.invoice_issuer == "accounting_system":
        sold = Voucher.objects.get(sales__reference="1001")
        line = document["lines"][0]
        assert (line["quantity"], line["unit_price"]) == ("-1", sold.document["lines"][0]["unit_price"])
        assert document["related_invoice_number"] == sold.invoice_number
        assert line["product"] == sold.document["lines"][0]["product"]
    else:
        assert (document["invoice_number"], document["credited_invoice_number"]) == ("K-r1", "F-1001")


def test_lines_of_several_rates_go_back_where_they_were_posted_whatever_the_mapping_says_today(shop: World) -> None:
    lines = (line("1", "25", 10_001, "3"), line("2", "15", 8_993), line("3", "25", 5_000))
    sell(shop, 23_994, lines=lines)
    shop.post_everything()
    shop.map_group("*", "25.00", "3100", "5")
    back(shop, 12_000, (part("1", 3_333), part("2", 8_667)))

    shop.post_everything()

    postings = Voucher.objects.get(refunds__reference="r1").postings.exclude(customer_key__gt="")
    assert {(p.ledger_account, p.vat_code) for p in postings} == {("3000", "3"), ("3030", "31")}
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 11_994}) == []


@pytest.mark.parametrize("amounts", [(1_000, 11_500), (1, 2, 12_497), (6_250, 6_250), (3_333, 3_333, 5_834)])
def test_a_sale_comes_back_in_pieces_to_the_ore(shop: World, amounts: tuple[int, ...]) -> None:
    sell(shop, 12_500)
    shop.post_everything()
    for index, amount in enumerate(amounts):
        back(shop, amount, reference=f"r{index}")
    shop.post_everything()

    wrong = shop.wrong_in_the_books(sales=1, clearing={"1903": 0, "1500": 0})
    assert wrong == []
    there = proof(shop)["balances"]
    rest = sum(Money.parse(str(there.get(number, "0")), "NOK").minor for number in ("3000", "2700", "7740"))
    assert rest == 0
    assert credit_notes(shop) == len(amounts)


def test_an_amount_alone_is_credited_where_only_one_rate_was_sold(shop: World) -> None:
    sell(shop, 15_000, lines=(line("1", "25", 10_000), line("2", "25", 5_000)))
    shop.post_everything()
    back(shop, 3_000)

    shop.post_everything()

    assert [row["gross_minor"] for row in Refund.objects.get().shares] == [2_000, 1_000]
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_000}) == []


def test_an_amount_over_several_rates_waits_for_a_person_who_accepts_the_proposed_split(shop: World) -> None:
    sell(shop, 103_000, lines=(line("1", "25", 80_000), line("2", "15", 23_000)))
    shop.post_everything()
    refund = back(shop, 9_900)
    shop.drain()
    refund.refresh_from_db()
    assert refund.proposed_split == [
        {"vat_rate": "15.00", "gross_minor": 2_211},
        {"vat_rate": "25.00", "gross_minor": 7_689},
    ]
    assert "76.89 NOK at 25.00 %" in refund.needs_person_because

    accept_split(refund_id=refund.pk, actor=TESTER)
    shop.post_everything()

    refund.refresh_from_db()
    assert refund.split_accepted_by == TESTER.label
    expected = {"1903": 93_100}
    assert shop.wrong_in_the_books(sales=1, clearing=expected) == []
    voucher = refund.voucher
    assert voucher is not None
    back_by_account = {p.ledger_account: p.amount_minor for p in voucher.postings.all()}
    assert (back_by_account["3000"], back_by_account["3030"]) == (7_689, 2_211)
    with pytest.raises(NotAllowed):
        accept_split(refund_id=refund.pk, actor=TESTER)


def test_a_split_that_is_no_longer_the_proposed_one_is_proposed_anew(shop: World) -> None:
    sell(shop, 103_000, lines=(line("1", "25", 80_000), line("2", "15", 23_000)))
    shop.post_everything()
    first = back(shop, 9_900)
    shop.drain()
    back(shop, 23_000, (part("2", 23_000),), reference="r2")
    shop.drain()

    accept_split(refund_id=first.pk, actor=TESTER)
    shop.post_everything()

    first.refresh_from_db()
    assert (first.proposed_split, first.split_accepted_by) == ([], "")
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 70_100, "3030": 0}) == []


@pytest.mark.parametrize(
    ("amount", "lines", "says"),
    [
        (12_501, (), "more than the 125.00"),
        (6_251, (part("1", 6_251), part("2", 1)), "no line '2'"),
        (12_400, (part("9", 12_400),), "no line '9'"),
    ],
)
def test_what_cannot_be_credited_is_shown_with_what_to_do(
    shop: World, amount: int, lines: tuple[RefundLineDetails, ...], says: str
) -> None:
    sell(shop, 12_500)
    shop.post_everything()
    back(shop, amount, lines, money=False)

    shop.post_everything()

    refund = Refund.objects.get()
    assert (refund.state, refund.voucher) == ("needs_person", None)
    assert says in refund.needs_person_because
    assert "mark the refund as dealt with" in refund.needs_person_because
    assert credit_notes(shop) == 0


def test_two_refunds_together_never_credit_more_than_the_sale(shop: World) -> None:
    sell(shop, 12_500)
    shop.post_everything()
    back(shop, 10_000, reference="r1")
    second = back(shop, 10_000, reference="r2", money=False)

    shop.post_everything()

    second.refresh_from_db()
    assert "more than the 25.00" in second.needs_person_because
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 2_500}) == []


def test_a_line_gives_back_no_more_than_is_left_of_it(shop: World) -> None:
    sell(shop, 15_000, lines=(line("1", "25", 10_000), line("2", "25", 5_000)))
    shop.post_everything()
    back(shop, 4_000, (part("2", 4_000),), reference="r1")
    second = back(shop, 2_000, (part("2", 2_000),), reference="r2", money=False)

    shop.drain()

    second.refresh_from_db()
    assert "of line 2, of which 10.00 is left" in second.needs_person_because


def test_a_withdrawn_credit_note_frees_what_it_took(shop: World) -> None:
    sell(shop, 12_500)
    shop.post_everything()
    first = back(shop, 10_000, reference="r1", money=False)
    shop.drain()
    first.refresh_from_db()
    withdraw(voucher_id=first.voucher_id or 0, actor=TESTER, reason="It was a mistake.")

    back(shop, 12_500, reference="r2")
    shop.post_everything()

    assert Refund.objects.get(reference="r2").voucher.state == "posted"  # type: ignore[union-attr]  # it has one
    assert credit_notes(shop) == 1


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


def test_rounding_and_tip_come_back_with_the_rest(shop: World) -> None:
    shop.map_group("tip", "0.00", "2910", "0")
    sell(shop, 12_500, total=Money(13_000, "NOK"), rounding=Money(-20, "NOK"), tip=Money(520, "NOK"), paid=False)
    shop.post_everything()
    back(shop, 12_500, (part("1", 12_500, "2"),), reference="r1")
    back(shop, 500, reference="r2")
    payment = PaymentDetails("v-1", "vipps", Money(13_000, "NOK"), SOLD_AT, sale_reference="1001")
    record_payment(sales_point=shop.shop, payment=payment, event=None)

    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 0, "3000": 0, "2910": 0, "7740": 0}) == []


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


def test_an_accepted_split_waits_for_the_number_and_is_kept(world: World) -> None:
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    world.map_group("*", "15.00", "3030", "31")
    sell(world, 103_000, lines=(line("1", "25", 80_000), line("2", "15", 23_000)))
    world.post_everything()
    refund = back(world, 9_900, credit_note=None)
    world.drain()

    accept_split(refund_id=refund.pk, actor=TESTER)
    refund.refresh_from_db()
    assert "Enter the number" in refund.needs_person_because
    enter_credit_note_number(refund_id=refund.pk, number="K-1", actor=TESTER)
    world.post_everything()

    refund.refresh_from_db()
    assert [row["gross_minor"] for row in refund.shares] == [2_211, 7_689]
    assert world.wrong_in_the_books(sales=1, clearing={"1903": 93_100}) == []


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
