"""The e-mail of a document in three languages, as text and as HTML in the theme's colours, nothing from outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backoffice.invoices.email_text import write_email
from backoffice.invoices.looks import Looks
from backoffice.invoices.sample import credit_document, receipt_document, sample_document

LOOKS = Looks(brand="#5b2333", accent="#1b5e3a")


@pytest.mark.parametrize(
    ("language", "subject", "due"),
    [
        ("nb", "Faktura 10234 fra Nordlys Butikk AS", "Å betale"),
        ("en", "Invoice 10234 from Nordlys Butikk AS", "Amount due"),
        ("pl", "Faktura 10234 od Nordlys Butikk AS", "Do zapłaty"),
    ],
)
def test_it_speaks_the_documents_language(language: str, subject: str, due: str) -> None:
    written = write_email(sample_document(language), LOOKS)

    assert written.subject == subject
    assert f"{due}: NOK\N{NO-BREAK SPACE}0" in written.text
    assert f'<html lang="{language}">' in written.html
    assert due in written.html


def test_what_is_due_says_how_to_pay_and_what_is_paid_does_not() -> None:
    unpaid, paid = (write_email(sample_document("nb", is_paid=one), LOOKS) for one in (False, True))

    for text in (unpaid.text, unpaid.html):
        assert "0010234000012" in text
        assert "8601\N{NO-BREAK SPACE}11\N{NO-BREAK SPACE}17947" in text
    assert "0010234000012" not in paid.text + paid.html
    assert "Du skal ikke betale noe." in paid.text
    assert "Du skal ikke betale noe." in paid.html


def test_a_receipt_and_a_credit_note_do_not_ask_for_money() -> None:
    assert "Takk for handelen" in write_email(receipt_document(), LOOKS).html
    assert "IBAN" not in write_email(credit_document(), LOOKS).html


def test_it_wears_the_themes_colours_and_its_own_words_for_paid() -> None:
    written = write_email(sample_document("nb"), replace(LOOKS, paid_text="Takk, alt er betalt!"))

    assert "border-top:6px solid #5b2333" in written.html
    assert "color:#1b5e3a" in written.html
    assert "Takk, alt er betalt!" in written.text


def test_hostile_names_stay_text_and_nothing_is_loaded_from_anywhere() -> None:
    document = sample_document("nb")
    name = '<img src="https://evil.example/x.png">'
    written = write_email(replace(document, buyer=replace(document.buyer, name=name)), LOOKS)

    assert "<img" not in written.html
    assert "&lt;img" in written.html
    assert "<script" not in written.html
    assert "\n" not in written.subject
