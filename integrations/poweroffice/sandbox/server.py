"""A small threaded HTTP/1.1 server with keep-alive for the sandbox, and a context manager for tests."""

import io
import socketserver
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, cast

from .books import Books
from .errors import DropConnection
from .faults import Faults
from .options import SandboxOptions
from .sandbox import Sandbox, create_app
from .wsgi import path_of

BACKLOG = 512
MAX_BODY_BYTES = 40 * 1024 * 1024
IDLE_TIMEOUT_S = 120


class _Handler(BaseHTTPRequestHandler):
    """Speak HTTP/1.1 for one connection and hand each request to the WSGI application."""

    protocol_version = "HTTP/1.1"
    server_version = "poweroffice-sandbox"
    sys_version = ""
    timeout = IDLE_TIMEOUT_S
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        status = ["500 Internal Server Error"]
        headers: list[tuple[str, str]] = []

        def start_response(line: str, found: list[tuple[str, str]]) -> None:
            status[0] = line
            headers.extend(found)

        try:
            content = b"".join(cast(_Server, self.server).app(self._environ(body), start_response))
        except DropConnection:
            self.close_connection = True
            self.connection.close()
            return
        except Exception:  # a mistake of the sandbox itself: say so, and keep serving
            traceback.print_exc()
            status[0], headers[:] = "500 Internal Server Error", [("Content-Length", "0")]
            content = b""
        code, _, phrase = status[0].partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def _body(self) -> bytes | None:
        """Read the body, with a length or in chunks; None when it is too large or malformed (answered
        here)."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        text = self.headers.get("Content-Length", "0")
        if not text.isdigit():
            self.send_error(400)
            return None
        if int(text) > MAX_BODY_BYTES:
            self.close_connection = True
            self.send_error(413)
            return None
        return self.rfile.read(int(text))

    def _chunks(self) -> bytes | None:
        found = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(100).partition(b";")[0], 16)
            except ValueError:
                self.send_error(400)
                return None
            if len(found) + size > MAX_BODY_BYTES:
                self.close_connection = True
                self.send_error(413)
                return None
            found += self.rfile.read(size)
            self.rfile.readline(100)
            if not size:
                return bytes(found)

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, query = path_of(self.path)
        host, port = cast("tuple[str, int]", self.server.server_address)[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.protocol_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet: the requests are on the page and under /_sandbox/requests."""


class _Server(socketserver.ThreadingTCPServer):
    """Accept connections; each has a thread of its own."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = BACKLOG

    def __init__(self, address: tuple[str, int], app: Sandbox) -> None:
        self.app = app
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that the other side closed; show everything else."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class SandboxServer:
    """Run a sandbox in this process: `with SandboxServer(options) as s: s.url`.

    `s.books` are the books of the first company, `s.books_of(client_key)` those of any, `s.faults` the fault
    rules.
    """

    def __init__(
        self,
        options: SandboxOptions | None = None,
        state_path: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.app = create_app(state_path, options)
        self._server = _Server((host, port), self.app)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.port: int = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"

    @property
    def books(self) -> Books:
        """Give the books of the first configured company, with everything due by now done."""
        return self.app.books_of(self.app.options.clients[0].client_key)

    def books_of(self, client_key: str) -> Books:
        """Give the books of a company, with everything due by now done."""
        return self.app.books_of(client_key)

    @property
    def faults(self) -> Faults:
        """Give the fault rules."""
        return self.app.faults

    def start(self) -> None:
        """Start answering."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and close the state file."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.app.close()

    def __enter__(self) -> "SandboxServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
