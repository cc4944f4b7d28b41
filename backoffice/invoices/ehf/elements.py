"""UBL elements: names with their prefix, amounts with their currency, and nothing empty (PEPPOL-EN16931-R008)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from lxml import etree

from backoffice.ledger.money import Money

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMESPACES = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
#: signs that XML cannot hold
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Element = etree._Element


def root(name: str) -> Element:
    """Begin an Invoice or a CreditNote."""
    own = f"{UBL}{name}-2"
    prefixes: dict[Any, str] = {None: own, **NAMESPACES}  # the stubs know no default namespace
    return etree.Element(f"{{{own}}}{name}", nsmap=prefixes)


def group(parent: Element, name: str) -> Element:
    """Add an aggregate, such as cac:Party."""
    prefix, local = name.split(":")
    return etree.SubElement(parent, f"{{{NAMESPACES[prefix]}}}{local}")


def text(parent: Element, name: str, value: object, /, **attributes: str) -> None:
    """Add a value; one that is empty is left out."""
    written = " ".join(UNWRITABLE.sub("", str(value)).split())
    if written:
        one = group(parent, name)
        one.text = written
        for key, said in attributes.items():
            one.set(key, said)


def amount(parent: Element, name: str, money: Money) -> None:
    """Add an amount with its currency."""
    text(parent, name, money, currencyID=money.currency)


def path(parent: Element, names: str) -> Element:
    """Add aggregates one inside the other: "cac:DeliveryLocation/cac:Address"."""
    for name in names.split("/"):
        parent = group(parent, name)
    return parent


def number(value: Decimal) -> str:
    """Write a number without needless zeros and exponent.

    >>> number(Decimal("25.00")), number(Decimal("1E+2"))
    ('25', '100')
    """
    return f"{value.normalize():f}"


def written(element: Element) -> bytes:
    """Write the document; the same elements give the same bytes."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True, pretty_print=True)
