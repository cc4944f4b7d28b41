"""A sale that needs a person is routed again or marked as dealt with, and says how."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client as Browser
from django.urls import reverse

from backoffice.audit.models import AuditEntry
from backoffice.sales.models import Sale
from backoffice.sales.services import mark_needs_person
from tests.office import Office


def undecided(office: Office) -> Sale:
    """Record a sale whose route nobody can choose: this back office issues no Norwegian invoices."""
    office.shop.invoice_issuer = "back_office"
    office.shop.save()
    sale = office.sell("1001")
    assert sale.state == "needs_person"
    return sale


def act(sale: Sale, verb: str) -> str:
    return reverse("admin:sale_act", args=["sale", sale.pk, verb])


def test_a_sale_is_routed_again_after_its_sales_point_was_mended(office: Office, kari: Browser) -> None:
    sale = undecided(office)
    page = kari.get(f"/sales/sale/{sale.pk}/change/").content.decode()
    assert "Why a person is needed" in page
    assert "Try its route again" in page
    assert "still not clear" in kari.post(act(sale, "route_again"), follow=True).content.decode()
    office.shop.invoice_issuer = "accounting_system"
    office.shop.save()
    kari.post(act(sale, "route_again"))
    sale.refresh_from_db()
    assert sale.voucher is not None
    assert sale.voucher.state == "awaiting_approval"


def test_a_sale_is_marked_as_dealt_with_only_with_a_word_on_how(office: Office, kari: Browser) -> None:
    sale = undecided(office)
    assert "Say how it was dealt with" in kari.post(act(sale, "dealt_with"), {"note": ""}, follow=True).content.decode()
    kari.post(act(sale, "dealt_with"), {"note": "booked by hand as 4711"})
    sale.refresh_from_db()
    assert sale.state == "cancelled"
    assert AuditEntry.objects.get(action="sale.dealt_with").note == "booked by hand as 4711"
    answer = kari.post(act(sale, "dealt_with"), {"note": "again"}, follow=True)
    assert "does not need a person any more" in answer.content.decode()


def test_an_auditor_sees_why_and_no_buttons(office: Office, as_person: Callable[[str], Browser]) -> None:
    sale = undecided(office)
    mark_needs_person(row=sale, why="Look at it.")
    page = as_person("auditor").get(f"/sales/sale/{sale.pk}/change/").content.decode()
    assert "Look at it." in page
    assert "Mark as dealt with" not in page
