"""The sandbox's own calls below /_sandbox/: companies, faults, lock date, accounts, reset, requests, statistics, proof.

No key is needed; they answer on loopback only, decided by the host the request was sent to.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from uuid import uuid4

from .books import Books
from .faults import read_fault
from .messages import Request, Response, answer
from .options import ALL_PRIVILEGES, SandboxClient
from .proof import proof
from .schema import Field, Shape, day, flag, guid, many, read_fields, text, whole
from .store import Row

if TYPE_CHECKING:
    from .sandbox import Sandbox

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_CLIENT: Shape = {
    "client_key": Field(guid),
    "name": Field(text(200), required=True),
    "organisation_number": Field(text(9), required=True),
    "privileges": Field(many(text(100))),
    "invalid_privileges": Field(many(text(100))),
    "allow_send_invoice": Field(flag),
    "lock_date": Field(day),
    "conversion_date": Field(day),
}
_LOCK: Shape = {"client_key": Field(guid), "lock_date": Field(day)}
_ACCOUNT: Shape = {
    "client_key": Field(guid),
    "account_no": Field(whole(32), required=True),
    "is_active": Field(flag, required=True),
}


def respond(sandbox: "Sandbox", request: Request) -> Response:
    """Answer one of the sandbox's own calls."""
    host = request.root_url.partition("://")[2]
    if host.rpartition(":")[0] not in LOOPBACK and host not in LOOPBACK:
        return answer({"error": "only on loopback"}, 403)
    handler = _CALLS.get((request.method, request.path.lower().rstrip("/").removeprefix("/_sandbox/")))
    if handler is None:
        known = ", ".join(f"{method} /_sandbox/{name}" for method, name in _CALLS)
        return answer({"error": f"there is no such call; there are {known}"}, 404)
    try:
        return handler(sandbox, request)
    except ValueError as error:
        return answer({"error": str(error)}, 400)


def _body(request: Request) -> Any:
    return json.loads(request.body, parse_float=Decimal) if request.body.strip() else {}


def client_as_row(client: SandboxClient) -> Row:
    """Give a company in the form it is stored in."""
    return {
        "Id": f"client {client.client_key}",
        "is_client": True,
        "client_key": client.client_key,
        "name": client.name,
        "organisation_number": client.organisation_number,
        "privileges": list(client.privileges),
        "invalid_privileges": list(client.invalid_privileges),
        "allow_send_invoice": client.allow_send_invoice,
        "lock_date": client.lock_date.isoformat() if client.lock_date else None,
        "conversion_date": client.conversion_date.isoformat(),
    }


def client_from_row(row: Row) -> SandboxClient:
    """Read a stored or posted company."""
    lock = row.get("lock_date")
    return SandboxClient(
        client_key=row["client_key"],
        name=row["name"],
        organisation_number=row["organisation_number"],
        privileges=tuple(row.get("privileges") or ALL_PRIVILEGES),
        invalid_privileges=tuple(row.get("invalid_privileges") or ()),
        allow_send_invoice=row.get("allow_send_invoice", True),
        lock_date=date.fromisoformat(lock) if lock else None,
        conversion_date=date.fromisoformat(row.get("conversion_date") or "2020-01-01"),
    )


def _add_client(sandbox: "Sandbox", request: Request) -> Response:
    given = read_fields(_body(request), _CLIENT)
    client = client_from_row({"client_key": str(uuid4()), **given})
    sandbox.add_client(client)
    return answer(client_as_row(client), 201)


def _clients(sandbox: "Sandbox", request: Request) -> Response:
    return answer([client_as_row(books.client) for books in sandbox.companies.values()])


def _add_fault(sandbox: "Sandbox", request: Request) -> Response:
    given = _body(request)
    rules = [read_fault(rule) for rule in (given if isinstance(given, list) else [given])]
    sandbox.faults.rules.extend(rules)
    return answer([rule.shown() for rule in rules], 201)


def _faults(sandbox: "Sandbox", request: Request) -> Response:
    return answer([rule.shown() for rule in sandbox.faults.rules])


def _clear_faults(sandbox: "Sandbox", request: Request) -> Response:
    sandbox.faults.clear()
    return answer([])


def _companies(sandbox: "Sandbox", wanted: str | None) -> list[Books]:
    """Give the company of a client key, or all when none is named."""
    found = [books for key, books in sandbox.companies.items() if wanted in (None, key)]
    if not found:
        raise ValueError(f"there is no company with client key {wanted}")
    return found


def _lock_date(sandbox: "Sandbox", request: Request) -> Response:
    """Move the lock date of one company, or of all when none is named; null opens."""
    given = read_fields(_body(request), _LOCK)
    found = _companies(sandbox, given.get("client_key"))
    lock = date.fromisoformat(given["lock_date"]) if "lock_date" in given else None
    with sandbox.store.transaction():
        for books in found:
            books.set_lock_date(lock)
    return answer({books.client.client_key: books.lock_date for books in found})


def _account(sandbox: "Sandbox", request: Request) -> Response:
    """Open or close a ledger account, as an accountant does in Go's own pages; the API cannot."""
    given = read_fields(_body(request), _ACCOUNT)
    number, is_active = given["account_no"], given["is_active"]
    with sandbox.store.transaction():
        for books in _companies(sandbox, given.get("client_key")):
            rows = books.accounts.find("number", number)
            if not rows:
                raise ValueError(f"{books.client.name} has no account {number}")
            books.accounts.change(rows[0]["Id"], IsActive=is_active, LastChangedDateTimeOffset=books.clock.now)
    return answer({"account_no": number, "is_active": is_active})


def _reset(sandbox: "Sandbox", request: Request) -> Response:
    sandbox.reset()
    return answer({"reset": True})


def _requests(sandbox: "Sandbox", request: Request) -> Response:
    limit = parse_qs(request.query).get("limit", ["100"])[0]
    if not limit.isdigit():
        raise ValueError("limit must be a number")
    return answer(list(sandbox.requests)[-int(limit) :] if int(limit) else [])


def _statistics(sandbox: "Sandbox", request: Request) -> Response:
    counts = dict(sorted(sandbox.counts.items()))
    refused = counts.pop("429", 0)
    return answer({"requests": counts, "total": sum(counts.values()), "status_429": refused})


def _proof(sandbox: "Sandbox", request: Request) -> Response:
    return answer({key: proof(books) for key, books in sandbox.companies.items()})


_CALLS: dict[tuple[str, str], Callable[["Sandbox", Request], Response]] = {
    ("GET", "clients"): _clients,
    ("POST", "clients"): _add_client,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "lock_date"): _lock_date,
    ("POST", "accounts"): _account,
    ("POST", "reset"): _reset,
    ("GET", "requests"): _requests,
    ("GET", "statistics"): _statistics,
    ("GET", "proof"): _proof,
}
