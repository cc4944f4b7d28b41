"""A document for the end customer as plain data: who, what, VAT per rate, how it was paid, what is still due.

All sums are made and checked here; templates only write them down. Content: bokføringsforskriften §§ 5-1-1 to 5-1-5.
Amounts include VAT unless a name says net or vat. On a credit note all amounts are positive and say what comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from backoffice.contracts.sales import Address
from backoffice.ledger.errors import LedgerError, TotalsDiffer
from backoffice.ledger.money import Money, total
from backoffice.ledger.sale_totals import TaxedAmount, check_total, vat_differences

MAX_LINES = 2_000


class DocumentKind(StrEnum):
    """Which document it is."""

    INVOICE = "invoice"
    PAID_INVOICE = "paid_invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"


class WithoutVat(StrEnum):
    """Why lines at 0 % carry no VAT: zero-rated at home (fritatt), outside of the VAT Act (unntatt), or export."""

    ZERO_RATED = "zero_rated"
    EXEMPT = "exempt"
    EXPORT = "export"


class Incomplete(LedgerError):
    """Something that the law asks for is missing; the text says what and where to enter it."""


@dataclass(frozen=True, slots=True)
class Seller:
    """The client. vat_number stands as it is printed ("NO 923 609 016 MVA"), empty when not registered for VAT."""

    name: str
    organisation_number: str
    address: Address
    vat_number: str = ""
    is_in_company_register: bool = False
    is_in_liquidation: bool = False
    email: str = ""
    phone: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought; reference is what the buyer asked to see on the invoice."""

    name: str
    address: Address
    organisation_number: str = ""
    tax_number: str = ""
    email: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line after discount. unit_price is VAT included or not, as the document's prices_include_vat says."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_rate: Decimal
    gross: Money
    vat: Money
    unit: str = "EA"
    sku: str = ""
    discount: Money | None = None

    @property
    def net(self) -> Money:
        """Give the amount ex VAT."""
        return self.gross - self.vat


@dataclass(frozen=True, slots=True)
class VatSummary:
    """All lines of one rate. vat_home is the VAT in the seller's own currency, where the document's is another."""

    rate: Decimal
    net: Money
    vat: Money
    vat_home: Money | None = None

    @property
    def gross(self) -> Money:
        """Give basis and VAT together."""
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment; negative where money went back."""

    method: str
    paid_on: date
    amount: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class PaymentSlip:
    """How to pay what is due."""

    account: str = ""
    iban: str = ""
    bic: str = ""
    kid: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `currency` is `rate` of `home`, on a day, by a source."""

    currency: str
    home: str
    rate: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Document:
    """Everything on the paper. total is what the customer owed; rounding and tip carry no VAT."""

    kind: DocumentKind
    number: str
    language: str
    currency: str
    issued_on: date
    seller: Seller
    buyer: Buyer
    lines: tuple[Line, ...]
    vat: tuple[VatSummary, ...]
    total: Money
    due: Money
    prices_include_vat: bool = True
    rounding: Money | None = None
    tip: Money | None = None
    due_on: date | None = None
    delivered_on: date | None = None
    delivery_address: Address | None = None
    order_number: str = ""
    seller_reference: str = ""
    payments: tuple[PaymentLine, ...] = ()
    slip: PaymentSlip | None = None
    exchange: ExchangeRate | None = None
    credited_number: str = ""
    credited_on: date | None = None
    reason: str = ""
    is_reverse_charge: bool = False
    without_vat: WithoutVat = WithoutVat.ZERO_RATED
    footnotes: tuple[str, ...] = field(default=())

    @property
    def is_paid(self) -> bool:
        """Whether nothing is left to pay and something was paid."""
        return not self.due and bool(self.payments)

    @property
    def net(self) -> Money:
        """Give the sum ex VAT, without rounding and tip."""
        return total((one.net for one in self.vat), self.currency)

    @property
    def vat_sum(self) -> Money:
        """Give all VAT."""
        return total((one.vat for one in self.vat), self.currency)

    @property
    def paid(self) -> Money:
        """Give what was paid so far."""
        return total((one.amount for one in self.payments), self.currency)


def summarise_vat(lines: Sequence[Line], currency: str, exchange: ExchangeRate | None = None) -> tuple[VatSummary, ...]:
    """Add the lines up per rate, highest rate first; with an exchange rate VAT stands in the home currency too.

    >>> line = Line("Chair", Decimal(1), Decimal(125), Decimal(25), Money(12500, "NOK"), Money(2500, "NOK"))
    >>> [(str(one.net), str(one.vat)) for one in summarise_vat([line, line], "NOK")]
    [('200.00', '50.00')]
    """
    rates = sorted({line.vat_rate.normalize() for line in lines}, reverse=True)
    found = []
    for rate in rates:
        same = [line for line in lines if line.vat_rate == rate]
        vat = total((line.vat for line in same), currency)
        net = total((line.net for line in same), currency)
        home = Money.rounded(vat.to_decimal() * exchange.rate, exchange.home) if exchange else None
        found.append(VatSummary(rate, net, vat, home))
    return tuple(found)


def check(document: Document) -> None:
    """Raise Incomplete, TotalsDiffer or VatDiffers unless the document holds what the law asks and adds up."""
    if missing := [text for is_missing, text in _required(document) if is_missing]:
        raise Incomplete(" ".join(missing))
    if len(document.lines) > MAX_LINES:
        raise Incomplete(f"A document holds at most {MAX_LINES} lines, this one has {len(document.lines)}. Split it.")
    check_total((line.gross for line in document.lines), document.total, rounding=document.rounding, tip=document.tip)
    vat_differences([TaxedAmount(line.gross, line.vat, line.vat_rate) for line in document.lines], document.currency)
    if document.vat != summarise_vat(document.lines, document.currency, document.exchange):
        raise TotalsDiffer("The VAT summary is not the sum of the lines.")
    left = document.total - document.paid
    if document.due != left:
        raise TotalsDiffer(f"{document.due} is stated as due, but total less payments is {left} {document.currency}.")
    if document.kind is DocumentKind.PAID_INVOICE and document.due:
        raise TotalsDiffer(f"{document.due} {document.currency} is still due, so it cannot say that it is paid.")


def _required(document: Document) -> list[tuple[bool, str]]:
    seller, buyer = document.seller, document.buyer
    is_receipt = document.kind is DocumentKind.RECEIPT
    is_credit = document.kind is DocumentKind.CREDIT_NOTE
    says_where = bool(buyer.address.city or buyer.address.line1 or buyer.organisation_number)
    has_home_vat = all(one.vat_home is not None for one in document.vat if one.vat)
    return [
        (not document.number, "The document has no number yet."),
        (not document.lines, "The document has no lines."),
        (not seller.organisation_number, "The seller's organisation number is missing."),
        (not seller.address.city, "The seller's address is missing; enter it on the page Seller details."),
        (not is_receipt and not buyer.name, "The buyer's name is missing in the sale."),
        (
            not is_receipt and not says_where,
            "The buyer's address or organisation number is missing in the sale; one of them must be there.",
        ),
        (is_credit and not document.credited_number, "A credit note must name the invoice it credits."),
        (is_credit and document.number == document.credited_number, "A credit note needs a number of its own."),
        (
            document.is_reverse_charge and not buyer.organisation_number,
            "With reverse charge the buyer's organisation number must stand on the document.",
        ),
        (
            document.exchange is not None and not has_home_vat,
            "VAT must be stated in the seller's own currency too.",
        ),
    ]
