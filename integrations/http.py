"""The only door to the network: one kept httpx client per process and origin, and what its failures mean.

    connect, TLS, DNS, pool, proxy          Retryable        nothing was written
    read or write timeout, reset, protocol  OutcomeUnknown   for calls with an effect: it may have run
                                            Retryable        for calls without one
    answer too large or unreadable          OutcomeUnknown   for calls with an effect: it did run, or may have
                                            Misunderstood    for calls without one

A kept-alive connection that the server closed between two requests fails before any byte of an answer, and
nobody can tell that from a server that died while working: a call with an effect is then in doubt, never
repeated here. Nothing is retried in this file, redirects are not followed, cookies are not kept (one client
serves many companies), proxies and .netrc from the environment are not read.
"""

from __future__ import annotations

import functools
import os
import re
import ssl
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from backoffice.contracts.errors import Misconfigured, Misunderstood, OutcomeUnknown, ProviderError, Retryable
from integrations.exact_json import NotJson, dumps, loads

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0
WRITE_TIMEOUT_S = 30.0
POOL_TIMEOUT_S = 30.0
#: A server that drips bytes keeps below the read time-out for ever; this ends it.
TOTAL_TIMEOUT_S = 180.0
#: One HTTP/1.1 pool collapses past about forty connections; eight keep two workers busy.
MAX_CONNECTIONS = 8
#: Shorter than the idle time of the usual gateways, so that we close first and no write meets a dead socket.
KEEP_ALIVE_S = 20.0
MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_EXCERPT_CHARACTERS = 2_000
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
METHODS_WITHOUT_EFFECT = frozenset({"GET", "HEAD", "OPTIONS"})
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-ms-request-id", "x-correlation-id")

_SECRETS = re.compile(
    r"(?i)((?:authorization|access_token|refresh_token|client_?key|api_?key|subscription-key|secret|password)"
    r"[\"']?\s*[:=]\s*[\"']?(?:bearer\s+|basic\s+)?)[^\s\"',&}]+"
)
_SCHEMES = re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}")
_TOKENS = re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_EMAILS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_NATIONAL_NUMBERS = re.compile(r"(?<!\d)\d{11}(?!\d)")


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Take keys, tokens, e-mail addresses and eleven-digit numbers out of a text meant for logs and excerpts.

    >>> redact('{"access_token":"abc","EmailAddress":"kari@example.com"}')
    '{"access_token":"***","EmailAddress":"***@***"}'
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _SECRETS.sub(r"\1***", text)
    text = _SCHEMES.sub(r"\1 ***", text)
    text = _TOKENS.sub("***", text)
    text = _EMAILS.sub("***@***", text)
    return _NATIONAL_NUMBERS.sub("***", text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever the status. Header names are lower case; excerpt is redacted and cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    excerpt: str

    @property
    def is_success(self) -> bool:
        """Tell whether the status is 2xx."""
        return 200 <= self.status < 300

    def text(self) -> str:
        """Give the body as text; bytes that are not UTF-8 become replacement characters."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Read the body as JSON with exact decimals; None when it is empty. Raises NotJson."""
        return loads(self.text()) if self.body.strip() else None


@dataclass(frozen=True, slots=True)
class Http:
    """One provider's way out. base_url's host must be in `hosts`; plain http and loopback need is_sandbox.

    Making one is cheap: the connections are kept per process and origin, shared by all clients of the house.
    """

    provider: str
    base_url: str
    hosts: frozenset[str]
    user_agent: str
    is_sandbox: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        is_allowed = parts.scheme == "https" and host in self.hosts
        if self.is_sandbox:
            is_allowed = parts.scheme in {"http", "https"} and host in LOOPBACK_HOSTS
        if not is_allowed or parts.username or parts.query or parts.fragment:
            wanted = "a sandbox on this machine" if self.is_sandbox else ", ".join(sorted(self.hosts))
            raise Misconfigured(
                f"{redact(self.base_url)!r} is not an address that {self.provider} may be called at; use {wanted}.",
                provider=self.provider,
            )

    def send(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        has_effect: bool | None = None,
    ) -> Answer:
        """Make one call and give the answer of any status; raise what the table above says.

        path starts with a slash and stands under base_url. has_effect says whether running it twice would
        matter; by default everything but GET does.
        """
        has_effect = method not in METHODS_WITHOUT_EFFECT if has_effect is None else has_effect
        call = Call(self.provider, operation, has_effect, uuid.uuid4().hex)
        url = self.base_url.rstrip("/") + path
        if query:
            url += "?" + urlencode(query, safe=",:")
        sent = {"User-Agent": self.user_agent, "Accept": "application/json", "X-Request-ID": call.request_id}
        client = _kept_client(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}")
        try:
            request = client.build_request(method, url, headers={**sent, **(headers or {})}, content=body)
            return self._receive(client, request, call)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise failure_of(error, call) from error

    def _receive(self, client: httpx.Client, request: httpx.Request, call: Call) -> Answer:
        response = client.send(request, stream=True)
        try:
            body = _read_limited(response, call)
        finally:
            response.close()
        theirs = next((response.headers[name] for name in REQUEST_ID_HEADERS if name in response.headers), "")
        headers = {name.lower(): value for name, value in response.headers.items()}
        text = body[: 4 * MAX_EXCERPT_CHARACTERS].decode("utf-8", "replace")
        excerpt = redact(text, self.secrets)[:MAX_EXCERPT_CHARACTERS]
        return Answer(response.status_code, headers, body, theirs or call.request_id, excerpt)


@dataclass(frozen=True, slots=True)
class Call:
    """Who asked for what, and whether running it twice would matter."""

    provider: str
    operation: str
    has_effect: bool
    request_id: str

    def conversation(self) -> dict[str, Any]:
        """Give what every error about this call carries."""
        return {"provider": self.provider, "operation": self.operation, "request_id": self.request_id}


def _read_limited(response: httpx.Response, call: Call) -> bytes:
    """Read the decoded body up to MAX_ANSWER_BYTES and TOTAL_TIMEOUT_S."""
    chunks: list[bytes] = []
    size = 0
    ends_at = time.monotonic() + TOTAL_TIMEOUT_S
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise unreadable(f"The answer is larger than {MAX_ANSWER_BYTES} bytes.", call)
        if time.monotonic() > ends_at:
            raise httpx.ReadTimeout("The answer took too long as a whole.", request=response.request)
    return b"".join(chunks)


def unreadable(message: str, call: Call) -> ProviderError:
    """Say that an answer came that cannot be read: in doubt when the call had an effect."""
    kind = OutcomeUnknown if call.has_effect else Misunderstood
    return kind(message, **call.conversation())


def failure_of(error: Exception, call: Call) -> ProviderError:
    """Say what a failure below HTTP means for what was asked (table at the top of the file)."""
    what = f"{type(error).__name__}: {redact(str(error))}"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        return Retryable(f"Could not connect ({what}).", **call.conversation())
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
        return Misunderstood(f"The request could not be written ({what}).", **call.conversation())
    if isinstance(error, httpx.DecodingError):
        return unreadable(f"The answer could not be unpacked ({what}).", call)
    if call.has_effect:
        return OutcomeUnknown(f"The answer was lost ({what}).", **call.conversation())
    return Retryable(f"The answer was lost ({what}).", **call.conversation())


_clients: dict[str, httpx.Client] = {}
_clients_lock = threading.Lock()


def _kept_client(origin: str) -> httpx.Client:
    """Give this process's client for an origin; making one costs milliseconds, its connections a handshake."""
    with _clients_lock:
        client = _clients.get(origin)
        if client is None:
            client = _clients[origin] = httpx.Client(
                verify=_shared_ssl_context(),
                timeout=httpx.Timeout(
                    connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S, write=WRITE_TIMEOUT_S, pool=POOL_TIMEOUT_S
                ),
                limits=httpx.Limits(
                    max_connections=MAX_CONNECTIONS,
                    max_keepalive_connections=MAX_CONNECTIONS,
                    keepalive_expiry=KEEP_ALIVE_S,
                ),
                follow_redirects=False,
                trust_env=False,
                cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            )
        return client


@functools.cache
def _shared_ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def close_clients() -> None:
    """Close every kept connection of this process (tests, orderly shutdown)."""
    with _clients_lock:
        for client in _clients.values():
            client.close()
        _clients.clear()


def _start_afresh_in_child() -> None:
    # A forked worker must not speak on its parent's sockets, nor wait for a lock that a parent's thread held.
    global _clients_lock  # noqa: PLW0603  # the only way to replace a lock after fork
    _clients_lock = threading.Lock()
    _clients.clear()


os.register_at_fork(after_in_child=_start_afresh_in_child)

__all__ = ["Answer", "Call", "Http", "NotJson", "close_clients", "dumps", "failure_of", "loads", "redact"]
