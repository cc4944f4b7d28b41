"""Lists: filters, pages of a stable order, and a cursor that stays right while rows are added.

Newest first by id. With `updated_after` the order is by change instead, oldest change first: whoever polls takes the
last `updated_at` seen as the next `updated_after`, and a row that changes meanwhile comes again at the end.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from backoffice.api.fields import DayField, TimeField
from backoffice.api.problems import INVALID_QUERY, Error, Problem
from backoffice.api.strict import suggestion

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_VALUE_CHARACTERS = 200
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter: which column it compares, how it is read, what it means."""

    name: str
    lookup: str
    help_text: str
    kind: str = "text"  # text, choice, day, time
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> Any:
        """Give the value to compare with; raises ValidationError in words."""
        if self.kind == "day":
            return DayField().to_internal_value(text)
        if self.kind == "time":
            return TimeField().to_internal_value(text.replace(" ", "+"))  # a plus in a query is a blank
        if self.kind == "choice":
            values = text.split(",")
            if wrong := [value for value in values if value not in self.choices]:
                raise ValidationError(f"{wrong[0][:40]!r} is not known. {suggestion(wrong[0], self.choices)}")
            return values
        return text[:MAX_VALUE_CHARACTERS]


UPDATED_AFTER = Filter("updated_after", "updated_at__gt", "Changed after this time; oldest change first.", "time")
PAGING = (
    Filter("page_size", "", f"At most {MAX_PAGE_SIZE}; {PAGE_SIZE} by default."),
    Filter("cursor", "", "From `next` or `previous` of an earlier answer."),
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the row next to which the page begins, and the direction."""

    order: str
    is_backwards: bool
    values: tuple[Any, ...]

    def encode(self) -> str:
        """Write it for an address."""
        content = json.dumps([self.order, self.is_backwards, self.values]).encode()
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Read it back; raises ValueError when it is not one of ours."""
        content = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        order, is_backwards, values = content
        if order == "id":
            return cls(order, bool(is_backwards), (int(values[0]),))
        return cls("updated", bool(is_backwards), (datetime.fromisoformat(values[0]).isoformat(), int(values[1])))


def page(
    request: Request, rows: QuerySet[M], filters: Sequence[Filter], show: Callable[[M], Mapping[str, Any]]
) -> dict[str, Any]:
    """Give one page: {"results", "next", "previous"}. A wrong parameter is a problem, never ignored."""
    given = _read(request, filters)
    size, cursor = given.pop("page_size", PAGE_SIZE), given.pop("cursor", None)
    order = "updated" if UPDATED_AFTER.name in given else "id"
    if cursor is not None and cursor.order != order:
        raise _wrong("cursor", "The cursor belongs to another list; begin again without it.")
    for one in filters:
        if one.name in given:
            lookup = f"{one.lookup}__in" if one.kind == "choice" else one.lookup
            rows = rows.filter(**{lookup: given[one.name]})
    is_backwards = cursor is not None and cursor.is_backwards
    found = list(_ordered(rows, order, cursor)[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if is_backwards:
        found.reverse()
    has_next, has_previous = (True, has_more) if is_backwards else (has_more, cursor is not None)
    return {
        "results": [show(row) for row in found],
        "next": _link(request, order, found[-1:], is_backwards=False) if has_next else None,
        "previous": _link(request, order, found[:1], is_backwards=True) if has_previous else None,
    }


def _read(request: Request, filters: Sequence[Filter]) -> dict[str, Any]:
    known = {one.name: one for one in (*filters, *PAGING)}
    given: dict[str, Any] = {}
    for name, text in request.query_params.items():
        if name not in known:
            raise _wrong(name, f"There is no parameter {name[:40]!r}. {suggestion(name, known)}")
        try:
            given[name] = _read_one(known[name], str(text))
        except ValidationError as error:
            raise _wrong(name, "; ".join(str(detail) for detail in error.detail)) from error
        except (ValueError, TypeError, KeyError, IndexError, binascii.Error) as error:
            raise _wrong(name, "The cursor is not one of ours; begin again without it.") from error
    return given


def _read_one(one: Filter, text: str) -> Any:
    if one.name == "page_size":
        if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MAX_PAGE_SIZE:
            raise ValidationError(f"Write a whole number from 1 to {MAX_PAGE_SIZE}.")
        return int(text)
    if "\x00" in text:
        raise ValidationError("It holds a control character.")
    return Cursor.decode(text) if one.name == "cursor" else one.read(text)


def _wrong(name: str, detail: str) -> Problem:
    return Problem(INVALID_QUERY, f"{name[:40]}: {detail}", [Error("invalid_parameter", detail, parameter=name[:40])])


def _ordered(rows: QuerySet[M], order: str, cursor: Cursor | None) -> QuerySet[M]:
    is_backwards = cursor is not None and cursor.is_backwards
    # ids descend and changes ascend; backwards turns either around
    is_ascending = (order == "updated") != is_backwards
    sign, compare = ("", "gt") if is_ascending else ("-", "lt")
    if cursor is not None and order == "id":
        rows = rows.filter(**{f"id__{compare}": cursor.values[0]})
    elif cursor is not None:
        at, pk = cursor.values
        rows = rows.filter(Q(**{f"updated_at__{compare}": at}) | Q(updated_at=at, **{f"id__{compare}": pk}))
    return rows.order_by(*([f"{sign}id"] if order == "id" else [f"{sign}updated_at", f"{sign}id"]))


def _link(request: Request, order: str, edge: Sequence[Any], *, is_backwards: bool) -> str | None:
    if not edge:
        return None
    values = (edge[0].pk,) if order == "id" else (edge[0].updated_at.isoformat(), edge[0].pk)
    cursor = Cursor(order, is_backwards, values).encode()
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor))
