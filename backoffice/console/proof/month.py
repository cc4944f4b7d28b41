"""A month of three shops and four tills, as they and their payment providers would report it, with planted faults.

Everything is made from one seed and adds up to the minor unit except where a fault is planted; each fault names the
reference under which the clearing page must show it. Amounts include VAT, in øre.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from backoffice.contracts.closings import ClosingPayment, ClosingSales, DayClosingDetails
from backoffice.contracts.payouts import ProviderBalance, ProviderRow, ProviderStatement, ReportedPayout
from backoffice.contracts.sales import (
    CustomerDetails,
    PaymentDetails,
    RefundDetails,
    SaftBatch,
    SaleDetails,
    SaleKind,
    SaleLineDetails,
)
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import RowKind
from backoffice.ledger.vat import split_gross

FIRST = date(2026, 10, 1)
LAST = date(2026, 10, 31)
DAYS = (LAST - FIRST).days + 1
#: a shop's key and the provider that takes its payments; the tills share Zettle, and take cash
SHOPS = (("furniture", "vipps"), ("fabrics", "klarna"), ("lamps", "stripe"))
TILLS = ("till-1", "till-2", "till-3", "till-4")
TILL_METHOD = "zettle"
GROUPS = (("goods", Decimal("25.00")), ("food", Decimal("15.00")))
#: of 10 000 of a payment, what the provider keeps
FEES = {"vipps": 175, "klarna": 249, "stripe": 140, "zettle": 175}
#: a payout is sent so many days after the day it pays
AFTER_DAYS = 2


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault: what was done, and the references under which the pages must name it (one of them, or all)."""

    what: str
    references: tuple[str, ...]


@dataclass
class Month:
    """What arrives: sales and refunds per shop, closings per till, statements per provider."""

    sales: dict[str, list[SaleDetails]] = field(default_factory=lambda: defaultdict(list))
    refunds: dict[str, list[RefundDetails]] = field(default_factory=lambda: defaultdict(list))
    closings: list[DayClosingDetails] = field(default_factory=list)
    statements: dict[str, list[ProviderStatement]] = field(default_factory=dict)
    planted: list[Planted] = field(default_factory=list)
    receipts: int = 0


def nok(minor: int) -> Money:
    """Make an amount."""
    return Money(minor, "NOK")


def fee_of(provider: str, minor: int) -> int:
    """Give what a provider keeps of a payment, rounded half up."""
    return (minor * FEES[provider] + 5_000) // 10_000


class Ledger:
    """A provider's account with the client: rows as they are booked, a payout for each day's rows."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.rows: list[ProviderRow] = []
        self.payouts: list[ReportedPayout] = []

    def book(
        self, kind: RowKind, minor: int, on: date, reference: str = "", *, key: str = "", native: str = ""
    ) -> None:
        """Add a row; it belongs to the payout of its day."""
        number = len(self.rows) + 1
        row = ProviderRow(
            key=key or f"{self.provider}-{number}",
            kind=kind,
            amount=nok(minor),
            booked_on=on,
            native_kind=native or kind.value,
            reference=reference,
            payout_reference=self.payout_of(on),
        )
        self.rows.append(row)

    def capture(self, minor: int, on: date, reference: str) -> None:
        """Book a payment and its fee."""
        self.book(RowKind.CAPTURE, minor, on, reference)
        self.book(RowKind.FEE, -fee_of(self.provider, minor), on)

    def payout_of(self, on: date) -> str:
        """Name the payout that settles a day."""
        return f"{self.provider}-{on:%m%d}"

    def pay_out(self, on: date, minor: int, reference: str) -> None:
        """Send a sum to the bank, two days after the day it pays."""
        paid_on = on + timedelta(days=AFTER_DAYS)
        self.payouts.append(ReportedPayout(reference, nok(minor), paid_on))
        self.rows.append(
            ProviderRow(
                key=f"payout-{reference}",
                kind=RowKind.PAYOUT,
                amount=nok(-minor),
                booked_on=paid_on,
                native_kind="payout",
                payout_reference=reference,
            )
        )

    def pay_out_days(self) -> None:
        """Pay out every day that has rows."""
        days: dict[date, int] = defaultdict(int)
        for row in self.rows:
            days[row.booked_on] += row.amount.minor
        for on, minor in sorted(days.items()):
            self.pay_out(on, minor, self.payout_of(on))

    def statement(self) -> ProviderStatement:
        """Report everything, with the balance at the end of each day of the month."""
        balances = [ProviderBalance(FIRST - timedelta(days=1), nok(0))]
        for number in range(DAYS):
            on = FIRST + timedelta(days=number)
            balances.append(ProviderBalance(on, total((r.amount for r in self.rows if r.booked_on <= on), "NOK")))
        return ProviderStatement(f"{self.provider}-1", "NOK", tuple(self.rows), tuple(self.payouts), tuple(balances))


def sale(shop: str, number: int, on: date, method: str, minor: int, rng: random.Random) -> SaleDetails:
    """Make a sale of one or two lines, paid at once."""
    reference = f"{shop[:2].upper()}{number:05d}"
    at = datetime(on.year, on.month, on.day, rng.randint(7, 19), rng.randint(0, 59), tzinfo=UTC)
    second = minor // 3 if rng.random() < 0.5 else 0
    parts = [(GROUPS[0], minor - second)] + ([(GROUPS[1], second)] if second else [])
    lines = tuple(
        SaleLineDetails(str(place), group, nok(part), split_gross(nok(part), rate).vat, rate, group=group)
        for place, ((group, rate), part) in enumerate(parts, start=1)
    )
    return SaleDetails(
        reference=reference,
        kind=SaleKind.INVOICE_SALE,
        sold_at=at,
        currency="NOK",
        customer=CustomerDetails(
            name=f"Kunde {number % 200}", reference=f"C-{number % 200}", email=f"kunde{number % 200}@example.no"
        ),
        lines=lines,
        total=nok(minor),
        payments=(
            PaymentDetails(f"{method}-{reference}", method, nok(minor), at, provider_reference=f"psp-{reference}"),
        ),
        saft=SaftBatch(f"{shop}-{on:%Y%m%d}", shop),
    )


def closing(register: str, number: int, on: date, receipts: list[tuple[str, int]]) -> DayClosingDetails:
    """Make a till's Z report of receipts, each with the method it was paid by."""
    paid: dict[str, int] = defaultdict(int)
    for method, minor in receipts:
        paid[method] += minor
    sold = sum(paid.values())
    food = sold // 4
    return DayClosingDetails(
        register=register,
        number=number,
        closed_at=datetime(on.year, on.month, on.day, 20, 0, tzinfo=UTC),
        currency="NOK",
        sales=(
            ClosingSales(GROUPS[0][0], GROUPS[0][1], nok(sold - food)),
            ClosingSales(GROUPS[1][0], GROUPS[1][1], nok(food)),
        ),
        payments=tuple(ClosingPayment(method, nok(minor)) for method, minor in sorted(paid.items())),
        rounding=nok(0),
        tips=nok(0),
        gift_cards_sold=nok(0),
    )
