"""What a client has in its books, as an accounting system tells it: chart, limits, open items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from backoffice.ledger.money import Money


@dataclass(frozen=True, slots=True)
class ProductLink:
    """A product over there."""

    external_id: str
    code: str
    ledger_account: str


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
class InvoiceBalance:
    """What is open of one invoice. total and balance are in the currency of the books; a credit note's are < 0.

    reference is ours, where the other side kept it. match is shared by the entries that settled each other.
    """

    external_id: str
    invoice_number: str
    reference: str
    total: Money
    balance: Money
    due_on: date | None
    changed_at: datetime
    is_credit_note: bool = False
    match: str = ""


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
