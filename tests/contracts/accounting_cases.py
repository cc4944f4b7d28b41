"""What the shared suite needs to know of each accounting system: a stand-in that can be made to fail, and documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from backoffice.contracts.accounting import (
    AccountingSystem,
    Directory,
    DocumentKind,
    InvoiceSendingDocument,
    JournalDocument,
    Party,
    SalesOrderDocument,
)
from backoffice.contracts.provider import Provider
from backoffice.contracts.runtime import Runtime
from integrations.exact_json import dumps
from integrations.poweroffice import api, calls
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.sandbox import DEMO_CLIENTS
from integrations.poweroffice.sandbox.proof import proof
from tests.integrations.poweroffice import books

ATTACHING = "PUT /v2/VoucherDocumentation"


class AccountingCase(Protocol):
    """One accounting system over its stand-in. Nothing of it waits for real time."""

    values: Mapping[str, str]
    wrong_values: Mapping[str, str]
    runtime: Runtime
    provider: type[Provider]

    @property
    def system(self) -> AccountingSystem:
        """Give the adapter."""

    @property
    def directory(self) -> Directory:
        """Give what we know of its ids."""

    def order(self, reference: str) -> SalesOrderDocument:
        """Make an order by a private person."""

    def journal(self, reference: str) -> JournalDocument:
        """Make a journal in which that person pays."""

    def sending(self, reference: str, order_id: str) -> InvoiceSendingDocument:
        """Make the sending of that order's invoice."""

    def lose_answer(self, kind: DocumentKind, *, has_run: bool) -> None:
        """Lose the next answer to a document, after it was done or before."""

    def limit(self) -> None:
        """Refuse the next document because there were too many calls."""

    def lose_attaching(self, *, has_run: bool) -> None:
        """Lose the next answer to an attaching, after it was done or before."""

    def limit_attaching(self) -> None:
        """Refuse the next attaching because there were too many calls."""

    def expire_tokens(self) -> None:
        """Make every token that was given invalid."""

    def let_time_pass(self) -> None:
        """Let the stand-in do what it does later."""

    def documents(self, reference: str) -> int:
        """Count the documents that stand there under a reference."""

    def customers(self) -> int:
        """Count the customers."""

    def forget(self) -> None:
        """Make the directory know no customer and no product."""

    def make_twins(self, party: Party) -> list[str]:
        """Put two customers there who could both be this party, and give their numbers."""

    def shorten_pages(self, patch: Callable[[Any, str, Any], None]) -> None:
        """Make lists come in pages of a few rows."""

    def without_right_to_send(self) -> AbstractContextManager[AccountingCase]:
        """Give the same system where we may not send invoices."""


@dataclass
class PowerOfficeCase:
    """PowerOffice Go over its sandbox."""

    office: books.Office
    provider: type[Provider] = PowerOffice

    def __post_init__(self) -> None:
        self.values: Mapping[str, str] = books.VALUES
        self.wrong_values: Mapping[str, str] = {**books.VALUES, "client_key": "5a4d8c10-0000-4000-8000-00000000dead"}
        self.runtime = self.office.runtime

    @property
    def system(self) -> AccountingSystem:
        """Give the adapter."""
        return self.office.system

    @property
    def directory(self) -> Directory:
        """Give what we know of its ids."""
        return self.office.directory

    def order(self, reference: str) -> SalesOrderDocument:
        """Make an order."""
        return books.make_order(reference)

    def journal(self, reference: str) -> JournalDocument:
        """Make a bank journal."""
        return books.make_journal(reference)

    def sending(self, reference: str, order_id: str) -> InvoiceSendingDocument:
        """Make a sending."""
        return books.make_sending(reference, order_id)

    def lose_answer(self, kind: DocumentKind, *, has_run: bool) -> None:
        """Close the socket instead of answering."""
        paths = {
            DocumentKind.SALES_ORDER: "POST /v2/SalesOrders/Complete",
            DocumentKind.BANK_JOURNAL: "POST /v2/Vouchers/BankJournals",
            DocumentKind.INVOICE_SENDING: "POST /v2/SalesOrders/*/createAndSendInvoice",
        }
        self.office.server.faults.add("commit_then_drop" if has_run else "drop_before", paths[kind])

    def limit(self) -> None:
        """Answer 429 once."""
        self.office.server.faults.add("429", "POST /v2/*")

    def lose_attaching(self, *, has_run: bool) -> None:
        """Close the socket instead of answering."""
        self.office.server.faults.add("commit_then_drop" if has_run else "drop_before", ATTACHING)

    def limit_attaching(self) -> None:
        """Answer 429 once."""
        self.office.server.faults.add("429", ATTACHING)

    def expire_tokens(self) -> None:
        """Let more than twenty minutes pass."""
        self.office.clock.pass_by(1_201_000)

    def let_time_pass(self) -> None:
        """Let a minute pass, and the sandbox use it."""
        self.office.clock.pass_by(60_000)
        self.office.system.limits()

    def documents(self, reference: str) -> int:
        """Count them in the books themselves."""
        counted: dict[str, int] = proof(self.office.server.books)["documents_per_reference"]
        return counted.get(reference, 0)

    def customers(self) -> int:
        """Count them in the books themselves."""
        return len(self.office.server.books.customers)

    def forget(self) -> None:
        """Empty the directory."""
        self.office.forget()

    def make_twins(self, party: Party) -> list[str]:
        """Create two persons with one e-mail address."""
        body = {"IsPerson": True, "FirstName": "A", "LastName": "B", "EmailAddress": party.details.email}
        rows = [api.create_customer(self.office.system.calls, dumps(body)) for _ in range(2)]
        return [str(row["Number"]) for row in rows]

    def shorten_pages(self, patch: Callable[[Any, str, Any], None]) -> None:
        """Ask for seven rows a page."""
        patch(calls, "PAGE_SIZE", 7)

    @contextmanager
    def without_right_to_send(self) -> Iterator[AccountingCase]:
        """Serve a company that did not give the right to send."""
        with books.run_office(clients=(replace(DEMO_CLIENTS[0], allow_send_invoice=False),)) as office:
            yield PowerOfficeCase(office)


@contextmanager
def poweroffice() -> Iterator[AccountingCase]:
    """Serve PowerOffice Go."""
    with books.run_office() as office:
        yield PowerOfficeCase(office)


CASES: dict[str, Callable[[], AbstractContextManager[AccountingCase]]] = {"poweroffice": poweroffice}
