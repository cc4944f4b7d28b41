"""A small world for tests: a client with a webshop, its books in a real sandbox, and hands to work with."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from backoffice.audit.services import Actor
from backoffice.chart.mapping import set_payment_rule, set_sales_rule
from backoffice.chart.sync import sync_chart
from backoffice.clients.models import Client, SalesPoint
from backoffice.connections import outbox, retry
from backoffice.connections.models import Connection, Delivery
from backoffice.connections.services import save_secrets
from backoffice.contracts.sales import (
    CustomerDetails,
    PaymentDetails,
    SaleDetails,
    SaleKind,
    SaleLineDetails,
)
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Sale
from backoffice.sales.services import record_sale
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import approve
from backoffice.vouchers.states import UNDER_WAY
from backoffice.worker.jobs import drain_once
from backoffice.workflows.services import close_days
from integrations.poweroffice.sandbox import (
    DEMO_APPLICATION_KEY,
    DEMO_CLIENT_KEY,
    DEMO_SUBSCRIPTION_KEY,
    SandboxOptions,
    SandboxServer,
)

TESTER = Actor.system("test")
SOLD_AT = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def sale_details(reference: str = "1001", gross_minor: int = 12_500, **changes: Any) -> SaleDetails:
    """Give a webshop sale of one line at 25 %, paid by Vipps; `paid=False` leaves the payment out."""
    is_paid = changes.pop("paid", True)
    method = changes.pop("method", "vipps")
    gross = Money(gross_minor, changes.get("currency", "NOK"))
    line = SaleLineDetails(
        "1", "Chair", gross, split_gross(gross, Decimal(25)).vat, Decimal("25.00"), quantity=Decimal(2)
    )
    payment = PaymentDetails(f"{method}-{reference}", method, gross, SOLD_AT + timedelta(seconds=5))
    values: dict[str, Any] = {
        "reference": reference,
        "kind": SaleKind.INVOICE_SALE,
        "sold_at": SOLD_AT,
        "currency": "NOK",
        "customer": CustomerDetails(name=f"Kari Nordmann {reference}", email=f"kari{reference}@example.no"),
        "lines": (line,),
        "total": gross,
        "payments": (payment,) if is_paid else (),
    }
    return SaleDetails(**{**values, **changes})


@dataclass
class World:
    """A client, its webshop, its connection to a sandbox; `settle` lets everything due happen."""

    sandbox: SandboxServer
    client: Client = field(init=False)
    shop: SalesPoint = field(init=False)
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client.objects.create(
            key="nordlys", name="Nordlys Butikk AS", country="NO", organisation_number="923609016"
        )
        self.shop = SalesPoint.objects.create(
            client=self.client,
            key="nettbutikk",
            name="Nettbutikk",
            kind="webshop",
            invoice_issuer="accounting_system",
            theme_unpaid="STD",
            theme_paid="PAID",
        )
        self.connection = Connection.objects.create(
            client=self.client, key="poweroffice", provider="poweroffice", settings={"environment": "sandbox"}
        )
        save_secrets(connection=self.connection, secrets={"client_key": DEMO_CLIENT_KEY}, actor=TESTER)
        sync_chart(connection=self.connection, actor=TESTER)
        for method, account in (("vipps", "1903"), ("klarna*", "1904"), ("stripe", "1910")):
            self.map_method(method, account)
        self.map_group("*", "25.00", "3000", "3")

    def map_method(self, method: str, account: str) -> None:
        """Say where a payment method goes."""
        set_payment_rule(client=self.client, sales_point=None, method=method, ledger_account=account, actor=TESTER)

    def map_group(self, group: str, rate: str, account: str, vat_code: str) -> None:
        """Say where a product group goes."""
        set_sales_rule(
            client=self.client,
            sales_point=None,
            group=group,
            vat_rate=Decimal(rate),
            ledger_account=account,
            vat_code=vat_code,
            actor=TESTER,
        )

    def sell(self, reference: str = "1001", gross_minor: int = 12_500, **changes: Any) -> Sale:
        """Record a sale."""
        details = sale_details(reference, gross_minor, **changes)
        return record_sale(sales_point=self.shop, sale=details, event=None).sale

    def drain(self, rounds: int = 50) -> None:
        """Do what is due until nothing is."""
        self.connection.refresh_from_db()
        self.client.refresh_from_db()
        for _ in range(rounds):
            if not drain_once(self.client):
                return

    def approve_all(self) -> None:
        """Approve everything that waits for it."""
        for voucher in Voucher.objects.filter(state="awaiting_approval").order_by("id"):
            approve(voucher_id=voucher.pk, actor=TESTER)

    def close_days(self) -> None:
        """Close every day that has payments."""
        close_days(client=self.client, through=date(2030, 1, 1), actor=TESTER)

    def settle(self, within_s: float = 20.0) -> None:
        """Drain until nothing is under way."""
        ends_at = time.monotonic() + within_s
        while time.monotonic() < ends_at:
            self.drain()
            if not Voucher.objects.filter(state__in=UNDER_WAY).exists():
                return
            time.sleep(0.02)

    def post_everything(self) -> None:
        """Draft, approve, close the days, approve again, and let all of it arrive."""
        self.drain()
        self.approve_all()
        self.settle()
        self.close_days()
        self.approve_all()
        self.settle()

    @property
    def states(self) -> Counter[str]:
        """Count vouchers by state."""
        return Counter(Voucher.objects.values_list("state", flat=True))

    def wrong_in_the_books(self, *, sales: int, clearing: dict[str, int]) -> list[str]:
        """Name everything that is not as it must be: too many, too few, unmatched, off by an øre, stuck."""
        found = asked(self.sandbox, "proof")
        proof = found if "invoices" in found else next(iter(found.values()))
        wrong = [f"twice over there: {reference}" for reference in proof["duplicates"]]
        if proof["invoices"] != sales:
            wrong.append(f"{proof['invoices']} invoices for {sales} sales")
        if proof["sales_orders_open"]:
            wrong.append(f"{proof['sales_orders_open']} orders without an invoice")
        if proof["open_items"] or not proof["customer_ledger_equals_control_account"]:
            wrong.append(f"open customer entries: {proof['unmatched']}")
        if proof["unbalanced_vouchers"]:
            wrong.append(f"unbalanced: {proof['unbalanced_vouchers']}")
        for account, minor in clearing.items():
            there = Money.parse(str(proof["balances"].get(account, "0")), "NOK").minor
            if there != minor:
                wrong.append(f"account {account} holds {there}, not {minor}")
        stuck = {state: count for state, count in self.states.items() if state != "posted"}
        if stuck:
            wrong.append(f"not posted: {stuck}")
        undelivered = Delivery.objects.exclude(state="delivered").count()
        if undelivered:
            wrong.append(f"{undelivered} deliveries not delivered")
        return wrong


def asked(sandbox: SandboxServer, what: str) -> dict[str, Any]:
    """Ask the sandbox about itself: "proof" or "statistics"."""
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/{what}") as answer:  # noqa: S310  # our own loopback
        found: dict[str, Any] = json.load(answer, parse_float=str)
    return found


def requests_to(sandbox: SandboxServer, endpoint: str) -> int:
    """Count the requests an endpoint has answered: "POST /v2/SalesOrders/Complete"."""
    return int(asked(sandbox, "statistics")["requests"].get(endpoint, 0))


@pytest.fixture
def sandbox(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """Give a running sandbox without delays or limits, and make the house as impatient."""
    options = SandboxOptions(rate_limit_per_s=0, send_delay_ms=0)
    with SandboxServer(options) as server:
        settings.PROVIDER_SETTINGS = {
            "POWEROFFICE_APPLICATION_KEY": DEMO_APPLICATION_KEY,
            "POWEROFFICE_SUBSCRIPTION_KEY": DEMO_SUBSCRIPTION_KEY,
            "POWEROFFICE_SANDBOX_URL": server.url,
            "POWEROFFICE_REQUESTS_PER_SECOND": "0",
        }
        settings.DOUBT_WAIT_S = 0
        settings.LEASE_S = 0
        monkeypatch.setattr(retry, "FIRST_DELAY_S", 0)
        monkeypatch.setattr(outbox, "FIRST_QUESTION_S", 0)
        yield server


@pytest.fixture
def world(db: None, sandbox: SandboxServer) -> World:
    """Give a client whose books stand in a running sandbox."""
    return World(sandbox)
