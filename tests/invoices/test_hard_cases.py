"""What must hold however long, wide or foreign a document is: nothing lost, nothing alone, every page named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backoffice.invoices import pdf
from backoffice.invoices.document import check
from backoffice.invoices.logos import read_logo
from backoffice.invoices.looks import Looks
from backoffice.invoices.sample import long_document, sample_document
from tests.invoices.hard_cases import HARD_CASES, logo, many_payments
from tests.invoices.reading import pages_of, text_of

pytestmark = pytest.mark.usefixtures("pango")
FJORD, ATELIER = Looks(), Looks(design="atelier", font="source-serif", brand="#5b2333", accent="#1b5e3a")
BOTH = pytest.mark.parametrize("looks", [FJORD, ATELIER], ids=["fjord", "atelier"])


@pytest.mark.parametrize("case", HARD_CASES)
def test_hard_cases_are_documents_that_may_be_issued(case: str) -> None:
    check(HARD_CASES[case])


@BOTH
@pytest.mark.parametrize("count", range(6, 16))
def test_totals_never_stand_without_lines_and_the_payment_slip_never_without_totals(looks: Looks, count: int) -> None:
    pages = pages_of(pdf.render(long_document(count), looks))

    with_totals = next(page for page in pages if "Sum ekskl. mva." in page)
    assert "IBAN" in with_totals
    assert with_totals.count("Vare nummer") >= 2


@BOTH
def test_every_page_after_the_first_says_whose_document_it_is(looks: Looks) -> None:
    first, *rest = pages_of(pdf.render(long_document(60), looks))

    assert "Faktura 10234 · Nordlys Butikk AS" not in first
    assert rest
    assert all("Faktura 10234 · Nordlys Butikk AS" in page for page in rest)


@BOTH
def test_many_payments_begin_on_the_first_page(looks: Looks) -> None:
    pages = pages_of(pdf.render(many_payments(), looks))

    assert "ref-0000" in pages[0]
    assert "ref-0011" in pages[1]


@pytest.mark.parametrize("language", ["nb", "en", "pl"])
def test_a_receipt_does_not_speak_of_an_invoice(language: str) -> None:
    text = text_of(pdf.render(replace(HARD_CASES["all-rates"], language=language), FJORD)).casefold()

    assert {"nb": "takk for handelen", "en": "thank you", "pl": "dziękujemy"}[language] in text
    assert "faktura" not in text
    assert "invoice" not in text


@BOTH
@pytest.mark.parametrize("size", [(1800, 1800), (2400, 260), (300, 1400)])
def test_no_logo_pushes_a_small_invoice_onto_a_second_page(looks: Looks, size: tuple[int, int]) -> None:
    clean = read_logo(logo(*size))
    dressed = replace(looks, logo=clean.data, logo_media_type=clean.media_type, footer_text="Takk!\nHei igjen.")

    assert len(pages_of(pdf.render(sample_document("nb"), dressed))) == 1
