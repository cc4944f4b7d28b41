"""What comes back, in whole and in parts: to the øre, on the sale's own accounts, never more than was sold."""

from __future__ import annotations

import pytest

from backoffice.contracts.sales import (
    PaymentDetails,
    RefundLineDetails,
)
from backoffice.ledger.money import Money
from backoffice.sales.models import Refund
from backoffice.sales.services import record_payment
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed, withdraw
from backoffice.workflows.services import accept_split, enter_credit_note_number
from tests.flows.refunding import back, credit_notes, line, part, proof, sell
from tests.world import SOLD_AT, TESTER, World


@pytest.fixture
def shop(shop_on_either_route: World) -> World:
    """Give the shop."""
    return shop_on_either_route


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
