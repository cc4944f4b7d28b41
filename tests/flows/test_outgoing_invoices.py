"""A shop issues its own invoices: each stands in the books under the shop's number, and its payment finds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backoffice.chart.models import BookLimits
from backoffice.contracts.sales import Address, CustomerDetails, IssuedInvoice, PaymentDetails, SaleLineDetails
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Sale
from backoffice.sales.services import record_payment, record_sale
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed
from backoffice.workflows.services import move_to_first_open_day, rebuild_voucher
from tests.world import SOLD_AT, TESTER, World, asked, sale_details

ISSUED = IssuedInvoice("F-5001", date(2026, 11, 20), date(2026, 12, 4), "0050016")


@pytest.fixture
def shop(world: World) -> World:
    """Give a shop that issues its invoices itself."""
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    return world


def line(reference: str, rate: str, gross_minor: int, group: str = "") -> SaleLineDetails:
    gross = Money(gross_minor, "NOK")
    vat = split_gross(gross, Decimal(rate)).vat
    return SaleLineDetails(reference, f"Line {reference}", gross, vat, Decimal(rate), group=group)


def invoiced(world: World, reference: str = "1001", gross_minor: int = 12_500, **changes: Any) -> Sale:
    number = {"invoice": replace(ISSUED, number=f"F-{reference}")}
    return world.sell(reference, gross_minor, **{**number, **changes})


def posted(world: World, number: str) -> dict[str, Any]:
    """Give the document as it stands in the books."""
    found: dict[str, Any] = next(row for row in world.sandbox.books.vouchers.all() if row.get("InvoiceNo") == number)
    return found


def test_an_invoice_of_the_shops_is_posted_and_its_payment_matched(shop: World) -> None:
    invoiced(shop)
    shop.drain()

    voucher = Voucher.objects.get(kind="outgoing_invoice")
    lines = [(p.ledger_account, p.amount_minor, p.vat_code, p.matching_reference) for p in voucher.postings.all()]
    assert voucher.state == "awaiting_approval"
    assert lines == [("1500", 12_500, "0", "nettbutikk/1001"), ("3000", -12_500, "3", "")]
    assert "Invoice F-1001, issued on 2026-11-20" in voucher.postings.all()[0].why[0]["text"]

    shop.post_everything()

    voucher.refresh_from_db()
    assert (voucher.state, voucher.invoice_number) == ("posted", "F-1001")
    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_number_kid_and_dates_go_along(shop: World) -> None:
    issued = IssuedInvoice("F-77", date(2026, 11, 18), date(2026, 12, 2), "0050016")
    invoiced(shop, paid=False, invoice=issued)

    shop.post_everything()

    there = posted(shop, "F-77")
    assert (there["VoucherDate"], there["DueDate"], there["Cid"]) == ("2026-11-18", "2026-12-02", "0050016")


def test_lines_are_gross_per_account_and_vat_code(shop: World) -> None:
    shop.map_group("*", "15.00", "3030", "31")
    lines = (line("1", "25", 10_001), line("2", "15", 8_993), line("3", "25", 2), line("4", "15", 7))
    invoiced(shop, "1001", 19_003, lines=lines)

    shop.post_everything()

    postings = Voucher.objects.get(kind="outgoing_invoice").postings.exclude(ledger_account="1500")
    assert [(p.ledger_account, p.amount_minor) for p in postings] == [("3000", -10_003), ("3030", -9_000)]
    wrong = shop.wrong_in_the_books(sales=1, clearing={"1903": 19_003, "3000": -10_003 + 2_001, "3030": -9_000 + 1_174})
    assert wrong == []


def test_rounding_and_tip_stand_on_their_own_accounts(shop: World) -> None:
    shop.map_group("tip", "0.00", "2910", "0")
    changes = {"total": Money(13_000, "NOK"), "rounding": Money(-20, "NOK"), "tip": Money(520, "NOK"), "paid": False}
    invoiced(shop, "1001", 12_500, **changes)

    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"7740": 20, "2910": -520}) == [
        f"open customer entries: {unmatched(shop)}"
    ]


def unmatched(world: World) -> Any:
    return next(iter(asked(world.sandbox, "proof").values()))["unmatched"]


def test_the_payment_may_name_the_shops_invoice_number_and_come_first(shop: World) -> None:
    invoiced(shop, paid=False)
    payment = PaymentDetails("v-1", "vipps", Money(12_500, "NOK"), SOLD_AT, invoice_number="F-1001")
    record_payment(sales_point=shop.shop, payment=payment, event=None)
    shop.drain()
    shop.close_days()
    shop.approve_all()
    shop.settle()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_sale_of_a_negative_total_is_a_credit_note_of_the_shops(shop: World) -> None:
    back = replace(line("1", "25", -12_500), quantity=Decimal(-2))
    money = PaymentDetails("v-back", "vipps", Money(-12_500, "NOK"), SOLD_AT)
    invoiced(shop, "K-9", -12_500, lines=(back,), payments=(money,))

    shop.post_everything()

    assert Voucher.objects.get(sales__reference="K-9").kind == "outgoing_credit_note"
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": -12_500, "3000": 10_000}) == []


def test_an_invoice_of_nothing_is_for_a_person(shop: World) -> None:
    shop.map_group("gift_card", "0.00", "2901", "0")
    invoiced(shop, "1001", 0, lines=(line("1", "25", 12_500), line("2", "0", -12_500, "gift_card")), payments=())

    shop.drain()

    voucher = Voucher.objects.get(kind="outgoing_invoice")
    assert (voucher.state, voucher.reasons[0]["code"]) == ("blocked", "invoice_total_zero")


def test_a_private_buyer_without_an_address_is_no_obstacle_since_nothing_is_sent(shop: World) -> None:
    invoiced(shop, customer=CustomerDetails(name="Guest", reference="7"))

    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_wrong_organisation_number_blocks(shop: World) -> None:
    company = CustomerDetails("Kunde AS", is_company=True, organisation_number="923609017", address=Address())
    invoiced(shop, customer=company)

    shop.drain()

    assert Voucher.objects.get(kind="outgoing_invoice").reasons[0]["code"] == "organisation_number_invalid"


def test_a_locked_period_holds_it_and_moving_keeps_the_day_of_issue(shop: World) -> None:
    BookLimits.objects.filter(client=shop.client).update(locked_through=date(2026, 11, 22))
    invoiced(shop)
    shop.drain()
    voucher = Voucher.objects.get(kind="outgoing_invoice")
    assert voucher.reasons[0]["code"] == "locked_period"

    moved = move_to_first_open_day(voucher_id=voucher.pk, actor=TESTER)

    assert (moved.dated_on, moved.original_dated_on) == (date(2026, 11, 23), date(2026, 11, 20))
    assert moved.document["due_on"] == "2026-12-04"
    assert "issued 2026-11-20" in moved.description


def test_dimensions_stand_on_document_and_lines(shop: World) -> None:
    invoiced(shop, dimensions={"department": "10"})

    shop.drain()

    document = Voucher.objects.get(kind="outgoing_invoice").document
    assert document["dimensions"] == {"department": "10"}
    assert document["lines"][0]["dimensions"] == {"department": "10"}


def test_a_till_that_issues_invoices_for_credit_sales_takes_the_same_way(shop: World) -> None:
    shop.shop.kind = "pos"
    shop.shop.save()
    invoiced(shop)

    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_the_invoice_comes_with_a_later_revision(shop: World) -> None:
    shop.sell("1001", 12_500)
    shop.drain()
    assert "invoice number" in Sale.objects.get().needs_person_because

    revised = replace(sale_details("1001", 12_500), invoice=ISSUED, revision=2)
    record_sale(sales_point=shop.shop, sale=revised, event=None)
    shop.post_everything()

    assert shop.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_changed_issuer_changes_the_document_as_long_as_nothing_is_over_there(shop: World) -> None:
    invoiced(shop)
    shop.drain()
    voucher = Voucher.objects.get(sales__reference="1001")
    shop.shop.invoice_issuer = "back_office"
    shop.shop.save()

    with pytest.raises(NotAllowed, match="Polish clients"):
        rebuild_voucher(voucher_id=voucher.pk, actor=TESTER)

    Voucher.objects.filter(pk=voucher.pk).update(is_dirty=True)
    shop.drain()
    voucher.refresh_from_db()
    assert voucher.state == "awaiting_approval"


def test_a_day_of_invoices_and_one_journal_for_their_payments(shop: World) -> None:
    for number in range(5):
        invoiced(shop, f"{2000 + number}", 10_000 + number)

    shop.post_everything()

    assert Voucher.objects.filter(kind="bank_journal").count() == 1
    assert shop.wrong_in_the_books(sales=5, clearing={"1903": 50_010}) == []
