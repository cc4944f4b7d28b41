"""The application: gateway in front, companies behind, faults in between."""

import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import admin, onboarding, page, tokens
from .books import Books
from .calls import Call
from .clock import Clock
from .errors import DropConnection, EmptyError, GatewayError, Refusal
from .faults import Fault, Faults
from .limiter import Limiter, too_many
from .messages import Request, Response, answer, refusal
from .options import SandboxClient, SandboxOptions
from .routes import Route, find_route
from .seed import open_books
from .sending import run_due
from .store import Store, Table
from .wsgi import StartResponse, read_request, start

MAX_URL_CHARACTERS = 2000
NO_KEY = "Access denied due to missing subscription key. Make sure to include subscription key when making requests."
WRONG_KEY = (
    "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."
)
_ONBOARDING = {"/onboarding/initiate": onboarding.initiate, "/onboarding/finalize": onboarding.finalize}


@dataclass
class Target:
    """What a path leads to: a route of the API, or a call of the gateway itself (token, onboarding)."""

    name: str
    route: Route | None = None
    path: dict[str, str] | None = None


class Sandbox:
    """A WSGI application that stands in for PowerOffice Go, with the books of its companies."""

    def __init__(self, state_path: str | None = None, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self.lock = threading.RLock()
        self.clock = Clock(self.options.clock_us)
        self.faults = Faults()
        self.limiter = Limiter(self.options.rate_limit_per_s)
        self.requests: deque[dict[str, Any]] = deque(maxlen=self.options.remembered_requests)
        self.counts: Counter[str] = Counter()
        self.store = Store(state_path)
        self.companies: dict[str, Books] = {}
        self._open()

    def _open(self) -> None:
        self.common = Table(self.store, "", "common")
        with self.store.transaction():
            if self.common.get("secret") is None:
                self.common.put({"Id": "secret", "value": secrets.token_hex(32)})
        for row in self.common.all():
            if row.get("is_client"):
                self._open_company(admin.client_from_row(row))
        for client in self.options.clients:
            if client.client_key not in self.companies:
                self.add_client(client)

    # companies

    def add_client(self, client: SandboxClient) -> Books:
        """Open the books of one more company; known keys are refused with ValueError."""
        with self.lock:
            if client.client_key in self.companies:
                raise ValueError(f"there is a company with client key {client.client_key}")
            with self.store.transaction():
                self.common.put(admin.client_as_row(client))
            return self._open_company(client)

    def _open_company(self, client: SandboxClient) -> Books:
        books = Books(self.store, client, self.clock)
        with self.store.transaction():
            open_books(books)
        self.companies[client.client_key] = books
        return books

    def books_of(self, client_key: str) -> Books:
        """Give the books of a company, with everything that is due by now done."""
        with self.lock:
            self._advance()
            return self.companies[client_key]

    def reset(self) -> None:
        """Throw all books, faults and counts away and start again with the configured companies."""
        with self.lock:
            self.store.clear()
            self.companies.clear()
            self.faults.clear()
            self.requests.clear()
            self.counts.clear()
            self.limiter = Limiter(self.options.rate_limit_per_s)
            self._open()

    def close(self) -> None:
        """Close the state file."""
        with self.lock:
            self.store.close()

    @property
    def secret(self) -> bytes:
        """Give the key that signs tokens."""
        return bytes.fromhex(self.common["secret"]["value"])

    def _advance(self) -> None:
        self.clock.tick()
        for books in self.companies.values():
            if books.orders.find("is_queued", True):
                with self.store.transaction():
                    run_due(books, self.options)

    # requests

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (WSGI). A fault may raise DropConnection: then the server closes the socket."""
        return start(self.respond(read_request(environ)), start_response)

    def respond(self, request: Request) -> Response:
        """Answer one request."""
        lower = request.path.lower()
        if lower.startswith("/_sandbox/"):
            with self.lock:
                self._advance()
                return admin.respond(self, request)
        api_path = request.path[5:] if lower.startswith("/demo/") else request.path
        if not api_path.lower().startswith(("/v2/", "/oauth/")):
            with self.lock:
                self._advance()
                return page.respond(self, request)
        return self._api(request, api_path)

    def _api(self, request: Request, path: str) -> Response:
        """Answer a call of the API and remember it, whatever becomes of it."""
        seen = {"method": request.method, "path": path, "query": request.query, "status": 0}
        seen["body"] = request.body[:100_000].decode("utf-8", "replace")
        seen["content_type"] = request.content_type
        try:
            response = self._guarded(request, path, seen)
            seen["status"] = response.status
            return response
        finally:
            with self.lock:
                seen["at"] = self.clock.now
                self.requests.append(seen)
                if seen["status"] == 429:
                    self.counts["429"] += 1

    def _guarded(self, request: Request, path: str, seen: dict[str, Any]) -> Response:
        try:
            with self.lock:
                self._advance()
                target = self._gateway(request, path)
                self.counts[target.name] += 1
                fault = self.faults.strike(request.method, path)
                if fault is None:
                    return self._handle(request, target)
            return self._faulty(request, target, fault, seen)
        except Refusal as error:
            return refusal(error)

    def _gateway(self, request: Request, path: str) -> Target:
        """Check what the gateway checks, in its order: URL, route, subscription key, rate."""
        if len(request.root_url) + len(request.path) + len(request.query) > MAX_URL_CHARACTERS:
            raise GatewayError(414, "The request URL is longer than 2000 characters")
        target = _target(request.method, path)
        key = request.headers.get("ocp-apim-subscription-key", "")
        if not key:
            raise GatewayError(401, NO_KEY)
        if key not in self.options.subscription_keys:
            raise GatewayError(401, WRONG_KEY)
        self.limiter.admit(key, self.clock.now_us)
        return target

    def _faulty(self, request: Request, target: Target, fault: Fault, seen: dict[str, Any]) -> Response:
        """Let a fault have its way; waiting happens outside the lock."""
        kind = fault.kind
        seen["fault"] = kind
        if kind in ("timeout_before", "slow"):
            time.sleep(fault.milliseconds / 1000)
        if kind in ("drop_before", "timeout_before"):
            raise DropConnection
        if kind == "error_500":
            return _broken(500)
        if kind == "429":
            raise too_many()
        if kind == "401":
            raise EmptyError(401)
        with self.lock:
            self._advance()
            response = self._handle_safely(request, target)
        seen["status"] = response.status
        if kind == "commit_then_drop":
            raise DropConnection
        if kind in ("commit_then_500", "commit_then_502"):
            return _broken(int(kind[-3:]))
        if kind == "timeout_after":
            time.sleep(fault.milliseconds / 1000)
        return response

    def _handle_safely(self, request: Request, target: Target) -> Response:
        try:
            return self._handle(request, target)
        except Refusal as error:
            return refusal(error)

    def _handle(self, request: Request, target: Target) -> Response:
        now_s = self.clock.now_us // 1_000_000
        if target.name == "POST /OAuth/Token":
            application, key = tokens.read_basic(request)
            known = application in self.options.application_keys and key in self.companies
            if not known:
                raise tokens.unknown_keys()
            client = self.companies[key].client
            return tokens.issue(self.secret, client, application, now_s, self.options.token_lifetime_s)
        if target.route is None:
            with self.store.transaction():
                return _ONBOARDING[target.name.partition("/v2")[2].lower()](self, request)
        bearer = tokens.check(self.secret, request, now_s)
        books = self.companies.get(bearer.client_key)
        if books is None:
            raise EmptyError(401)
        if target.route.privileges and not target.route.privileges & bearer.roles:
            raise EmptyError(403)
        call = Call(request, books, self.options, bearer.application_key, bearer.may_send_invoice, target.path or {})
        with self.store.transaction():
            return target.route.handle(call)


def _target(method: str, path: str) -> Target:
    lower = path.lower()
    if lower == "/oauth/token" and method == "POST":
        return Target("POST /OAuth/Token")
    if lower.startswith("/v2/"):
        below = path[3:].rstrip("/")
        if method == "POST" and below.lower() in _ONBOARDING:
            return Target(f"POST /v2{below}")
        if (found := find_route(method, below)) is not None:
            return Target(f"{method} /v2{found[0].path}", found[0], found[1])
    raise GatewayError(404, "Resource not found")


def _broken(status: int) -> Response:
    return answer({"statusCode": status, "message": "Internal server error"}, status)


def create_app(state_path: str | None = None, options: SandboxOptions | None = None) -> Sandbox:
    """Make the WSGI application; without a path the books live in memory."""
    return Sandbox(None if state_path == ":memory:" else state_path, options)
