"""The pages a person sees: companies, their books, the last requests, the faults in force."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import onboarding, page_books
from .books import Books
from .messages import Request, Response
from .page_parts import Html, facts, frame, link, money, quiet, table, tag

if TYPE_CHECKING:
    from .sandbox import Sandbox

LAST_REQUESTS = 200
_COMPANY = re.compile(r"/company/([0-9a-f-]+)(?:/(\w+)(?:/([0-9a-f-]+))?)?/?")
_SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action *",
    "X-Content-Type-Options": "nosniff",
}


def respond(sandbox: "Sandbox", request: Request) -> Response:
    """Answer a page; the caller holds the lock."""
    if request.path == "/onboarding":
        found = onboarding.approve(sandbox, request)
        if isinstance(found, Response):
            return found
        return _page("Give access", "", found)
    if request.method not in ("GET", "HEAD"):
        return _missing()
    plain: dict[str, Callable[[Sandbox], Response]] = {"/": _home, "/requests": _requests, "/faults": _faults}
    if request.path in plain:
        return plain[request.path](sandbox)
    match = _COMPANY.fullmatch(request.path)
    books = sandbox.companies.get(match[1]) if match else None
    if match is None or books is None:
        return _missing()
    body = page_books.show(books, match[2] or "balance", match[3])
    if body is None:
        return _missing()
    client = books.client
    return _page(client.name, f"Organisation number {client.organisation_number}", body)


def _page(title: str, lead: str, content: str, status: int = 200) -> Response:
    return Response(status, frame(title, lead, content), "text/html; charset=utf-8", dict(_SAFE_HEADERS))


def _missing() -> Response:
    return _page("Not found", "There is no such page.", link("/", "Back to the companies"), 404)


def _home(sandbox: "Sandbox") -> Response:
    cards = "".join(_card(books) for books in sandbox.companies.values())
    lead = (
        "Companies with their own books, as PowerOffice Go would keep them. What is posted here through the API "
        "is posted nowhere else."
    )
    content = f'<div class="cards">{cards}</div><h2>Last requests</h2>{_request_table(sandbox, 12)}'
    return _page("Companies", lead, content)


def _card(books: Books) -> str:
    open_items = books.unmatched()
    rows: list[tuple[str, object]] = [
        ("Vouchers", len(books.vouchers)),
        ("Invoices and credit notes", len(books.invoices)),
        ("Sales orders not sent", len(books.orders.find("state", "open"))),
        ("Customers", len(books.customers)),
        ("Open items", len(open_items)),
        ("Customers owe", money(sum(row["balance"] for row in open_items))),
        ("Locked up to", books.lock_date),
    ]
    address = f"/company/{books.client.client_key}"
    return (
        f'<section class="card"><h2>{link(address, books.client.name)}</h2>'
        f"<p>Organisation number {books.client.organisation_number}</p>{facts(rows)}</section>"
    )


def _request_table(sandbox: "Sandbox", count: int) -> Html:
    def row(seen: dict[str, object]) -> list[object]:
        status = seen["status"]
        is_bad = not isinstance(status, int) or status >= 400 or status == 0
        label = tag(str(status) if status else "no answer", is_bad)
        address = f"{seen['path']}{'?' + str(seen['query']) if seen['query'] else ''}"
        path = Html(f'<span class="mono">{quiet(address)}</span>')
        return [str(seen["at"])[11:23], seen["method"], path, label, seen.get("fault", "")]

    rows = [row(seen) for seen in reversed(list(sandbox.requests)[-count:])]
    return table(("Time (UTC)", "Method", "Path", "Answer", "Fault"), rows, "No request has come in yet.")


def _requests(sandbox: "Sandbox") -> Response:
    counts = [
        (name, Html(f'<span class="number">{count}</span>'))
        for name, count in sorted(sandbox.counts.items())
        if name != "429"
    ]
    refused = sandbox.counts["429"]
    lead = f"{sum(sandbox.counts.values()) - refused} requests since the start, {refused} refused for their rate."
    counted = table(("Call", "Requests>"), counts, "Nothing yet.")
    content = f"{_request_table(sandbox, LAST_REQUESTS)}<h2>By call</h2>{counted}"
    return _page("Requests", lead, content)


def _faults(sandbox: "Sandbox") -> Response:
    rows = [
        (rule.kind, rule.match, rule.count or "no end", rule.after, rule.seen, rule.struck)
        for rule in sandbox.faults.rules
    ]
    lead = "Rules that make requests fail on purpose. Set with POST /_sandbox/faults, dropped with DELETE."
    heads = ("Kind", "Request", "Times>", "After>", "Seen>", "Struck>")
    return _page("Faults", lead, table(heads, rows, "No faults: every request is handled as it should be."))
