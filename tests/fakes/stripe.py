"""A stand-in for Stripe's payouts and balance transactions: bearer key, cursors, newest first, its own error shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.serving import Asked, StandIn, Told

API_KEY = "rk_test_4eC39HqLyjWDarjtT1zdp7dc"
Row = dict[str, Any]
PARAMETERS = {
    "/v1/payouts": {"created[gte]", "limit", "starting_after"},
    "/v1/balance_transactions": {"created[gte]", "limit", "starting_after", "payout", "expand[]"},
}
#: 2026-11-16 09:00 UTC
AT = 1_794_819_600


def transaction(identity: str, category: str, amount: int, fee: int = 0, **changes: Any) -> Row:
    """Make a balance transaction; its fee is Stripe's alone."""
    details = [
        {"amount": fee, "application": None, "currency": "nok", "description": "Stripe fees", "type": "stripe_fee"}
    ]
    made = {
        "id": identity,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": AT + 172_800,
        "balance_type": "payments",
        "created": AT,
        "currency": "nok",
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": None,
        "status": "available",
        "type": category,
    }
    return {**made, **changes}


def charge(identity: str = "ch_1", intent: str = "pi_1", **metadata: str) -> Row:
    """Make the expanded source of a charge."""
    return {"id": identity, "object": "charge", "payment_intent": intent, "metadata": metadata}


def refund(identity: str = "re_1", of: str = "ch_1", intent: str = "pi_1", **metadata: str) -> Row:
    """Make the expanded source of a refund."""
    return {"id": identity, "object": "refund", "charge": of, "payment_intent": intent, "metadata": metadata}


def payout(identity: str, amount: int, **changes: Any) -> Row:
    """Make an automatic payout that is itemised."""
    made = {
        "id": identity,
        "object": "payout",
        "amount": amount,
        "arrival_date": AT + 172_800,
        "automatic": True,
        "balance_transaction": f"txn_{identity}",
        "created": AT + 86_400,
        "currency": "nok",
        "failure_code": None,
        "failure_message": None,
        "method": "standard",
        "reconciliation_status": "completed",
        "statement_descriptor": "NORDLYS",
        "status": "paid",
        "type": "bank_account",
    }
    return {**made, **changes}


def own_row(one: Row, **changes: Any) -> Row:
    """Make the payout's own balance transaction."""
    made = transaction(one["balance_transaction"], "payout", -one["amount"], source=one["id"], created=one["created"])
    return {**made, **changes}


@dataclass
class Stripe(StandIn):
    """The API with payouts and balance transactions."""

    payouts: list[Row] = field(default_factory=list)
    transactions: list[Row] = field(default_factory=list)
    settled_by: dict[str, str] = field(default_factory=dict)
    max_page: int = 100

    def put(self, one: Row, *rows: Row) -> None:
        """Put a payout there with what it consists of."""
        self.payouts.append(one)
        self.transactions += rows
        self.settled_by |= {row["id"]: one["id"] for row in rows}

    def answer(self, asked: Asked) -> Told:
        """Answer a call."""
        if asked.headers.get("authorization") != f"Bearer {API_KEY}":
            return _refusal(401, "Invalid API Key provided: rk_test_****", "invalid_request_error")
        if not asked.headers.get("stripe-version"):
            return _refusal(400, "This stand-in wants a pinned version.")
        if asked.method != "GET" or asked.path not in PARAMETERS:
            return _refusal(404, f"Unrecognized request URL ({asked.method}: {asked.path}).")
        unknown = sorted(set(asked.query) - PARAMETERS[asked.path])
        if unknown:
            return _refusal(400, f"Received unknown parameter: {unknown[0]}")
        if asked.path == "/v1/payouts":
            return self._page(asked, self.payouts)
        wanted = asked.query.get("payout")
        if wanted is None:
            return self._page(asked, self.transactions)
        known = next((one for one in self.payouts if one["id"] == wanted), None)
        if known is None or not known["automatic"]:
            return _refusal(400, "Balance transaction history can only be filtered on automatic transfers.")
        return self._page(asked, [one for one in self.transactions if self.settled_by.get(one["id"]) == wanted])

    def _page(self, asked: Asked, rows: list[Row]) -> Told:
        since, limit = int(asked.query.get("created[gte]", "0")), int(asked.query.get("limit", "10"))
        if not 0 < limit <= 100:
            return _refusal(400, "Invalid limit.")
        limit = min(limit, self.max_page)
        found = sorted((one for one in rows if one["created"] >= since), key=lambda one: -int(one["created"]))
        after = asked.query.get("starting_after")
        if after is not None:
            ids = [one["id"] for one in found]
            if after not in ids:
                return _refusal(400, f"No such object: '{after}'")
            found = found[ids.index(after) + 1 :]
        page = [self._shown(one, asked.query) for one in found[:limit]]
        return Told(200, {"object": "list", "url": asked.path, "has_more": len(found) > limit, "data": page})

    def _shown(self, one: Row, query: Mapping[str, str]) -> Row:
        """Give the source as its id, unless it was asked for."""
        source = one.get("source")
        is_wanted = query.get("expand[]") == "data.source"
        return {**one, "source": source["id"]} if isinstance(source, dict) and not is_wanted else one


def _refusal(status: int, message: str, kind: str = "invalid_request_error") -> Told:
    return Told(status, {"error": {"message": message, "type": kind}}, {"Request-Id": "req_stand_in"})
