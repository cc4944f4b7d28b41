"""Between WSGI (PEP 3333) and the sandbox's own requests and answers."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from .messages import Request, Response

StartResponse = Callable[[str, list[tuple[str, str]]], object]


def read_request(environ: dict[str, Any]) -> Request:
    """Read a request; the body as a whole."""
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE") or ""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO") or "/",
        query=environ.get("QUERY_STRING") or "",
        headers=headers,
        body=environ["wsgi.input"].read(length) if length else b"",
        root_url=f"{environ['wsgi.url_scheme']}://{host}",
    )


def start(response: Response, start_response: StartResponse) -> Iterable[bytes]:
    """Write an answer; bodies always have a length, also the empty one."""
    headers = [*response.headers.items(), ("Content-Length", str(len(response.body)))]
    if response.content_type:
        headers.append(("Content-Type", response.content_type))
    start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
    return [response.body]


def path_of(target: str) -> tuple[str, str]:
    """Split a request target into decoded path and raw query."""
    path, _, query = target.partition("?")
    return unquote(path), query
