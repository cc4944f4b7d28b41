"""Golden documents: their text as a reader sees it, their pages as pictures, and what hostile input does: nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from backoffice.contracts.sales import Address
from backoffice.invoices import pdf
from backoffice.invoices.document import Buyer, Document, DocumentKind, summarise_vat
from backoffice.invoices.logos import read_logo
from backoffice.invoices.looks import Looks
from backoffice.invoices.sample import (
    credit_document,
    foreign_document,
    long_document,
    sample_document,
    sample_line,
)
from backoffice.ledger.money import Money
from tests.invoices.reading import pages_of, picture_of, text_of

pytestmark = pytest.mark.usefixtures("pango")
FJORD, ATELIER = Looks(), Looks(design="atelier", font="source-serif", brand="#5b2333", accent="#1b5e3a")
GOLDEN = Path(__file__).parent / "golden"
CASES: dict[str, Document] = {
    "paid_nb": sample_document("nb"),
    "paid_en": sample_document("en"),
    "paid_pl": sample_document("pl"),
    "unpaid_nb": sample_document("nb", is_paid=False),
    "foreign_en": foreign_document(),
    "credit_nb": credit_document(),
}


def one_line(text: str, minor: int = 12_500) -> Document:
    """Give a paid sample with a single line."""
    lines = (sample_line(text, "", 1, minor, 25),)
    owed = Money(minor, "NOK")
    return replace(sample_document(is_paid=False), lines=lines, vat=summarise_vat(lines, "NOK"), total=owed, due=owed)


@pytest.mark.parametrize("looks", [FJORD, ATELIER], ids=["fjord", "atelier"])
@pytest.mark.parametrize("case", CASES)
def test_a_document_reads_as_it_always_did(case: str, looks: Looks) -> None:
    """To accept a wanted change: write what `text_of` gives into tests/invoices/golden/."""
    path = GOLDEN / f"{case}_{looks.design}.txt"

    assert text_of(pdf.render(CASES[case], looks)) == path.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("looks", [FJORD, ATELIER], ids=["fjord", "atelier"])
def test_the_paid_mark_is_seen_in_the_accent_colour_and_only_when_paid(looks: Looks, tmp_path: Path) -> None:
    accent = tuple(int(looks.accent[place : place + 2], 16) for place in (1, 3, 5))

    def accents(document: Document) -> int:
        picture = picture_of(pdf.render(document, looks), tmp_path, dpi=100)
        pixels = picture.crop((picture.width // 2, 0, picture.width, picture.height // 2)).tobytes()
        return sum(pixels[place : place + 3] == bytes(accent) for place in range(0, len(pixels), 3))

    assert accents(sample_document()) > 100
    assert accents(sample_document(is_paid=False)) == 0


@pytest.mark.parametrize("looks", [FJORD, ATELIER], ids=["fjord", "atelier"])
def test_200_lines_repeat_their_heads_and_carry_sums_forward(looks: Looks) -> None:
    pages = pages_of(pdf.render(long_document(200), looks))

    assert len(pages) > 5
    carried = [page.split("Overføres NOK ")[1].split(",")[0] if "Overføres" in page else "" for page in pages]
    brought = [page.split("Overført NOK ")[1].split(",")[0] if "Overført" in page else "" for page in pages]
    assert brought[0] == carried[-1] == ""
    assert [one for one in carried if one] == [one for one in brought if one]
    for number, page in enumerate(pages, 1):
        assert f"Side {number} av {len(pages)}" in page
        if "Vare nummer" in page:
            assert "Beskrivelse" in page
        last = max((int(one.split()[0]) for one in page.split("Vare nummer ")[1:]), default=0)
        if carried[number - 1]:
            assert carried[number - 1].replace(" ", "") == str(last * (last + 1) // 2)


def test_the_same_document_gives_the_same_bytes() -> None:
    first, second = (hashlib.sha256(pdf.render(sample_document(), FJORD)).hexdigest() for _ in range(2))

    assert first == second


def test_it_is_tagged_says_its_language_and_is_marked_as_accessible() -> None:
    reader = PdfReader(BytesIO(pdf.render(sample_document("nb"), FJORD)))
    root: Any = reader.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nb"
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Faktura 10234 · Nordlys Butikk AS"


def test_for_the_archive_it_is_pdf_a_3_with_its_data_inside() -> None:
    reader = PdfReader(BytesIO(pdf.render(sample_document(), replace(FJORD, attaches_source=True))))
    root: Any = reader.trailer["/Root"]

    assert b'pdfaid:part="3"' in root["/Metadata"].get_data()
    assert b"<cbc:ID>10234</cbc:ID>" in reader.attachments["ehf-invoice.xml"][0]


def test_a_document_that_is_no_norwegian_invoice_carries_its_own_data() -> None:
    receipt = replace(sample_document(), kind=DocumentKind.RECEIPT)
    reader = PdfReader(BytesIO(pdf.render(receipt, replace(FJORD, attaches_source=True))))
    source = json.loads(reader.attachments["document.json"][0])
    assert (source["number"], source["total"]) == ("10234", {"minor": 1_527_200, "currency": "NOK"})


HOSTILE = (
    '<script>alert(1)</script><img src="file:///etc/passwd"><style>@import "http://evil.example/x.css"</style>',
    "{{ settings.SECRET_KEY }}{% include 'x' %}",
    '</td></tr></table><link rel=attachment href="file:///etc/passwd">',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_names_is_only_text(text: str) -> None:
    document = replace(one_line(text), buyer=Buyer(text, Address(text, "", "0155", "Oslo", "NO")), order_number=text)

    data = pdf.render(document, Looks(header_text=text, footer_text=text))

    assert "".join(text.split())[:20] in "".join(text_of(data).split())
    assert PdfReader(BytesIO(data)).attachments == {}


def test_signs_that_no_page_can_hold_are_left_out() -> None:
    assert "Stol og bord" in text_of(pdf.render(one_line("Stol\x00\x1b\ufffe og\x0b bord"), FJORD))


@pytest.mark.parametrize(
    "address", ["https://evil.example/a.png", "file:///etc/passwd", "data:text/css,x", "logo:theme"]
)
def test_nothing_but_our_typefaces_and_the_given_logo_is_ever_loaded(address: str) -> None:
    with pytest.raises(ValueError, match="may not load"):
        pdf.OnlyOurs(Looks())(address)
    assert pdf.OnlyOurs(Looks())("font:manrope/400").read(4) == b"\0\1\0\0"


def test_a_template_that_named_another_address_would_stop_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "markup", lambda *_: '<html lang="nb"><img src="https://evil.example/"/></html>')

    with pytest.raises(pdf.CannotRender, match="evil"):
        pdf.render(sample_document(), FJORD)


def test_long_words_and_other_scripts_stay_inside_the_page(tmp_path: Path) -> None:
    for text in ("X" * 400, "כיסא עץ, 2 יחידות (ABC-12)", "كرسي خشبي طويل جدا جدا", "Łódź – żółć ÆØÅ æøå 椅子"):
        picture = picture_of(pdf.render(one_line(text), FJORD), tmp_path)
        right_margin = picture.crop((picture.width - 28, 20, picture.width, picture.height))
        assert {pixel for _count, pixel in right_margin.getcolors() or []} == {(255, 255, 255)}


def test_rows_of_400_characters_and_a_line_that_fills_pages_break_without_loss() -> None:
    text = " ".join(f"w{number}" for number in range(2_000))

    found = text_of(pdf.render(one_line(text), FJORD))

    assert [number for number in range(2_000) if f"w{number}" not in found] == []


@pytest.mark.parametrize("looks", [FJORD, ATELIER], ids=["fjord", "atelier"])
def test_a_logo_stands_where_the_name_would(looks: Looks, tmp_path: Path) -> None:
    target = BytesIO()
    Image.new("RGB", (600, 200), (200, 16, 46)).save(target, "PNG")
    logo = read_logo(target.getvalue())

    data = pdf.render(sample_document(), replace(looks, logo=logo.data, logo_media_type=logo.media_type))

    pixels = picture_of(data, tmp_path).tobytes()
    red = sum(pixels[place] > 180 and pixels[place + 1] < 40 for place in range(0, len(pixels), 3))
    assert red > 4_000
    assert "Nordlys Butikk AS" in text_of(data)
