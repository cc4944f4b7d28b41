"""Access tokens: asked for when needed, shared by all processes, dropped when refused.

Reference: https://developer.poweroffice.net/documentation/authentication (20 minutes, no refresh token)
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.contracts.errors import Misconfigured, Reason, Retryable
from backoffice.contracts.runtime import Runtime
from integrations.http import Answer, Http, NotJson, loads
from integrations.poweroffice.answers import failure_of
from integrations.poweroffice.config import PROVIDER, Keys, calls_per_second

#: A token is not used in its last minute, so that it cannot run out on its way.
EXPIRY_MARGIN_S = 60
#: Used when the answer does not say how long the token lives; the shortest life in the vendor's documents.
ASSUMED_LIFETIME_S = 600
#: What can stand in a header; anything else is no token.
_SENDABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The bearer token of one client's books."""

    http: Http
    keys: Keys
    runtime: Runtime
    path: str

    def bearer(self) -> str:
        """Give a token that lives for at least another minute; raise Misconfigured for wrong keys."""
        cached = self.runtime.tokens.get(self.keys.token_key)
        if cached:
            return cached
        token, lifetime_s = self._ask()
        if lifetime_s > EXPIRY_MARGIN_S:
            self.runtime.tokens.put(self.keys.token_key, token, ttl_s=lifetime_s - EXPIRY_MARGIN_S)
        return token

    def drop(self) -> None:
        """Forget the token; changed privileges only show in a new one."""
        self.runtime.tokens.drop(self.keys.token_key)

    def _ask(self) -> tuple[str, int]:
        pace = calls_per_second(self.runtime, is_sandbox=self.http.is_sandbox)
        self.runtime.limiter.wait(self.keys.limiter_key, per_second=pace)
        pair = base64.b64encode(f"{self.keys.application_key}:{self.keys.client_key}".encode()).decode()
        answer = self.http.send(
            "POST",
            self.path,
            operation="token",
            headers={
                "Authorization": f"Basic {pair}",
                "Ocp-Apim-Subscription-Key": self.keys.subscription_key,
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=b"grant_type=client_credentials",
            has_effect=False,
        )
        return _token_of(answer)


def _token_of(answer: Answer) -> tuple[str, int]:
    try:
        body = answer.json()
    except NotJson:
        body = None
    content: dict[str, Any] = body if isinstance(body, dict) else {}
    token = content.get("access_token")
    if answer.is_success and isinstance(token, str) and _SENDABLE.fullmatch(token):
        lifetime = content.get("expires_in")
        return token, lifetime if isinstance(lifetime, int) else ASSUMED_LIFETIME_S
    conversation: dict[str, Any] = {
        "provider": PROVIDER,
        "operation": "token",
        "http_status": answer.status,
        "request_id": answer.request_id,
        "excerpt": answer.excerpt,
    }
    if answer.is_success:
        raise Retryable("PowerOffice answered without an access token.", **conversation)
    if answer.status == 400:
        # 400 with an RFC 6749 code, never 401, is the answer to wrong keys.
        said = content.get("error_description") or content.get("error") or "no explanation"
        message = f"PowerOffice does not know this client key with our application key: {said}"
        raise Misconfigured(message, reasons=(Reason("auth_invalid_keys", message),), **conversation)
    raise failure_of(answer, operation="token", has_effect=False)


def claims_of(token: str) -> Mapping[str, Any]:
    """Read what a token says about itself, unverified and for display only; empty when it is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode()
        content = loads(payload)
    except (binascii.Error, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
