"""A refund that needs a person is decided on its page: split accepted, number entered, delivery told, tried again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse

from backoffice.clients.models import Membership, User
from backoffice.contracts.sales import IssuedInvoice, RefundDetails, SaleLineDetails
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Refund, Sale
from backoffice.sales.services import record_refund
from tests.world import SOLD_AT, World


def line(reference: str, rate: str, gross_minor: int) -> SaleLineDetails:
    gross = Money(gross_minor, "NOK")
    return SaleLineDetails(reference, f"Line {reference}", gross, split_gross(gross, Decimal(rate)).vat, Decimal(rate))


@pytest.fixture
def kari(world: World) -> Browser:
    """Give the browser of a bookkeeper of the world's client."""
    user = User.objects.create_user("kari", "kari@example.no", first_name="Kari", is_staff=True)
    Membership.objects.create(user=user, client=world.client, role="bookkeeper")
    browser = Browser()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def back(world: World, gross_minor: int) -> Refund:
    refund = RefundDetails("r1", "1001", SOLD_AT, Money(gross_minor, "NOK"))
    row = record_refund(sales_point=world.shop, refund=refund, event=None).refund
    world.drain()
    row.refresh_from_db()
    return row


def act(row: Refund | Sale, verb: str) -> str:
    return reverse("admin:sale_act", args=[row._meta.model_name, row.pk, verb])


def page_of(browser: Browser, row: Refund | Sale) -> str:
    return browser.get(reverse(f"admin:sales_{row._meta.model_name}_change", args=[row.pk])).content.decode()


def test_a_split_is_shown_and_accepted_with_one_button(world: World, kari: Browser) -> None:
    world.map_group("*", "15.00", "3030", "31")
    world.sell("1001", 103_000, lines=(line("1", "25", 80_000), line("2", "15", 23_000)))
    world.post_everything()
    refund = back(world, 9_900)
    page = page_of(kari, refund)
    assert "Accept this split" in page
    assert "22.11" in page

    said = kari.post(act(refund, "accept_split"), follow=True).content.decode()

    refund.refresh_from_db()
    assert "Its credit note is drafted." in said
    assert refund.voucher is not None
    assert "Kari" in refund.split_accepted_by
    assert "Accept this split" not in page_of(kari, refund)
    assert "What is credited" in page_of(kari, refund)


def test_the_number_of_a_credit_note_is_entered(world: World, kari: Browser) -> None:
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    world.sell("1001", 12_500, invoice=IssuedInvoice("F-1", date(2026, 11, 20)))
    world.post_everything()
    refund = back(world, 12_500)
    assert "Enter the number" in page_of(kari, refund)

    assert "Write the number" in kari.post(act(refund, "enter_number"), {"number": ""}, follow=True).content.decode()
    kari.post(act(refund, "enter_number"), {"number": "K-17"})

    refund.refresh_from_db()
    assert refund.voucher is not None
    assert refund.voucher.document["invoice_number"] == "K-17"


def test_a_waiting_refund_says_for_what(world: World, kari: Browser) -> None:
    world.sell("1001", 12_500)
    refund = back(world, 12_500)

    assert "is not posted yet; its credit note follows" in page_of(kari, refund)


def test_a_waiting_sale_says_for_what_and_takes_the_day_of_delivery(world: World, kari: Browser) -> None:
    world.shop.paid_before_delivery = "advance"
    world.shop.save()
    sale = world.sell("1001", 12_500)
    world.drain()
    assert "It waits for its delivery" in page_of(kari, sale)

    assert "YYYY-MM-DD" in kari.post(act(sale, "delivered"), {"on": "soon"}, follow=True).content.decode()
    kari.post(act(sale, "delivered"), {"on": "2026-11-21"})
    world.drain()

    sale.refresh_from_db()
    assert (sale.state, sale.delivered_on) == ("routed", date(2026, 11, 21))


def test_a_refund_is_tried_again(world: World, kari: Browser) -> None:
    world.sell("1001", 12_500)
    world.post_everything()
    world.shop.invoice_issuer = "back_office"
    world.shop.save()
    refund = back(world, 12_500)
    assert "still needs a person" in kari.post(act(refund, "route_again"), follow=True).content.decode()

    world.shop.invoice_issuer = "accounting_system"
    world.shop.save()
    kari.post(act(refund, "route_again"))

    refund.refresh_from_db()
    assert refund.voucher is not None
