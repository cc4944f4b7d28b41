"""Documents that are hard to lay out: for tests and for the pictures in the docs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

from PIL import Image, ImageDraw

from backoffice.contracts.sales import Address
from backoffice.invoices.document import Buyer, Document, DocumentKind, Line, PaymentLine, Seller, summarise_vat
from backoffice.invoices.sample import (
    ARTICLES,
    DAY,
    SELLER,
    credit_document,
    foreign_document,
    long_document,
    sample_document,
    sample_line,
)
from backoffice.ledger.money import Money, total

HEBREW = Buyer(
    "דוד בן־גוריון", Address("שדרות רוטשילד 16", "דירה 4", "6688119", "תל אביב", "IL"), email="david@example.com"
)
ARABIC = Buyer("محمد عبد الله الشمري", Address("Grønland 12", "", "0188", "Oslo", "NO"), reference="طلب رقم 4471")
POLISH = Seller(
    name="Żółta Łódź Zażółć Gęślą Jaźń Sp. z o.o.", organisation_number="5252344078", vat_number="NIP 5252344078",
    address=Address("ul. Święty Marcin 29", "", "61-806", "Poznań", "PL"), email="sklep@zolta-lodz.example",
)  # fmt: skip
LONG_NAME = "Donaudampfschifffahrtsgesellschaftskapitaenswitwenundwaisenpensionskassenverwaltung"
LONG_TEXT = (
    "Spisebord i massiv eik med innleggsplater, oljet overflate, leveres montert med bærehjelp til tredje etasje, "
    "inklusive bortkjøring av emballasje og gammelt bord, garanti i ti år mot sprekker og løse ben"
)


def with_lines(document: Document, lines: tuple[Line, ...]) -> Document:
    """Put other lines on a document; a paid one is paid whole by its first payment."""
    owed = total((line.gross for line in lines), document.currency)
    payments = (replace(document.payments[0], amount=owed),) if document.payments else ()
    due = Money(0, document.currency) if payments else owed
    vat = summarise_vat(lines, document.currency, document.exchange)
    return replace(document, lines=lines, vat=vat, total=owed, due=due, payments=payments)


def long_texts(language: str = "nb") -> Document:
    """Give texts of many lines, words without spaces, a discount, a shipping line and large numbers."""
    lines = (
        sample_line(LONG_TEXT, "EIK-240-OLJET-MED-INNLEGGSPLATER", 1, 3_499_900, 25),
        sample_line("https://nordlys.example/varer/" + "stol" * 30, "", 12, 12_345, 25),
        replace(sample_line("Lenestol «Fjell»", "FJ-100", 3, 624_900, 25), discount=Money(75_000, "NOK")),
        sample_line("Kontrakt, rammeavtale hele konsernet", "R-1", 1, 9_999_999_99, 25),
        sample_line("Frakt og bærehjelp", "FRAKT", 1, 49_900, 25),
    )
    buyer = Buyer(
        f"{LONG_NAME} Gesellschaft mit beschränkter Haftung",
        Address("Industriestraße am Hafen 124, Gebäude C", "Abteilung Rechnungseingang, Postfach 4711", "80802",
                "Garmisch-Partenkirchen an der Loisach", "DE"),
        organisation_number="999 888 777", reference="4711/PROSJEKT-HOVEDKONTOR-OMBYGGING-2026-11",
    )  # fmt: skip
    return replace(with_lines(sample_document(language, is_paid=False), lines), buyer=buyer)


def many_payments(language: str = "nb") -> Document:
    """Give an invoice that was paid in twelve parts."""
    document = sample_document(language)
    part = document.total.minor // 12
    parts = [Money(part, "NOK")] * 11 + [Money(document.total.minor - 11 * part, "NOK")]
    methods = ("Vipps", "Gavekort", "Klarna faktura", "Kort")
    payments = tuple(
        PaymentLine(methods[number % 4], DAY + timedelta(days=number), amount, f"ref-{number:04}-9f8e7d6c5b4a")
        for number, amount in enumerate(parts)
    )
    return replace(document, payments=payments)


def all_rates(language: str = "nb") -> Document:
    """Give four rates, a tip and rounding, as on a receipt."""
    lines = (*(sample_line(*article) for article in ARTICLES), sample_line("Kinobillett", "KINO", 2, 15_000, 12))
    owed = total((line.gross for line in lines), "NOK") + Money(5_000, "NOK") + Money(-40, "NOK")
    return replace(
        with_lines(sample_document(language), lines), kind=DocumentKind.RECEIPT, total=owed, buyer=Buyer("", Address()),
        payments=(PaymentLine("Kort", DAY, owed, "terminal 4 · 998877"),), tip=Money(5_000, "NOK"),
        rounding=Money(-40, "NOK"), due=Money(0, "NOK"), due_on=None, slip=None,
    )  # fmt: skip


def to_the_edge(count: int) -> Document:
    """Give so many lines that the totals nearly, or no longer, fit on the first page."""
    return long_document(count)


def polish(kind: DocumentKind = DocumentKind.PAID_INVOICE) -> Document:
    """Give a Polish seller's document."""
    document = credit_document("pl") if kind is DocumentKind.CREDIT_NOTE else sample_document("pl")
    return replace(document, seller=POLISH, buyer=Buyer("Wojciech Brzęczyszczykiewicz", Address(
        "ul. Źródlana 3 m. 12", "", "31-872", "Łękołody", "PL")))  # fmt: skip


def logo(width: int, height: int) -> bytes:
    """Draw a logo of a size."""
    image = Image.new("RGB", (width, height), "#123a5a")
    draw = ImageDraw.Draw(image)
    edge = min(width, height) // 6
    draw.ellipse((edge, edge, min(width, height) - edge, min(width, height) - edge), fill="#f2b544")
    draw.rectangle((width - width // 4, edge, width - edge, height - edge), fill="#e85d4a")
    made = BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


HARD_CASES: dict[str, Document] = {
    "lines-200": long_document(200),
    "edge-19": to_the_edge(19),
    "edge-24": to_the_edge(24),
    "long-texts": long_texts(),
    "hebrew": replace(sample_document("nb", is_paid=False), buyer=HEBREW),
    "arabic": replace(
        with_lines(sample_document("nb"), (sample_line("قهوة عربية محمصة – kaffe 1 kg", "K-1", 2, 21_900, 15),)),
        buyer=ARABIC,
    ),
    "polish": polish(),
    "all-rates": all_rates(),
    "foreign": foreign_document(),
    "payments-12": many_payments(),
    "unpaid": sample_document("nb", is_paid=False),
    "part-paid": replace(
        sample_document("nb", is_paid=False),
        payments=(PaymentLine("Vipps", date(2026, 11, 20), Money(500_000, "NOK"), "vipps-1"),),
        due=sample_document().total - Money(500_000, "NOK"),
    ),
    "credit": credit_document(),
    "liquidation": replace(sample_document("en"), seller=replace(SELLER, is_in_liquidation=True)),
    "price-decimals": with_lines(
        sample_document("nb"), (replace(sample_line("Spiker", "S", 1000, 13, 25), unit_price=Decimal("0.1304")),)
    ),
}
