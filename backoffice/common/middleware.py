"""Every request has an id, and every page says what a browser may load."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")


def request_id(get_response: Handler) -> Handler:
    """Take over a well-formed X-Request-ID or make one; it stands in answers, problems and logs."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if REQUEST_ID.match(given) else secrets.token_hex(8)  # type: ignore[attr-defined]  # ours
        response = get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]  # ours
        return response

    return middleware


def content_security_policy(get_response: Handler) -> Handler:
    """Allow only our own scripts, styles and images. The admin theme needs eval, nothing needs inline scripts."""

    policy = "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "frame-ancestors 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "object-src 'none'",
        ]
    )

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware
