"""VAT in UBL: the category of each line, the groups of a document, and amounts that carry no VAT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backoffice.invoices.document import Document, WithoutVat
from backoffice.invoices.ehf.elements import Element, amount, group, number, text
from backoffice.invoices.words import words_in
from backoffice.ledger.money import Money, total

STANDARD, ZERO, EXEMPT, REVERSE, EXPORT, OUTSIDE = "S", "Z", "E", "AE", "G", "O"
#: codes of why no VAT is charged, of the list VATEX
REASON_CODES = {REVERSE: "VATEX-EU-AE", EXPORT: "VATEX-EU-G", OUTSIDE: "VATEX-EU-O"}


@dataclass(frozen=True, slots=True)
class Category:
    """A VAT category of the list UNCL5305 at a rate in percent; why no VAT is charged, where that must be said."""

    code: str
    rate: Decimal
    why: str = ""


def category_of(document: Document, rate: Decimal) -> Category:
    """Give the category of what is sold at a rate. A seller who is not registered for VAT is outside of it."""
    if not document.seller.vat_number:
        return Category(OUTSIDE, Decimal(0), "Not registered for VAT")
    if document.is_reverse_charge:
        return Category(REVERSE, Decimal(0), words_in(document.language)["reverse_charge"])
    if rate:
        return Category(STANDARD, rate)
    code, word = {
        WithoutVat.ZERO_RATED: (ZERO, ""),
        WithoutVat.EXEMPT: (EXEMPT, "exempt"),
        WithoutVat.EXPORT: (EXPORT, "export"),
    }[document.without_vat]
    return Category(code, rate, words_in(document.language)[word] if word else "")


def category_of_tip(document: Document) -> Category:
    """Give the category of a tip: it is no turnover, so exempt; with exempt lines it is one group (BR-E-01)."""
    has_exempt = document.without_vat is WithoutVat.EXEMPT and any(not one.rate for one in document.vat)
    if not document.seller.vat_number or (has_exempt and not document.is_reverse_charge):
        return category_of(document, Decimal(0))
    return Category(EXEMPT, Decimal(0), words_in(document.language)["tip"])


def write_category(parent: Element, name: str, category: Category, *, says_why: bool) -> None:
    """Write a category; the reason stands in the summary only."""
    one = group(parent, name)
    text(one, "cbc:ID", category.code)
    if category.code != OUTSIDE:
        text(one, "cbc:Percent", number(category.rate))
    if says_why and category.why:
        text(one, "cbc:TaxExemptionReasonCode", REASON_CODES.get(category.code, ""))
        text(one, "cbc:TaxExemptionReason", category.why)
    text(group(one, "cac:TaxScheme"), "cbc:ID", "VAT")


def write_totals(parent: Element, document: Document) -> None:
    """Write TaxTotal with its groups; in foreign currency the VAT of the seller's own currency too (R053, R054)."""
    whole = group(parent, "cac:TaxTotal")
    amount(whole, "cbc:TaxAmount", document.vat_sum)
    for category, basis, vat in _groups(document):
        one = group(whole, "cac:TaxSubtotal")
        amount(one, "cbc:TaxableAmount", basis)
        amount(one, "cbc:TaxAmount", vat)
        write_category(one, "cac:TaxCategory", category, says_why=True)
    if document.exchange:
        home = total((one.vat_home for one in document.vat if one.vat_home), document.exchange.home)
        amount(group(parent, "cac:TaxTotal"), "cbc:TaxAmount", home)


def _groups(document: Document) -> Iterator[tuple[Category, Money, Money]]:
    """Give one group per category and rate: the lines, then the tip, added where it is of the same kind."""
    sums: dict[Category, tuple[Money, Money]] = {}
    zero = Money.zero(document.currency)
    parts = [(category_of(document, one.rate), one.net, one.vat) for one in document.vat]
    parts += [(category_of_tip(document), document.tip, zero)] if document.tip else []
    for category, basis, vat in parts:
        before = sums.get(category, (zero, zero))
        sums[category] = (before[0] + basis, before[1] + vat)
    for category, (basis, vat) in sums.items():
        yield category, basis, vat
