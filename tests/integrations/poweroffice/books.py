"""A running sandbox with the adapter on top of it, and documents to post: shared by the tests of the adapter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from backoffice.contracts.accounting import (
    ChartSnapshot,
    CustomerLink,
    DocumentKind,
    InvoiceSendingDocument,
    JournalDocument,
    JournalLine,
    OrderLine,
    OutgoingInvoiceDocument,
    Party,
    ProductLink,
    ProductWish,
    SalesOrderDocument,
)
from backoffice.contracts.errors import Reason, Rejected
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import Address, CustomerDetails
from backoffice.ledger.money import Money
from integrations.exact_json import loads
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.sandbox import (
    DEMO_APPLICATION_KEY,
    DEMO_CLIENT_KEY,
    DEMO_SUBSCRIPTION_KEY,
    SandboxOptions,
    SandboxServer,
)

DAY = date(2026, 11, 2)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
VALUES = {"client_key": DEMO_CLIENT_KEY, "environment": "sandbox"}


class Clock:
    """The sandbox's time, moved by hand."""

    def __init__(self) -> None:
        self.now_us = int(NOON.timestamp()) * 1_000_000

    def __call__(self) -> int:
        """Give the time in microseconds."""
        return self.now_us

    def pass_by(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now_us += milliseconds * 1000


class NoWaiting:
    """A limiter that counts and never waits."""

    def __init__(self) -> None:
        self.waits: list[tuple[str, int]] = []

    def wait(self, key: str, *, per_second: int) -> None:
        """Count."""
        self.waits.append((key, per_second))


class Tokens:
    """A token store that forgets only when told."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.lifetimes: dict[str, int] = {}

    def get(self, key: str) -> str | None:
        """Give what was put."""
        return self.values.get(key)

    def put(self, key: str, value: str, *, ttl_s: int) -> None:
        """Keep."""
        self.values[key], self.lifetimes[key] = value, ttl_s

    def drop(self, key: str) -> None:
        """Forget."""
        self.values.pop(key, None)


@dataclass
class MemoryDirectory:
    """What we know of their ids, out of a chart that was read once."""

    chart: ChartSnapshot
    customers: dict[str, CustomerLink] = field(default_factory=dict)
    products: dict[str, ProductLink] = field(default_factory=dict)

    def account_id(self, number: str) -> str:
        """Give a ledger account's id."""
        found = next((one for one in self.chart.accounts if one.number == number), None)
        if found is None:
            message = f"Ledger account {number} does not exist."
            raise Rejected(message, reasons=(Reason("account_missing", message, number),))
        return found.external_id

    def vat_id(self, code: str, on: date) -> str:
        """Give the id of a VAT code valid that day."""
        return next(
            one.external_id
            for one in self.chart.vat_codes
            if one.code == code and (one.valid_from or on) <= on <= (one.valid_to or on)
        )

    def dimension_id(self, kind: str, code: str) -> str:
        """Give a dimension's id."""
        return next(one.external_id for one in self.chart.dimensions if (one.kind, one.code) == (kind, code))

    def customer(self, key: str) -> CustomerLink | None:
        """Give the customer of our key."""
        return self.customers.get(key)

    def remember_customer(self, key: str, link: CustomerLink) -> None:
        """Link our key."""
        self.customers[key] = link

    def product(self, code: str) -> ProductLink | None:
        """Give the product of a code."""
        return self.products.get(code)

    def remember_product(self, link: ProductLink) -> None:
        """Keep a product."""
        self.products[link.code] = link


def make_runtime(url: str, **settings: str) -> Runtime:
    """Make what the house lends to an adapter; keywords replace settings."""
    keys = {
        "POWEROFFICE_APPLICATION_KEY": DEMO_APPLICATION_KEY,
        "POWEROFFICE_SUBSCRIPTION_KEY": DEMO_SUBSCRIPTION_KEY,
        "POWEROFFICE_SANDBOX_URL": url,
    }
    return Runtime(NoWaiting(), Tokens(), {**keys, **settings}, "tests")


@dataclass
class Office:
    """The adapter, its directory and the sandbox behind it."""

    server: SandboxServer
    clock: Clock
    runtime: Runtime
    system: PowerOffice
    _directory: MemoryDirectory | None = None

    @property
    def directory(self) -> MemoryDirectory:
        """Give the directory; the chart is read at the first use."""
        if self._directory is None:
            self._directory = MemoryDirectory(self.system.chart())
        return self._directory

    def forget(self) -> None:
        """Make the directory know no customer and no product."""
        self.directory.customers.clear()
        self.directory.products.clear()

    def count_calls(self) -> None:
        """Begin to count calls anew."""
        self.directory  # noqa: B018  # the chart's own calls do not count
        self.server.app.requests.clear()

    @property
    def calls(self) -> list[str]:
        """List the calls since the last count, as method and path."""
        return [f"{seen['method']} {seen['path']}" for seen in self.server.app.requests]

    def body_of(self, path: str) -> Any:
        """Give the last body that was sent to a path."""
        seen = next(one for one in reversed(self.server.app.requests) if one["path"] == f"/v2{path}")
        return loads(str(seen["body"]))

    def post_order(self, document: SalesOrderDocument) -> Any:
        """Prepare and send an order, and see to its total."""
        receipt = self.system.send(self.system.prepare(document, self.directory))
        return self.system.mend_total(document, receipt, self.directory)


@contextmanager
def run_office(values: Mapping[str, str] = VALUES, **options: Any) -> Iterator[Office]:
    """Serve a sandbox without limit and delay (options replace that) and give the adapter on it."""
    clock = Clock()
    chosen = replace(SandboxOptions(rate_limit_per_s=0, send_delay_ms=0, clock_us=clock), **options)
    with SandboxServer(chosen) as server:
        runtime = make_runtime(server.url)
        yield Office(server, clock, runtime, PowerOffice.build(values, runtime))


# documents


def nok(amount: str | int) -> Money:
    """Give kroner."""
    return Money.parse(amount, "NOK")


PERSON = CustomerDetails(
    "Kari Nordmann", email="kari@example.com", address=Address("Storgata 1", "", "0155", "Oslo", "NO")
)
COMPANY = CustomerDetails("Fjell AS", is_company=True, organisation_number="312 000 008", email="faktura@fjell.example")
SALES = ProductWish("3000-3", "Salg 25 %", "3000", "3")
FOOD = ProductWish("3001-31", "Mat å ta med", "3001", "31")
ROUNDING = ProductWish("7740-0", "Øreavrunding", "7740", "0")


def make_order(reference: str = "order-1", **values: Any) -> SalesOrderDocument:
    """Make an order of one line, NOK 12,500.00 with 25 % VAT in it."""
    base = SalesOrderDocument(
        reference=reference,
        customer=Party("webshop:C-7", PERSON),
        currency="NOK",
        ordered_on=DAY,
        lines=(OrderLine("line-1", SALES, "Vinterjakke", Decimal(1), Decimal("10000.00")),),
        total=nok("12500.00"),
        matching_reference="R-1001",
        order_number="1001",
        rounding_product=ROUNDING,
    )
    return replace(base, **values)


def make_sending(reference: str, order_id: str, **values: Any) -> InvoiceSendingDocument:
    """Make the sending of an order's invoice."""
    base = InvoiceSendingDocument(reference, order_id, DAY, by_ehf=False, email="kari@example.com", total=nok("12500"))
    return replace(base, **values)


def make_line(amount: str, account: str = "", vat_code: str = "0", **values: Any) -> JournalLine:
    """Make a posting on DAY."""
    return replace(JournalLine(nok(amount), DAY, vat_code, ledger_account=account), **values)


def make_journal(
    reference: str = "journal-1", kind: DocumentKind = DocumentKind.BANK_JOURNAL, *lines: JournalLine, **values: Any
) -> JournalDocument:
    """Make a journal; without lines, a Vipps payment of NOK 12,500.00 by the customer of `make_order`."""
    paid = (
        make_line("12500", "1903", description="Vipps"),
        make_line("-12500", customer=Party("webshop:C-7", PERSON), matching_reference="R-1001"),
    )
    return replace(JournalDocument(reference, kind, DAY, "NOK", "Betalinger", lines or paid), **values)


def make_invoice(reference: str = "invoice-1", **values: Any) -> OutgoingInvoiceDocument:
    """Make an invoice that the shop issued itself, NOK 1,250.00 with 25 % VAT in it."""
    base = OutgoingInvoiceDocument(
        reference=reference,
        kind=DocumentKind.OUTGOING_INVOICE,
        customer=Party("webshop:C-7", PERSON),
        invoice_number="F-55",
        dated_on=DAY,
        currency="NOK",
        lines=(make_line("1250", "3000", "3", description="Vinterjakke"),),
        total=nok("1250"),
        matching_reference="R-55",
        due_on=date(2026, 11, 16),
    )
    return replace(base, **values)
