"""Customers and products on the wire."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.contracts.accounting import Party, ProductWish
from backoffice.contracts.errors import Rejected
from backoffice.contracts.sales import Address, CustomerDetails
from integrations.poweroffice import wire_customers as wire

from .books import COMPANY, PERSON

WORDS = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Kari Nordmann", "Kari", "Nordmann"),
        ("  Kari   Anne  Nordmann ", "Kari Anne", "Nordmann"),
        ("Nordmann, Kari", "Kari", "Nordmann"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Kari Anne von der Lippe", "Kari Anne", "von der Lippe"),
        ("Van Morrison", "Van", "Morrison"),
        ("Madonna", "Madonna", "-"),
        ("Madonna,", "Madonna,", "-"),
    ],
)
def test_a_name_in_one_piece_is_split_where_a_person_would(name: str, first: str, last: str) -> None:
    assert wire.person_names(CustomerDetails(name)) == (first, last)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_splitting_a_name_loses_no_word_and_leaves_no_part_empty(words: list[str]) -> None:
    first, last = wire.person_names(CustomerDetails(" ".join(words)))
    assert first
    assert last
    assert f"{first} {last}".removesuffix(" -").split() == words


def test_names_that_are_given_apart_stay_apart() -> None:
    details = CustomerDetails("K. Nordmann", first_name="Kari", last_name="von Nordmann")
    assert wire.person_names(details) == ("Kari", "von Nordmann")
    assert wire.person_names(CustomerDetails("", first_name="Kari")) == ("Kari", "-")


def test_a_guest_without_a_name_is_called_by_the_address_and_nobody_is_called_nothing() -> None:
    assert wire.person_names(CustomerDetails("", email="kari@example.com")) == ("kari", "-")
    for details in (CustomerDetails(""), CustomerDetails(" ", is_company=True)):
        with pytest.raises(Rejected) as caught:
            wire.customer_body(Party("k", details), by=wire.PRINT)
        assert caught.value.reasons[0].code == "customer_name_missing"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("312000008", "312000008"),
        ("312 000 008", "312000008"),
        ("NO 312 000 008 MVA", "312000008"),
        ("no312000008mva", "312000008"),
        ("312000009", ""),
        ("DE312000008", ""),
        ("31200000", ""),
        ("", ""),
    ],
)
def test_only_a_valid_norwegian_number_counts(written: str, number: str) -> None:
    assert wire.organisation_number(replace(COMPANY, organisation_number=written)) == number
    assert wire.organisation_number(replace(PERSON, organisation_number=written)) == ""


@pytest.mark.parametrize(
    ("details", "by"),
    [
        (COMPANY, "EHF"),
        (replace(COMPANY, organisation_number="SE556677889901"), "PdfByEmail"),
        (PERSON, "PdfByEmail"),
        (replace(PERSON, email=""), "Print"),
    ],
)
def test_invoices_reach_a_new_customer_in_the_best_way_there_is(details: CustomerDetails, by: str) -> None:
    assert wire.delivery_type(details) == by


def test_a_person_is_written_with_both_names_and_a_company_with_its_number() -> None:
    person = wire.customer_body(Party("webshop:C-7", PERSON), by="PdfByEmail")
    assert person == {
        "ExternalImportReference": wire.customer_reference("webshop:C-7"),
        "InvoiceDeliveryType": "PdfByEmail",
        "UseInvoiceFee": False,
        "EmailAddress": "kari@example.com",
        "InvoiceEmailAddress": "kari@example.com",
        "MailAddress": {"AddressLine1": "Storgata 1", "ZipCode": "0155", "City": "Oslo", "CountryCode": "NO"},
        "IsPerson": True,
        "FirstName": "Kari",
        "LastName": "Nordmann",
    }
    company = wire.customer_body(Party("webshop:C-8", COMPANY), by="EHF")
    assert (company["Name"], company["IsPerson"], company["OrganizationNumber"]) == ("Fjell AS", False, "312000008")
    assert "MailAddress" not in company


@pytest.mark.parametrize("missing", [{"city": ""}, {"postal_code": " "}])
def test_half_an_address_is_no_address(missing: dict[str, str]) -> None:
    assert wire.address_body(replace(PERSON.address, **missing)) is None


def test_an_address_is_cut_to_what_they_keep() -> None:
    body = wire.address_body(Address("x" * 300, "y" * 300, "0155", "z" * 300, "no"))
    assert body is not None
    assert [len(body[name]) for name in ("AddressLine1", "AddressLine2", "City")] == [200, 200, 100]
    assert body["CountryCode"] == "NO"


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_customer_reference_depends_on_the_key_alone_and_fits(one: str, other: str) -> None:
    assert len(wire.customer_reference(one)) == 36
    assert (wire.customer_reference(one) == wire.customer_reference(other)) == (one == other)


def test_the_reference_of_a_key_never_changes() -> None:
    assert wire.customer_reference("webshop:C-7") == "a615582f-1b98-5d13-86c8-0a8de1a8b720"


def test_a_product_carries_the_account_and_refuses_what_is_no_account() -> None:
    assert wire.product_body(ProductWish("3000-3", "Salg", "3000", "3")) == {
        "Code": "3000-3",
        "Name": "Salg",
        "StandardSalesAccount": 3000,
    }
    with pytest.raises(Rejected) as caught:
        wire.product_body(ProductWish("X", "Salg", "sales", "3"))
    assert caught.value.reasons[0].code == "account_missing"
    assert len(wire.product_body(ProductWish("X", "n" * 500, "3000", "3"))["Name"]) == 400


def test_a_product_without_an_account_of_its_own_has_none() -> None:
    assert wire.product_link({"Id": 7, "Code": "A", "StandardSalesAccount": None}).ledger_account == ""
