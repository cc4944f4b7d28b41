"""What is printed on documents, in each language they are issued in. Kept here, not in the translation catalogues:

a document's words are part of it, some of them are prescribed (reverse charge: bokføringsforskriften § 5-1-1 no. 7),
and nobody should change them while translating a page.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES: tuple[str, ...] = ("nb", "en", "pl")
#: a Norwegian seller's documents are in Norwegian, Swedish, Danish or English (bokføringsforskriften § 5-1-1a)
ALLOWED: Mapping[str, tuple[str, ...]] = {"NO": ("nb", "en"), "PL": ("pl", "en", "nb")}
LOCALES: Mapping[str, str] = {"nb": "nb_NO", "en": "en_GB", "pl": "pl_PL"}
DATE_FORMATS: Mapping[str, str] = {"nb": "dd.MM.yyyy", "en": "d MMMM yyyy", "pl": "dd.MM.yyyy"}

_TABLE: Mapping[str, tuple[str, str, str]] = {
    # key: Norwegian, English, Polish
    "invoice": ("Faktura", "Invoice", "Faktura"),
    "paid_invoice": ("Faktura", "Invoice", "Faktura"),
    "credit_note": ("Kreditnota", "Credit note", "Faktura korygująca"),
    "receipt": ("Kvittering", "Receipt", "Potwierdzenie sprzedaży"),
    "paid_mark": ("Betalt", "Paid", "Zapłacono"),
    "paid_text": (
        "Fakturaen er betalt. Du skal ikke betale noe.",
        "This invoice is paid. There is nothing left to pay.",
        "Faktura jest zapłacona. Nie trzeba nic płacić.",
    ),
    "receipt_text": (
        "Kjøpet er betalt. Takk for handelen!",
        "Your purchase is paid. Thank you!",
        "Zakup jest opłacony. Dziękujemy!",
    ),
    "invoice_date": ("Fakturadato", "Invoice date", "Data wystawienia"),
    "document_date": ("Dato", "Date", "Data wystawienia"),
    "due_date": ("Forfallsdato", "Due date", "Termin płatności"),
    "delivery_date": ("Leveringsdato", "Delivery date", "Data dostawy"),
    "delivery_place": ("Leveringssted", "Place of delivery", "Miejsce dostawy"),
    "order": ("Ordre", "Order", "Zamówienie"),
    "your_reference": ("Deres referanse", "Your reference", "Referencja nabywcy"),
    "our_reference": ("Vår referanse", "Our reference", "Nasza referencja"),
    "credits": ("Krediterer faktura", "Credits invoice", "Dotyczy faktury"),
    "reason": ("Årsak", "Reason", "Przyczyna"),
    "buyer": ("Kunde", "Customer", "Nabywca"),
    "seller": ("Selger", "Seller", "Sprzedawca"),
    "org_number": ("Org.nr.", "Org. no.", "Nr rej."),
    "company_register": ("Foretaksregisteret", "Foretaksregisteret", "Foretaksregisteret"),
    "liquidation": ("under avvikling", "in liquidation", "w likwidacji"),
    "description": ("Beskrivelse", "Description", "Opis"),
    "quantity": ("Antall", "Quantity", "Ilość"),
    "price": ("Pris", "Price", "Cena"),
    "vat": ("Mva.", "VAT", "VAT"),
    "amount_gross": ("Beløp inkl. mva.", "Amount incl. VAT", "Kwota brutto"),
    "amount_net": ("Beløp ekskl. mva.", "Amount excl. VAT", "Kwota netto"),
    "discount": ("Rabatt", "Discount", "Rabat"),
    "vat_rate": ("Mva.-sats", "VAT rate", "Stawka VAT"),
    "basis": ("Grunnlag", "Basis", "Netto"),
    "vat_amount": ("Mva.", "VAT", "VAT"),
    "vat_in": ("Mva. i", "VAT in", "VAT w"),
    "zero_rate": ("0 % (uten mva.)", "0 % (no VAT)", "0 % (bez VAT)"),
    "sum_net": ("Sum ekskl. mva.", "Total excl. VAT", "Razem netto"),
    "sum_vat": ("Mva.", "VAT", "VAT"),
    "rounding": ("Øreavrunding", "Rounding", "Zaokrąglenie"),
    "tip": ("Tips (uten mva.)", "Tip (no VAT)", "Napiwek (bez VAT)"),
    "total": ("Totalt", "Total", "Razem"),
    "total_back": ("Til gode", "Total credited", "Razem do zwrotu"),
    "paid": ("Betalt", "Paid", "Zapłacono"),
    "repaid": ("Tilbakebetalt", "Paid back", "Zwrócono"),
    "due": ("Å betale", "Amount due", "Do zapłaty"),
    "to_receive": ("Å få tilbake", "Still to be paid back", "Do zwrotu"),
    "payments": ("Betalinger", "Payments", "Płatności"),
    "payment_information": ("Betalingsinformasjon", "How to pay", "Dane do płatności"),
    "account": ("Kontonummer", "Account number", "Numer rachunku"),
    "kid": ("KID", "KID (payment reference)", "KID (numer referencyjny)"),
    "mark_with": ("Merk betalingen", "Payment reference", "Tytuł przelewu"),
    "exchange_rate": ("Valutakurs", "Exchange rate", "Kurs waluty"),
    "carried": ("Overføres", "Carried forward", "Do przeniesienia"),
    "brought": ("Overført", "Brought forward", "Z przeniesienia"),
    "page": ("Side", "Page", "Strona"),
    "of": ("av", "of", "z"),
    "reverse_charge": (
        "Omvendt avgiftsplikt - Merverdiavgift ikke beregnet",
        "Reverse charge - VAT not charged (Omvendt avgiftsplikt - Merverdiavgift ikke beregnet)",
        "Odwrotne obciążenie",
    ),
    "exempt": ("Unntatt fra merverdiavgift", "Exempt from VAT", "Zwolnione z VAT"),
    "export": ("Utførsel, fritatt for merverdiavgift", "Export, zero-rated", "Eksport, stawka 0%"),
    "email_subject": ("{kind} {number} fra {seller}", "{kind} {number} from {seller}", "{kind} {number} od {seller}"),
    "email_greeting": ("Hei {name},", "Hello {name},", "Dzień dobry, {name},"),
    "email_attached": (
        "{kind} {number} ligger vedlagt som PDF.",
        "{kind} {number} is attached as a PDF.",
        "W załączniku {kind} {number} w formacie PDF.",
    ),
    "email_regards": ("Vennlig hilsen", "Kind regards", "Z poważaniem"),
}
#: units by the code of UN/ECE recommendation 20 or as shops write them; others are printed as they came
_UNITS: Mapping[str, tuple[str, str, str]] = {
    "EA": ("stk.", "pcs", "szt."),
    "PCE": ("stk.", "pcs", "szt."),
    "C62": ("stk.", "pcs", "szt."),
    "HUR": ("t", "h", "godz."),
    "KGM": ("kg", "kg", "kg"),
    "MTR": ("m", "m", "m"),
    "LTR": ("l", "l", "l"),
}


def words_in(language: str) -> dict[str, str]:
    """Give every word of a document in one language."""
    place = LANGUAGES.index(language)
    return {key: texts[place] for key, texts in _TABLE.items()}


def unit_in(unit: str, language: str) -> str:
    """Name a unit."""
    found = _UNITS.get(unit.upper())
    return found[LANGUAGES.index(language)] if found else unit


def is_allowed(language: str, seller_country: str) -> bool:
    """Whether a seller of that country may issue documents in the language."""
    return language in ALLOWED.get(seller_country, LANGUAGES)


def language_for(chosen: str, *, seller_country: str, buyer_country: str) -> str:
    """Choose the language of a document: the theme's, else by the buyer's country within what the law allows."""
    by_country = {"NO": "nb", "SE": "nb", "DK": "nb", "PL": "pl"}
    wanted = chosen or by_country.get(buyer_country or seller_country, "en")
    return wanted if is_allowed(wanted, seller_country) else "en"
