"""The door to the network, tried on real sockets: what each failure means, and what is never let through."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from backoffice.contracts.errors import Misconfigured, Misunderstood, OutcomeUnknown, ProviderError, Retryable
from integrations import http
from integrations.http import Call, Http, close_clients, failure_of, redact

Handler = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def read_request(connection: socket.socket) -> bytes:
    """Read one request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(sizes[0].split(b":")[1]) if sizes else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serve(*handlers: Handler) -> Iterator[Http]:
    """Answer one connection per handler, in order, then no more."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        for handler in handlers:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                handler(connection)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield Http("testshop", f"http://127.0.0.1:{listener.getsockname()[1]}", frozenset(), "tests", is_sandbox=True)
        thread.join(5)
        assert not thread.is_alive(), "the server waits for a connection that never came"
    finally:
        close_clients()
        listener.close()


def answering(*answers: bytes, seen: list[bytes] | None = None) -> Handler:
    """Make a handler that reads a request and writes an answer, over and over, on one connection."""

    def handle(connection: socket.socket) -> None:
        for answer in answers:
            request = read_request(connection)
            if seen is not None:
                seen.append(request)
            connection.sendall(answer)

    return handle


def hang_up(connection: socket.socket) -> None:
    """Read a request and give no answer."""
    read_request(connection)


def outcome(door: Http, method: str) -> ProviderError:
    """Give the error of a call that must fail."""
    with pytest.raises(ProviderError) as caught:
        door.send(method, "/orders", operation="create_order", body=b"{}" if method != "GET" else b"")
    return caught.value


WRITES = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("method", [*WRITES, "GET"])
def test_a_refused_connection_did_not_run(method: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    door = Http("testshop", f"http://127.0.0.1:{port}", frozenset(), "tests", is_sandbox=True)
    assert type(outcome(door, method)) is Retryable


def speak_no_tls(connection: socket.socket) -> None:
    """Answer a handshake in plain text."""
    connection.recv(65536)
    connection.sendall(OK)


def break_off(connection: socket.socket) -> None:
    """Hang up in the middle of a handshake."""
    connection.recv(65536)


@pytest.mark.parametrize("handler", [speak_no_tls, break_off])
def test_a_handshake_that_fails_did_not_run(handler: Handler) -> None:
    with serve(handler) as plain:
        secure = plain.base_url.replace("http:", "https:")
        door = Http("testshop", secure, frozenset(), "tests", is_sandbox=True)
        assert type(outcome(door, "POST")) is Retryable


def certificate_of_nobody(folder: Path) -> ssl.SSLContext:
    """Make a server's context with a certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_said(tmp_path: Path) -> None:
    context = certificate_of_nobody(tmp_path)
    heard: list[bytes] = []

    def shake_hands(connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            heard.append(secure.recv(65536))

    with serve(shake_hands) as plain:
        door = Http("testshop", plain.base_url.replace("http:", "https:"), frozenset(), "tests", is_sandbox=True)
        found = outcome(door, "POST")
    assert type(found) is Retryable
    assert "certificate" in found.message
    assert not any(heard)


@pytest.mark.parametrize("method", WRITES)
def test_a_write_whose_answer_is_lost_is_in_doubt(method: str) -> None:
    with serve(hang_up) as door:
        assert type(outcome(door, method)) is OutcomeUnknown


def test_a_read_whose_answer_is_lost_is_simply_read_again() -> None:
    with serve(hang_up) as door:
        assert type(outcome(door, "GET")) is Retryable


def test_half_an_answer_to_a_write_is_in_doubt() -> None:
    with serve(answering(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{")) as door:
        assert type(outcome(door, "POST")) is OutcomeUnknown


def test_no_http_at_all_after_a_write_is_in_doubt() -> None:
    with serve(answering(b"* OK IMAP4 ready\r\n")) as door:
        assert type(outcome(door, "POST")) is OutcomeUnknown


def test_a_kept_connection_that_dies_between_two_writes_leaves_the_second_in_doubt() -> None:
    def one_answer_then_hang_up_on_the_next(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK)
        read_request(connection)

    with serve(one_answer_then_hang_up_on_the_next) as door:
        assert door.send("POST", "/a", operation="a").status == 200
        assert type(outcome(door, "POST")) is OutcomeUnknown


def test_a_call_without_effect_may_say_so_whatever_its_method() -> None:
    with serve(hang_up) as door, pytest.raises(Retryable):
        door.send("POST", "/token", operation="token", has_effect=False)


def test_a_slow_answer_to_a_write_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT_S", 0.05)
    released = threading.Event()

    def wait(connection: socket.socket) -> None:
        read_request(connection)
        released.wait(5)

    with serve(wait) as door:
        assert type(outcome(door, "POST")) is OutcomeUnknown
        released.set()


def test_an_answer_that_drips_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_TIMEOUT_S", 0.02)
    stopped = threading.Event()

    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        try:
            while not stopped.wait(0.01):
                connection.sendall(b" ")
        except OSError:
            pass  # the door hung up, as it should

    with serve(drip) as door:
        assert type(outcome(door, "GET")) is Retryable
        stopped.set()


@pytest.mark.parametrize(("method", "kind"), [("POST", OutcomeUnknown), ("GET", Misunderstood)])
def test_an_answer_without_measure_is_not_read(
    monkeypatch: pytest.MonkeyPatch, method: str, kind: type[ProviderError]
) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 10)
    with serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b" " * 20)) as door:
        assert type(outcome(door, method)) is kind


@pytest.mark.parametrize(("method", "kind"), [("POST", OutcomeUnknown), ("GET", Misunderstood)])
def test_an_answer_that_cannot_be_unpacked_says_what_it_means(method: str, kind: type[ProviderError]) -> None:
    broken = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
    with serve(answering(broken)) as door:
        assert type(outcome(door, method)) is kind


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with serve(answering(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")) as door:
        assert door.send("GET", "/", operation="a").status == 302


def test_cookies_of_one_company_never_reach_another() -> None:
    seen: list[bytes] = []
    baked = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=one; Path=/\r\nContent-Length: 2\r\n\r\n{}"
    with serve(answering(baked, OK, seen=seen)) as door:
        door.send("GET", "/a", operation="a")
        door.send("GET", "/b", operation="b")
    assert not any(b"cookie" in request.lower() for request in seen)


def test_one_connection_serves_many_calls_and_many_doors() -> None:
    with serve(answering(OK, OK, OK)) as door:
        for _ in range(3):
            twin = Http("testshop", door.base_url, frozenset(), "tests", is_sandbox=True)
            assert twin.send("GET", "/a", operation="a").json() == {}


def test_a_request_carries_our_name_and_a_number_of_its_own() -> None:
    seen: list[bytes] = []
    with serve(answering(OK, OK, seen=seen)) as door:
        ids = [door.send("GET", "/a", operation="a", query={"ids": "1,2 3"}).request_id for _ in range(2)]
    assert seen[0].startswith(b"GET /a?ids=1,2+3 HTTP/1.1")
    assert b"user-agent: tests" in seen[0].lower()
    assert len(set(ids)) == 2
    assert ids[0].encode() in seen[0]


def test_their_request_id_is_kept_when_they_give_one() -> None:
    with serve(answering(b"HTTP/1.1 200 OK\r\nX-Request-Id: theirs-7\r\nContent-Length: 0\r\n\r\n")) as door:
        answer = door.send("GET", "/a", operation="a")
    assert answer.request_id == "theirs-7"
    assert answer.json() is None


def test_the_excerpt_of_an_answer_holds_no_secret() -> None:
    body = b'{"detail":"key s3cret-key of kari@example.com","access_token":"abc.def"}'
    answer_bytes = b"HTTP/1.1 400 Bad\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with serve(answering(answer_bytes)) as plain:
        door = Http("testshop", plain.base_url, frozenset(), "tests", is_sandbox=True, secrets=("s3cret-key",))
        answer = door.send("GET", "/a", operation="a")
    assert answer.excerpt == '{"detail":"key *** of ***@***","access_token":"***"}'
    assert "s3cret" not in repr(door)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abcdefgh123", "Authorization: Bearer ***"),
        ("Basic dXNlcjpwYXNzd29yZA==", "Basic ***"),
        ("client_key=5a4d8c10-0000", "client_key=***"),
        ("token eyJhbGciOi.eyJzdWIi.c2ln end", "token *** end"),
        ("born 01019912345", "born ***"),
        ("invoice 10001 of 2026-11-02", "invoice 10001 of 2026-11-02"),
    ],
)
def test_redaction_takes_secrets_and_leaves_the_rest(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    ("base_url", "is_sandbox"),
    [
        ("http://api.example", False),
        ("https://evil.example", False),
        ("https://api.example.evil.example", False),
        ("https://user:word@api.example", False),
        ("https://api.example?x=1", False),
        ("http://127.0.0.1:8090", False),
        ("http://169.254.169.254", True),
        ("http://api.example", True),
        ("file:///etc/passwd", True),
    ],
)
def test_only_known_hosts_and_sandboxes_on_this_machine_are_called(base_url: str, is_sandbox: bool) -> None:
    with pytest.raises(Misconfigured):
        Http("testshop", base_url, frozenset({"api.example"}), "tests", is_sandbox=is_sandbox)
    assert Http("testshop", "https://api.example/v2", frozenset({"api.example"}), "tests").base_url


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("x"), Retryable),
        (httpx.ConnectTimeout("x"), Retryable),
        (httpx.PoolTimeout("x"), Retryable),
        (httpx.WriteTimeout("x"), OutcomeUnknown),
        (httpx.WriteError("x"), OutcomeUnknown),
        (httpx.ReadTimeout("x"), OutcomeUnknown),
        (httpx.ReadError("x"), OutcomeUnknown),
        (httpx.CloseError("x"), OutcomeUnknown),
        (httpx.RemoteProtocolError("x"), OutcomeUnknown),
        (httpx.LocalProtocolError("x"), Misunderstood),
        (httpx.InvalidURL("x"), Misunderstood),
    ],
)
def test_every_failure_below_http_has_one_meaning_for_a_write(error: Exception, kind: type[ProviderError]) -> None:
    found = failure_of(error, Call("testshop", "create", has_effect=True, request_id="r-1"))
    assert type(found) is kind
    assert (found.provider, found.operation, found.request_id) == ("testshop", "create", "r-1")


def test_a_forked_worker_starts_with_connections_of_its_own() -> None:
    with serve(answering(OK), answering(OK)) as door:
        door.send("GET", "/a", operation="a")
        child = os.fork()
        if child == 0:
            is_fresh = not http._clients
            os._exit(0 if is_fresh and door.send("GET", "/b", operation="b").status == 200 else 1)
        close_clients()
        assert os.waitpid(child, 0)[1] == 0
