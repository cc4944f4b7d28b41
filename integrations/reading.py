"""Read what providers report, strictly, and say where it is wrong: bytes to text, JSON with places, amounts, times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from backoffice.contracts.errors import UnreadablePayload
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import Money
from integrations.exact_json import NotJson, loads

#: A year of a busy shop is far below this; anything larger is the wrong file.
MAX_REPORT_BYTES = 64 * 1024 * 1024
MAX_SHOWN = 60
_AMOUNT = re.compile(r"[-+]?\d{1,15}([.,]\d{1,6})?", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,16}", re.ASCII)
_NORWEGIAN_DAY = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})", re.ASCII)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def refuse(message: str, pointer: str = "") -> UnreadablePayload:
    """Make the error for a report that cannot be read; the message says what was expected and what to do."""
    return UnreadablePayload(message, pointer)


def check_size(body: bytes) -> None:
    """Raise UnreadablePayload for an empty report and for one of a size that no report has."""
    if not body.strip(b" \t\r\n\0"):
        raise refuse("The file is empty. Download the report again.")
    if len(body) > MAX_REPORT_BYTES:
        raise refuse(f"The file is larger than {MAX_REPORT_BYTES} bytes. Download a shorter period.")


def text_of(body: bytes) -> str:
    """Decode a report: by its byte order mark, as UTF-8, else as Windows-1252. Raises UnreadablePayload."""
    check_size(body)
    encoding = next((name for mark, name in _BOMS if body.startswith(mark)), "")
    try:
        text = body.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        try:
            text = body.decode("cp1252") if not encoding else ""
        except UnicodeDecodeError:
            text = ""
        if not text:
            raise refuse(f"The file is no text in a known encoding ({error.reason}). Save it as UTF-8.") from error
    if "\0" in text:
        raise refuse("The file is no text. Download the report as CSV, XML or JSON.")
    return text


def looks_like_json(body: bytes) -> bool:
    """Say whether a report begins as JSON does."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def looks_like_xml(body: bytes) -> bool:
    """Say whether a report begins as XML does, in UTF-8 or UTF-16."""
    return body.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<"


def parse_amount(text: str, pointer: str = "") -> Decimal:
    """Read a decimal amount in major units, decimal point or comma, spaces between thousands.

    >>> parse_amount("-1 490,00")
    Decimal('-1490.00')
    """
    plain = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("\u2212", "-")
    if not _AMOUNT.fullmatch(plain):
        raise refuse(f"Expected an amount such as 125.50, found {text[:MAX_SHOWN]!r}.", pointer)
    return Decimal(plain.replace(",", "."))


def money(text: str | Decimal, currency: str, pointer: str = "") -> Money:
    """Make money of an amount in major units. Raises UnreadablePayload for surplus decimals and unknown currencies."""
    value = parse_amount(text, pointer) if isinstance(text, str) else text
    try:
        return Money.parse(value, currency)
    except LedgerError as error:
        raise refuse(str(error), pointer) from error


def minor(amount: int, currency: str, pointer: str = "") -> Money:
    """Make money of an amount in minor units."""
    try:
        return Money(amount, currency)
    except LedgerError as error:
        raise refuse(str(error), pointer) from error


def parse_day(text: str, pointer: str = "") -> date:
    """Read a date as ISO or dd.mm.yyyy; a time after it is left out.

    >>> parse_day("12.04.2021"), parse_day("2022-12-02 23:59:59")
    (datetime.date(2021, 4, 12), datetime.date(2022, 12, 2))
    """
    found = _NORWEGIAN_DAY.match(text.strip())
    plain = f"{found[3]}-{found[2]}-{found[1]}" if found else text.strip()[:10]
    try:
        return date.fromisoformat(plain)
    except ValueError as error:
        raise refuse(f"Expected a date such as 2026-11-20, found {text[:MAX_SHOWN]!r}.", pointer) from error


def parse_moment(text: str, pointer: str = "") -> datetime:
    """Read a time as aware UTC; one without offset is UTC, as the providers say."""
    try:
        read = datetime.fromisoformat(text.strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refuse(f"Expected a time such as 2026-11-20T11:00:00Z, found {text[:MAX_SHOWN]!r}.", pointer) from error


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and where it stands. Every reader raises UnreadablePayload with the pointer."""

    value: Any
    pointer: str = ""

    def has(self, key: str) -> bool:
        """Say whether this is an object with a member that is not null or empty."""
        return isinstance(self.value, dict) and self.value.get(key) not in (None, "")

    def child(self, key: str) -> Node:
        """Give a member of an object; a missing one has the value None."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return Node(self.value.get(key), f"{self.pointer}/{key}")

    def elements(self) -> Iterator[Node]:
        """Yield the members of this list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        yield from (Node(one, f"{self.pointer}/{index}") for index, one in enumerate(self.value))

    def objects(self) -> Iterator[Node]:
        """Yield the members of this list, which must be objects."""
        for one in self.elements():
            if not isinstance(one.value, dict):
                raise one.wrong("an object")
            yield one

    def items(self, key: str) -> list[Node]:
        """Give the members of a list in this object; a missing list is empty."""
        found = self.child(key)
        return [] if found.value is None else list(found.elements())

    def text(self, key: str, default: str | None = None) -> str:
        """Give a member as text; without a default it must be there."""
        found = self.child(key)
        if found.value in (None, "") and default is not None:
            return default
        if isinstance(found.value, bool) or not isinstance(found.value, str | int) or found.value == "":
            raise found.wrong("text")
        return str(found.value).replace("\0", "").strip()

    def whole(self, key: str, default: int | None = None) -> int:
        """Give a member as a whole number; text of digits counts, 10.00 and 10.5 do not."""
        found = self.child(key)
        if found.value is None and default is not None:
            return default
        is_text = isinstance(found.value, str) and bool(_WHOLE.fullmatch(found.value.strip()))
        if isinstance(found.value, bool) or not (isinstance(found.value, int) or is_text):
            raise found.wrong("a whole number of minor units")
        return int(found.value)

    def moment(self, key: str) -> datetime:
        """Give a member as aware UTC."""
        return parse_moment(self.text(key), f"{self.pointer}/{key}")

    def day(self, key: str) -> date:
        """Give a member as a date."""
        return parse_day(self.text(key), f"{self.pointer}/{key}")

    def wrong(self, wanted: str) -> UnreadablePayload:
        """Make the error that says what should stand here."""
        kind = type(self.value).__name__
        shown = kind if isinstance(self.value, dict | list) else repr(self.value)[:MAX_SHOWN]
        return refuse(f"Expected {wanted} here, found {shown}.", self.pointer or "/")


def load_json(body: bytes) -> Node:
    """Parse JSON; numbers keep their digits. Raises UnreadablePayload."""
    try:
        return Node(loads(text_of(body)))
    except NotJson as error:
        raise refuse(f"The file is cut short or no JSON: {error}. Download it again.") from error
