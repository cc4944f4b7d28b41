"""Read the buyer of an order. WooCommerce has no organisation number; plugins keep it as meta."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backoffice.contracts.sales import Address, CustomerDetails
from backoffice.ledger.errors import InvalidIdentifier
from backoffice.ledger.identifiers import parse_organisation_number
from integrations.woocommerce.config import Rules
from integrations.woocommerce.reading import Node


def read_customer(order: Node, rules: Rules) -> tuple[CustomerDetails, str]:
    """Give the buyer and a note for people (empty when there is nothing to say)."""
    billing = order.child("billing") if order.has("billing") else Node({}, f"{order.pointer}/billing")
    first, last, company = billing.name("first_name"), billing.name("last_name"), billing.name("company")
    country = (billing.text("country") or "NO").upper()
    stated = next(_stated_numbers(order, billing, rules.organisation_number_keys), "")
    organisation_number, tax_number, note = _read_number(stated, country)
    reference = order.text("customer_id")
    email = billing.text("email")
    return CustomerDetails(
        name=company or f"{first} {last}".strip() or email or "Guest",
        reference="" if reference == "0" else reference,
        is_company=bool(company or organisation_number),
        organisation_number=organisation_number,
        tax_number=tax_number,
        email=email,
        phone=billing.text("phone"),
        address=Address(
            line1=billing.name("address_1"),
            line2=billing.name("address_2"),
            postal_code=billing.text("postcode"),
            city=billing.name("city"),
            country=country,
        ),
        first_name=first,
        last_name=last,
    ), note


def buyers_reference(order: Node, rules: Rules) -> str:
    """Give the buyer's own reference (purchase order number), empty when the shop does not ask for one."""
    return next((found for key in rules.reference_keys if (found := order.meta(key))), "")


def _stated_numbers(order: Node, billing: Node, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        found = order.meta(key)
        if not found and key in billing.fields():
            found = billing.text(key)
        if found:
            yield found


def _read_number(stated: str, country: str) -> tuple[str, str, str]:
    """Sort a number into organisation number or foreign tax number, with a note when it is neither."""
    if not stated:
        return "", "", ""
    plain = re.sub(r"[\s.\-]", "", stated).upper()
    try:
        return parse_organisation_number(plain.removeprefix("NO").removesuffix("MVA")), "", ""
    except InvalidIdentifier as error:
        if country != "NO":
            return "", plain, ""
        return "", "", f"The buyer's organisation number was left out: {error}"
