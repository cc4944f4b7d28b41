"""List answers: parameters, filters, order, paging, fields, and the X-Pagination header."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from .calls import Call
from .errors import invalid
from .filters import Filter, Predicate, read_flag
from .messages import Response, answer, as_json
from .store import Row

DEFAULT_PAGE_SIZE = 5000
MAX_PAGE_SIZE = 20000
RESOURCE = "Invalid resourceParameter"
_PAGING = ("fields", "orderby", "pagenumber", "pagesize", "usedatabasevalidation")
Render = Callable[[Row], Row]


def public(row: Row) -> Row:
    """Give a row without the sandbox's own columns (those in lower case)."""
    return {name: value for name, value in row.items() if name[0].isupper()}


class Query:
    """The query of a list call; names are case-insensitive, unknown ones are refused (INFERRED)."""

    def __init__(self, call: Call, known: Iterable[str], required: Iterable[str] = ()) -> None:
        self._found: dict[str, str] = {}
        allowed = {name.lower() for name in known} | set(_PAGING)
        for name, value in call.request.parameters():
            if name.startswith("$"):
                raise invalid(
                    "Invalid query", f"The query parameter '{name}' is not supported: OData is not available."
                )
            if name.lower() not in allowed:
                raise invalid("Invalid query", f"The query parameter '{name}' does not exist on this endpoint.")
            if name.lower() in self._found:
                raise invalid("Invalid query", f"The query parameter '{name}' occurs twice.")
            self._found[name.lower()] = value
        for name in required:
            if not self.get(name):
                raise invalid("Invalid query", f"The query parameter '{name}' is required.")

    def get(self, name: str) -> str:
        """Give a parameter's text; empty when it is missing or blank (the filter is then not used)."""
        return self._found.get(name.lower(), "").strip()

    def predicates(self, filters: dict[str, Filter]) -> list[Predicate]:
        """Give a test for each filter in use."""
        return [make(name, text) for name, make in filters.items() if (text := self.get(name))]

    def number(self, name: str, default: int, highest: int) -> int:
        """Give a paging number."""
        text = self.get(name)
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:10]) <= highest:
            raise invalid(RESOURCE, f"{name} must be a whole number from 1 to {highest}.")
        return int(text)


def list_rows(
    call: Call,
    rows: Iterable[Row],
    filters: dict[str, Filter],
    render: Render = public,
    *,
    required: Iterable[str] = (),
    created: str | None = "CreatedDateTimeOffset",
) -> Response:
    """Answer a list call: 200 with a bare array, or 204 when nothing matches.

    `created` names the column that the read lag looks at; None for what never lags.
    """
    query = Query(call, filters, required)
    tests = query.predicates(filters)
    if created is not None and call.options.read_lag_ms:
        horizon = call.books.clock.before(call.options.read_lag_ms)
        tests.append(lambda row: row[created] <= horizon)
    kept = [row for row in rows if all(test(row) for test in tests)]
    return page(call, query, kept, render)


def page(call: Call, query: Query, rows: list[Row], render: Render = public) -> Response:
    """Order, cut and render the rows of a list."""
    size = query.number("PageSize", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    number = query.number("PageNumber", 1, 10**9)
    if database := query.get("UseDatabaseValidation"):
        read_flag("UseDatabaseValidation", database)
    order = query.get("OrderBy")
    start = (number - 1) * size
    if order:
        shown = _ordered([render(row) for row in rows], order)[start : start + size]
    else:
        shown = [render(row) for row in rows[start : start + size]]
    more = start + size < len(rows)
    link = _link(call, number + 1) if more else None
    headers = {"X-Pagination": as_json({"nextPageLink": link, "totalCount": len(rows), "pageSize": size})}
    if not shown:
        return Response(204, content_type="", headers=headers)
    return answer(_only(shown, query.get("Fields")), headers=headers)


def _link(call: Call, number: int) -> str:
    parameters = [(name, value) for name, value in call.request.parameters() if name.lower() != "pagenumber"]
    return f"{call.request.root_url}{call.request.path}?{urlencode([*parameters, ('PageNumber', number)])}"


def _only(rows: list[Row], fields: str) -> list[Row]:
    if not fields:
        return rows
    names = [name.strip() for name in fields.split(",")]
    if any(name not in rows[0] for name in names):
        raise invalid(RESOURCE, "Fields property in resourceParameter is not formatted correct.")
    return [{name: row[name] for name in names} for row in rows]


def _ordered(rows: list[Row], order: str) -> list[Row]:
    for part in reversed(order.split(",")):
        words = part.split()
        name, direction = (words[0], words[1].lower()) if len(words) == 2 else ("".join(words), "asc")
        if direction not in ("asc", "desc") or (rows and name not in rows[0]):
            raise invalid(RESOURCE, "OrderBy property in resourceParameter is not formatted correct.")
        rows = sorted(rows, key=_sort_key(name), reverse=direction == "desc")
    return rows


def _sort_key(name: str) -> Callable[[Row], tuple[bool, Any]]:
    return lambda row: (row[name] is not None, row[name] if row[name] is not None else 0)
