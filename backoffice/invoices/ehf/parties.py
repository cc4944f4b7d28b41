"""Seller and buyer in UBL, by Norwegian rules where they are Norwegian."""

from __future__ import annotations

import re

from stdnum.no import orgnr

from backoffice.contracts.sales import Address
from backoffice.invoices.document import Buyer, Document, Seller
from backoffice.invoices.ehf.elements import Element, group, path, text

#: electronic addresses and registers by country, of the list EAS: Enhetsregisteret, Polish VAT numbers
ADDRESS_SCHEMES = {"NO": "0192", "PL": "9945"}
REGISTERS = {"NO": "0192"}
NORWEGIAN_NUMBER = re.compile(r"\d{9}")
COMPANY_REGISTER = "Foretaksregisteret"


def seller(parent: Element, document: Document) -> None:
    """Write AccountingSupplierParty. NO-R-001: NO…MVA; NO-R-002: whoever stands in the company register says so."""
    one = document.seller
    party = path(parent, "cac:AccountingSupplierParty/cac:Party")
    _endpoint(party, one.organisation_number, one.address.country)
    _name(party, one.name)
    _address(group(party, "cac:PostalAddress"), one.address)
    if one.vat_number:
        _tax(party, vat_number(one), "VAT")
    if one.is_in_company_register:
        _tax(party, COMPANY_REGISTER, "TAX")
    _legal(party, one.name, one.organisation_number, one.address.country)
    if one.email or one.phone:
        contact = group(party, "cac:Contact")
        text(contact, "cbc:Telephone", one.phone)
        text(contact, "cbc:ElectronicMail", one.email)


def buyer(parent: Element, document: Document) -> None:
    """Write AccountingCustomerParty; a buyer without a country is taken to be of the seller's."""
    one: Buyer = document.buyer
    country = one.address.country or document.seller.address.country
    party = path(parent, "cac:AccountingCustomerParty/cac:Party")
    _endpoint(party, one.organisation_number, country)
    _name(party, one.name)
    _address(group(party, "cac:PostalAddress"), one.address, country)
    if one.tax_number and document.seller.vat_number:
        _tax(party, compact(one.tax_number), "VAT")
    _legal(party, one.name, one.organisation_number, country)
    if one.email:
        text(group(party, "cac:Contact"), "cbc:ElectronicMail", one.email)


def has_address(organisation_number: str, country: str) -> bool:
    """Whether a party can be reached by its number."""
    number = compact(organisation_number)
    if country == "NO":  # PEPPOL-COMMON-R041 holds the check digit too
        return bool(NORWEGIAN_NUMBER.fullmatch(number)) and orgnr.is_valid(number)
    return bool(number) and country in ADDRESS_SCHEMES


def vat_number(of: Seller) -> str:
    """Give the VAT number with its country: "NO923609016MVA", "PL8567346215".

    >>> vat_number(Seller("A", "923 609 016", Address(country="NO"), "NO 923 609 016 MVA"))
    'NO923609016MVA'
    """
    number = compact(of.vat_number).removeprefix("NIP")
    return number if number.startswith(of.address.country) else f"{of.address.country}{number}"


def compact(number: str) -> str:
    """Write a number without blanks and dashes."""
    return re.sub(r"[\s-]", "", number)


def _endpoint(party: Element, number: str, country: str) -> None:
    if has_address(number, country):
        text(party, "cbc:EndpointID", compact(number), schemeID=ADDRESS_SCHEMES[country])


def _name(party: Element, name: str) -> None:
    text(group(party, "cac:PartyName"), "cbc:Name", name)


def _address(place: Element, address: Address, country: str = "") -> None:
    text(place, "cbc:StreetName", address.line1)
    text(place, "cbc:AdditionalStreetName", address.line2)
    text(place, "cbc:CityName", address.city)
    text(place, "cbc:PostalZone", address.postal_code)
    text(group(place, "cac:Country"), "cbc:IdentificationCode", country or address.country)


def delivery_address(place: Element, address: Address, country: str) -> None:
    """Write where it was delivered."""
    _address(place, address, address.country or country)


def _tax(party: Element, number: str, scheme: str) -> None:
    said = group(party, "cac:PartyTaxScheme")
    text(said, "cbc:CompanyID", number)
    text(group(said, "cac:TaxScheme"), "cbc:ID", scheme)


def _legal(party: Element, name: str, number: str, country: str) -> None:
    entity = group(party, "cac:PartyLegalEntity")
    text(entity, "cbc:RegistrationName", name)
    scheme = {"schemeID": REGISTERS[country]} if country in REGISTERS and has_address(number, country) else {}
    text(entity, "cbc:CompanyID", compact(number), **scheme)
