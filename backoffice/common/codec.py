"""Frozen dataclasses to canonical JSON and back. The same value always gives the same bytes."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import msgspec

from backoffice.ledger.money import Money

T = TypeVar("T")


def to_builtins(value: Any) -> Any:
    """Give plain dicts, lists, strings and ints: decimals and dates become strings."""
    return msgspec.json.decode(msgspec.json.encode(value))  # by way of the text, so that tuples become lists


def to_json(value: Any) -> bytes:
    """Give canonical JSON: sorted keys, no white space, decimals and dates as strings."""
    return msgspec.json.encode(to_builtins(value), order="deterministic")


def from_builtins(value: Any, to: type[T]) -> T:
    """Build a dataclass from what `to_builtins` gave; raises msgspec.ValidationError on another shape."""
    return msgspec.convert(value, to, strict=False)


def sha256(value: Any) -> str:
    """Fingerprint a value by its canonical JSON."""
    return hashlib.sha256(to_json(value)).hexdigest()


def show_money(minor: int, currency: str) -> str:
    """Give "125.00 NOK" for people and texts."""
    return f"{Money(minor, currency)} {currency}"
