"""A till's day closing (Z report) as the REST API and file imports hand it over. All amounts include VAT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from backoffice.ledger.money import Money

#: the payment method whose takings lie in the drawer, and are counted
CASH = "cash"


@dataclass(frozen=True, slots=True)
class ClosingSales:
    """What a product group sold at a VAT rate (percent), returns taken off: negative where more came back."""

    group: str
    vat_rate: Decimal
    amount: Money
    quantity: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ClosingPayment:
    """What came in by a payment method, money back taken off."""

    method: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ClosingInvoicePayment:
    """An invoice paid at the till. Its sale was posted with the invoice and is not in the closing's sales."""

    matching_reference: str
    method: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CashCount:
    """The drawer: its float at opening, what was counted at the end, and what was taken to the bank before that.

    counted is None where nobody counted; the difference is then what the till states itself (negative where cash is
    missing), or none. paid_in and paid_out, both positive, went in and out without a sale: change fetched, a purchase.
    """

    opening: Money
    counted: Money | None
    banked: Money
    paid_in: Money | None = None
    paid_out: Money | None = None
    stated_difference: Money | None = None


@dataclass(frozen=True, slots=True)
class DayClosingDetails:
    """A closing whose parts add up: payments = sales + rounding + tips + gift cards sold + invoice payments.

    rounding is what was added for coins, negative where customers paid less. payments hold all that came in; a till
    that leaves its invoice payments out of them is understood, too, since only one reading adds up. tips, gift cards
    and rounding carry no VAT. notes tell what the reader found (a control that does not hold); no part of the closing.
    """

    register: str
    number: int
    closed_at: datetime
    currency: str
    sales: tuple[ClosingSales, ...]
    payments: tuple[ClosingPayment, ...]
    rounding: Money
    tips: Money
    gift_cards_sold: Money
    opened_at: datetime | None = None
    cash: CashCount | None = None
    invoice_payments: tuple[ClosingInvoicePayment, ...] = ()
    grand_total_sales: Money | None = None
    #: keys: department, location, project, dim1, dim2, dim3; values are the accounting system's codes
    dimensions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
