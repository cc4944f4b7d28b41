"""From a document's figures to the texts that a template writes down, in the document's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from backoffice.contracts.sales import Address
from backoffice.invoices.document import Document, DocumentKind, Line
from backoffice.invoices.looks import Looks
from backoffice.invoices.words import DATE_FORMATS, LOCALES, unit_in, words_in
from backoffice.ledger.money import Money, minor_digits

MINUS = "\N{MINUS SIGN}"
#: most decimals of a unit price that are printed
PRICE_DECIMALS = 4


class Sheet:
    """Writes amounts, days and rates the way a language does."""

    def __init__(self, document: Document, looks: Looks) -> None:
        self.document, self.looks = document, looks
        self.words = words_in(document.language)
        self.locale = _locale(document.language)

    def amount(self, money: Money) -> str:
        """Write an amount without its currency."""
        return self.number(money.to_decimal(), minor_digits(money.currency), minor_digits(money.currency))

    def money(self, money: Money) -> str:
        """Write an amount with its currency, kept on one line."""
        return f"{money.currency}\N{NO-BREAK SPACE}{self.amount(money)}"

    def number(self, value: Decimal, least: int = 0, most: int = PRICE_DECIMALS) -> str:
        """Write a number with `least` to `most` decimals."""
        zeros, more = "0" * least, "#" * (most - least)
        text = format_decimal(abs(value), f"#,##0.{zeros}{more}" if most else "#,##0", locale=self.locale)
        return f"{MINUS}{text}" if value < 0 else text

    def day(self, value: date | None) -> str:
        """Write a day."""
        return format_date(value, DATE_FORMATS[self.document.language], locale=self.locale) if value else ""

    def rate(self, value: Decimal) -> str:
        """Write a percent."""
        return f"{self.number(value, 0, 2)}\N{NO-BREAK SPACE}%"


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


def present(document: Document, looks: Looks) -> dict[str, Any]:
    """Give everything a template writes; nothing is left to compute there."""
    sheet = Sheet(document, looks)
    word = sheet.words
    kind = word[document.kind.value]
    return {
        "lang": document.language,
        "w": word,
        "kind": document.kind.value,
        "title": f"{kind} {document.number} · {document.seller.name}",
        "heading": kind,
        "number": document.number,
        "is_paid": document.is_paid,
        "mark": _mark(sheet),
        "paid_text": paid_text(sheet),
        "seller": _seller(sheet),
        "buyer": _buyer(sheet),
        "facts": [pair for pair in _facts(sheet) if pair[1]],
        "lines": list(_lines(sheet)),
        "amount_head": word["amount_gross" if document.prices_include_vat else "amount_net"],
        "currency": document.currency,
        "vat_rows": _vat_rows(sheet),
        "home_currency": document.exchange.home if document.exchange else "",
        "exchange": _exchange(sheet),
        "sums": list(_sums(sheet)),
        "payments": [
            (one.method, sheet.day(one.paid_on), one.reference, sheet.amount(one.amount)) for one in document.payments
        ],
        "due_label": word["to_receive" if _is_credit(document) else "due"],
        "due": sheet.money(document.due),
        "slip": _slip(sheet),
        "reverse_charge": word["reverse_charge"] if document.is_reverse_charge else "",
        "header_text": looks.header_text,
        "footer_text": looks.footer_text,
        "footnotes": document.footnotes,
        "has_logo": bool(looks.logo),
        "design": looks.design,
    }


def _is_credit(document: Document) -> bool:
    return document.kind is DocumentKind.CREDIT_NOTE


def _mark(sheet: Sheet) -> str:
    if not sheet.document.is_paid:
        return ""
    return sheet.words["repaid" if _is_credit(sheet.document) else "paid_mark"]


def paid_text(sheet: Sheet) -> str:
    """Say that nothing is left to pay; empty where it is not so."""
    document = sheet.document
    if not document.is_paid or _is_credit(document):
        return ""
    is_receipt = document.kind is DocumentKind.RECEIPT
    return sheet.looks.paid_text or sheet.words["receipt_text" if is_receipt else "paid_text"]


def _address(sheet: Sheet, address: Address) -> list[str]:
    """Give the lines of an address; the country stands on it when seller and buyer live in different ones."""
    city = " ".join(part for part in (address.postal_code, address.city) if part)
    countries = {sheet.document.seller.address.country, sheet.document.buyer.address.country} - {""}
    name = sheet.locale.territories.get(address.country, address.country) if len(countries) > 1 else ""
    return [line for line in (address.line1, address.line2, city, name) if line]


def _seller(sheet: Sheet) -> dict[str, Any]:
    seller, word = sheet.document.seller, sheet.words
    register = [word["company_register"]] if seller.is_in_company_register else []
    liquidation = [word["liquidation"]] if seller.is_in_liquidation else []
    number = seller.vat_number or f"{word['org_number']} {seller.organisation_number}"
    contact = [one for one in (seller.email, seller.phone, seller.website) if one]
    name = " ".join([seller.name, *(f"({text})" for text in liquidation)])
    address = _address(sheet, seller.address)
    lines = [*([name] if sheet.looks.logo else []), *address, *register, number, *contact]
    return {
        "name": name,
        "text": (" · " if sheet.looks.design == "atelier" else "\n").join(lines),
        "foot": " · ".join([name, ", ".join(address), " ".join([*register, number])]),
    }


def _buyer(sheet: Sheet) -> dict[str, Any]:
    buyer, word = sheet.document.buyer, sheet.words
    number = f"{word['org_number']} {buyer.organisation_number}" if buyer.organisation_number else buyer.tax_number
    return {
        "name": buyer.name,
        "text": "\n".join([*_address(sheet, buyer.address), *([number] if number else [])]),
    }


def _facts(sheet: Sheet) -> Iterator[tuple[str, str]]:
    document, word = sheet.document, sheet.words
    is_invoice = document.kind in (DocumentKind.INVOICE, DocumentKind.PAID_INVOICE)
    yield word["invoice_date" if is_invoice else "document_date"], sheet.day(document.issued_on)
    if document.due and document.due_on:
        yield word["due_date"], sheet.day(document.due_on)
    yield word["delivery_date"], sheet.day(document.delivered_on)
    if document.delivery_address:
        yield word["delivery_place"], ", ".join(_address(sheet, document.delivery_address))
    credited = f"{document.credited_number} ({sheet.day(document.credited_on)})" if document.credited_on else ""
    yield word["credits"], credited or document.credited_number
    yield word["order"], document.order_number
    yield word["your_reference"], document.buyer.reference
    yield word["our_reference"], document.seller_reference
    yield word["reason"], document.reason


def _lines(sheet: Sheet) -> Iterator[dict[str, str]]:
    """Give each line with the sum so far, which a page that ends after it carries forward."""
    document, word = sheet.document, sheet.words
    so_far = Money.zero(document.currency)
    for line in document.lines:
        amount = line.gross if document.prices_include_vat else line.net
        so_far = so_far + amount
        yield {
            "text": line.description,
            "small": " · ".join(part for part in (line.sku, _discount(sheet, line)) if part),
            "quantity": _quantity(sheet, line),
            "price": sheet.number(line.unit_price, minor_digits(document.currency)),
            "rate": sheet.rate(line.vat_rate),
            "amount": sheet.amount(amount),
            "carried": f"{word['carried']} {sheet.money(so_far)}",
            "brought": f"{word['brought']} {sheet.money(so_far)}",
        }


def _discount(sheet: Sheet, line: Line) -> str:
    return f"{sheet.words['discount']} {sheet.amount(line.discount)}" if line.discount else ""


def _quantity(sheet: Sheet, line: Line) -> str:
    return f"{sheet.number(line.quantity)} {unit_in(line.unit, sheet.document.language)}"


def _vat_rows(sheet: Sheet) -> list[tuple[str, str, str, str]]:
    word = sheet.words
    return [
        (
            sheet.rate(one.rate) if one.rate else word["zero_rate"],
            sheet.amount(one.net),
            sheet.amount(one.vat),
            sheet.amount(one.vat_home) if one.vat_home is not None else "",
        )
        for one in sheet.document.vat
    ]


def _exchange(sheet: Sheet) -> str:
    exchange = sheet.document.exchange
    if exchange is None:
        return ""
    rate = sheet.number(exchange.rate, 2, 6)
    label = sheet.words["exchange_rate"]
    return f"{label} 1 {exchange.currency} = {rate} {exchange.home} ({exchange.source}, {sheet.day(exchange.on)})"


def _sums(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    """Give (class, label, amount): from the sum ex VAT down to the total and what was paid."""
    document, word = sheet.document, sheet.words
    is_credit = _is_credit(document)
    yield "", word["sum_net"], sheet.amount(document.net)
    yield "", word["sum_vat"], sheet.amount(document.vat_sum)
    for label, money in (("rounding", document.rounding), ("tip", document.tip)):
        if money:
            yield "", word[label], sheet.amount(money)
    yield "total", word["total_back" if is_credit else "total"], sheet.money(document.total)
    if document.payments:
        yield "", word["repaid" if is_credit else "paid"], sheet.amount(-document.paid)


def _slip(sheet: Sheet) -> dict[str, Any] | None:
    rows = slip_rows(sheet)
    return {"rows": rows, "amount": sheet.money(sheet.document.due)} if rows else None


def slip_rows(sheet: Sheet) -> list[tuple[str, str]]:
    """Give how to pay what is due; empty where nothing is."""
    document, word, slip = sheet.document, sheet.words, sheet.document.slip
    if slip is None or document.due.minor <= 0 or document.kind is not DocumentKind.INVOICE:
        return []
    mark = (word["kid"], slip.kid) if slip.kid else (word["mark_with"], document.number)
    rows = [
        (word["account"], _grouped(slip.account, (4, 2, 5))),
        ("IBAN", _grouped(slip.iban, (4,) * 9)),
        ("BIC", slip.bic),
        mark,
        (word["due_date"], sheet.day(document.due_on)),
    ]
    return [row for row in rows if row[1]]


def _grouped(number: str, sizes: tuple[int, ...]) -> str:
    parts, rest = [], number
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    return "\N{NO-BREAK SPACE}".join(part for part in [*parts, rest] if part)
