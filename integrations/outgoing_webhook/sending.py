"""Post one body to an address that a person entered, so that it reaches the internet and nothing inside.

The host is resolved here, every address it has is checked, and the connection is made to the address that was checked:
asking the name again could give another one. TLS still speaks to the name. Redirects are not followed, no proxy is
read from the environment, of the answer only the first bytes are read, and a timer cuts the connection off when it
takes too long as a whole, whatever it drips. This is the one sender that speaks through http.client: the connections
that integrations.http keeps are made for a few known hosts.
"""

from __future__ import annotations

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from urllib.parse import urlsplit

from backoffice.contracts.errors import Reason
from backoffice.contracts.webhooks import HTTPS_PORT, HookAnswer, HookFailed, address_problem, is_public
from integrations.http import redact
from integrations.reads import retry_after_s

CONNECT_TIMEOUT_S = 3.0
#: from the look-up of the name to the first bytes of the answer
TOTAL_TIMEOUT_S = 8.0
MAX_EXCERPT_BYTES = 500
HTTP_PORT = 80


def post(url: str, *, body: bytes, headers: Mapping[str, str], allows_private: bool) -> HookAnswer:
    """Post a body once and give the answer of any status; raise HookFailed when it cannot be sent or read."""
    began = time.monotonic()
    try:
        return _post(url, body, headers, allows_private, began)
    except HookFailed as error:
        error.duration_ms = _since(began)
        raise


def _post(url: str, body: bytes, headers: Mapping[str, str], allows_private: bool, began: float) -> HookAnswer:
    if problem := address_problem(url, allows_private=allows_private):
        raise HookFailed(Reason("webhook_address_refused", problem))
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT)
    ip = _checked_address(host, port, allows_private)
    wire = _connected(ip, port, host, is_tls=parts.scheme == "https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    cut = threading.Event()
    timer = threading.Timer(max(TOTAL_TIMEOUT_S - (time.monotonic() - began), 0.1), _cut_off, (wire, cut))
    timer.daemon = True
    timer.start()
    try:
        if isinstance(wire, ssl.SSLSocket):
            wire.do_handshake()
        return _talk(wire, parts.netloc, path, body, headers, began)
    except ssl.SSLCertVerificationError as error:
        text = f"The certificate of {host} is not valid: {error.verify_message}."
        raise HookFailed(Reason("webhook_no_connection", text)) from error
    except (OSError, http.client.HTTPException) as error:
        if cut.is_set() or isinstance(error, TimeoutError):
            text = f"The address gave no answer within {TOTAL_TIMEOUT_S:.0f} seconds."
            raise HookFailed(Reason("webhook_timeout", text)) from error
        text = f"The connection broke before the answer was read ({type(error).__name__})."
        raise HookFailed(Reason("webhook_broken_off", text)) from error
    finally:
        timer.cancel()
        wire.close()


def _talk(
    wire: socket.socket, host: str, path: str, body: bytes, headers: Mapping[str, str], began: float
) -> HookAnswer:
    connection = http.client.HTTPConnection("checked.invalid")
    connection.sock = wire
    fixed = {"Host": host, "Content-Length": str(len(body)), "Connection": "close"}
    connection.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
    for name, value in {**headers, **fixed}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    excerpt = response.read(MAX_EXCERPT_BYTES).decode("utf-8", "replace").replace("\x00", "")
    wait_s = retry_after_s({"retry-after": response.getheader("Retry-After") or ""})
    return HookAnswer(response.status, _since(began), redact(excerpt), wait_s)


def _checked_address(host: str, port: int, allows_private: bool) -> str:
    """Give an address of the host; refuse when any of its addresses is not of the open internet."""
    found = [str(info[4][0]) for info in _resolved(host, port)]
    if not found:
        raise HookFailed(Reason("webhook_no_connection", f"The name {host} has no address."))
    if not allows_private:
        for text in found:
            if not is_public(ipaddress.ip_address(text.partition("%")[0])):
                detail = f"{host} leads to {text}, which is not of the open internet, so nothing was sent."
                raise HookFailed(Reason("webhook_address_refused", detail))
    return found[0]


def _resolved(host: str, port: int) -> list[tuple[object, object, object, object, tuple[object, ...]]]:
    """Ask the resolver in a thread of its own: it knows no time-out."""
    answers: queue.SimpleQueue[object] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=CONNECT_TIMEOUT_S)
    except queue.Empty:
        answer = TimeoutError()
    if not isinstance(answer, list):
        raise HookFailed(Reason("webhook_no_connection", f"The name {host} could not be looked up."))
    return answer


def _connected(ip: str, port: int, host: str, *, is_tls: bool) -> socket.socket:
    try:
        plain = socket.create_connection((ip, port), timeout=CONNECT_TIMEOUT_S)
    except OSError as error:
        text = f"No connection to {host} ({type(error).__name__})."
        raise HookFailed(Reason("webhook_no_connection", text)) from error
    plain.settimeout(TOTAL_TIMEOUT_S)
    return _tls().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False) if is_tls else plain


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _cut_off(wire: socket.socket, cut: threading.Event) -> None:
    cut.set()
    with suppress(OSError):  # it may be closed already
        wire.shutdown(socket.SHUT_RDWR)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
