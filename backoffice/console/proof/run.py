"""Run the proofs and write their report. Started by `manage.py prove` inside a house of its own."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from backoffice.audit.services import Actor, breaks
from backoffice.chart.mapping import set_payment_rule, set_sales_rule
from backoffice.chart.sync import sync_chart
from backoffice.clients.models import Approval, Client, SalesPoint
from backoffice.clients.services import create_api_key
from backoffice.connections.holders import is_dead
from backoffice.connections.models import Connection, Delivery
from backoffice.connections.queue import redis
from backoffice.connections.services import save_secrets
from backoffice.console.proof.house import House
from backoffice.console.proof.sales import METHODS, clearing_of, make_sale, post_sales
from backoffice.ledger.money import Money
from backoffice.vouchers.models import Voucher
from backoffice.workflows.services import close_days

PROOF = Actor.system("proof")
#: the sandbox's first company; its key is no secret
SANDBOX_CLIENT_KEY = "5a4d8c10-0000-4000-8000-0000000000c1"
ACCOUNTS = dict(zip(METHODS, ("1903", "1904", "1910"), strict=True))
RATES = (("25.00", "3000", "3"), ("15.00", "3030", "31"), ("12.00", "3050", "33"), ("0.00", "3100", "5"))
#: what is done to every write over there while the proof of faults runs
FAULTS: list[dict[str, Any]] = [
    {"match": "POST /v2/*", "kind": kind, "count": 0, "probability": chance, "seed": seed}
    for seed, (kind, chance) in enumerate(
        [("commit_then_drop", 0.02), ("commit_then_500", 0.02), ("error_500", 0.02), ("429", 0.02), ("401", 0.01)], 1
    )
]


@dataclass
class Result:
    """What one proof measured, and everything that is wrong; empty means proved."""

    name: str
    sales: int
    seconds: float = 0
    calls: int = 0
    refused_429: int = 0
    killed: int = 0
    doubted: int = 0
    wrong: list[str] = field(default_factory=list)


def set_up() -> tuple[Client, str]:
    """Make the client of the proof through the product's own services; give it and an API key."""
    client = Client.objects.create(
        key="proof", name="Proof AS", country="NO", organisation_number="923609016", approval=Approval.AUTOMATIC
    )
    point = SalesPoint.objects.create(
        client=client, key="shop", name="Shop", kind="webshop", invoice_issuer="accounting_system",
        theme_unpaid="STD", theme_paid="PAID",
    )  # fmt: skip
    books = Connection.objects.create(
        client=client, key="poweroffice", provider="poweroffice", settings={"environment": "sandbox"}
    )
    save_secrets(connection=books, secrets={"client_key": SANDBOX_CLIENT_KEY}, actor=PROOF)
    sync_chart(connection=books, actor=PROOF)
    for method, account in ACCOUNTS.items():
        set_payment_rule(client=client, sales_point=None, method=method, ledger_account=account, actor=PROOF)
    for rate, account, code in RATES:
        set_sales_rule(
            client=client, sales_point=None, group="*", vat_rate=Decimal(rate), ledger_account=account,
            vat_code=code, actor=PROOF,
        )  # fmt: skip
    return client, create_api_key(sales_point=point, name="proof")[1]


def make_sales(first: int, count: int, *, customers: int) -> list[dict[str, Any]]:
    """Make sales of yesterday, the same for the same numbers."""
    rng = random.Random(first)  # noqa: S311  # reproducible, guards nothing
    noon = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return [
        make_sale(number, rng, sold_at=noon + timedelta(seconds=number % 3_600), customers=customers)
        for number in range(first, first + count)
    ]


class Trouble(threading.Thread):
    """Kills all workers in the middle of their work, again and again, and empties Redis twice, until told to stop."""

    def __init__(self, house: House) -> None:
        super().__init__(daemon=True)
        self.house = house
        self.killed = self.flushed = 0
        self.stopped = threading.Event()
        self._random = random.Random(7)  # noqa: S311  # reproducible, guards nothing

    def run(self) -> None:
        """Wait until a worker is in a client's lane, let it work for one to five seconds, kill everything."""
        rounds = 0
        while not self.stopped.is_set():
            if not self._somebody_works():
                self.stopped.wait(0.1)
                continue
            self.stopped.wait(1 + 4 * self._random.random())
            rounds += 1
            self.killed += self.house.kill_workers()
            if rounds in (3, 6):
                redis().flushall()
                self.flushed += 1

    @staticmethod
    def _somebody_works() -> bool:
        holders = [redis().get(key) for key in redis().scan_iter("lane:*")]
        return any(isinstance(one, bytes) and not is_dead(one.decode()) for one in holders)


def prove(
    house: House, client: Client, api_key: str, sales: list[dict[str, Any]], earlier: list[dict[str, Any]], *,
    name: str, has_trouble: bool, within_s: float,
) -> Result:  # fmt: skip
    """Hand the sales over, let everything be posted, and count over there."""
    result = Result(name, len(sales))
    calls, refused = house.requests()
    started = time.monotonic()
    trouble = Trouble(house) if has_trouble else None
    if trouble:
        house.set_faults(FAULTS)
        trouble.start()
    post_sales(house.url, api_key, sales)
    all_sales = [*earlier, *sales]
    _wait_for(client, lambda: _count(client, "sales_order", "posted") == len(all_sales), started, within_s)
    if trouble:
        trouble.stopped.set()
        trouble.join()
        house.set_faults([])
        result.killed = trouble.killed
    close_days(client=client, through=date.today(), actor=PROOF)  # noqa: DTZ011  # generous on purpose
    _wait_for(client, lambda: not Voucher.objects.exclude(state="posted").exists(), started, within_s)
    result.seconds = time.monotonic() - started
    result.calls, result.refused_429 = (a - b for a, b in zip(house.requests(), (calls, refused), strict=True))
    result.doubted = Delivery.objects.filter(attempt_log__operation="find").distinct().count()
    result.wrong = wrong_in_the_books(house, all_sales)
    return result


def _count(client: Client, kind: str, state: str) -> int:
    return Voucher.objects.filter(client=client, kind=kind, state=state).count()


def _wait_for(client: Client, is_done: Any, started: float, within_s: float) -> None:
    while not is_done() and time.monotonic() - started < within_s:
        connection.close()
        time.sleep(0.5)


def wrong_in_the_books(house: House, sales: list[dict[str, Any]]) -> list[str]:
    """Name everything that is not as it must be, over there and here."""
    there = house.proof()
    wrong = [f"twice over there: {reference}" for reference in there["duplicates"]]
    if there["invoices"] != len(sales):
        wrong.append(f"{there['invoices']} invoices for {len(sales)} sales")
    if there["sales_orders_open"]:
        wrong.append(f"{there['sales_orders_open']} orders without an invoice")
    if there["open_items"] or not there["customer_ledger_equals_control_account"]:
        wrong.append(f"{there['open_items']} open customer entries: {there['unmatched'][:3]}")
    if there["unbalanced_vouchers"]:
        wrong.append(f"unbalanced: {there['unbalanced_vouchers']}")
    for method, minor in clearing_of(sales).items():
        found = Money.parse(str(there["balances"].get(ACCOUNTS[method], 0)), "NOK").minor
        if found != minor:
            wrong.append(f"{method} ({ACCOUNTS[method]}) holds {found} øre, not {minor}")
    states = Counter(Voucher.objects.values_list("state", flat=True))
    if stuck := {state: count for state, count in states.items() if state != "posted"}:
        wrong.append(f"vouchers not posted: {stuck}")
    if undelivered := Delivery.objects.exclude(state="delivered").count():
        wrong.append(f"{undelivered} deliveries not delivered")
    wrong += [f"audit chain {one.chain_id}: entry {one.sequence} {one.why}" for one in breaks()]
    return wrong


def write_report(results: list[Result], path: Path) -> str:
    """Write what was proved as a page for people; give its text."""
    lines = [
        "# Proof: posted exactly once",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Real processes, real HTTP, counted in the sandbox's books.",
        "",
        "| proof | sales | seconds | calls per sale | 429 | processes killed | documents in doubt | wrong |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r.name} | {r.sales} | {r.seconds:.0f} | {r.calls / max(r.sales, 1):.2f} | {r.refused_429} | {r.killed} "
        f"| {r.doubted} | {len(r.wrong)} |"
        for r in results
    ]
    lines += ["", *(f"- {r.name}: {one}" for r in results for one in r.wrong)]
    text = "\n".join(lines).rstrip() + "\n"
    path.write_text(text)
    return text
