"""Reading a provider's API: paced, authorised, a refused token renewed once, and what each answer means.

Nothing here has an effect over there, so nothing is ever in doubt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from backoffice.contracts.errors import (
    Misconfigured,
    Misunderstood,
    ProviderError,
    Reason,
    Rejected,
    Retryable,
    UnreadablePayload,
)
from backoffice.contracts.runtime import Runtime
from integrations.http import Answer, Http
from integrations.reading import Node, load_json

#: of a number of seconds; more would be years
MAX_DIGITS = 9
MAX_RETRY_AFTER_S = 3_600
MAX_PAGES = 10_000
#: A token is not used in its last minute, so that it cannot run out on its way.
EXPIRY_MARGIN_S = 60
ASSUMED_LIFETIME_S = 300
_SENDABLE = re.compile(r"[\x21-\x7e]{1,8192}")


@dataclass(frozen=True, slots=True)
class Reads:
    """A provider's API, read only. headers gives what authorises a call; renew forgets a token that was refused.

    advice says what to do when the keys are refused, in a sentence.
    """

    http: Http
    runtime: Runtime
    label: str
    advice: str
    headers: Callable[[], Mapping[str, str]]
    renew: Callable[[], None] | None = None
    per_second: int = 5

    def get(self, path: str, *, operation: str, query: Mapping[str, str] | None = None) -> Node:
        """Read one JSON answer. Raises the ProviderError tree."""
        answer = self.answer(path, operation=operation, query=query)
        if answer.status != 200:
            raise failure(answer, operation, self)
        return node_of(answer, operation, self)

    def answer(self, path: str, *, operation: str, query: Mapping[str, str] | None = None) -> Answer:
        """Make a call and give the answer of any status; only a refused token is renewed once."""
        answer = self._send(path, operation, query)
        if answer.status == 401 and self.renew is not None:
            self.renew()
            answer = self._send(path, operation, query)
        return answer

    def _send(self, path: str, operation: str, query: Mapping[str, str] | None) -> Answer:
        headers = self.headers()
        self.runtime.limiter.wait(self.http.base_url, per_second=self.per_second)
        return self.http.send("GET", path, operation=operation, query=query, headers=headers)


def way_to(
    host: str, path: str = "", *, provider: str, sandbox_setting: str, runtime: Runtime, secrets: tuple[str, ...]
) -> Http:
    """Open the way to a provider's host; to a sandbox on this machine only where the settings name one."""
    sandbox = runtime.settings.get(sandbox_setting, "")
    return Http(
        provider=provider,
        base_url=(sandbox or f"https://{host}") + path,
        hosts=frozenset({host}),
        user_agent=runtime.user_agent,
        is_sandbox=bool(sandbox),
        secrets=secrets,
    )


def node_of(answer: Answer, operation: str, reads: Reads) -> Node:
    """Read an answer's JSON. Raises Misunderstood."""
    try:
        return load_json(answer.body)
    except UnreadablePayload as error:
        message = f"{reads.label} answered what is no JSON: {error}"
        raise Misunderstood(message, **conversation(answer, operation, reads.http)) from error


@contextmanager
def understood(label: str, provider: str) -> Iterator[None]:
    """Turn an answer that has another shape than it must have into Misunderstood."""
    try:
        yield
    except UnreadablePayload as error:
        raise Misunderstood(f"{label} answered in another shape than known: {error}", provider=provider) from error


def failure(answer: Answer, operation: str, reads: Reads) -> ProviderError:
    """Say what an answer other than 200 means."""
    told = conversation(answer, operation, reads.http)
    status, label = answer.status, reads.label
    if status in (401, 403):
        message = f"{label} refuses the keys ({status}). {reads.advice}"
        return Misconfigured(message, reasons=[Reason("auth_invalid_keys", message)], **told)
    if status in (408, 425, 429) or status >= 500:
        text = f"{label} cannot answer now ({status})."
        return Retryable(text, retry_after_s=retry_after_s(answer.headers), **told)
    if status >= 400:
        message = f"{label} refused to {operation} ({status}): {answer.excerpt[:200]}"
        return Rejected(message, **told)
    return Misunderstood(f"{label} answered {status} to a read.", **told)


def conversation(answer: Answer, operation: str, http: Http) -> dict[str, Any]:
    """Give what every error about an answer carries."""
    return {
        "provider": http.provider,
        "operation": operation,
        "http_status": answer.status,
        "request_id": answer.request_id,
        "excerpt": answer.excerpt,
    }


def retry_after_s(headers: Mapping[str, str]) -> int | None:
    """Give how long the other side wants to be left alone, said in seconds or as a date; at most an hour.

    >>> retry_after_s({"retry-after": "120"}), retry_after_s({"retry-after": "9" * 5000}), retry_after_s({})
    (120, 3600, None)
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:MAX_DIGITS]), MAX_RETRY_AFTER_S)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    wait_s = math.ceil((at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return min(wait_s, MAX_RETRY_AFTER_S) if wait_s > 0 else None


def segment(value: str) -> str:
    """Escape an id that stands in a path, so that it cannot become another address."""
    if not value or value in {".", ".."}:
        raise Misunderstood(f"{value!r} cannot be an id.")
    return quote(value, safe="")


@dataclass(frozen=True, slots=True)
class Tokens:
    """An access token that is asked for when needed, shared by all processes and dropped when refused.

    key names it in the store; headers and body are sent to path of http and give it.
    """

    http: Http
    runtime: Runtime
    label: str
    advice: str
    key: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    def bearer(self) -> str:
        """Give a token that lives for at least another minute. Raises Misconfigured for wrong keys."""
        cached = self.runtime.tokens.get(self.key)
        if cached:
            return cached
        self.runtime.limiter.wait(self.http.base_url, per_second=1)
        answer = self.http.send(
            "POST", self.path, operation="token", headers=self.headers, body=self.body, has_effect=False
        )
        token, lifetime_s = self._read(answer)
        if lifetime_s > EXPIRY_MARGIN_S:
            self.runtime.tokens.put(self.key, token, ttl_s=lifetime_s - EXPIRY_MARGIN_S)
        return token

    def drop(self) -> None:
        """Forget the token."""
        self.runtime.tokens.drop(self.key)

    def _read(self, answer: Answer) -> tuple[str, int]:
        reads = Reads(self.http, self.runtime, self.label, self.advice, dict)
        told = conversation(answer, "token", self.http)
        if answer.status == 400:
            message = f"{self.label} does not know these keys. {self.advice}"
            raise Misconfigured(message, reasons=[Reason("auth_invalid_keys", message)], **told)
        if answer.status != 200:
            raise failure(answer, "token", reads)
        node = node_of(answer, "token", reads)
        try:
            token, lifetime_s = node.text("access_token"), node.whole("expires_in", ASSUMED_LIFETIME_S)
        except UnreadablePayload as error:
            raise Misunderstood(f"{self.label} answered without a token: {error}", **told) from error
        if not _SENDABLE.fullmatch(token):
            raise Misunderstood(f"{self.label} answered what is no token.", **told)
        return token, lifetime_s
