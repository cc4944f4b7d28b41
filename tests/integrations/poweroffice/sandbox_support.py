"""A small client for the sandbox's tests: real HTTP, every 2xx answer held against the vendor's OpenAPI."""

import base64
import http.client
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from integrations.poweroffice.sandbox import (
    DEMO_APPLICATION_KEY,
    DEMO_CLIENT_KEY,
    DEMO_SUBSCRIPTION_KEY,
    SandboxServer,
)
from integrations.poweroffice.sandbox.messages import as_json

from .openapi import check_answer

DAY = "2026-11-02"


@dataclass
class Answer:
    """One answer; numbers with a point are Decimal."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def detail(self) -> str:
        """Give the sentence of a Problem Details answer."""
        return str(self.body["detail"])


@dataclass
class Go:
    """A client of one company."""

    server: SandboxServer
    client_key: str = DEMO_CLIENT_KEY
    application_key: str = DEMO_APPLICATION_KEY
    subscription_key: str | None = DEMO_SUBSCRIPTION_KEY
    token: str = ""
    _ids: dict[str, int] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: Any) -> Answer:
        """Send one request and read its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.subscription_key is not None:
            named["Ocp-Apim-Subscription-Key"] = self.subscription_key
        try:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        parsed: Any = raw or None
        if raw and "json" in found.get("content-type", ""):
            parsed = json.loads(raw, parse_float=Decimal)
        return Answer(response.status, parsed, found)

    def log_in(self) -> "Go":
        """Fetch a token."""
        keys = base64.b64encode(f"{self.application_key}:{self.client_key}".encode()).decode()
        form = {"Authorization": f"Basic {keys}", "Content_Type": "application/x-www-form-urlencoded"}
        answer = self.send("POST", "/OAuth/Token", b"grant_type=client_credentials", **form)
        assert answer.status == 200, answer.body
        self.token = answer.body["access_token"]
        return self

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json", **query: Any) -> Answer:
        """Make one call below /v2."""
        encoded = None if body is None else as_json(body).encode()
        address = f"/v2{path}{'?' + urlencode(query, quote_via=quote) if query else ''}"
        headers = {"Authorization": f"Bearer {self.token}"}
        if encoded is not None:
            headers["Content_Type"] = kind
        answer = self.send(method, address, encoded, **headers)
        if answer.status < 300 and "Fields" not in query and not isinstance(answer.body, bytes):
            check_answer(method, path, answer.status, answer.body)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """Read; an empty list (204) is []."""
        answer = self.call("GET", path, **query)
        assert answer.status in (200, 204), (answer.status, answer.body)
        return answer.body if answer.status == 200 else []

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        """Write and expect success."""
        answer = self.call("POST", path, body)
        assert answer.status == status, (answer.status, answer.body)
        return answer.body

    def patch(self, path: str, *operations: tuple[str, Any]) -> Answer:
        """Replace some properties."""
        body = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in operations]
        return self.call("PATCH", path, body, kind="application/json-patch+json")

    # what a voucher line needs

    def account(self, number: int) -> int:
        """Give the id of an account."""
        if f"account {number}" not in self._ids:
            for row in self.get("/GeneralLedgerAccounts"):
                self._ids[f"account {row['AccountNo']}"] = row["Id"]
        return self._ids[f"account {number}"]

    def vat(self, code: str) -> int:
        """Give the id of a VAT code that is valid today."""
        if f"vat {code}" not in self._ids:
            for row in self.get("/VatCodes"):
                self._ids[f"vat {row['Code']}"] = row["Id"]
        return self._ids[f"vat {code}"]

    def line(self, account: int, amount: str, vat: str = "0", **values: Any) -> dict[str, Any]:
        """Make a voucher line on an account number."""
        base = {"AccountId": self.account(account), "VatId": self.vat(vat), "PostingDate": DAY}
        return {**base, "CurrencyAmount": Decimal(amount), **values}

    def customer_line(self, customer: dict[str, Any], amount: str, **values: Any) -> dict[str, Any]:
        """Make a voucher line on a customer."""
        base = {"AccountId": customer["SubledgerAccountId"], "VatId": self.vat("0"), "PostingDate": DAY}
        return {**base, "CurrencyAmount": Decimal(amount), **values}

    def voucher(self, *lines: dict[str, Any], **values: Any) -> dict[str, Any]:
        """Make a voucher body."""
        return {"CurrencyCode": "NOK", "VoucherDate": DAY, "VoucherLines": list(lines), **values}

    # documents

    def customer(self, name: str = "Fjell AS", **values: Any) -> Any:
        """Create a customer who can be invoiced by e-mail."""
        return self.post("/Customers", {"Name": name, "EmailAddress": "post@fjell.example", **values})

    def product(self, code: str = "SALG25", account: int = 3000, **values: Any) -> Any:
        """Create a product on a sales account."""
        body = {"Code": code, "Name": code, "StandardSalesAccountId": self.account(account), **values}
        return self.post("/Products", body, 200)

    def order(self, customer: dict[str, Any], *lines: dict[str, Any], **values: Any) -> Any:
        """Create a sales order dated DAY."""
        body = {"CustomerId": customer["Id"], "SalesOrderDate": DAY, "SalesOrderLines": list(lines), **values}
        return self.post("/SalesOrders/Complete", body)

    def invoice(self, order: dict[str, Any], **values: Any) -> Any:
        """Send an order and give the invoice (the server must have no sending delay)."""
        self.post(f"/SalesOrders/{order['Id']}/createAndSendInvoice", {"VoucherDate": DAY, **values}, 202)
        return self.get(f"/OutgoingInvoices/{order['Id']}")

    def balance(self, account: int) -> Any:
        """Give the balance of an account (a number) from the trial balance."""
        rows = self.get("/TrialBalance", date="2099-12-31", accountNos=account)
        return rows[0]["Balance"]
