"""Query filters of the lists: what a parameter's text means, as a predicate over a row.

Number filters take lists and ranges ("10000-11000, 12000, 13000-"), code filters take lists where "-1" means
"without", timestamps are exclusive, dates inclusive.
"""

from collections.abc import Callable
from typing import Any

from .clock import read_stamp
from .errors import invalid
from .schema import day, guid
from .store import Row

Predicate = Callable[[Row], bool]
Filter = Callable[[str, str], Predicate]
CAST = "Unable to cast object(s)"


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def read_day(name: str, text: str) -> str:
    """Read a date parameter; raise the 400."""
    try:
        return str(day(text.strip()[:10]))
    except ValueError as error:
        raise invalid(CAST, f"{name} '{text}' {error}.") from error


def read_flag(name: str, text: str) -> bool:
    """Read a true/false parameter; raise the 400."""
    if text.lower() not in ("true", "false"):
        raise invalid(CAST, f"{name} '{text}' must be true or false.")
    return text.lower() == "true"


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise invalid(CAST, f"{name} contains '{text}', which is not a number or a range of numbers.")
    return int(text)


def _range(name: str, part: str) -> tuple[int, int]:
    low, dash, high = (piece.strip() for piece in part.partition("-"))
    first = _whole(name, low)
    if not dash:
        return first, first
    return first, _whole(name, high) if high else 10**18


def numbers(*columns: str) -> Filter:
    """Keep rows where one of the columns lies in the numbers and ranges."""

    def make(name: str, text: str) -> Predicate:
        ranges = [_range(name, part) for part in _parts(text)]

        def keep(row: Row) -> bool:
            values = [int(value) for column in columns if (value := row.get(column)) is not None]
            return any(low <= value <= high for value in values for low, high in ranges)

        return keep

    return make


def values(column: str) -> Filter:
    """Keep rows whose column is in the comma list; "-1" means without."""

    def make(name: str, text: str) -> Predicate:
        wanted = set(_parts(text))
        return lambda row: ("-1" if row.get(column) is None else str(row[column])) in wanted

    return make


def values_ignoring_case(column: str) -> Filter:
    """Keep rows whose column is in the comma list, whatever the case."""

    def make(name: str, text: str) -> Predicate:
        wanted = {part.lower() for part in _parts(text)}
        return lambda row: str(row.get(column) or "").lower() in wanted

    return make


def guids(column: str) -> Filter:
    """Keep rows whose column is in the comma list of GUIDs."""

    def make(name: str, text: str) -> Predicate:
        try:
            wanted = {guid(part) for part in _parts(text)}
        except ValueError as error:
            raise invalid(CAST, f"{name} '{text}' contains a value that is not a GUID.") from error
        return lambda row: row.get(column) in wanted

    return make


def exact(column: str) -> Filter:
    """Keep rows whose column is the text."""
    return lambda name, text: lambda row: row.get(column) == text


def enum(column: str, allowed: tuple[str, ...] | list[str]) -> Filter:
    """Keep rows whose column is one of the named values; unknown names are refused."""

    def make(name: str, text: str) -> Predicate:
        wanted = set(_parts(text))
        if not wanted <= set(allowed):
            raise invalid(CAST, f"{name} '{text}' has a value that is not one of {', '.join(allowed)}.")
        return lambda row: row.get(column) in wanted

    return make


def newer(column: str) -> Filter:
    """Keep rows whose timestamp is greater (exclusive)."""

    def make(name: str, text: str) -> Predicate:
        try:
            limit = read_stamp(text.replace(" 00:00", "+00:00") if text.endswith(" 00:00") else text)
        except ValueError as error:
            raise invalid(CAST, f"{name}: {error}.") from error
        return lambda row: (row.get(column) or "") > limit

    return make


def flag_is(column: str) -> Filter:
    """Keep rows whose true/false column has the value."""

    def make(name: str, text: str) -> Predicate:
        wanted = read_flag(name, text)
        return lambda row: bool(row.get(column)) == wanted

    return make


def only_if(test: Predicate) -> Filter:
    """Keep rows that pass a test when the parameter is true; false keeps all."""

    def make(name: str, text: str) -> Predicate:
        return test if read_flag(name, text) else (lambda row: True)

    return make


def since(column: str) -> Filter:
    """Keep rows dated on or after the date."""

    def make(name: str, text: str) -> Predicate:
        limit = read_day(name, text)
        return lambda row: row[column] >= limit

    return make


def until(column: str) -> Filter:
    """Keep rows dated on or before the date."""

    def make(name: str, text: str) -> Predicate:
        limit = read_day(name, text)
        return lambda row: row[column] <= limit

    return make


def ignored(name: str, text: str) -> Predicate:
    """Accept a parameter that changes nothing here (the sandbox has no such objects)."""
    return lambda row: True


def no_groups(name: str, text: str) -> Predicate:
    """Refuse ranges as the vendor does; the sandbox has no contact groups, so nothing is in one."""
    if "-" in text:
        raise invalid(
            CAST,
            f"{name} contains negative numbers and/or range of numbers. '-' is not allowed, only comma ',' separated "
            "single positive numbers are allowed.",
        )
    wanted: Any = _parts(text)
    return lambda row: not wanted
