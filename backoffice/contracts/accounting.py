"""What an accounting system must be able to do: say what it has, take documents once, and be asked about them.

A document is ours and frozen when a voucher is approved. `prepare` turns it into a Request: the exact bytes that
will be sent, with the other side's ids resolved. The Request is stored before it is sent, so that a second try
is byte-equal. `find` asks whether a Request has taken effect, by its reference.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from backoffice.contracts.errors import Permanent
from backoffice.contracts.provider import Provider
from backoffice.contracts.sales import CustomerDetails
from backoffice.ledger.money import Money


class DocumentKind(StrEnum):
    """What can be delivered to an accounting system; each is a delivery of its own."""

    SALES_ORDER = "sales_order"
    INVOICE_SENDING = "invoice_sending"
    BANK_JOURNAL = "bank_journal"
    CASH_JOURNAL = "cash_journal"
    MANUAL_JOURNAL = "manual_journal"
    OUTGOING_INVOICE = "outgoing_invoice"
    OUTGOING_CREDIT_NOTE = "outgoing_credit_note"
    REVERSAL = "reversal"


JOURNAL_KINDS = frozenset({DocumentKind.BANK_JOURNAL, DocumentKind.CASH_JOURNAL, DocumentKind.MANUAL_JOURNAL})


@dataclass(frozen=True, slots=True)
class Party:
    """A customer by our own key ("webshop:C-7"), unique within the client, with what is needed to create it."""

    key: str
    details: CustomerDetails


@dataclass(frozen=True, slots=True)
class ProductWish:
    """The product a sales order line hangs on: found by code or created on this sales account.

    vat_code is what the account must carry, since the accounting system takes VAT from the account.
    """

    code: str
    name: str
    ledger_account: str
    vat_code: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of a sales order. unit_price is ex VAT, in major units; VAT follows the product's account."""

    reference: str
    product: ProductWish
    description: str
    quantity: Decimal
    unit_price: Decimal
    unit: str = "EA"
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SalesOrderDocument:
    """An order that the accounting system will invoice. total is what the customer saw, VAT included."""

    reference: str
    customer: Party
    currency: str
    ordered_on: date
    lines: tuple[OrderLine, ...]
    total: Money
    matching_reference: str
    delivered_on: date | None = None
    branding_theme: str = ""
    order_number: str = ""
    customer_reference: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    #: hangs a visible rounding line of at most `max_mend_minor` minor units when the totals differ
    rounding_product: ProductWish | None = None
    max_mend_minor: int = 5


@dataclass(frozen=True, slots=True)
class InvoiceSendingDocument:
    """Create and send the invoice of an order that exists. dated_on is the invoice date."""

    reference: str
    order_external_id: str
    dated_on: date
    by_ehf: bool
    email: str
    total: Money


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One posting: debit > 0, credit < 0, gross of VAT. Exactly one of ledger_account and customer is set."""

    amount: Money
    posted_on: date
    vat_code: str
    ledger_account: str = ""
    customer: Party | None = None
    description: str = ""
    matching_reference: str = ""
    invoice_number: str = ""
    kid: str = ""
    line_reference: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JournalDocument:
    """A balanced voucher that goes straight to the ledger."""

    reference: str
    kind: DocumentKind
    dated_on: date
    currency: str
    description: str
    lines: tuple[JournalLine, ...]
    saft_batch_id: str = ""
    saft_source_id: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingInvoiceDocument:
    """An invoice or credit note that the sales system issued itself.

    lines are the credit side as the accounting system wants it: positive = income on an invoice. total is what
    the customer owes, positive on both; kind says which way.
    """

    reference: str
    kind: DocumentKind
    customer: Party
    invoice_number: str
    dated_on: date
    currency: str
    lines: tuple[JournalLine, ...]
    total: Money
    matching_reference: str
    due_on: date | None = None
    kid: str = ""
    description: str = ""
    order_number: str = ""
    credited_invoice_number: str = ""
    saft_source_id: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReversalDocument:
    """Reverse a posted voucher of ours by its external id; journal is the path it was posted to."""

    reference: str
    voucher_external_id: str
    journal: str
    reversed_on: date


Document = (
    SalesOrderDocument | InvoiceSendingDocument | JournalDocument | OutgoingInvoiceDocument | ReversalDocument
)


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


@dataclass(frozen=True, slots=True)
class ProductLink:
    """A product over there."""

    external_id: str
    code: str
    ledger_account: str


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


@dataclass(frozen=True, slots=True)
class CompanyInformation:
    """Whose books a client key opens, and what we may do in them."""

    name: str
    organisation_number: str
    valid_privileges: tuple[str, ...]
    invalid_privileges: tuple[str, ...]
    subscriptions: tuple[str, ...]
    may_send_invoices: bool | None


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """A ledger account as the accounting system has it. vat_code is the account's own code."""

    external_id: str
    number: str
    name: str
    is_active: bool
    vat_code: str
    is_vat_code_locked: bool
    #: dimension kinds that a posting on it must carry: department, project, location, dim1 ...
    required_dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChartVatCode:
    """A VAT code. rate is a percent (25.00), whatever form the provider uses."""

    external_id: str
    code: str
    name: str
    rate: Decimal
    is_active: bool
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ChartDimension:
    """A department, location, project or custom dimension (dim1, dim2, dim3)."""

    kind: str
    external_id: str
    code: str
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class ChartTheme:
    """A branding theme for invoices."""

    external_id: str
    code: str
    name: str
    is_default: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class ChartPaymentTerm:
    """Days until an invoice is due."""

    external_id: str
    name: str
    credit_days: int
    is_default: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class BookLimits:
    """Dates on or before which nothing can be posted; None where there is no limit."""

    locked_through: date | None
    converted_on: date | None


@dataclass(frozen=True, slots=True)
class ChartSnapshot:
    """All that a client has in its accounting system and that we map onto."""

    accounts: tuple[ChartAccount, ...]
    vat_codes: tuple[ChartVatCode, ...]
    dimensions: tuple[ChartDimension, ...]
    themes: tuple[ChartTheme, ...]
    payment_terms: tuple[ChartPaymentTerm, ...]
    products: tuple[ProductLink, ...]
    limits: BookLimits
    #: dimension kinds that we may not read there: unknown, which is not the same as empty
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An entry of the customer ledger. amount: debit > 0; balance is what is still open, same sign."""

    customer_number: str
    customer_name: str
    external_id: str
    number: str
    invoice_number: str
    matching_reference: str
    posted_on: date
    amount: Money
    balance: Money


class AccountingSystem(Provider):
    """Where the books are kept."""

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
    def open_items(self, on: date) -> tuple[OpenItem, ...]:
        """List the customer ledger's open entries on a date."""

    @abstractmethod
    def account_balances(self, on: date) -> Mapping[str, Money]:
        """Give the balance per ledger account number on a date, debit > 0, in the client's currency."""
