"""Hold requests and answers against the vendor's OpenAPI, where a copy of it is at hand (it is not part of this house).

`check_answer` and `check_request` raise AssertionError; without the copy, or for calls newer than it, they do nothing.
"""

import functools
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

SPECIFICATION = Path(__file__).parents[4] / "shared/reference/poweroffice/openapi-v2-2025-03.json"
# Newer than the copy (2026), or deliberately other than it: a number not dealt yet is null.
_NEWER_FIELDS = {"AllowSendInvoice"}
_MAY_BE_NULL = {"VoucherNo"}
_NEWER_VALUES = {"SendInvoiceDeliveryType": ("EHF", "Efaktura", "AvtaleGiro")}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{7}Z")
Schema = dict[str, Any]


def is_at_hand() -> bool:
    """Tell whether there is a copy to hold against."""
    return SPECIFICATION.exists()


@functools.cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SPECIFICATION.read_text())
    return found


@functools.cache
def _paths() -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
    # Fixed paths before those with placeholders: /SalesOrders/sentState is not /SalesOrders/{id}.
    ordered = sorted(_document()["paths"].items(), key=lambda item: item[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path), re.IGNORECASE), path, calls) for path, calls in ordered]


def find_call(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """Find the call a request below /v2 makes: its path with placeholders and its description."""
    if not is_at_hand():
        return None
    for pattern, template, calls in _paths():
        if pattern.fullmatch(path) and method.lower() in calls:
            return template, calls[method.lower()]
    return None


def check_answer(method: str, path: str, status: int, body: Any) -> bool:
    """Check the body of a 2xx answer: names, types, nothing extra. False when the copy does not know the call."""
    found = find_call(method, path)
    if found is None:
        return False
    described = found[1]["responses"].get(str(status))
    assert described is not None, f"{method} {path} should not answer {status}"
    content = described.get("content", {}).get("application/json")
    if content is not None and "schema" in content and body is not None:
        _check(body, content["schema"], f"{method} {found[0]}", is_answer=True)
    return True


def check_request(method: str, path: str, body: Any, parameters: list[str]) -> bool:
    """Check the body and the names of the query parameters of a request (paging parameters always exist)."""
    found = find_call(method, path)
    if found is None:
        return False
    known = {parameter["name"].lower() for parameter in found[1].get("parameters", [])}
    paging = {"fields", "orderby", "pagenumber", "pagesize", "usedatabasevalidation"}
    unknown = [name for name in parameters if name.lower() not in known | paging]
    assert not unknown, f"{method} {path}: unknown parameters {unknown}"
    content = found[1].get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None and body is not None:
        _check(body, content["schema"], f"{method} {found[0]}", is_answer=False)
    return True


def _resolve(schema: Schema) -> tuple[str, Schema]:
    name = ""
    while "$ref" in schema or "allOf" in schema:
        target = schema["$ref"] if "$ref" in schema else schema["allOf"][0]["$ref"]
        name = target.rpartition("/")[2]
        schema = _document()["components"]["schemas"][name]
    return name, schema


def _check(value: Any, schema: Schema, where: str, *, is_answer: bool) -> None:
    name, schema = _resolve(schema)
    if value is None:
        is_reference = "enum" in schema or schema.get("type") == "object"
        is_late = where.rpartition(".")[2] in _MAY_BE_NULL
        assert schema.get("nullable") or is_reference or is_late, f"{where} is null"
        return
    kind = schema.get("type")
    if "enum" in schema:
        assert value in (*schema["enum"], *_NEWER_VALUES.get(name, ())), f"{where}: {value} is not in the enum {name}"
    elif kind == "array":
        assert isinstance(value, list), f"{where} is not a list"
        for item in value:
            _check(item, schema["items"], where, is_answer=is_answer)
    elif kind == "object" and "properties" in schema:
        _check_object(value, schema, where, is_answer=is_answer)
    else:
        _check_scalar(value, kind, schema.get("format"), where)


def _check_object(value: Any, schema: Schema, where: str, *, is_answer: bool) -> None:
    assert isinstance(value, dict), f"{where} is not an object"
    properties = schema["properties"]
    extra = set(value) - set(properties) - (_NEWER_FIELDS if is_answer else set())
    assert not extra, f"{where} has fields the vendor does not know: {sorted(extra)}"
    needed = set(properties) if is_answer else set(schema.get("required", ()))
    missing = needed - set(value)
    assert not missing, f"{where} lacks {sorted(missing)}"
    for name, item in value.items():
        if name in properties:
            _check(item, properties[name], f"{where}.{name}", is_answer=is_answer)


def _check_scalar(value: Any, kind: str | None, form: str | None, where: str) -> None:
    if kind == "string":
        assert isinstance(value, str), f"{where} is not a string: {value!r}"
        if form == "date":
            assert _DATE.fullmatch(value), f"{where} is not a date: {value}"
        elif form == "date-time":
            assert _STAMP.fullmatch(value), f"{where} is not a timestamp: {value}"
        elif form == "uuid":
            UUID(value)
    elif kind == "boolean":
        assert isinstance(value, bool), f"{where} is not true or false: {value!r}"
    elif kind == "integer":
        assert type(value) is int, f"{where} is not an integer: {value!r}"
    elif kind == "number":
        assert not isinstance(value, bool | str), f"{where} is not a number: {value!r}"
