"""A stand-in for Zettle's token service and Finance API v2: assertion grant, required times, pages, newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.serving import Asked, StandIn, Told

CLIENT_ID, API_KEY = "c55de605-48b6-42ef-b69e-cd9d14ded15a", "eyJraWQiOiIwIn0.eyJzY29wZSI6WyJSRUFEOkZJTkFOQ0UiXX0.c2ln"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
Row = dict[str, Any]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
PARAMETERS = {"start", "end", "includeTransactionType", "limit", "offset"}


def uuid(number: int) -> str:
    """Make an id."""
    return f"7428bda0-2d50-11ea-9132-{number:012d}"


def transaction(kind: str, amount: int, at: str, number: int) -> Row:
    """Make a transaction; `at` is UTC such as 2026-11-16T10:00:00.000."""
    return {
        "timestamp": f"{at}+0000",
        "amount": amount,
        "originatorTransactionType": kind,
        "originatingTransactionUuid": uuid(number),
    }


@dataclass
class Zettle(StandIn):
    """A liquid account in one currency. is_wrapped: lists stand under `data`, as in the vendor's examples."""

    rows: list[Row] = field(default_factory=list)
    currency: str = "NOK"
    is_wrapped: bool = False
    tokens: set[str] = field(default_factory=set)
    scopes: str = "READ:FINANCE"
    given: int = 0

    def answer(self, asked: Asked) -> Told:
        """Answer a call."""
        if asked.path == "/token":
            return self._token(asked)
        if asked.headers.get("authorization", "") not in {f"Bearer {one}" for one in self.tokens}:
            return Told(401, {"errorType": "UNAUTHORIZED", "developerMessage": "The token is missing or has expired."})
        if self.scopes != "READ:FINANCE":
            return Told(403, {"errorType": "FORBIDDEN", "developerMessage": "Missing scope."})
        if asked.path == "/v2/accounts/LIQUID/balance":
            return self._balance(asked)
        if asked.path == "/v2/accounts/LIQUID/transactions":
            return self._transactions(asked)
        return Told(404, {})

    def _token(self, asked: Asked) -> Told:
        form = dict(parse_qsl(asked.body.decode()))
        if form != {"grant_type": GRANT, "client_id": CLIENT_ID, "assertion": API_KEY}:
            return Told(400, {"error": "invalid_grant"})
        self.given += 1
        self.tokens = {f"token.{self.given}"}
        return Told(200, {"access_token": f"token.{self.given}", "expires_in": 7200})

    def _balance(self, asked: Asked) -> Told:
        at = asked.query.get("at", "")
        if not _TIME.fullmatch(at):
            return Told(400, {"developerMessage": "at"})
        balance = sum(row["amount"] for row in self.rows if row["timestamp"][:19] <= at)
        return Told(200, {"totalBalance": balance, "currencyId": self.currency})

    def _transactions(self, asked: Asked) -> Told:
        start, end = asked.query.get("start", ""), asked.query.get("end", "")
        limit, offset = asked.query.get("limit", "10000"), asked.query.get("offset", "0")
        is_good = _TIME.fullmatch(start) and _TIME.fullmatch(end) and limit.isdecimal() and offset.isdecimal()
        if not is_good or int(limit) < 1 or set(asked.query) - PARAMETERS:
            return Told(400, {"developerMessage": "A parameter is missing or in a wrong format."})
        only = asked.query.get("includeTransactionType", "")
        found = [
            row
            for row in sorted(self.rows, key=lambda row: str(row["timestamp"]), reverse=True)
            if start <= row["timestamp"][:19] < end and only in ("", row["originatorTransactionType"])
        ]
        page = found[int(offset) : int(offset) + int(limit)]
        return Told(200, {"data": page} if self.is_wrapped else page)
