"""An accounting system in memory that can only be read: enough for what the chart asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, NoReturn, Self

from backoffice.contracts.accounting import (
    AccountingSystem,
    AttachedFile,
    BookLimits,
    ChartAccount,
    ChartDimension,
    ChartPaymentTerm,
    ChartSnapshot,
    ChartTheme,
    ChartVatCode,
    CompanyInformation,
    CustomerLink,
    Directory,
    Document,
    OpenItem,
    ProductLink,
    Receipt,
    Request,
    SalesOrderDocument,
)
from backoffice.contracts.errors import Permanent, Unsupported
from backoffice.contracts.provider import setting
from backoffice.contracts.runtime import Runtime
from backoffice.ledger.money import Money

SNAPSHOT = ChartSnapshot(
    accounts=(
        ChartAccount("a-1", "3000", "Salg", True, "3", False, ("department",)),
        ChartAccount("a-2", "3300", "Gammelt salg", False, "3", False),
    ),
    vat_codes=(
        ChartVatCode("v-1", "3", "Utgående 25 %", Decimal("25.00"), True, date(2005, 1, 1)),
        ChartVatCode("v-2", "31", "Utgående 15 %", Decimal("15.00"), True),
    ),
    dimensions=(ChartDimension("department", "d-1", "10", "Oslo", True),),
    themes=(ChartTheme("t-1", "STD", "Standard", True, "nb"),),
    payment_terms=(ChartPaymentTerm("p-1", "14 dager", 14, True, True),),
    products=(ProductLink("x-1", "3000-3", "3000"),),
    limits=BookLimits(date(2026, 10, 31), date(2024, 1, 1)),
)


@dataclass(frozen=True, slots=True)
class FakeConfig:
    """One secret, one choice and one free setting."""

    client_key: str = field(metadata=setting("Client key", is_secret=True))
    environment: str = field(default="production", metadata=setting("Environment", choices=("production", "sandbox")))
    note: str = field(default="", metadata=setting("Note"))


class FakeBooks(AccountingSystem):
    """Answers with `snapshot`, which a test may replace; refuses everything that has an effect."""

    name = "books"
    label = "Books in memory"
    Config: ClassVar[type] = FakeConfig
    snapshot: ClassVar[ChartSnapshot] = SNAPSHOT

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Take the values as they are."""
        FakeConfig(**values)
        return cls()

    def chart(self) -> ChartSnapshot:
        """Give the snapshot."""
        return self.snapshot

    def limits(self) -> BookLimits:
        """Give the snapshot's limits."""
        return self.snapshot.limits

    def identify(self) -> CompanyInformation:
        """Say a name."""
        return CompanyInformation("Nordlys Butikk AS", "923609016", (), (), (), True)

    def customer_numbered(self, number: str) -> CustomerLink | None:
        """Know nobody."""
        return None

    def open_items(self, on: date) -> tuple[OpenItem, ...]:
        """Nobody owes anything."""
        return ()

    def account_balances(self, on: date) -> Mapping[str, Money]:
        """Nothing was ever posted."""
        return {}

    def prepare(self, document: Document, directory: Directory) -> Request:
        """Refuse."""
        refuse()

    def send(self, request: Request) -> Receipt:
        """Refuse."""
        refuse()

    def find(self, request: Request) -> Receipt | None:
        """Nothing was ever sent."""
        return None

    def outcomes(
        self, requests: Sequence[Request], *, overdue: Collection[str] = ()
    ) -> Mapping[str, Receipt | Permanent]:
        """Nothing was ever sent."""
        return {}

    def mend_total(self, document: SalesOrderDocument, receipt: Receipt, directory: Directory) -> Receipt:
        """Refuse."""
        refuse()

    def attach(self, *, voucher_id: str, file: AttachedFile) -> bool:
        """Refuse."""
        refuse()

    def documentation(self, *, voucher_id: str) -> AttachedFile | None:
        """Nothing was ever attached."""
        return None


def refuse() -> NoReturn:
    """Say that this can only be read."""
    raise Unsupported("The books in memory can only be read.")


def offer(settings: Any) -> None:
    """Make the fake a provider of the installation, beside the real ones."""
    settings.PROVIDERS = {**settings.PROVIDERS, "books": "tests.fakes.books.FakeBooks"}
