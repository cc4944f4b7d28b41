"""Requests and answers, and JSON with exact numbers in both directions."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any
from urllib.parse import parse_qsl

from .errors import ApiError, EmptyError, GatewayError, OAuthError, Refusal, invalid

JSON_TYPES = ("application/json", "application/json-patch+json", "text/json")


@dataclass
class Request:
    """One request as the routes see it. Header names are lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    root_url: str

    @property
    def content_type(self) -> str:
        """Give the media type without its parameters, lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def parameters(self) -> list[tuple[str, str]]:
        """Give the query parameters in order, names as sent."""
        return parse_qsl(self.query, keep_blank_values=True)

    def json(self, title: str) -> Any:
        """Parse the body: numbers with a point become Decimal; doubled names and NaN are refused with 400."""
        if self.content_type not in JSON_TYPES and not self.content_type.endswith("+json"):
            raise ApiError(415, "Unsupported Media Type", f"Content-Type '{self.content_type}' is not supported.")
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_twins)
        except (ValueError, RecursionError) as error:
            raise invalid(title, f"The request body is not valid JSON: {error}.") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a property occurs twice")
    return found


@dataclass
class Response:
    """One answer; `body` is ready to be written."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: Any) -> str:
    """Write JSON; a Decimal becomes a plain JSON number with its own digits."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring_ascii(k)}:{as_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(as_json, value)) + "]"
    raise TypeError(f"no JSON for {type(value).__name__}")


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a JSON value."""
    return Response(status, as_json(value).encode(), headers=headers or {})


def refusal(error: Refusal) -> Response:
    """Turn a refusal into the body shape that the real service uses for it."""
    if isinstance(error, ApiError):
        body = {"title": error.title, "status": error.status, "detail": error.detail}
        response = answer(body, error.status)
        response.content_type = "application/problem+json; charset=utf-8"
        return response
    if isinstance(error, OAuthError):
        return answer({"error": error.code, "error_description": str(error)}, error.status)
    if isinstance(error, GatewayError):
        headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
        return answer({"statusCode": error.status, "message": error.message}, error.status, headers)
    if isinstance(error, EmptyError):
        return Response(error.status, content_type="")
    raise TypeError(f"no answer for {type(error).__name__}")
