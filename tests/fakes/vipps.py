"""A stand-in for Vipps MobilePay's Report API v2: refuses what the real one refuses, closes days, gives pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.serving import Asked, StandIn, Told

CLIENT_ID, CLIENT_SECRET, SUBSCRIPTION_KEY = "fb49-client", "a secret of a sales unit", "0f14ebcab0eb4b29"
Row = dict[str, Any]
_DAY = re.compile(r"/report/v2/ledgers/([^/]+)/(funds|fees)/dates/(\d{4}-\d\d-\d\d)")


def ledger(identity: str = "302321", *handles: str, currency: str = "NOK") -> Row:
    """Make a ledger that settles sales units."""
    return {
        "ledgerId": identity,
        "currency": currency,
        "payoutBankAccount": {"scheme": "BBAN:NO", "id": "86011117947"},
        "owner": {"scheme": "business:NO:ORG", "id": "974760673"},
        "settlesForRecipientHandles": list(handles or ("api:123455",)),
    }


@dataclass
class Vipps(StandIn):
    """The API with ledgers and their days. through is the last closed day; later ones answer 404 or tryLater."""

    ledgers: list[Row] = field(default_factory=lambda: [ledger()])
    days: dict[tuple[str, str, str], list[Row]] = field(default_factory=dict)
    through: str = "2026-11-20"
    says_try_later: bool = False
    page_size: int = 2
    tokens: set[str] = field(default_factory=set)
    given: int = 0

    def put(self, identity: str, day: str, *rows: Row, topic: str = "funds") -> None:
        """Put rows into a ledger's day."""
        self.days.setdefault((identity, topic, day), []).extend(rows)

    def both_days(self, identity: str = "302321") -> list[Row]:
        """Give all days of a ledger as the adapter puts them together."""
        days = sorted({day for ledger_id, _, day in self.days if ledger_id == identity})
        return [{topic: self.days.get((identity, topic, day), []) for topic in ("funds", "fees")} for day in days]

    def answer(self, asked: Asked) -> Told:
        """Answer a call."""
        if asked.method == "POST":
            return self._token(asked)
        if asked.headers.get("authorization", "") not in {f"Bearer {one}" for one in self.tokens}:
            return Told(401, {"code": "Unauthorized", "message": "Please check your API keys"})
        is_merchant = not any(one.startswith("partner") for one in self.tokens)
        if is_merchant and asked.headers.get("ocp-apim-subscription-key") != SUBSCRIPTION_KEY:
            return Told(401, {"code": "Unauthorized", "message": "Access denied due to invalid subscription key."})
        if asked.path == "/settlement/v1/ledgers":
            return self._ledgers(asked.query)
        found = _DAY.fullmatch(asked.path)
        if not found or found[1] not in {one["ledgerId"] for one in self.ledgers}:
            return Told(404, {"title": "Not found", "status": 404})
        if found[3] > self.through:
            return Told(200, {"items": [], "tryLater": True}) if self.says_try_later else Told(404, b"")
        return self._day(self.days.get((found[1], found[2], found[3]), []), asked.query)

    def _token(self, asked: Asked) -> Told:
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        sent = (asked.headers.get("client_id"), asked.headers.get("client_secret"))
        is_partner = asked.path == "/miami/v1/token"
        if is_partner:
            is_right = asked.headers.get("authorization") == f"Basic {pair}"
            is_right = is_right and asked.body == b"grant_type=client_credentials"
        else:
            is_right = asked.path == "/accesstoken/get" and sent == (CLIENT_ID, CLIENT_SECRET)
            is_right = is_right and asked.headers.get("ocp-apim-subscription-key") == SUBSCRIPTION_KEY
        if not is_right:
            return Told(401, {"error": "invalid_client"})
        self.given += 1
        token = f"{'partner' if is_partner else 'merchant'}.token.{self.given}"
        self.tokens = {token}
        return Told(200, {"token_type": "Bearer", "expires_in": "86398", "access_token": token})

    def _ledgers(self, query: Mapping[str, str]) -> Told:
        first = int(query.get("cursor", "0"))
        last = first + self.page_size
        cursor = str(last) if last < len(self.ledgers) else ""
        return Told(200, {"cursor": cursor, "items": self.ledgers[first:last]})

    def _day(self, rows: list[Row], query: Mapping[str, str]) -> Told:
        first = int(query.get("cursor", "0"))
        last = first + self.page_size
        body: Row = {"hasMore": last < len(rows), "tryLater": False, "items": rows[first:last]}
        if last < len(rows):
            body["cursor"] = str(last)
        return Told(200, body)


@dataclass
class Book:
    """Writes rows whose balances chain."""

    balance: int = 0
    count: int = 0

    def row(self, day: str, kind: str, amount: int, **changes: Any) -> Row:
        """Write a row."""
        self.count += 1
        before, self.balance = self.balance, self.balance + amount
        made: Row = {
            "pspReference": str(3343121300 + self.count),
            "time": f"{day}T10:00:{self.count % 60:02d}.824993Z",
            "ledgerDate": day,
            "entryType": kind,
            "reference": f"order-{self.count}",
            "currency": "NOK",
            "amount": amount,
            "balanceBefore": before,
            "balanceAfter": self.balance,
            "recipientHandle": "api:123455",
        }
        return {**made, **changes}

    def payout(self, day: str, number: int, kind: str = "payout-scheduled") -> Row:
        """Pay out the balance."""
        return self.row(
            day,
            kind,
            -self.balance,
            pspReference=f"302321-{number}",
            reference=f"Utb. {number} Vippsnr 123455",
            recipientHandle=None,
        )
