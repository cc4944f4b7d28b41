"""A sale as every sales system's adapter and the REST API hand it over. VAT included unless said otherwise."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from backoffice.contracts.provider import Provider
from backoffice.ledger.money import Money


class SaleKind(StrEnum):
    """Whether an invoice belongs to the sale (invoice_sale) or the till's day closing covers it (cash_sale)."""

    CASH_SALE = "cash_sale"
    INVOICE_SALE = "invoice_sale"


class LineKind(StrEnum):
    """What a line is; all but goods are mapped under their own name as product group."""

    GOODS = "goods"
    SHIPPING = "shipping"
    FEE = "fee"
    GIFT_WRAP = "gift_wrap"
    GIFT_CARD = "gift_card"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; country is ISO 3166 alpha-2."""

    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "NO"


@dataclass(frozen=True, slots=True)
class CustomerDetails:
    """The buyer. reference is the sales system's own customer id; empty for a guest."""

    name: str
    reference: str = ""
    is_company: bool = False
    organisation_number: str = ""
    tax_number: str = ""
    email: str = ""
    phone: str = ""
    address: Address = field(default_factory=Address)
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class SaleLineDetails:
    """One line after discount.

    gross includes VAT; vat is the part of it that the sales system states as VAT (computed by split_gross
    where it states none). quantity is negative on a returned line, gross then too. vat_rate is a percent.
    unit_price and discount are as the sales system shows them, for documents only.
    """

    reference: str
    description: str
    gross: Money
    vat: Money
    vat_rate: Decimal
    quantity: Decimal = Decimal(1)
    unit: str = "EA"
    kind: LineKind = LineKind.GOODS
    group: str = ""
    sku: str = ""
    unit_price: Decimal | None = None
    discount: Money | None = None


@dataclass(frozen=True, slots=True)
class PaymentDetails:
    """How a sale was paid: an event of its own. A negative amount is money back.

    Exactly one of sale_reference, matching_reference and invoice_number says what it pays; all empty when it
    came inside its sale.
    """

    reference: str
    method: str
    amount: Money
    paid_at: datetime
    provider_reference: str = ""
    sale_reference: str = ""
    matching_reference: str = ""
    invoice_number: str = ""


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """The invoice that the sales system itself issued to the end customer."""

    number: str
    issued_on: date
    due_on: date | None = None
    kid: str = ""


@dataclass(frozen=True, slots=True)
class SaftBatch:
    """Audit trail into the sales system's own SAF-T file; at most 35 characters each."""

    batch_id: str
    source_id: str


@dataclass(frozen=True, slots=True)
class SaleDetails:
    """A sale whose parts add up: sum of line gross + rounding + tip == total == what the customer owed."""

    reference: str
    kind: SaleKind
    sold_at: datetime
    currency: str
    customer: CustomerDetails
    lines: tuple[SaleLineDetails, ...]
    total: Money
    revision: int = 1
    delivered_on: date | None = None
    prices_include_vat: bool = True
    rounding: Money | None = None
    tip: Money | None = None
    payments: tuple[PaymentDetails, ...] = ()
    invoice: IssuedInvoice | None = None
    saft: SaftBatch | None = None
    matching_reference: str = ""
    branding_theme: str = ""
    customer_reference: str = ""
    #: the number that the buyer sees, when the sales system shows another one than `reference`
    order_number: str = ""
    #: what a person should know about how the payload was read ("0.01 moved to line 317"); no part of the sale
    notes: tuple[str, ...] = ()
    #: keys: department, location, project, dim1, dim2, dim3; values are the accounting system's codes
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundLineDetails:
    """A returned line of the original sale; gross is positive and includes VAT."""

    reference: str
    gross: Money
    quantity: Decimal = Decimal(0)
    kind: LineKind = LineKind.GOODS
    vat: Money | None = None


@dataclass(frozen=True, slots=True)
class IssuedCreditNote:
    """The credit note that the sales system itself issued for a refund; issued_on is the refund's day where empty."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class RefundDetails:
    """Money or goods back. amount is positive and includes VAT; no lines = amount only, no VAT split known."""

    reference: str
    sale_reference: str
    refunded_at: datetime
    amount: Money
    lines: tuple[RefundLineDetails, ...] = ()
    reason: str = ""
    payments: tuple[PaymentDetails, ...] = ()
    credit_note: IssuedCreditNote | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A payload that needs nothing done, and why ("order 17 is not paid yet")."""

    reference: str
    why: str


@dataclass(frozen=True, slots=True)
class SaleCancelled:
    """The sales system cancelled the order; reference is the sale's."""

    reference: str
    why: str


SalesEvent = SaleDetails | RefundDetails | PaymentDetails | SaleCancelled | Ignored


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What arrived, untouched. Header names are lower case."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FetchedPayload:
    """A payload that was read by polling, in the form that `parse` takes; key removes duplicates."""

    key: str
    body: bytes
    changed_at: datetime


class SalesChannel(Provider):
    """A webshop or till that reports sales."""

    @abstractmethod
    def verify(self, request: WebhookRequest) -> None:
        """Raise WebhookRefused unless the signature over the raw bytes is right (constant-time comparison)."""

    @abstractmethod
    def event_key(self, request: WebhookRequest) -> str:
        """Give the delivery's own id, by which a replay is recognised; empty when it has none."""

    @abstractmethod
    def parse(self, body: bytes, headers: Mapping[str, str]) -> tuple[SalesEvent, ...]:
        """Read a stored payload; raise UnreadablePayload (kept, shown) when it has not the expected shape.

        May re-read the object through REST where the payload alone is not enough (refunds); raises the
        ProviderError tree then.
        """

    @abstractmethod
    def changed_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Yield what changed after `since`, oldest first, for the catch-up of missed webhooks."""
