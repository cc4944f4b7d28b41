"""From a Z report and the receipts before it to a day closing; where the two differ, the notes say by how much.

The Z report is what is posted. It names groups and rates apart, so the receipts say how each group splits over the
rates; where they do not come to the Z report's figures, its sales per rate are posted without groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from backoffice.contracts.closings import CashCount, ClosingPayment, ClosingSales, DayClosingDetails
from backoffice.contracts.errors import UnreadablePayload
from backoffice.ledger.money import Money
from integrations.saft_cash_register.codes import CASH_DIFFERENCE, GROUP, METHODS, PAID_IN, PAID_OUT, PAYMENT
from integrations.saft_cash_register.journal import ZERO, Element, Sums, amount_of, moment_of, text_of

#: sales whose group the receipts do not tell
WHOLE = "standard"


@dataclass(frozen=True, slots=True)
class Basics:
    """The file's own codes: (type, id) to standard code and to description."""

    standard: Mapping[tuple[str, str], str]
    described: Mapping[tuple[str, str], str]

    def method(self, payment_type: str) -> str:
        """Name a means of payment: our word for its standard code, else the till's own."""
        return METHODS.get(self.standard.get((PAYMENT, payment_type), ""), payment_type or "unknown")

    def group(self, group_id: str) -> str:
        """Name an article group as the till describes it."""
        return self.described.get((GROUP, group_id)) or group_id or WHOLE


@dataclass(slots=True)
class ZReport:
    """One Z report's figures. by_rate is gross: the file states net and VAT. Payments have returns taken off."""

    number: int
    register: str
    at: datetime
    total: Decimal
    by_group: dict[str, Decimal]
    by_rate: dict[Decimal, Decimal]
    payments: dict[str, Decimal]
    tips: Decimal
    opening: Decimal
    grand_total: Decimal | None
    sums: Sums = field(default_factory=Sums)


def read_report(event: Element, register: str) -> ZReport:
    """Read the report of an event; raises UnreadablePayload for a number that is none."""
    report = event.find("{*}eventReport")
    if report is None:
        raise UnreadablePayload(f"A Z report event of register {register} has no report. Export the file again.")
    stated = text_of(report, "reportID")
    if not stated.isdigit():
        raise UnreadablePayload(
            f"Z report {stated!r} of register {register} has no whole number, so gaps cannot be seen."
        )
    by_group: dict[str, Decimal] = defaultdict(Decimal)
    for one in report.iterfind("{*}reportArtGroups/{*}reportArtGroup"):
        by_group[text_of(one, "artGroupID")] += amount_of(one, "artGroupAmnt")
    by_rate: dict[Decimal, Decimal] = defaultdict(Decimal)
    for one in report.iterfind("{*}reportCashSalesVat/{*}reportCashSaleVat"):
        by_rate[amount_of(one, "vatPerc")] += _gross(one)
    payments: dict[str, Decimal] = defaultdict(Decimal)
    for one in report.iterfind("{*}reportPayments/{*}reportPayment"):
        payments[text_of(one, "paymentType")] += amount_of(one, "paymentAmnt")
    sales = report.find("{*}reportTotalCashSales")
    tips = report.find("{*}reportTip")
    return ZReport(
        number=int(stated),
        register=text_of(report, "registerID") or register,
        at=moment_of(report, "reportDate", "reportTime"),
        total=amount_of(sales, "totalCashSaleAmnt") if sales is not None else ZERO,
        by_group=by_group,
        by_rate=by_rate,
        payments=payments,
        tips=amount_of(tips, "tipAmnt") if tips is not None else ZERO,
        opening=amount_of(report, "reportOpeningChangeFloat"),
        grand_total=amount_of(report, "reportGrandTotalSales") if text_of(report, "reportGrandTotalSales") else None,
    )


def _gross(part: Element) -> Decimal:
    """Add VAT to net; a part of more returns than sales is marked D, negative, or both."""
    gross = amount_of(part, "cashSaleAmnt") + amount_of(part, "vatAmnt")
    return -abs(gross) if text_of(part, "vatAmntTp") == "D" else gross


def closing_of(
    report: ZReport, basics: Basics, currency: str, zone: ZoneInfo, opened: datetime | None
) -> DayClosingDetails:
    """Make the day closing of a Z report, with every control that does not hold as a note."""

    def money(value: Decimal) -> Money:
        return Money.parse(value, currency)

    sums, notes = report.sums, _differences(report, currency)
    if _agrees(report):
        sales = tuple(
            ClosingSales(basics.group(group), rate, money(amount), sums.quantities[group, rate])
            for (group, rate), amount in sorted(sums.sales.items())
            if amount
        )
    else:
        sales = tuple(
            ClosingSales(WHOLE, rate, money(amount)) for rate, amount in sorted(report.by_rate.items()) if amount
        )
        notes.append("Posted per VAT rate without groups, since the receipts do not come to the Z report's figures.")
    return DayClosingDetails(
        register=report.register,
        number=report.number,
        opened_at=opened.replace(tzinfo=zone) if opened else None,
        closed_at=report.at.replace(tzinfo=zone),
        currency=currency,
        sales=sales,
        payments=tuple(
            ClosingPayment(basics.method(kind), money(amount))
            for kind, amount in sorted(report.payments.items())
            if amount
        ),
        rounding=money(sums.rounding),
        tips=money(report.tips),
        gift_cards_sold=money(ZERO),
        cash=_drawer(report, currency),
        grand_total_sales=money(report.grand_total) if report.grand_total is not None else None,
        notes=tuple(notes),
    )


def _drawer(report: ZReport, currency: str) -> CashCount:
    """Give the drawer: its float at opening, and what moved it without a sale, in whichever direction it went."""

    def money(value: Decimal) -> Money | None:
        return Money.parse(value, currency) if value else None

    moved = report.sums.drawer
    ways = [moved.get(kind, ZERO) for kind in (PAID_IN, PAID_OUT)]
    return CashCount(
        opening=Money.parse(report.opening, currency),
        counted=None,
        banked=Money.zero(currency),
        paid_in=money(sum((amount for amount in ways if amount > 0), ZERO)),
        paid_out=money(-sum((amount for amount in ways if amount < 0), ZERO)),
        stated_difference=money(moved.get(CASH_DIFFERENCE, ZERO)),
    )


def _by_rate(report: ZReport) -> dict[Decimal, Decimal]:
    found: dict[Decimal, Decimal] = defaultdict(Decimal)
    for (_, rate), amount in report.sums.sales.items():
        found[rate] += amount
    return found


def _by_group(report: ZReport) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for (group, _), amount in report.sums.sales.items():
        found[group] += amount
    return found


def _agrees(report: ZReport) -> bool:
    """Whether the receipts may split the sales: they come to the same total, per rate and per group."""
    rates, groups = _by_rate(report), _by_group(report)
    return (
        sum(rates.values()) == report.total
        and all(rates[rate] == report.by_rate.get(rate, ZERO) for rate in {*rates, *report.by_rate})
        and all(groups[group] == report.by_group.get(group, ZERO) for group in {*groups, *report.by_group})
    )


def _differences(report: ZReport, currency: str) -> list[str]:
    """Hold the Z report against its receipts, figure by figure; counts are not compared, tills get them wrong."""
    rates, groups = _by_rate(report), _by_group(report)
    figures = [
        ("sales", report.total, sum(rates.values(), ZERO)),
        ("its sales per rate", report.total, sum(report.by_rate.values(), ZERO)),
    ]
    figures += [
        (f"sales at {rate:g} %", report.by_rate.get(rate, ZERO), rates[rate])
        for rate in sorted({*rates, *report.by_rate})
    ]
    figures += [
        (f"group {group}", report.by_group.get(group, ZERO), groups[group])
        for group in sorted({*groups, *report.by_group})
    ]
    kinds = sorted({*report.sums.payments, *report.payments})
    figures += [
        (f"payments by {kind}", report.payments.get(kind, ZERO), report.sums.payments.get(kind, ZERO)) for kind in kinds
    ]
    return [
        f"Z report and receipts differ in {name}: {stated} and {found}, {stated - found} {currency}."
        for name, stated, found in figures
        if stated != found
    ]
