"""The token call and the bearer tokens it gives.

A token is a JWT signed with a secret kept in the state file: tokens survive a restart, changed privileges
need a new token. Source: vendor's authentication page; wrong keys answer 400 `invalid_client`, and there is
no refresh token.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from .errors import EmptyError, OAuthError
from .messages import Request, Response, answer, as_json
from .options import SandboxClient

_NOT_FOUND = "Client integration not found. Please ensure the provided keys are matching the desired environment."


@dataclass(frozen=True)
class Bearer:
    """What a valid token says."""

    client_key: str
    application_key: str
    roles: frozenset[str]
    may_send_invoice: bool


def read_basic(request: Request) -> tuple[str, str]:
    """Give application key and client key of a token request; raise the 400."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        application, colon, client = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError as error:  # not base64, or not text
        raise OAuthError("invalid_client", _NOT_FOUND) from error
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client", _NOT_FOUND)
    if request.content_type != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "The body must be application/x-www-form-urlencoded.")
    grant = parse_qs(request.body.decode("latin-1")).get("grant_type")
    if not grant:
        raise OAuthError("invalid_request", "grant_type is missing.")
    if grant != ["client_credentials"]:
        raise OAuthError("unsupported_grant_type", "Only client_credentials is supported.")
    return application.lower(), client.lower()


def unknown_keys() -> OAuthError:
    """Give the 400 for keys that belong to nobody here."""
    return OAuthError("invalid_client", _NOT_FOUND)


def issue(secret: bytes, client: SandboxClient, application_key: str, now_s: int, lifetime_s: int) -> Response:
    """Answer the token call."""
    claims = {
        "role": [name for name in client.privileges if name not in client.invalid_privileges],
        "goClientId": client.client_key[-8:],
        "goClientName": client.name,
        "goAllowSendInvoice": "True" if client.allow_send_invoice else "False",
        "goInvalidPrivileges": list(client.invalid_privileges),
        "sandboxClient": client.client_key,
        "sandboxApplication": application_key,
        "exp": now_s + lifetime_s,
    }
    head = _part({"alg": "HS256", "typ": "JWT"})
    payload = f"{head}.{_part(claims)}"
    token = f"{payload}.{_sign(secret, payload)}"
    return answer({"access_token": token, "token_type": "bearer", "expires_in": lifetime_s})


def check(secret: bytes, request: Request, now_s: int) -> Bearer:
    """Read the bearer token of a request; missing, wrong or expired: 401 with an empty body."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    payload, _, signature = token.rpartition(".")
    if scheme.lower() != "bearer" or not hmac.compare_digest(signature.encode(), _sign(secret, payload).encode()):
        raise EmptyError(401)
    encoded = payload.partition(".")[2]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    if claims["exp"] <= now_s:
        raise EmptyError(401)
    may_send = claims["goAllowSendInvoice"] == "True"
    return Bearer(claims["sandboxClient"], claims["sandboxApplication"], frozenset(claims["role"]), may_send)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(as_json(value).encode()).decode().rstrip("=")


def _sign(secret: bytes, payload: str) -> str:
    digest = hmac.new(secret, payload.encode("latin-1", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
