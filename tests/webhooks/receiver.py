"""A sales system that takes webhooks: a real HTTP server whose manners a test chooses."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Taken:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        """Read the body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """What came, and how the next requests are answered: a status, "reset", "drip", "silent", or "redirect"."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    manners: deque[int | str] = field(default_factory=deque)
    otherwise: int | str = 200
    fixed: dict[str, int | str] = field(default_factory=dict)
    retry_after: str = ""

    @property
    def ids(self) -> list[str]:
        """The ids that came, in their order."""
        return [one.content["id"] for one in self.taken]

    @property
    def types(self) -> list[str]:
        """The types that came, in their order."""
        return [one.content["type"] for one in self.taken]


def verify(header: str, body: bytes, secret: str, *, now: float | None = None, window_s: int = 300) -> bool:
    """Check a signature as docs/api.md says, sharing no code with the house."""
    parts = [part.split("=", 1) for part in header.split(",")]
    stamp = next(value for name, value in parts if name == "t")
    if abs((now or time.time()) - int(stamp)) > window_s:
        return False
    wanted = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return any(name == "v1" and hmac.compare_digest(value, wanted) for name, value in parts)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.taken.append(Taken(self.path, dict(self.headers.items()), body))
            manner = receiver.fixed.get(self.path) or (
                receiver.manners.popleft() if receiver.manners else receiver.otherwise
            )
            if manner == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                self.connection.close()
                return
            if manner == "silent":
                time.sleep(2)
                return
            if manner == "drip":
                self._drip()
                return
            status = 302 if manner == "redirect" else int(manner)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            if receiver.retry_after:
                self.send_header("Retry-After", receiver.retry_after)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"seen")

        def _drip(self) -> None:
            for sign in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100:
                try:
                    self.wfile.write(bytes([sign]))
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Give a receiver that listens on a free port of this machine."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # type: ignore[method-assign]  # resets are meant
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
