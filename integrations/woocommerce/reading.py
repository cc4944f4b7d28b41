"""Read JSON strictly and say where it is wrong. Amounts are decimal strings, times `_gmt` without offset."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.contracts.errors import Reason, UnreadablePayload

MAX_AMOUNT = Decimal(10) ** 11
MAX_DECIMALS = 12
MAX_NAME_CHARACTERS = 500
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")


def refuse(code: str, message: str, pointer: str, *, subject: str = "") -> UnreadablePayload:
    """Make the error for a payload that cannot be read; code is a key of the error catalogue."""
    return UnreadablePayload(message, pointer, [Reason(code, message, subject)])


def load(body: bytes) -> Node:
    """Parse a payload; numbers keep their exact digits. Raises UnreadablePayload."""
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise refuse("payload_not_json", f"The payload is not UTF-8 text: {error.reason}.", "") from error
    except RecursionError as error:
        raise refuse("payload_not_json", "The payload is nested too deeply to be an order.", "") from error
    except (ValueError, InvalidOperation) as error:
        raise refuse("payload_not_json", f"The payload is not JSON: {error}.", "") from error
    return Node(value, "")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and where it stands. Every reader raises UnreadablePayload with the pointer."""

    value: Any
    pointer: str

    def child(self, key: str) -> Node:
        """Give a member of an object; a missing one has the value None."""
        return Node(self.fields().get(key), f"{self.pointer}/{key}")

    def fields(self) -> dict[str, Any]:
        """Give the object's members; PHP writes an empty object as an empty list."""
        if self.value == []:
            return {}
        if not isinstance(self.value, dict):
            raise self._wrong("an object")
        return self.value

    def items(self, key: str) -> tuple[Node, ...]:
        """Give a list's members; a missing list is empty."""
        found = self.child(key)
        if found.value is None:
            return ()
        return found.elements()

    def elements(self) -> tuple[Node, ...]:
        """Give the members of this list; PHP writes a list with gaps as an object with numbers for keys."""
        if isinstance(self.value, dict) and all(key.isdigit() for key in self.value):
            return tuple(Node(one, f"{self.pointer}/{key}") for key, one in self.value.items())
        if not isinstance(self.value, list):
            raise self._wrong("a list")
        return tuple(Node(one, f"{self.pointer}/{index}") for index, one in enumerate(self.value))

    def has(self, key: str) -> bool:
        """Say whether a member is there and not null or empty."""
        return self.fields().get(key) not in (None, "")

    def text(self, key: str, default: str = "") -> str:
        """Give a member as text; numbers become text, null and a missing member the default."""
        found = self.child(key)
        if found.value is None:
            return default
        if isinstance(found.value, bool) or not isinstance(found.value, (str, int, Decimal)):
            raise found._wrong("text")
        return str(found.value).replace("\0", "").strip()

    def name(self, key: str) -> str:
        """Give a name for people: HTML entities decoded, tags removed, at most 500 characters."""
        plain = _TAG.sub(" ", html.unescape(self.text(key)))
        return " ".join(plain.split())[:MAX_NAME_CHARACTERS]

    def identity(self, key: str = "id") -> str:
        """Give an id, which must be there, as text."""
        found = self.child(key)
        if isinstance(found.value, bool) or not isinstance(found.value, (int, str)) or found.value in ("", 0):
            raise found._wrong("an id")
        return str(found.value)

    def flag(self, key: str) -> bool:
        """Give a truth value; missing is False."""
        found = self.child(key)
        if found.value is None:
            return False
        if not isinstance(found.value, bool):
            raise found._wrong("true or false")
        return found.value

    def amount(self, key: str, default: Decimal | None = None) -> Decimal:
        """Give an amount in major units, as exact as it stands; without a default it must be there."""
        found = self.child(key)
        if found.value in (None, ""):
            if default is None:
                raise found._wrong('an amount such as "125.50"')
            return default
        return found.decimal()

    def decimal(self) -> Decimal:
        """Read this value as a decimal number from text or a JSON number."""
        if isinstance(self.value, bool) or not isinstance(self.value, (str, int, Decimal)):
            raise self._wrong('an amount such as "125.50"')
        if isinstance(self.value, str) and not _NUMBER.fullmatch(self.value.strip()):
            raise self._wrong('an amount such as "125.50"')
        number = Decimal(self.value.strip() if isinstance(self.value, str) else self.value)
        if not number.is_finite() or abs(number) > MAX_AMOUNT:
            raise self._wrong("an amount that a voucher can hold")
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -MAX_DECIMALS:
            number = round(number, MAX_DECIMALS)
        return number

    def time(self, key: str) -> datetime | None:
        """Give a `_gmt` time as aware UTC; None when it is missing or null."""
        if not self.has(key):
            return None
        text = self.text(key)
        try:
            read = datetime.fromisoformat(text)
            return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.child(key)._wrong("a time such as 2026-11-20T11:00:00") from error

    def meta(self, key: str) -> str:
        """Give the value of a `meta_data` entry as text; empty when it is missing or not plain."""
        for entry in self.items("meta_data"):
            if entry.text("key").casefold() == key.casefold():
                value = entry.child("value").value
                if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool):
                    return str(value).replace("\0", "").strip()
        return ""

    def _wrong(self, wanted: str) -> UnreadablePayload:
        shown = repr(self.value)[:60] if not isinstance(self.value, (dict, list)) else type(self.value).__name__
        return refuse("payload_unexpected", f"Expected {wanted} here, found {shown}.", self.pointer or "/")
