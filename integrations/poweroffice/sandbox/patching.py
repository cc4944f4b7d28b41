"""JSON Patch (RFC 6902) on an object, as far as the API offers it: add, replace and remove of known
properties.

Reference: https://www.rfc-editor.org/rfc/rfc6902
"""

from typing import Any

from .calls import Call
from .errors import ApiError, invalid
from .schema import Shape

PATCH_TYPE = "application/json-patch+json"


def patch_values(call: Call, shape: Shape, dto: str, title: str, current: dict[str, Any]) -> dict[str, Any]:
    """Give the properties a PATCH sets, read by their types (None = emptied). `/MailAddress/City` changes one
    member.

    Names are PascalCase exactly; what the patch DTO does not hold is refused with the vendor's sentence.
    """
    if call.request.content_type != PATCH_TYPE:
        raise ApiError(415, "Unsupported Media Type", f"A PATCH must be sent as {PATCH_TYPE}.")
    operations = call.request.json(title)
    if not isinstance(operations, list) or not operations:
        raise invalid(title, "The body must be a list of JSON Patch operations.")
    raw: dict[str, Any] = {}
    for operation in operations:
        _apply(operation, shape, dto, title, current=current, raw=raw)
    return {name: _read(shape, name, value, dto, title) for name, value in raw.items()}


def _apply(operation: Any, shape: Shape, dto: str, title: str, *, current: dict[str, Any], raw: dict[str, Any]) -> None:
    if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
        raise invalid(title, f"{dto}: an operation needs 'op' and 'path'.")
    if operation.get("op") not in ("add", "replace", "remove"):
        raise invalid(title, f"{dto}: the operation '{operation.get('op')}' is not supported.")
    if operation["op"] != "remove" and "value" not in operation:
        raise invalid(title, f"{dto}: the operation '{operation['op']}' needs a 'value'.")
    name, *deeper = operation["path"].removeprefix("/").split("/")
    if name not in shape or len(deeper) > 1:
        raise invalid(title, f"{dto}: The target location specified by path segment '{name}' was not found.")
    value = None if operation["op"] == "remove" else operation["value"]
    if deeper:
        whole = raw.get(name, current.get(name)) or {}
        if not isinstance(whole, dict):
            raise invalid(title, f"{dto}: The target location specified by path segment '{deeper[0]}' was not found.")
        value = {
            **{k: v for k, v in whole.items() if v is not None and k not in _ANSWER_ONLY},
            deeper[0]: value,
        }
    raw[name] = value


_ANSWER_ONLY = ("Id", "LastChangedDateTimeOffset")


def _read(shape: Shape, name: str, value: Any, dto: str, title: str) -> Any:
    if value is None:
        if shape[name].required:
            raise invalid(title, f"{dto}: {name} cannot be emptied.")
        return None
    try:
        return shape[name].read(value)
    except ValueError as error:
        raise invalid(title, f"{dto}: The value '{value}' is invalid for target location. {name} {error}.") from error
