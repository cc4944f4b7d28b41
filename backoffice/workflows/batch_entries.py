"""The amounts behind a batch, one by one: each line of a sale or refund and each payment, on its account.

The voucher is their sum per account and VAT code, the list behind it shows them one by one, so both always agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from backoffice.clients.models import SalesPoint
from backoffice.contracts.errors import Reason
from backoffice.ledger.money import Money
from backoffice.ledger.sales_day import DayLine
from backoffice.sales.batch_models import BatchLine, BatchSource
from backoffice.sales.models import Payment, Refund, Sale, SaleLine
from backoffice.vouchers.models import Voucher
from backoffice.workflows.batch_keys import BatchKey, sale_day
from backoffice.workflows.books import Books, ResolvedPayment, ResolvedSales
from backoffice.workflows.credited_sales import read_shares
from backoffice.workflows.credits import ROUNDING_POSITION
from backoffice.workflows.sale_parts import ROUNDING_TEXT, lines_of

GIVEN_BACK, MONEY_BACK = "given back", "money back"


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One amount: section is of `ledger.sales_day`, whose usual sense the line's amount has."""

    section: str
    source: BatchSource
    sale: Sale
    line: DayLine
    position: int = 0
    refund: Refund | None = None
    payment: Payment | None = None
    account_name: str = ""
    vat_rate: Decimal | None = None
    explanation: str = ""
    rule: dict[str, Any] = field(default_factory=dict)

    @property
    def amount(self) -> Money:
        """Give the amount as posted: debit > 0, credit < 0."""
        return self.line.amount if self.section == "payments" else -self.line.amount


@dataclass(frozen=True, slots=True)
class Sources:
    """What a batch is made from, in an order that does not depend on what arrived first."""

    sales: Sequence[Sale]
    refunds: Sequence[Refund]
    payments: Sequence[Payment]

    @classmethod
    def of(cls, voucher: Voucher) -> Sources:
        """Read what stands behind a voucher."""
        sales = voucher.sales.select_related("client", "sales_point").prefetch_related("lines")
        refunds = voucher.refunds.select_related("sale__sales_point", "sale__client", "sale__voucher")
        refunds = refunds.prefetch_related("sale__lines")
        payments = voucher.payments.filter(is_cancelled=False).select_related("sales_point", "sale__sales_point")
        return cls(
            list(sales.order_by("sold_at", "reference")),
            list(refunds.order_by("refunded_at", "reference")),
            list(payments.order_by("paid_at", "sales_point__key", "reference")),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of it."""
        return not (self.sales or self.refunds or self.payments)


class BatchReader:
    """Puts the sources of a batch on accounts; what is missing becomes a reason, never a guess."""

    def __init__(self, key: BatchKey, point: SalesPoint, sources: Sources, books: Books) -> None:
        self.key, self.point, self.sources, self.books = key, point, sources, books
        self.entries: list[BatchEntry] = []
        self.reasons: list[Reason] = []
        self._points: dict[tuple[int, tuple[tuple[str, str], ...]], SalesPoint] = {}
        self._found: dict[tuple[Any, ...], Any] = {}
        self._inside = {sale.pk for sale in sources.sales}

    def read(self) -> None:
        """Read every sale, refund and payment, and what of each sale is paid on another day."""
        for sale in self.sources.sales:
            for line in lines_of(sale):
                gross = Money(line.gross_minor, sale.currency)
                self._sold(BatchSource.SALE, sale, line, gross)
            if sale.rounding_minor:
                self._rounded(BatchSource.SALE, sale, Money(sale.rounding_minor, sale.currency))
        for refund in self.sources.refunds:
            self._refund(refund)
        for payment in self.sources.payments:
            self._payment(payment)
        if not self.reasons:
            self._balances()

    def _stop(self, reasons: Sequence[Reason]) -> None:
        self.reasons += [reason for reason in reasons if reason not in self.reasons]

    def _at(self, point: SalesPoint, sale: Sale) -> SalesPoint:
        """Give the sales point with the dimensions of a sale, which go before its own."""
        merged: dict[str, Any] = {**sale.sales_point.dimensions, **sale.details.get("dimensions", {})}
        given = {kind: str(code) for kind, code in merged.items() if code}
        key = (point.pk, tuple(sorted(given.items())))
        if key not in self._points:
            self._points[key] = copy(point)
            self._points[key].dimensions = given
        return self._points[key]

    def _sales(self, point: SalesPoint, group: str, rate: Decimal, on: date) -> ResolvedSales | list[Reason]:
        key = (id(point), group, rate, on)
        if key not in self._found:
            self._found[key] = self.books.sales(point, group, rate, on)
        found: ResolvedSales | list[Reason] = self._found[key]
        return found

    def _sold(
        self, source: BatchSource, sale: Sale, line: SaleLine, gross: Money, refund: Refund | None = None
    ) -> None:
        point = self._at(self.point, sale)
        to = self._sales(point, line.group, line.vat_rate, sale_day(sale))
        if not isinstance(to, ResolvedSales):
            self._stop(to)
            return
        self._add("sales", source, sale, to, gross, point, line.position, refund)

    def _rounded(self, source: BatchSource, sale: Sale, amount: Money, refund: Refund | None = None) -> None:
        to = self.books.rounding()
        if not isinstance(to, ResolvedSales):
            self._stop(to)
            return
        point = self._at(self.point, sale)
        self._add("rounding", source, sale, to, amount, point, ROUNDING_POSITION, refund, ROUNDING_TEXT)

    def _add(
        self,
        section: str,
        source: BatchSource,
        sale: Sale,
        to: ResolvedSales,
        amount: Money,
        point: SalesPoint,
        position: int,
        refund: Refund | None,
        title: str = "",
    ) -> None:
        text = title or to.account_name
        text = f"{text}, {GIVEN_BACK}" if refund else text
        line = DayLine(to.account_number, amount, to.vat_code, text, tuple(sorted(point.dimensions.items())))
        self.entries.append(
            BatchEntry(
                section, source, sale, line, position, refund, None, to.account_name, to.vat_rate or None,
                to.explanation, to.rule,
            )
        )  # fmt: skip

    def _refund(self, refund: Refund) -> None:
        """Take back each part where the sale has it: as posted where the sale's batch is complete."""
        sale = refund.sale
        if sale is None:
            return
        posted = self._posted(sale) if sale.pk not in self._inside else {}
        lines = {line.position: line for line in lines_of(sale)}
        for share in read_shares(refund):
            there = posted.get(share.position)
            if there is not None:
                section = "rounding" if share.position == ROUNDING_POSITION else "sales"
                to = _as_posted(there)
                point = self._at(self.point, sale)
                title = ROUNDING_TEXT if section == "rounding" else ""
                self._add(section, BatchSource.REFUND, sale, to, -share.gross, point, share.position, refund, title)
            elif share.position == ROUNDING_POSITION:
                self._rounded(BatchSource.REFUND, sale, -share.gross, refund)
            else:
                self._sold(BatchSource.REFUND, sale, lines[share.position], -share.gross, refund)

    @staticmethod
    def _posted(sale: Sale) -> dict[int, BatchLine]:
        rows = BatchLine.objects.filter(voucher=sale.voucher_id, sale=sale, source=BatchSource.SALE)
        return {row.position: row for row in rows}

    def _payment(self, payment: Payment) -> None:
        sale = payment.sale
        if sale is None:
            return
        point = self._at(payment.sales_point, sale)
        key = (id(point), payment.method)
        if key not in self._found:
            self._found[key] = self.books.payment(point, payment.method)
        to = self._found[key]
        if not isinstance(to, ResolvedPayment):
            self._stop(to)
            return
        amount = Money(payment.amount_minor, payment.currency)
        text = to.account_name if amount.minor > 0 else f"{to.account_name}, {MONEY_BACK}"
        line = DayLine(to.account_number, amount, "0", text, tuple(sorted(point.dimensions.items())))
        self.entries.append(
            BatchEntry(
                "payments", BatchSource.PAYMENT, sale, line, 0, payment.refund, payment, to.account_name, None,
                to.explanation, to.rule,
            )
        )  # fmt: skip

    def _balances(self) -> None:
        """What of a sale is paid on another day stands on the account for that, sale by sale, until it is."""
        zero = Money.zero(self.key.currency)
        sums: dict[int, Money] = {}
        sales: dict[int, Sale] = {}
        for entry in self.entries:
            sums[entry.sale.pk] = sums.get(entry.sale.pk, zero) - entry.amount
            sales[entry.sale.pk] = entry.sale
        for pk, rest in sums.items():
            if rest:
                self._balance(sales[pk], rest)

    def _balance(self, sale: Sale, rest: Money) -> None:
        number, currency = self.point.unpaid_ledger_account, self.key.currency
        if not number:
            text = (
                f"Not everything is paid on the day it is sold: {sale.reference} differs by {rest} {currency}. "
                f"Choose the account for unpaid sales of a batch on {self.point}; payments of other days meet them "
                "there."
            )
            if not any(reason.code == "unpaid_account_missing" for reason in self.reasons):
                self._stop([Reason("unpaid_account_missing", text, self.point.key)])
            return
        point = self._at(self.point, sale)
        to = self.books.plain_account(point, number, "unpaid sales of a batch")
        if not isinstance(to, ResolvedSales):
            self._stop(to)
            return
        dimensions = tuple(sorted(point.dimensions.items()))
        line = DayLine(to.account_number, rest, to.vat_code, f"{sale.reference}: paid on another day", dimensions)
        said = "Sold and not paid on this day" if rest.minor > 0 else "Paid or given back for a sale of another day"
        said = f"{said}. The sales point's account for that is {number} {to.account_name}."
        self.entries.append(
            BatchEntry("payments", BatchSource.BALANCE, sale, line, account_name=to.account_name, explanation=said)
        )


def _as_posted(row: BatchLine) -> ResolvedSales:
    said = f"Given back where the sale is posted: {row.ledger_account} {row.account_name}, VAT code {row.vat_code}."
    rate = row.vat_rate or Decimal(0)
    return ResolvedSales(row.ledger_account, row.account_name, row.vat_code, rate, "", "", said, {})
