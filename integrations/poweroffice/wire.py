"""What both directions share. PowerOffice: decimal numbers in major units, debit > 0, gross of VAT on vouchers.

Order prices are ex VAT, VAT rates a share (0.25), dates YYYY-MM-DD (now and then with a time behind), ids whole
numbers for contacts, accounts, products and VAT codes and GUIDs for orders, invoices and vouchers.
References are never shortened: a cut reference would be another reference. Texts for people are, visibly.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from backoffice.contracts.errors import Misunderstood, Reason, Rejected, Unsupported
from backoffice.ledger.money import MAX_MINOR, Money
from integrations.poweroffice.config import PROVIDER

Row = Mapping[str, Any]
Body = dict[str, Any]

#: Names under which our keys become references there; changing one would make every customer anew.
CUSTOMER_NAMESPACE: Final = uuid.UUID("b0a3f0a4-6d1e-5c55-9d0a-3f6f0a7c1e01")
LINE_NAMESPACE: Final = uuid.UUID("b0a3f0a4-6d1e-5c55-9d0a-3f6f0a7c1e02")

#: Stated for contacts and dimensions; taken for vouchers, orders and lines, where nothing is stated.
MAX_REFERENCE_CHARACTERS: Final = 50
MAX_SAFT_CHARACTERS: Final = 35
MAX_KID_CHARACTERS: Final = 25
MAX_INT64: Final = 2**63 - 1

#: Our dimension kinds and the stem of their fields.
DIMENSIONS: Final[Mapping[str, str]] = {
    "department": "Department",
    "location": "Location",
    "project": "Project",
    "dim1": "Dim1",
    "dim2": "Dim2",
    "dim3": "Dim3",
}


def fit(text: str, limit: int) -> str:
    """Cut a text for people so that the cut shows.

    >>> fit("Vinterjakke med hette", 12)
    'Vinterjakke…'
    """
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def whole_reference(text: str, what: str, limit: int = MAX_REFERENCE_CHARACTERS) -> str:
    """Give a reference unchanged; Rejected (reference_too_long) when PowerOffice could not keep it whole."""
    if len(text) > limit:
        message = f"{what} {text!r} has {len(text)} characters; PowerOffice keeps {limit} at most."
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("reference_too_long", message, text),))
    return text


def number_id(value: str, what: str) -> int:
    """Give one of their whole-number ids as a number."""
    if not (value.isascii() and value.isdigit()) or int(value) > MAX_INT64:
        raise Misunderstood(f"{value!r} is not the id of {what} at PowerOffice.", provider=PROVIDER)
    return int(value)


def whole_number(text: str) -> int | None:
    """Give an order or account number as a number when it is nothing but digits, else None."""
    is_number = text.isascii() and text.isdigit() and int(text) <= MAX_INT64
    return int(text) if is_number else None


def without_blanks(body: Mapping[str, Any]) -> Body:
    """Leave out what is None or an empty text; zero and False stay."""
    return {key: value for key, value in body.items() if value is not None and value != ""}


def dimension_stem(kind: str) -> str:
    """Give the stem of a dimension's fields; Unsupported for a kind that PowerOffice has not."""
    if kind not in DIMENSIONS:
        known = ", ".join(DIMENSIONS)
        raise Unsupported(f"PowerOffice has no dimension {kind!r}; it has {known}.", provider=PROVIDER)
    return DIMENSIONS[kind]


def dimension_codes(dimensions: Mapping[str, str]) -> Body:
    """Give dimensions by code, as orders take them: {"DepartmentCode": "10"}."""
    return {f"{dimension_stem(kind)}Code": code for kind, code in dimensions.items() if code}


def amount(money: Money) -> Decimal:
    """Give an amount as their number, with the currency's decimals."""
    return money.to_decimal()


def money_of(value: Any, currency: str) -> Money | None:
    """Read one of their amounts. They compute in binary, so a trace beyond the minor unit is rounded away."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not -MAX_MINOR <= value <= MAX_MINOR:
        raise Misunderstood(f"{value!r} is not an amount.", provider=PROVIDER)
    return Money.rounded(Decimal(value), currency)


def day_of(value: Any) -> date | None:
    """Read one of their dates, with or without a time behind it."""
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise Misunderstood(f"{value!r} is not a date.", provider=PROVIDER) from error


def text_of(row: Row, name: str) -> str:
    """Give a field as text; empty when it is absent or null. Numbers lose nothing."""
    value = row.get(name)
    return "" if value is None else str(value)


def number_of(row: Row, name: str) -> str:
    """Give a dealt number as text; empty while it is not dealt (null or 0)."""
    text = text_of(row, name)
    return "" if text == "0" else text


def needed(row: Row, name: str) -> str:
    """Give a field that an object cannot lack; Misunderstood when it does."""
    text = text_of(row, name)
    if not text:
        raise Misunderstood(f"PowerOffice answered an object without {name}.", provider=PROVIDER)
    return text


def currency_of(row: Row, otherwise: str) -> str:
    """Give an object's currency code, or the one we sent when it names none."""
    code = text_of(row, "CurrencyCode").upper() or otherwise
    if not re.fullmatch("[A-Z]{3}", code):
        raise Misunderstood(f"{code!r} is not a currency code.", provider=PROVIDER)
    return code


def rows_of(row: Row, name: str) -> list[Row]:
    """Give the objects inside an object; none when they are absent or null."""
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Misunderstood(f"{name} is not a list of objects.", provider=PROVIDER)
    return value


def texts_of(row: Row, name: str) -> tuple[str, ...]:
    """Give the texts inside an object; none when they are absent or null."""
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Misunderstood(f"{name} is not a list of texts.", provider=PROVIDER)
    return tuple(value)


def count_of(row: Row, name: str) -> int:
    """Give a whole number of days or pieces; 0 when it is absent or null."""
    text = text_of(row, name).removesuffix(".0") or "0"
    if not re.fullmatch("-?[0-9]{1,9}", text):
        raise Misunderstood(f"{name} is {text!r} and not a whole number.", provider=PROVIDER)
    return int(text)
