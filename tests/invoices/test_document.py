"""What must stand on a document, and sums that must add up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backoffice.contracts.sales import Address
from backoffice.invoices.document import Buyer, DocumentKind, Incomplete, PaymentLine, VatSummary, check
from backoffice.invoices.sample import (
    DAY,
    SELLER,
    credit_document,
    foreign_document,
    long_document,
    sample_document,
)
from backoffice.invoices.words import LANGUAGES, language_for, words_in
from backoffice.ledger.errors import TotalsDiffer
from backoffice.ledger.money import Money

PAID, UNPAID = sample_document(), sample_document(is_paid=False)


@pytest.mark.parametrize("document", [PAID, UNPAID, foreign_document(), credit_document(), long_document(3)])
def test_the_sample_documents_are_lawful_and_add_up(document: Any) -> None:
    check(document)


def test_vat_is_added_up_per_rate_highest_first() -> None:
    assert [(str(one.rate), str(one.net), str(one.vat)) for one in PAID.vat] == [
        ("25", "11197.60", "2799.40"),
        ("15", "761.74", "114.26"),
        ("0", "399.00", "0.00"),
    ]
    assert str(PAID.net + PAID.vat_sum) == str(PAID.total) == "15272.00"


def test_foreign_vat_stands_in_the_home_currency_by_the_days_rate() -> None:
    document = foreign_document()

    assert [(str(one.vat), str(one.vat_home)) for one in document.vat] == [("235.60", "2764.18"), ("0.00", "0.00")]


BARE = Buyer("Kari", Address())
WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "no number": (replace(PAID, number=""), Incomplete, "no number yet"),
    "no lines": (replace(PAID, lines=()), Incomplete, "no lines"),
    "seller without number": (
        replace(PAID, seller=replace(SELLER, organisation_number="")),
        Incomplete,
        "organisation",
    ),
    "seller without address": (replace(PAID, seller=replace(SELLER, address=Address())), Incomplete, "Seller details"),
    "buyer nowhere": (replace(PAID, buyer=BARE), Incomplete, "buyer's address or organisation number"),
    "buyer without name": (replace(PAID, buyer=replace(PAID.buyer, name="")), Incomplete, "buyer's name"),
    "credit of nothing": (replace(credit_document(), credited_number=""), Incomplete, "must name the invoice"),
    "credit under the invoice's number": (replace(credit_document(), number="10234"), Incomplete, "of its own"),
    "reverse charge to a private person": (replace(PAID, is_reverse_charge=True), Incomplete, "reverse charge"),
    "foreign without home VAT": (
        replace(foreign_document(), vat=tuple(replace(one, vat_home=None) for one in foreign_document().vat)),
        Incomplete,
        "own currency",
    ),
    "an øre more": (replace(PAID, total=Money(1_527_201, "NOK")), TotalsDiffer, "The parts add to"),
    "VAT of another sum": (
        replace(PAID, vat=(VatSummary(Decimal(25), Money(1_119_760, "NOK"), Money(279_941, "NOK")), *PAID.vat[1:])),
        TotalsDiffer,
        "not the sum of the lines",
    ),
    "due though paid": (replace(PAID, due=Money(1, "NOK")), TotalsDiffer, "total less payments is 0.00"),
    "paid though due": (replace(UNPAID, kind=DocumentKind.PAID_INVOICE), TotalsDiffer, "still due"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_document_that_may_not_be_issued_says_why(case: str) -> None:
    document, error, text = WRONG[case]

    with pytest.raises(error, match=text):
        check(document)


def test_a_company_is_named_by_its_number_alone_and_a_receipt_needs_no_buyer() -> None:
    check(replace(PAID, buyer=Buyer("Kunde AS", Address(), organisation_number="995525828")))
    check(replace(PAID, kind=DocumentKind.RECEIPT, buyer=Buyer("", Address())))


def test_a_partly_paid_invoice_owes_the_rest() -> None:
    part = PaymentLine("Vipps", DAY, Money(1_000_000, "NOK"))

    check(replace(UNPAID, payments=(part,), due=Money(527_200, "NOK")))


def test_every_word_is_there_in_every_language() -> None:
    for language in LANGUAGES:
        assert [key for key, text in words_in(language).items() if not text.strip()] == []


@pytest.mark.parametrize(
    ("chosen", "seller", "buyer", "expected"),
    [
        ("", "NO", "NO", "nb"), ("", "NO", "SE", "nb"), ("", "NO", "DE", "en"), ("en", "NO", "NO", "en"),
        ("", "NO", "PL", "en"), ("pl", "NO", "NO", "en"), ("", "PL", "PL", "pl"), ("", "PL", "", "pl"),
    ],
)  # fmt: skip
def test_the_language_follows_the_theme_or_the_buyer_within_what_the_sellers_law_allows(
    chosen: str, seller: str, buyer: str, expected: str
) -> None:
    assert language_for(chosen, seller_country=seller, buyer_country=buyer) == expected
