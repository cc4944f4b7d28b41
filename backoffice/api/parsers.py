"""Read JSON strictly: what two programs could read differently is refused, with the place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.http import HttpRequest
from rest_framework.parsers import BaseParser

from backoffice.api.problems import (
    INVALID_JSON,
    LENGTH_REQUIRED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    Error,
    Problem,
)

MAX_BODY_BYTES = 1_048_576
#: a refused body is read and thrown away up to here
MAX_DRAINED_BYTES = 33_554_432
CHUNK_BYTES = 65_536
MAX_DEPTH = 20
SURROGATE = re.compile(r"[\ud800-\udfff]")


class _Refused(ValueError):
    """What the reader does not take."""


class StrictJSONParser(BaseParser):
    """Parse application/json in UTF-8, at most 1 MiB. Numbers with a fraction become Decimal, never float."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Give the value; raise a Problem that says where reading stopped."""
        if "charset=" in (media_type or "").lower() and "utf-8" not in (media_type or "").lower():
            raise Problem(UNSUPPORTED_MEDIA_TYPE, "Send the body in UTF-8.")
        request: HttpRequest = (parser_context or {})["request"]._request
        return read_json(read_body(request))


def read_body(request: HttpRequest) -> bytes:
    """Give the raw body; raise `too_large` above 1 MiB and `length_required` where no length is stated."""
    check_length(request, MAX_BODY_BYTES, "Send fewer sales per batch.")
    return request.body


def check_length(request: HttpRequest, at_most: int, what_to_do: str) -> None:
    """Raise `too_large` for a body that is said to be longer, and `length_required` where no length is stated."""
    require_length(request)
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared.isdigit() and int(declared) > at_most:
        said = f"The body has {int(declared):,} bytes; at most {at_most:,} are taken. {what_to_do}"
        raise Problem(TOO_LARGE, said)


def require_length(request: HttpRequest) -> None:
    """Raise `length_required` for a body in pieces: WSGI gives it to us empty, and empty is not what was sent."""
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        raise Problem(LENGTH_REQUIRED, "Send a Content-Length instead of Transfer-Encoding: chunked.")


def drain(request: HttpRequest) -> None:
    """Read what is left unread and throw it away, so that the sender gets the answer instead of a reset."""
    declared = request.META.get("CONTENT_LENGTH") or ""
    left = min(int(declared) if declared.isdigit() else 0, MAX_DRAINED_BYTES)
    while left > 0 and (chunk := request.read(min(CHUNK_BYTES, left))):
        left -= len(chunk)


def read_json(body: bytes) -> Any:
    """Read JSON text. Refused: not UTF-8, NaN and Infinity, a key twice in one object, nesting beyond 20.

    >>> read_json(b'{"total": 12.5}')
    {'total': Decimal('12.5')}
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except UnicodeDecodeError as error:
        raise _problem("not_utf8", f"Byte {error.start} is not UTF-8. Send the body in UTF-8.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno} (character {error.pos})"
        raise _problem("syntax", f"Reading stopped at {where}: {error.msg}.") from error
    except _Refused as error:
        raise _problem("not_accepted", str(error)) from error
    except RecursionError as error:
        raise _problem("too_deep", f"The body is nested deeper than {MAX_DEPTH} levels.") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise _problem("number_too_long", "A number in the body is too long to be read.") from error
    _check(value, 1, may_have_surrogates="\\u" in text)
    return value


def _problem(code: str, detail: str) -> Problem:
    return Problem(INVALID_JSON, detail, [Error(code, detail)])


def _refuse_constant(name: str) -> None:
    raise _Refused(f"{name} is not JSON. Leave the field out or write null.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in value if names.count(key) > 1)
        raise _Refused(f"The key {twice!r} stands twice in one object; which one counts cannot be known.")
    return value


def _check(value: Any, depth: int, *, may_have_surrogates: bool) -> None:
    if depth > MAX_DEPTH:
        raise _problem("too_deep", f"The body is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, dict):
        if may_have_surrogates:
            _check(list(value), depth, may_have_surrogates=True)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _check(item, depth + 1, may_have_surrogates=may_have_surrogates)
    elif may_have_surrogates and isinstance(value, str) and SURROGATE.search(value):
        raise _problem("half_a_character", "A \\u escape names half of a surrogate pair; write both halves.")
