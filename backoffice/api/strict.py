"""Bodies in which every key is known, and how their fields are refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


def refuse(field: str, code: str, detail: str) -> ValidationError:
    """Make the refusal of one field of a serializer."""
    return ValidationError({field: [ErrorDetail(detail, code)]})


def refuse_in(items: str, index: int, field: str, code: str, detail: str) -> ValidationError:
    """Make the refusal of one field of one item of a list."""
    return ValidationError({items: {str(index): {field: [ErrorDetail(detail, code)]}}})


def many(child: type[serializers.Serializer[Any]], **keywords: Any) -> Any:
    """Make a list of a serializer, with its limits."""
    return child(many=True, **keywords)


def amounts_in(serializer: serializers.Serializer[Any], data: Any) -> None:
    """Let the amount fields below read in the currency that stands in the body."""
    context: Any = serializer.context
    currency = data.get("currency") if isinstance(data, dict) else ""
    context["currency"] = currency if isinstance(currency, str) else ""


class Strict(serializers.Serializer[Any]):
    """A body in which every key is known; a key that is not gets the nearest one as a suggestion."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the fields; unknown keys are reported together with all other errors."""
        if not isinstance(data, dict):
            raise ValidationError([ErrorDetail("Write an object: {...}.", "not_an_object")])
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**error.detail, **unknown}) from error  # type: ignore[dict-item]  # always a dict here
        if unknown:
            raise ValidationError(unknown)
        return value

    def _unknown(self, data: dict[str, Any]) -> dict[str, list[ErrorDetail]]:
        known = [name for name, field in self.fields.items() if not field.read_only]
        return {
            name[:100]: [ErrorDetail(f"There is no such field. {suggestion(name, known)}", "unknown_field")]
            for name in data
            if name not in known
        }


def suggestion(name: str, known: Iterable[str]) -> str:
    """Name the nearest known word, else all of them.

    >>> suggestion("refrence", ["reference", "total"])
    'Did you mean `reference`?'
    """
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"Did you mean `{near[0]}`?" if near else f"Known are: {', '.join(known)}."
