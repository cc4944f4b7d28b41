"""Documents that go to an accounting system: ours, frozen when a voucher is approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

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
    """An order that the accounting system will invoice. total is what the customer saw, VAT included.

    With negative quantities and a negative total it becomes a credit note; related_invoice_number names the invoice.
    """

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
    related_invoice_number: str = ""
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
    """Reverse a posted voucher of ours by its external id; voucher_kind is the kind of document it was."""

    reference: str
    voucher_external_id: str
    voucher_kind: DocumentKind
    reversed_on: date


Document = SalesOrderDocument | InvoiceSendingDocument | JournalDocument | OutgoingInvoiceDocument | ReversalDocument
