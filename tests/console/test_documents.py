"""Pages of documents and themes: made and opened from a sale, sent, sent again; themes changed with a preview."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone
from PIL import Image

from backoffice.audit.models import AuditEntry
from backoffice.chart.models import BrandingTheme
from backoffice.invoices.emailing import send_due
from backoffice.invoices.models import BankAsked, BankRate, DocumentSending, DocumentTheme, IssuedDocument
from backoffice.sales.models import Sale
from tests.invoices.conftest import give_profile, pango
from tests.invoices.ehf_rules import broken
from tests.invoices.reading import text_of
from tests.office import Office

__all__ = ["pango"]
pytestmark = pytest.mark.usefixtures("pango")
As = Callable[[str], Browser]
THEME = {
    "name": "Vinter", "code": "PAID", "is_default": "on", "design": "atelier", "font": "source-serif",
    "brand_colour": "#5b2333", "accent_colour": "#1b5e3a", "language": "nb", "header_text": "", "footer_text": "Takk!",
    "paid_text": "", "sample": "paid",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Keep the files of a test in a folder of its own, and let no bell ring."""
    settings.MEDIA_ROOT = tmp_path / "documents"
    settings.QUEUE_RINGS = False


@pytest.fixture
def sale(office: Office) -> Sale:
    """Give a paid sale with an invoice number."""
    give_profile(office.client)
    made = office.sell("1001")
    Sale.objects.filter(pk=made.pk).update(invoice_number="10001")
    made.refresh_from_db()
    return made


def make(browser: Browser, sale: Sale) -> IssuedDocument:
    """Press the button on the sale's page."""
    browser.post(f"/documents/make/sale/{sale.pk}/")
    return IssuedDocument.objects.get(sale=sale)


def test_the_paid_invoice_is_made_from_the_sales_page_and_opens(kari: Browser, sale: Sale) -> None:
    assert "Paid invoice (PDF)" in kari.get(f"/sales/sale/{sale.pk}/change/").content.decode()

    answer = kari.post(f"/documents/make/sale/{sale.pk}/", follow=True)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "BETALT" in text_of(answer.content)
    page = kari.get(f"/sales/sale/{sale.pk}/change/").content.decode()
    assert f"/documents/{IssuedDocument.objects.get().pk}/file/" in page


def test_the_ehf_is_downloaded_and_the_page_says_what_peppol_would_ask_for(
    as_person: As, kari: Browser, sale: Sale
) -> None:
    row = make(kari, sale)
    page = kari.get(f"/invoices/issueddocument/{row.pk}/change/").content.decode()
    assert "The buyer has no organisation number" in page

    answer = kari.get(f"/documents/{row.pk}/ehf/")

    assert (answer["Content-Type"], broken(answer.content, is_sent=False)) == ("application/xml", [])
    assert as_person("stranger").get(f"/documents/{row.pk}/ehf/").status_code == 404
    assert as_person("auditor").get(f"/documents/{row.pk}/ehf/").status_code == 200


def test_what_is_missing_is_said_on_the_sales_page(kari: Browser, office: Office) -> None:
    sale = office.sell("1001")

    answer = kari.post(f"/documents/make/sale/{sale.pk}/", follow=True)

    assert "has no seller details yet" in answer.content.decode()


def test_strangers_see_no_documents_and_readers_make_none(as_person: As, kari: Browser, sale: Sale) -> None:
    row = make(kari, sale)

    for path in (f"/documents/{row.pk}/file/", f"/invoices/issueddocument/{row.pk}/change/"):
        assert as_person("stranger").get(path).status_code == 404
        assert as_person("auditor").get(path).status_code == 200
    assert as_person("auditor").post(f"/documents/make/sale/{sale.pk}/").status_code == 403
    assert as_person("auditor").post(f"/documents/{row.pk}/email/", {"recipient": "a@b.no"}).status_code == 404
    assert as_person("stranger").post(f"/documents/make/sale/{sale.pk}/").status_code == 404


def test_a_document_is_sent_comes_back_and_is_sent_again(kari: Browser, sale: Sale, office: Office) -> None:
    row = make(kari, sale)
    kari.post(f"/documents/{row.pk}/email/", {"recipient": "kunde@example.com"})
    send_due(office.client)
    sending = DocumentSending.objects.get()

    page = kari.get(f"/invoices/issueddocument/{row.pk}/change/").content.decode()
    assert "kunde@example.com" in page
    assert "It came back" in page
    kari.post(f"/documents/sendings/{sending.pk}/bounced/")
    sending.refresh_from_db()
    assert sending.state == "failed"
    kari.post(f"/documents/sendings/{sending.pk}/resend/")
    send_due(office.client)

    sending.refresh_from_db()
    assert (sending.state, len(mail.outbox)) == ("delivered", 2)
    assert kari.post(f"/documents/sendings/{sending.pk}/arrived/", follow=True).status_code == 200
    assert kari.post(f"/documents/sendings/{sending.pk}/nonsense/").status_code == 404
    assert "Sent" in kari.get("/invoices/issueddocument/").content.decode()


def test_a_wrong_address_is_refused_with_words(kari: Browser, sale: Sale) -> None:
    row = make(kari, sale)

    answer = kari.post(f"/documents/{row.pk}/email/", {"recipient": "nobody"}, follow=True)

    assert "is no e-mail address" in answer.content.decode()
    assert DocumentSending.objects.count() == 0


def logo() -> SimpleUploadedFile:
    target = BytesIO()
    Image.new("RGB", (300, 100), "red").save(target, "PNG")
    return SimpleUploadedFile("logo.png", target.getvalue())


def test_a_theme_is_added_previewed_and_changed_as_a_next_version(as_person: As, office: Office) -> None:
    browser = as_person("administrator")
    assert browser.get("/invoices/documenttheme/add/").status_code == 200

    seen = browser.post(f"/themes/{office.client.pk}/preview/", THEME | {"logo_file": logo(), "name": ""})
    assert seen["Content-Type"] == "application/pdf"
    assert "Takk!" in text_of(seen.content)
    assert DocumentTheme.objects.count() == 0

    browser.post("/invoices/documenttheme/add/", THEME | {"logo_file": logo()})
    first = DocumentTheme.objects.get()
    assert (first.version, first.design, first.is_default, first.logo is not None) == (1, "atelier", True, True)
    browser.post(f"/invoices/documenttheme/{first.pk}/change/", THEME | {"footer_text": "Velkommen igjen!"})

    second = DocumentTheme.objects.get(superseded_at=None)
    assert (second.version, second.footer_text, second.logo_id) == (2, "Velkommen igjen!", first.logo_id)
    for code in (second.code, "OTHER"):
        BrandingTheme.objects.update_or_create(
            client=office.client, code=code, defaults={"external_id": code, "name": code, "synced_at": timezone.now()}
        )
    page = browser.get(f"/invoices/documenttheme/{second.pk}/change/").content.decode()
    assert f"/themes/{office.client.pk}/preview/" in page
    assert "Vinter" in browser.get("/invoices/documenttheme/").content.decode()
    theirs = browser.get(f"/invoices/documenttheme/{second.pk}/change/").context["theirs"]
    assert {one.code: ours.pk if ours else None for one, ours in theirs} == {
        theme.code: second.pk if theme.code == second.code else None
        for theme in BrandingTheme.objects.filter(client=office.client)
    }
    assert "Themes of the accounting system" in page
    assert list(AuditEntry.objects.filter(subject_type="theme").values_list("action", flat=True).order_by("id")) == [
        "theme.added", "theme.changed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"brand_colour": "#ffee00"}, "contrast of 1.2 to 1"),
        ({"accent_colour": "red; } body { display: none"}, "at most 7 characters"),
        ({"accent_colour": "#0f6b4}"}, "Write a colour as #rrggbb"),
        ({"language": "pl"}, "Norwegian, Swedish, Danish or English"),
        ({"design": "nonsense"}, "Select a valid choice"),
        ({"logo_file": SimpleUploadedFile("x.svg", b"<svg><script/></svg>")}, "leave scripts out"),
    ],
)
def test_a_theme_that_cannot_be_printed_is_refused_in_form_and_preview(
    as_person: As, office: Office, changes: dict[str, Any], text: str
) -> None:
    browser = as_person("administrator")

    for path in ("/invoices/documenttheme/add/", f"/themes/{office.client.pk}/preview/"):
        for value in changes.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        assert text in browser.post(path, THEME | changes).content.decode()
    assert DocumentTheme.objects.count() == 0


def test_a_bookkeeper_sees_themes_and_changes_none(kari: Browser, as_person: As, office: Office) -> None:
    as_person("administrator").post("/invoices/documenttheme/add/", THEME)
    theme = DocumentTheme.objects.get()

    assert kari.get(f"/invoices/documenttheme/{theme.pk}/change/").status_code == 200
    assert kari.post(f"/invoices/documenttheme/{theme.pk}/change/", THEME | {"footer_text": "x"}).status_code == 403
    assert kari.get("/invoices/documenttheme/add/").status_code == 403
    assert as_person("stranger").get(f"/themes/{office.client.pk}/preview/").status_code == 404


def test_the_document_wears_the_theme_that_the_sales_point_names_when_paid(
    as_person: As, kari: Browser, sale: Sale, office: Office
) -> None:
    administrator = as_person("administrator")
    administrator.post("/invoices/documenttheme/add/", THEME | {"name": "Andre", "code": "STD", "is_default": "on"})
    administrator.post("/invoices/documenttheme/add/", THEME | {"is_default": ""})
    type(office.shop).objects.filter(pk=office.shop.pk).update(theme_paid="PAID", theme_unpaid="STD")

    row = make(kari, sale)

    assert row.theme is not None
    assert row.theme.name == "Vinter"


def test_seller_details_check_their_account_numbers(as_person: As, office: Office) -> None:
    browser = as_person("administrator")
    form = {
        "client": office.client.pk, "company_form": "AS", "is_vat_registered": "on", "postal_code": "0155",
        "city": "Oslo", "bank_account": "8601.11.17948", "payment_terms_days": "14",
    }  # fmt: skip

    assert "is not a bank account number" in browser.post("/invoices/sellerprofile/add/", form).content.decode()
    browser.post("/invoices/sellerprofile/add/", form | {"bank_account": "8601.11.17947"})

    assert office.client.seller_profile.bank_account == "86011117947"
    for name in ("homerate", "documentpolicy", "sellerprofile"):
        assert browser.get(f"/invoices/{name}/").status_code == 200
        assert browser.get(f"/invoices/{name}/add/").status_code == 200


def test_the_page_of_exchange_rates_shows_what_banks_published_and_why_they_are_silent(
    as_person: As, office: Office, settings: Any
) -> None:
    browser = as_person("bookkeeper")
    assert "Banks are not asked here" in browser.get("/invoices/homerate/").content.decode()
    settings.FETCH_EXCHANGE_RATES = True
    assert "Has not answered yet" in browser.get("/invoices/homerate/").content.decode()
    BankAsked.objects.create(source="norges_bank", answered_at=timezone.now(), problem="No <b> answer.")
    BankRate.objects.create(
        source="norges_bank", currency="SEK", rated_on="2026-11-20", rate=Decimal("1.0654"), fetched_at=timezone.now()
    )

    page = browser.get("/invoices/homerate/").content.decode()

    assert "Norges Bank" in page
    assert "SEK 1.0654<" in page
    assert "No &lt;b&gt; answer." in page


@pytest.mark.parametrize("sample", ["receipt", "email_paid", "email_unpaid"])
def test_the_preview_shows_receipts_and_e_mails_in_the_colours_of_the_form(
    as_person: As, office: Office, sample: str
) -> None:
    answer = as_person("administrator").post(f"/themes/{office.client.pk}/preview/", {**THEME, "sample": sample})

    if sample == "receipt":
        assert "Kvittering" in text_of(answer.content)
    else:
        assert "solid #5b2333" in answer.content.decode()
        assert "script-src" not in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
