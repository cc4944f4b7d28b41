"""Who is calling: a sales point by its API key, or a person who is logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from backoffice.clients.models import ApiKey, SalesPoint, User
from backoffice.clients.services import use_api_key

SCHEME = "Bearer"


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A sales system that came with its sales point's key."""

    api_key: ApiKey
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def sales_point(self) -> SalesPoint:
        """The one sales point that the key opens."""
        return self.api_key.sales_point

    @property
    def caller(self) -> str:
        """Name the caller in limits and idempotency keys; keys of one sales point share it."""
        return f"sales_point:{self.api_key.sales_point_id}"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <API key>`."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        """Give the key's holder; None without the header, so that a session may count instead."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != SCHEME.lower() or not key.strip():
            raise AuthenticationFailed("Write the header as `Authorization: Bearer <API key>`.")
        found = use_api_key(key=key.strip())
        if found is None or not found.sales_point.client.is_active:
            raise AuthenticationFailed("The API key is unknown or revoked, or its sales point is switched off.")
        return KeyHolder(found), found

    def authenticate_header(self, request: Request) -> str:
        """Make a missing key a 401 that names the scheme."""
        return f'{SCHEME} realm="api"'


class PersonAuthentication(SessionAuthentication):
    """Somebody who is logged in to the desk; writing needs the CSRF token, as on every page."""


def key_holder(request: Request) -> KeyHolder:
    """The sales system that calls; 401 where it is a person."""
    if not isinstance(request.user, KeyHolder):
        raise NotAuthenticated("This address takes a sales point's API key: `Authorization: Bearer <API key>`.")
    return request.user


def caller_of(request: Request) -> str:
    """Name whoever calls, the same on every request."""
    if isinstance(request.user, KeyHolder):
        return request.user.caller
    return f"user:{request.user.pk}" if isinstance(request.user, User) else "nobody"
