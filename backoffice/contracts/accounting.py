"""What an accounting system must be able to do: say what it has, take documents once, and be asked about them.

A document is ours and frozen when a voucher is approved. `prepare` turns it into a Request: the exact bytes that
will be sent, with the other side's ids resolved. The Request is stored before it is sent, so that a second try
is byte-equal. `find` asks whether a Request has taken effect, by its reference.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Protocol

from backoffice.contracts.books import (
    BookLimits,
    ChartAccount,
    ChartDimension,
    ChartPaymentTerm,
    ChartSnapshot,
    ChartTheme,
    ChartVatCode,
    CompanyInformation,
    InvoiceBalance,
    OpenItem,
    ProductLink,
)
from backoffice.contracts.documentation import AttachedFile, AttachmentRules
from backoffice.contracts.documents import (
    JOURNAL_KINDS,
    Document,
    DocumentKind,
    InvoiceSendingDocument,
    JournalDocument,
    JournalLine,
    OrderLine,
    OutgoingInvoiceDocument,
    Party,
    ProductWish,
    ReversalDocument,
    SalesOrderDocument,
)
from backoffice.contracts.errors import Permanent, Unsupported
from backoffice.contracts.provider import Provider
from backoffice.ledger.money import Money

__all__ = [
    "JOURNAL_KINDS",
    "AccountingSystem",
    "AttachedFile",
    "AttachmentRules",
    "BookLimits",
    "ChartAccount",
    "ChartDimension",
    "ChartPaymentTerm",
    "ChartSnapshot",
    "ChartTheme",
    "ChartVatCode",
    "CompanyInformation",
    "CustomerLink",
    "Directory",
    "Document",
    "DocumentKind",
    "InvoiceBalance",
    "InvoiceSendingDocument",
    "JournalDocument",
    "JournalLine",
    "OpenItem",
    "OrderLine",
    "OutgoingInvoiceDocument",
    "Party",
    "ProductLink",
    "ProductWish",
    "Receipt",
    "Request",
    "ReversalDocument",
    "SalesOrderDocument",
]


@dataclass(frozen=True, slots=True)
class Request:
    """The bytes that will be sent, and what a look-up needs later. Stored before it is sent.

    body is JSON text exactly as it goes out. lookup holds strings: posting date bounds, order id, account number.
    total is signed as the document's; dated_on is the posting or order date.
    """

    kind: DocumentKind
    reference: str
    method: str
    path: str
    body: str
    total: Money
    dated_on: date
    lookup: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side says it has.

    number is the voucher or order number, invoice_number the invoice's, either empty when not dealt yet.
    is_final is False when the other side has only taken it in and works on it (sending an invoice).
    total and dated_on let an adopted document be compared with what we meant to send.
    """

    external_id: str
    number: str = ""
    invoice_number: str = ""
    is_final: bool = True
    total: Money | None = None
    dated_on: date | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomerLink:
    """A customer over there. ledger_account_id is the sub-ledger account that voucher lines need."""

    external_id: str
    number: str
    ledger_account_id: str
    name: str = ""


class Directory(Protocol):
    """What we know of the other side's ids. Every `remember_` is durable when it returns."""

    def account_id(self, number: str) -> str:
        """Give a ledger account's id; raise Rejected (account_missing, account_inactive) with a reason."""

    def vat_id(self, code: str, on: date) -> str:
        """Give a VAT code's id; raise Rejected (vat_code_missing) when it is unknown or not valid that day."""

    def dimension_id(self, kind: str, code: str) -> str:
        """Give the id of a department, location, project or dim1-3; raise Rejected (dimension_missing)."""

    def customer(self, key: str) -> CustomerLink | None:
        """Give the customer that our key is linked to, or None."""

    def remember_customer(self, key: str, link: CustomerLink) -> None:
        """Link our key to a customer for good."""

    def product(self, code: str) -> ProductLink | None:
        """Give the product with that code, or None."""

    def remember_product(self, link: ProductLink) -> None:
        """Keep a product's id."""


class AccountingSystem(Provider):
    """Where the books are kept."""

    #: which files it takes as documentation of a voucher; None when it takes none
    attachment_rules: ClassVar[AttachmentRules | None] = None

    @abstractmethod
    def identify(self) -> CompanyInformation:
        """Say whose books these are and which privileges we have; drops a cached token first."""

    @abstractmethod
    def chart(self) -> ChartSnapshot:
        """Read everything that can be mapped onto."""

    @abstractmethod
    def limits(self) -> BookLimits:
        """Read only the lock date and the conversion date."""

    @abstractmethod
    def prepare(self, document: Document, directory: Directory) -> Request:
        """Resolve ids, find or create customers and products, and give the bytes to send.

        Everything it creates has a reference of its own and may be repeated. Raises Rejected with reasons
        (customer_ambiguous, account_missing ...); nothing of the document itself has been sent then.
        """

    @abstractmethod
    def send(self, request: Request) -> Receipt:
        """Send the stored bytes once, without any retry of its own. Raises the ProviderError tree."""

    @abstractmethod
    def find(self, request: Request) -> Receipt | None:
        """Ask whether the request has taken effect; None when the other side does not show it (yet)."""

    @abstractmethod
    def outcomes(
        self, requests: Sequence[Request], *, overdue: Collection[str] = ()
    ) -> Mapping[str, Receipt | Permanent]:
        """Ask in as few calls as possible what became of requests that were taken in, by reference.

        What is still being worked on is left out. overdue holds the references that have waited so long that a
        call of their own is worth it: some providers tell why a sending failed only when asked one by one, so
        a failure of a request that is never named there may stay unseen.
        """

    @abstractmethod
    def mend_total(self, document: SalesOrderDocument, receipt: Receipt, directory: Directory) -> Receipt:
        """Make an order's total equal to the document's by a visible rounding line.

        When the difference is larger than the document allows, withdraw the order and raise Rejected
        (total_differs). May be repeated.
        """

    @abstractmethod
    def customer_numbered(self, number: str) -> CustomerLink | None:
        """Give the active customer with that number, or None: a person's answer to customer_ambiguous."""

    @abstractmethod
    def open_items(self, on: date) -> tuple[OpenItem, ...]:
        """List the customer ledger's open entries on a date."""

    def balances_changed_since(self, since: datetime) -> Iterator[InvoiceBalance]:
        """List what is open of invoices and credit notes whose balance changed after a time, in as few calls as can be.

        Raises Unsupported where the other side cannot tell.
        """
        raise Unsupported(f"{self.label} does not tell which invoices are paid.", provider=self.name)

    @abstractmethod
    def account_balances(self, on: date) -> Mapping[str, Money]:
        """Give the balance per ledger account number on a date, debit > 0, in the client's currency."""

    @abstractmethod
    def attach(self, *, voucher_id: str, file: AttachedFile) -> bool:
        """Put a file with a posted voucher, once; False when it is only taken in and shows later.

        voucher_id is the receipt's external_id. May be repeated with the same bytes. Raises Rejected when the voucher
        does not exist or takes no file, and OutcomeUnknown when the answer was lost.
        """

    @abstractmethod
    def documentation(self, *, voucher_id: str) -> AttachedFile | None:
        """Give the PDF that stands with a voucher, attached or their own; None when there is none (yet)."""
