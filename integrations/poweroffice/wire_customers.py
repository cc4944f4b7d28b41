"""Customers and products, both ways.

Reference: customers.json, CustomerPostDto and ContactAddressPostDto; products.json, ProductPostDto.
"""

from __future__ import annotations

import re
import uuid
from typing import Final

from stdnum.no import orgnr

from backoffice.contracts.accounting import CustomerLink, Party, ProductLink, ProductWish
from backoffice.contracts.errors import Reason, Rejected
from backoffice.contracts.sales import Address, CustomerDetails
from integrations.poweroffice.config import PROVIDER
from integrations.poweroffice.wire import (
    CUSTOMER_NAMESPACE,
    Body,
    Row,
    fit,
    needed,
    text_of,
    whole_number,
    whole_reference,
    without_blanks,
)

MAX_ADDRESS_LINE_CHARACTERS: Final = 200
MAX_CITY_CHARACTERS: Final = 100
MAX_POSTAL_CODE_CHARACTERS: Final = 50
MAX_PRODUCT_CODE_CHARACTERS: Final = 100
MAX_PRODUCT_NAME_CHARACTERS: Final = 400
#: Both names of a person are required; a person with one name gets this for the other.
NO_NAME: Final = "-"

EHF: Final = "EHF"
PDF_BY_EMAIL: Final = "PdfByEmail"
PRINT: Final = "Print"

#: A German VAT number also has nine digits, so letters before them must be NO.
_NORWEGIAN_NUMBER: Final = re.compile(r"\s*(?:NO)?([0-9 .\u00a0]+)(?:MVA)?\s*")
_PARTICLES: Final = frozenset({"af", "av", "da", "de", "del", "den", "der", "di", "la", "ter", "van", "von"})


def customer_reference(key: str) -> str:
    """Give the reference under which PowerOffice knows our customer: the same for a key for ever."""
    return str(uuid.uuid5(CUSTOMER_NAMESPACE, key))


def organisation_number(details: CustomerDetails) -> str:
    """Give a company's Norwegian organisation number as nine digits, or nothing when it has no valid one.

    >>> organisation_number(CustomerDetails("Nordlys AS", is_company=True, organisation_number="NO 312 000 008 MVA"))
    '312000008'
    """
    if not details.is_company:
        return ""
    written = _NORWEGIAN_NUMBER.fullmatch(details.organisation_number.upper())
    digits = re.sub(r"\D", "", written[1]) if written else ""
    return digits if orgnr.is_valid(digits) else ""


def person_names(details: CustomerDetails) -> tuple[str, str]:
    """Give first and last name; one name given for both is split before its last word and the particles before it.

    >>> person_names(CustomerDetails("Kari Anne von der Lippe"))
    ('Kari Anne', 'von der Lippe')
    >>> person_names(CustomerDetails("Nordmann, Ola"))
    ('Ola', 'Nordmann')
    """
    if details.first_name.strip() and details.last_name.strip():
        return details.first_name.strip(), details.last_name.strip()
    name = " ".join((details.name or f"{details.first_name} {details.last_name}").split())
    name = name or details.email.partition("@")[0]
    if not name:
        message = "The buyer has neither a name nor an e-mail address, and PowerOffice needs a name."
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("customer_name_missing", message),))
    last, comma, first = (part.strip() for part in name.partition(","))
    if comma and last and first:
        return first, last
    words = name.split(" ")
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[:start]) or words[-1], " ".join(words[start:]) if len(words) > 1 else NO_NAME


def delivery_type(details: CustomerDetails) -> str:
    """Choose how invoices reach a new customer: EHF for a Norwegian company, else e-mail, else paper."""
    if organisation_number(details):
        return EHF
    return PDF_BY_EMAIL if details.email else PRINT


def customer_body(party: Party, *, by: str) -> Body:
    """Write POST /Customers. by is the invoice delivery type; fees and discounts of their defaults are kept out.

    An invoice fee would make the invoice differ from what the buyer has paid.
    """
    details = party.details
    body: Body = {
        "ExternalImportReference": whole_reference(customer_reference(party.key), "The customer's reference"),
        "InvoiceDeliveryType": by,
        "UseInvoiceFee": False,
        "EmailAddress": details.email,
        "InvoiceEmailAddress": details.email,
        "PhoneNumber": details.phone,
        "MailAddress": address_body(details.address),
    }
    if details.is_company:
        name = details.name.strip()
        if not name:
            message = "The buyer is a company without a name, and PowerOffice needs a name."
            raise Rejected(message, provider=PROVIDER, reasons=(Reason("customer_name_missing", message),))
        body |= {"Name": name, "IsPerson": False, "OrganizationNumber": organisation_number(details)}
    else:
        first_name, last_name = person_names(details)
        body |= {"IsPerson": True, "FirstName": first_name, "LastName": last_name}
    return without_blanks(body)


def address_body(address: Address) -> Body | None:
    """Write a postal address; None without city and postal code, which PowerOffice requires together."""
    if not (address.city.strip() and address.postal_code.strip()):
        return None
    return without_blanks(
        {
            "AddressLine1": fit(address.line1, MAX_ADDRESS_LINE_CHARACTERS),
            "AddressLine2": fit(address.line2, MAX_ADDRESS_LINE_CHARACTERS),
            "ZipCode": whole_reference(address.postal_code, "The postal code", MAX_POSTAL_CODE_CHARACTERS),
            "City": fit(address.city, MAX_CITY_CHARACTERS),
            "CountryCode": address.country.upper(),
        }
    )


def customer_name(row: Row) -> str:
    """Give a customer's name for people."""
    return text_of(row, "Name") or f"{text_of(row, 'FirstName')} {text_of(row, 'LastName')}".strip()


def is_company_with(row: Row, number: str) -> bool:
    """Tell whether a customer is a company with this organisation number; a person never is."""
    digits = "".join(sign for sign in text_of(row, "OrganizationNumber") if sign.isdigit())
    return row.get("IsPerson") is not True and digits == number


def is_reached_at(row: Row, email: str) -> bool:
    """Tell whether a customer has this e-mail address, for itself or for its invoices."""
    return email.casefold() in {text_of(row, name).casefold() for name in ("EmailAddress", "InvoiceEmailAddress")}


def customer_link(row: Row) -> CustomerLink:
    """Read a customer (CustomerDto)."""
    return CustomerLink(
        external_id=needed(row, "Id"),
        number=text_of(row, "Number"),
        ledger_account_id=needed(row, "SubledgerAccountId"),
        name=customer_name(row),
    )


def is_archived(row: Row) -> bool:
    """Tell whether a customer or product is out of use."""
    return row.get("IsArchived") is True or row.get("IsActive") is False


def product_body(wish: ProductWish) -> Body:
    """Write POST /Products: the sales account carries the VAT code."""
    account = whole_number(wish.ledger_account)
    if account is None:
        message = f"{wish.ledger_account!r} is not a ledger account number; correct the mapping of {wish.code}."
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("account_missing", message, wish.ledger_account),))
    return {
        "Code": whole_reference(wish.code, "The product code", MAX_PRODUCT_CODE_CHARACTERS),
        "Name": fit(wish.name or wish.code, MAX_PRODUCT_NAME_CHARACTERS),
        "StandardSalesAccount": account,
    }


def product_link(row: Row) -> ProductLink:
    """Read a product (ProductDto); its account is empty when it takes a group's or the client's default."""
    return ProductLink(
        external_id=needed(row, "Id"),
        code=text_of(row, "Code"),
        ledger_account=text_of(row, "StandardSalesAccount"),
    )
