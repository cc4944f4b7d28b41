"""Field types of request bodies, and the strict reader that applies a table of them.

Strictness beyond the vendor's text is deliberate and marked INFERRED: a stand-in that forgives hides
mistakes.
    - unknown fields are refused (the vendor declares `additionalProperties: false`; INFERRED that it refuses)
    - names are PascalCase exactly; a number in quotes or a string for an enum number is refused
    - money has at most two decimals, unit prices and quantities at most six (INFERRED)
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from .errors import invalid

Reader = Callable[[Any], Any]
MAX_PRICE_DECIMALS = 6
MAX_RATE_DECIMALS = 10
LARGEST = 10**12
FIRST_YEAR, LAST_YEAR = 1900, 2199
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})?)?")


@dataclass(frozen=True)
class Field:
    """How one property is read; `required` also refuses null."""

    read: Reader
    required: bool = False


Shape = dict[str, Field]


def _wrong(expected: str) -> ValueError:
    return ValueError(f"must be {expected}")


def whole(bits: int) -> Reader:
    """Read an integer of so many bits."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
            raise _wrong(f"an integer of {bits} bits")
        return value

    return read


def decimal(places: int, low: int | None = None, high: int | None = None) -> Reader:
    """Read a JSON number as an exact Decimal with at most so many decimals."""

    def read(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _wrong("a number")
        number = Decimal(value)
        if abs(number) >= LARGEST:
            raise _wrong("smaller than 10^12")
        if number != round(number, places):
            raise _wrong(f"a number with at most {places} decimals")
        if (low is not None and number < low) or (high is not None and number > high):
            raise _wrong(f"between {low} and {high}")
        return number

    return read


def text(longest: int = 4000) -> Reader:
    """Read a string of at most so many characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise _wrong("a string")
        if len(value) > longest:
            raise ValueError(f"is longer than {longest} characters")
        return value

    return read


def one_of(values: Iterable[str]) -> Reader:
    """Read an enum by name; numbers are refused, as the vendor says."""
    allowed = tuple(values)

    def read(value: Any) -> str:
        if isinstance(value, int):
            raise ValueError(f"with value = {value} is not valid. (Enums is not allowed to be represented as integers)")
        if value not in allowed:
            raise ValueError(f"with value = '{value}' is not valid, it must be one of {', '.join(allowed[:12])}")
        return str(value)

    return read


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise _wrong("true or false")
    return value


def day(value: Any) -> str:
    """Read a date, with or without a time after it, as YYYY-MM-DD."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong("a date YYYY-MM-DD")
    read = date.fromisoformat(found[1])
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise _wrong(f"a date from {FIRST_YEAR} to {LAST_YEAR}")
    return read.isoformat()


def guid(value: Any) -> str:
    """Read a GUID as lower case with hyphens."""
    if not isinstance(value, str):
        raise _wrong("a GUID")
    return str(UUID(value))


def many(read: Reader) -> Reader:
    """Read a list."""

    def read_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong("a list")
        return [read(item) for item in value]

    return read_all


def nested(shape: Shape) -> Reader:
    """Read an object inside an object."""

    def read(value: Any) -> dict[str, Any]:
        return read_fields(value, shape)

    return read


def read_fields(body: Any, shape: Shape) -> dict[str, Any]:
    """Read an object by its table; raise ValueError with a sentence. Absent and null fields are left out."""
    if not isinstance(body, dict):
        raise _wrong("an object")
    for name in body:
        if name not in shape:
            raise ValueError(f"has an unknown property '{name}'")
    found: dict[str, Any] = {}
    for name, known in shape.items():
        value = body.get(name)
        if value is not None:
            try:
                found[name] = known.read(value)
            except ValueError as error:
                raise ValueError(f"{name} {error}") from error
        elif known.required:
            raise ValueError(f"{name} is required")
    return found


def read_object(body: Any, shape: Shape, title: str) -> dict[str, Any]:
    """Read a request body by its table; raise the 400 with the object's title."""
    try:
        return read_fields(body, shape)
    except ValueError as error:
        raise invalid(title, f"{error}.") from error
