"""A reader's sums as text and back, exactly: decimals, dates, and dictionaries whose keys are pairs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

#: marks what JSON has no form for
KIND, VALUE = "$", "="


def freeze(value: Any) -> str:
    """Write a dataclass of plain values, and of other such dataclasses; raises TypeError for anything else."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def thaw(text: str, *classes: type) -> Any:
    """Build what was frozen, of these dataclasses."""
    return _built(json.loads(text), {one.__name__: one for one in classes})


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {KIND: type(value).__name__, VALUE: _content(value)}


def _content(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, defaultdict) and value.default_factory is not Decimal:
        raise TypeError(f"Only sums of decimals can be frozen, not {value.default_factory}.")
    if isinstance(value, dict):
        return [[_plain(key), _plain(one)] for key, one in value.items()]
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be frozen.")


def _built(value: Any, classes: Mapping[str, type]) -> Any:
    if isinstance(value, list):
        return [_built(one, classes) for one in value]
    if not isinstance(value, dict):
        return value
    kind, content = value[KIND], value[VALUE]
    if kind == "Decimal":
        return Decimal(content)
    if kind == "datetime":
        return datetime.fromisoformat(content)
    if kind == "tuple":
        return tuple(_built(one, classes) for one in content)
    if kind in ("dict", "defaultdict"):
        pairs = ((_built(key, classes), _built(one, classes)) for key, one in content)
        return defaultdict(Decimal, pairs) if kind == "defaultdict" else dict(pairs)
    return classes[kind](**{name: _built(one, classes) for name, one in content.items()})
