"""JSON whose numbers stay what they are: Decimal in, Decimal out, float nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

#: What json's own parser can take without exhausting the stack is far more; no provider nests this deep.
MAX_DEPTH = 60


class NotJson(ValueError):
    """The text is not JSON, or holds what JSON has not (NaN, Infinity)."""


def loads(text: str) -> Any:
    """Read JSON; numbers with a point or an exponent become Decimal, whole ones int. Raises NotJson.

    >>> loads('{"TotalAmount": 0.10}')
    {'TotalAmount': Decimal('0.10')}
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"Not JSON: {error}") from error


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"{constant} is not JSON.")


def dumps(value: Any, _depth: int = 0) -> str:
    """Write JSON without white space, keys in the order given; a Decimal is a number with all its digits.

    A float is refused: it has no exact decimals. Raises TypeError for it and for anything JSON has not.

    >>> dumps({"CurrencyAmount": Decimal("-12500.00"), "Description": "Blåbær"})
    '{"CurrencyAmount":-12500.00,"Description":"Blåbær"}'
    """
    if _depth > MAX_DEPTH:
        raise TypeError("Nested too deeply for JSON.")
    if value is None or isinstance(value, bool | int | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is not a number in JSON.")
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(key)}:{dumps(inner, _depth + 1)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dumps(inner, _depth + 1) for inner in value) + "]"
    raise TypeError(f"{type(value).__name__} cannot be written as JSON: {value!r}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"A JSON key is a string, not {key!r}.")
    return json.dumps(key, ensure_ascii=False)
