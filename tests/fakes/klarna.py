"""A stand-in for Klarna's Settlements API v1: basic authentication, pages of at most 500, its own error shape."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.fakes.serving import Asked, StandIn, Told

USERNAME, PASSWORD = "K123456_abcd", "a password of Klarna's"
Row = dict[str, Any]
TOTALS = (
    "commission", "repay", "sale", "holdback", "tax", "settlement", "fee_correction", "reversal", "release", "return",
    "fee", "charge", "credit", "fee_refund", "tax_refund", "deposit", "opening_debt_balance", "closing_debt_balance",
)  # fmt: skip
ORDER = "ce17b4cb-147f-48b7-b8e6-dde2fa397f04"


def payout(reference: str, settlement: int, at: str = "2026-11-18T07:00:00Z", **changes: Any) -> Row:
    """Make a payout; keywords that are totals go there."""
    totals = {f"{name}_amount": changes.pop(f"{name}_amount", 0) for name in TOTALS}
    made = {
        "totals": {**totals, "settlement_amount": settlement},
        "payment_reference": reference,
        "payout_date": at,
        "currency_code": "NOK",
        "merchant_settlement_type": "NET",
        "merchant_id": "K123456",
    }
    return {**made, **changes}


def transaction(kind: str, amount: int, **changes: Any) -> Row:
    """Make a transaction; the sign is in its type."""
    made = {
        "amount": amount,
        "type": kind,
        "sale_date": "2026-11-15T20:00:00Z",
        "capture_date": "2026-11-16T23:30:00Z",
        "order_id": ORDER,
        "currency_code": "NOK",
        "purchase_country": "NO",
        "merchant_reference1": "1003",
        "payment_reference": "XISA93DJ",
    }
    return {**made, **changes}


@dataclass
class Klarna(StandIn):
    """The API with payouts and what each consists of."""

    payouts: list[Row] = field(default_factory=list)
    transactions: dict[str, list[Row]] = field(default_factory=dict)

    def put(self, payout: Row, *rows: Row) -> None:
        """Put a payout there."""
        self.payouts.append(payout)
        self.transactions[payout["payment_reference"]] = list(rows)

    def answer(self, asked: Asked) -> Told:
        """Answer a call."""
        pair = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {pair}":
            return _refusal(401, "UNAUTHORIZED")
        try:
            size, offset = int(asked.query.get("size", "20")), int(asked.query.get("offset", "0"))
        except ValueError:
            return _refusal(400, "BAD_REQUEST")
        if not 0 < size <= 500 or offset < 0:
            return _refusal(400, "BAD_REQUEST")
        if asked.path == "/settlements/v1/payouts":
            return self._payouts(asked.query, size, offset)
        if asked.path == "/settlements/v1/transactions":
            rows = self.transactions.get(asked.query.get("payment_reference", ""), [])
            return Told(200, {"transactions": rows[offset : offset + size], "pagination": _paging(rows, size, offset)})
        return _refusal(404, "NOT_FOUND")

    def _payouts(self, query: Mapping[str, str], size: int, offset: int) -> Told:
        try:
            start, end = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        except (KeyError, ValueError):
            return _refusal(400, "BAD_REQUEST")
        found = [one for one in self.payouts if start <= datetime.fromisoformat(one["payout_date"]) <= end]
        return Told(200, {"payouts": found[offset : offset + size], "pagination": _paging(found, size, offset)})


def _paging(rows: list[Row], size: int, offset: int) -> Row:
    paging: Row = {"count": len(rows[offset : offset + size]), "total": len(rows), "offset": offset}
    if offset + size < len(rows):
        paging["next"] = f"https://api.klarna.com/settlements/v1/next?offset={offset + size}&size={size}"
    return paging


def _refusal(status: int, code: str) -> Told:
    body = {
        "error_code": code,
        "error_messages": ["As asked."],
        "correlation_id": "2fe0311b-adc5-45e5-ac2b-963dac83c88b",
    }
    return Told(status, body)
