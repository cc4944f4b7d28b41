"""A document as EHF: the amounts of the paper, and no rule of EN 16931, Peppol or Norway broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader

from backoffice.contracts.sales import Address
from backoffice.invoices import pdf
from backoffice.invoices.document import (
    Document,
    DocumentKind,
    Line,
    PaymentLine,
    PaymentSlip,
    WithoutVat,
    summarise_vat,
)
from backoffice.invoices.ehf import NotAnInvoice, ehf_of, has_ehf, lacking_for_peppol, name_of
from backoffice.invoices.looks import Looks
from backoffice.invoices.sample import (
    SELLER,
    credit_document,
    foreign_document,
    long_document,
    sample_document,
    sample_line,
)
from backoffice.ledger.money import Money, total
from backoffice.ledger.vat import split_gross
from tests.invoices.ehf_rules import NS, Read, broken

NOK = "NOK"


def to_company(document: Document) -> Document:
    return replace(document, buyer=replace(document.buyer, name="Fjord AS", organisation_number="974 760 673"))


def with_lines(*lines: Line, **changes: object) -> Document:
    """Give an unpaid invoice over these lines; tip and rounding are added to what is owed."""
    owed = total((line.gross for line in lines), NOK)
    for one in (changes.get("tip"), changes.get("rounding")):
        owed = owed + one if isinstance(one, Money) else owed
    plain = to_company(sample_document(is_paid=False))
    found = replace(plain, lines=lines, vat=summarise_vat(lines, NOK), total=owed, due=owed, payments=())
    return replace(found, **changes)  # type: ignore[arg-type]  # fields of the document


DOCUMENTS: dict[str, Callable[[], Document]] = {
    "paid": sample_document,
    "unpaid": lambda: sample_document(is_paid=False),
    "english": lambda: sample_document("en"),
    "credit note": credit_document,
    "200 lines": lambda: long_document(200),
    "foreign currency": foreign_document,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_rule_is_broken(name: str) -> None:
    document = to_company(DOCUMENTS[name]())
    is_abroad = document.buyer.address.country != "NO"
    assert broken(ehf_of(document), is_sent=not is_abroad) == []
    assert bool(lacking_for_peppol(document)) == is_abroad or name == "unpaid"
    assert ehf_of(document) == ehf_of(document)


def test_a_private_buyer_lacks_only_the_address_of_the_network() -> None:
    document = sample_document()
    data = ehf_of(document)
    assert broken(data, is_sent=False) == []
    assert broken(data) == ["PEPPOL-EN16931-R010"]
    assert [said[:9] for said in lacking_for_peppol(document)] == ["The buyer"]
    assert lacking_for_peppol(to_company(document)) == []


def test_a_paid_invoice_has_nothing_left_to_pay_and_says_how_it_was_paid() -> None:
    read = Read(ehf_of(sample_document()))
    assert (read.sum("PrepaidAmount"), read.sum("PayableAmount")) == (Decimal("15272.00"), Decimal(0))
    means = read.root.find("cac:PaymentMeans/cbc:PaymentMeansCode", NS)
    assert (means.text, means.get("name")) == ("ZZZ", "Vipps, Gavekort")


def test_an_unpaid_invoice_says_where_to_pay_and_with_which_kid() -> None:
    document = replace(to_company(sample_document(is_paid=False)), slip=PaymentSlip("8601 11 17947", kid="102343"))
    read = Read(ehf_of(document))
    assert read.text("cac:PaymentMeans/cbc:PaymentMeansCode") == "30"
    assert read.text("cac:PaymentMeans/cbc:PaymentID") == "102343"
    assert read.text("cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID") == "86011117947"
    assert read.sum("PayableAmount") == document.total.to_decimal()
    assert lacking_for_peppol(document) == []
    assert len(lacking_for_peppol(replace(document, slip=None))) == 1


def test_a_credit_note_names_the_invoice_and_its_day() -> None:
    document = to_company(credit_document())
    read = Read(ehf_of(document))
    assert read.kind == "CreditNote"
    named = "cac:BillingReference/cac:InvoiceDocumentReference"
    assert read.text(f"{named}/cbc:ID") == document.credited_number
    assert read.text(f"{named}/cbc:IssueDate") == str(document.credited_on)
    unpaid = replace(document, payments=(), due=document.total)
    assert broken(ehf_of(unpaid)) == []


def test_vat_of_a_foreign_currency_stands_in_kroner_too() -> None:
    document = to_company(foreign_document())
    second = Read(ehf_of(document)).all("cac:TaxTotal")[1]
    home = [one.vat_home for one in document.vat if one.vat_home]
    assert second.findtext("cbc:TaxAmount", "", NS) == str(total(home, NOK))


def test_tip_and_rounding_carry_no_vat() -> None:
    document = with_lines(sample_line("Middag", "M", 1, 49_950, 25), tip=Money(5_000, NOK), rounding=Money(-50, NOK))
    data = ehf_of(document)
    read = Read(data)
    assert broken(data) == []
    assert (read.sum("ChargeTotalAmount"), read.sum("PayableRoundingAmount")) == (Decimal(50), Decimal("-0.50"))
    assert read.sum("PayableAmount") == Decimal("549.00")


def test_a_seller_outside_of_vat_charges_none_and_names_no_vat_number() -> None:
    seller = replace(SELLER, vat_number="", is_in_company_register=False)
    document = with_lines(sample_line("Bok", "B", 2, 10_000, 0), seller=seller, tip=Money(1_000, NOK))
    data = ehf_of(document)
    assert broken(data) == []
    assert Read(data).text("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID") == "O"


def test_reverse_charge_says_so() -> None:
    document = with_lines(sample_line("Klimakvoter", "K", 1, 10_000, 0), is_reverse_charge=True)
    data = ehf_of(document)
    assert broken(data) == []
    category = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"
    assert Read(data).text(f"{category}/cbc:TaxExemptionReasonCode") == "VATEX-EU-AE"


@pytest.mark.parametrize(
    ("why", "code", "reason"),
    [(WithoutVat.ZERO_RATED, "Z", ""), (WithoutVat.EXEMPT, "E", ""), (WithoutVat.EXPORT, "G", "VATEX-EU-G")],
)
def test_lines_without_vat_say_why_also_beside_a_tip(why: WithoutVat, code: str, reason: str) -> None:
    lines = sample_line("Vare", "V", 1, 10_000, 25), sample_line("Kurs", "K", 1, 50_000, 0)
    document = with_lines(*lines, without_vat=why, tip=Money(2_000, NOK))
    data = ehf_of(document)
    assert broken(data) == []
    category = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"
    read = Read(data)
    found = {read.text("cbc:ID", one): read.text("cbc:TaxExemptionReasonCode", one) for one in read.all(category)}
    assert found == {"S": "", code: reason, "E": ""}


def test_a_number_with_a_wrong_check_digit_reaches_nobody() -> None:
    document = to_company(sample_document())
    wrong = replace(document, buyer=replace(document.buyer, organisation_number="974 760 674"))
    assert len(lacking_for_peppol(wrong)) == 1
    assert broken(ehf_of(wrong)) == ["PEPPOL-EN16931-R010"]


def test_what_no_unit_price_gives_is_priced_as_a_whole() -> None:
    line = Line("Stoff", Decimal(7000), Decimal("0.0143"), Decimal(25), Money(10_001, NOK), Money(2_000, NOK))
    assert broken(ehf_of(with_lines(line))) == []
    back = replace(line, gross=Money(-1_250, NOK), vat=Money(-250, NOK), quantity=Decimal(3))
    more = sample_line("Stol", "S", 1, 100_000, 25)
    assert broken(ehf_of(with_lines(more, back))) == []


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-50_000, 2_000_000).filter(bool),
            st.sampled_from(("25", "15", "12", "11.11", "0")),
            st.decimals("0.001", "9999", places=3),
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 20_000),
    st.integers(-99, 99),
)
def test_whatever_was_sold_the_sums_hold(parts: list[tuple[int, str, Decimal]], tip: int, rounding: int) -> None:
    lines = []
    for minor, rate, quantity in parts:
        gross = Money(minor, NOK)
        vat = split_gross(gross, Decimal(rate)).vat
        lines.append(Line("Vare", quantity, Decimal(1), Decimal(rate), gross, vat))
    document = with_lines(
        *lines, tip=Money(tip, NOK) if tip else None, rounding=Money(rounding, NOK) if rounding else None
    )
    data = ehf_of(document)
    assert broken(data) == []
    assert Read(data).sum("PayableAmount") == document.due.to_decimal()


def test_hostile_and_odd_texts_are_text() -> None:
    line = replace(sample_line("<x>&\x00\x1b\u202e Ł", "S&1", 1, 12_500, 25), unit="dings")
    document = with_lines(
        line, delivery_address=Address("Kai 1", "", "5003", "Bergen", ""), delivered_on=date(2026, 1, 2)
    )
    data = ehf_of(document)
    assert broken(data) == []
    read = Read(data)
    assert read.text("cac:InvoiceLine/cac:Item/cbc:Name") == "<x>&\u202e Ł"
    assert read.root.find("cac:InvoiceLine/cbc:InvoicedQuantity", NS).get("unitCode") == "EA"
    assert read.text("cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode") == "NO"


def test_a_receipt_has_none() -> None:
    receipt = replace(sample_document(), kind=DocumentKind.RECEIPT)
    assert not has_ehf(receipt)
    with pytest.raises(NotAnInvoice):
        ehf_of(receipt)


@pytest.mark.usefixtures("pango")
def test_the_archive_pdf_carries_it_as_another_form_of_the_document() -> None:
    document = to_company(sample_document())
    reader = PdfReader(BytesIO(pdf.render(document, Looks(attaches_source=True))))
    assert reader.attachments[name_of(document)][0] == ehf_of(document)
    files = [one.get_object() for one in reader.trailer["/Root"]["/AF"]]  # type: ignore[index]  # a PDF has a root
    assert {str(one["/AFRelationship"]) for one in files} == {"/Alternative"}
    assert etree.fromstring(ehf_of(document)).tag.endswith("}Invoice")


def test_a_partly_paid_invoice_says_what_is_left() -> None:
    document = to_company(sample_document(is_paid=False))
    part = Money(100_000, NOK)
    paid = (PaymentLine("Vipps", date(2026, 11, 20), part),)
    partly = replace(document, payments=paid, due=document.total - part)
    data = ehf_of(partly)
    assert broken(data) == []
    assert Read(data).sum("PayableAmount") == (document.total - part).to_decimal()
