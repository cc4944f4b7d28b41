"""Made-up documents: for the preview of a theme, for measurements and for the pictures in the docs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from backoffice.contracts.sales import Address
from backoffice.invoices.document import (
    Buyer,
    Document,
    DocumentKind,
    ExchangeRate,
    Line,
    PaymentLine,
    PaymentSlip,
    Seller,
    summarise_vat,
)
from backoffice.ledger.money import Money, total
from backoffice.ledger.vat import split_gross

SELLER = Seller(
    name="Nordlys Butikk AS",
    organisation_number="923609016",
    vat_number="NO 923 609 016 MVA",
    is_in_company_register=True,
    address=Address("Storgata 12", "", "0155", "Oslo", "NO"),
    email="hei@nordlys.example",
    phone="+47 22 00 00 00",
    website="nordlys.example",
)
BUYER = Buyer(
    name="Kari Østensen-Łukasiewicz",
    address=Address("Bjørkeveien 7", "H0203", "5003", "Bergen", "NO"),
    email="kari@kunde.example",
    reference="Kari, 3. etasje",
)
#: text, article number, quantity, price VAT included in minor units, VAT rate
ARTICLES = (
    ("Lenestol «Fjell», eik og ull, håndlaget", "FJ-100", 2, 624_900, 25),
    ("Bordlampe «Måne»", "ML-20", 1, 149_900, 25),
    ("Kaffe, mørkbrent, 1 kg", "K-1000", 4, 21_900, 15),
    ("Monografi: Norsk møbelkunst", "B-77", 1, 39_900, 0),
)
DAY = date(2026, 11, 20)


def sample_line(text: str, sku: str, quantity: int, price_minor: int, rate: int, currency: str = "NOK") -> Line:
    """Make one line of so many pieces at a price with VAT."""
    gross = Money(quantity * price_minor, currency)
    vat = split_gross(gross, Decimal(rate)).vat
    price = Money(price_minor, currency).to_decimal()
    return Line(text, Decimal(quantity), price, Decimal(rate), gross, vat, sku=sku)


def sample_document(language: str = "nb", *, is_paid: bool = True, seller: Seller = SELLER) -> Document:
    """Make an invoice of four lines at three rates, paid by two methods or still to be paid."""
    lines = tuple(sample_line(*article) for article in ARTICLES)
    owed = total((line.gross for line in lines), "NOK")
    first = Money(1_000_000, "NOK")
    payments = (
        PaymentLine("Vipps", DAY, first, "vipps-77"),
        PaymentLine("Gavekort", DAY, owed - first, "G-2026-0004"),
    )
    document = Document(
        kind=DocumentKind.PAID_INVOICE if is_paid else DocumentKind.INVOICE,
        number="10234",
        language=language,
        currency="NOK",
        issued_on=DAY,
        seller=seller,
        buyer=BUYER,
        lines=lines,
        vat=summarise_vat(lines, "NOK"),
        total=owed,
        due=Money(0, "NOK") if is_paid else owed,
        due_on=date(2026, 12, 4),
        delivered_on=date(2026, 11, 21),
        order_number="W-1001",
        seller_reference="Nettbutikk",
        payments=payments if is_paid else (),
        slip=PaymentSlip("86011117947", "NO9386011117947", "DNBANOKK", "0010234000012"),
    )
    return document


def long_document(count: int, language: str = "nb") -> Document:
    """Make an unpaid invoice of many lines."""
    lines = tuple(
        sample_line(f"Vare nummer {number} med et navn som sier hva den er", f"V-{number:04}", 1, 100 * number, 25)
        for number in range(1, count + 1)
    )
    owed = total((line.gross for line in lines), "NOK")
    return replace(
        sample_document(language, is_paid=False), lines=lines, vat=summarise_vat(lines, "NOK"), total=owed, due=owed
    )


def foreign_document() -> Document:
    """Make an invoice in euro to a company abroad, with the VAT in kroner."""
    rate = ExchangeRate("EUR", "NOK", Decimal("11.7325"), DAY, "Norges Bank")
    lines = (
        sample_line("Armchair “Fjell”, oak and wool", "FJ-100", 2, 58_900, 25, "EUR"),
        sample_line("Book: Norwegian furniture", "B-77", 1, 3_900, 0, "EUR"),
    )
    owed = total((line.gross for line in lines), "EUR")
    buyer = Buyer(
        "Holzhandel München GmbH", Address("Leopoldstraße 5", "", "80802", "München", "DE"), tax_number="DE811907980"
    )
    return replace(
        sample_document("en", is_paid=False),
        currency="EUR",
        buyer=buyer,
        lines=lines,
        vat=summarise_vat(lines, "EUR", rate),
        exchange=rate,
        total=owed,
        due=owed,
    )


def credit_document(language: str = "nb") -> Document:
    """Make a credit note over one line of the sample invoice."""
    lines = (sample_line(*ARTICLES[1]),)
    back = lines[0].gross
    return replace(
        sample_document(language),
        kind=DocumentKind.CREDIT_NOTE,
        number="10240",
        issued_on=date(2026, 11, 24),
        lines=lines,
        vat=summarise_vat(lines, "NOK"),
        total=back,
        due=Money(0, "NOK"),
        due_on=None,
        payments=(PaymentLine("Vipps", date(2026, 11, 24), back, "vipps-91"),),
        credited_number="10234",
        credited_on=DAY,
        reason="Angrerett",
        slip=None,
    )


def receipt_document(language: str = "nb", *, seller: Seller = SELLER) -> Document:
    """Make a receipt of the sample's lines, to a buyer that nobody asked."""
    return replace(
        sample_document(language, seller=seller), kind=DocumentKind.RECEIPT, buyer=Buyer("", Address()), due_on=None,
        slip=None,
    )  # fmt: skip
