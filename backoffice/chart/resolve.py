"""From a product group or payment method to the account it goes to, with the rule that said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from backoffice.chart import rules
from backoffice.chart.mapping import living
from backoffice.chart.models import BookLimits, PaymentMethodMapping, SalesMapping
from backoffice.chart.selectors import limits_of
from backoffice.chart.validation import (
    NO_VAT,
    ChartIndex,
    problems_of_account,
    problems_of_advance,
    problems_of_dimensions,
    problems_of_payment_account,
    problems_of_rounding,
    problems_of_sales_rule,
)
from backoffice.clients.models import Client, SalesPoint
from backoffice.contracts.errors import Reason

ROUNDING_PRODUCT = "ROUNDING"


@dataclass(frozen=True, slots=True)
class ResolvedSales:
    """Where a sale's line goes. vat_rate is a percent; rule names the mapping rule and version for "Why?"."""

    account_number: str
    account_name: str
    vat_code: str
    vat_rate: Decimal
    product_code: str
    product_name: str
    explanation: str
    rule: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResolvedPayment:
    """Where a payment goes."""

    account_number: str
    account_name: str
    fee_account: str
    bank_account: str
    explanation: str
    rule: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Sales:
    """A sales rule as `rules.choose` wants it."""

    row: SalesMapping
    sales_point_id: int | None
    pattern: str
    vat_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class _Payment:
    row: PaymentMethodMapping
    sales_point_id: int | None
    pattern: str
    vat_rate: Decimal | None = None


class Resolver:
    """All living rules and the chart of one client, loaded once for a round of drafts."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.index = ChartIndex.load(client)
        self._sales = [_Sales(r, r.sales_point_id, r.group, r.vat_rate) for r in living(SalesMapping, client)]
        self._payments = [_Payment(r, r.sales_point_id, r.method) for r in living(PaymentMethodMapping, client)]
        self.limits: BookLimits | None = limits_of(client)

    def sales(self, point: SalesPoint, group: str, vat_rate: Decimal, on: date) -> ResolvedSales | list[Reason]:
        """Resolve a product group at a VAT rate on a day; what is in the way comes back as reasons."""
        fitting = rules.candidates(self._sales, point.pk, group, vat_rate)
        if not fitting:
            text = f"No mapping says where sales of {group} at {vat_rate:g} % go. Map the group to a ledger account."
            return [Reason("group_unmapped", text, f"{group}|{vat_rate:.2f}")]
        row = fitting[0].row
        if reasons := problems_of_sales_rule(row, self.index, on, sales_points=[point], rate=vat_rate):
            return reasons
        account = self.index.accounts[row.ledger_account]
        code = row.product or f"{row.ledger_account}-{row.vat_code}"
        return ResolvedSales(
            account_number=account.number,
            account_name=account.name,
            vat_code=row.vat_code,
            vat_rate=vat_rate,
            product_code=code,
            product_name=row.product or account.name,
            explanation=_explanation(fitting),
            rule=_rule(row),
        )

    def payment(self, point: SalesPoint, method: str) -> ResolvedPayment | list[Reason]:
        """Resolve a payment method; what is in the way comes back as reasons."""
        fitting = rules.candidates(self._payments, point.pk, method)
        if not fitting:
            text = f"No mapping says which ledger account payments by {method} use. Map the payment method."
            return [Reason("payment_method_unmapped", text, method)]
        row = fitting[0].row
        reasons = problems_of_payment_account(row, self.index)
        account = self.index.accounts.get(row.ledger_account)
        if account is not None:
            reasons += problems_of_dimensions(account, point.dimensions, self.index)
        if account is None or reasons:
            return reasons
        return ResolvedPayment(
            account_number=account.number,
            account_name=account.name,
            fee_account=row.fee_ledger_account,
            bank_account=row.bank_ledger_account,
            explanation=_explanation(fitting),
            rule=_rule(row),
        )

    def payment_rule(
        self, point: SalesPoint | None, method: str
    ) -> tuple[PaymentMethodMapping, str, dict[str, Any]] | None:
        """Give the rule of a payment method, why it won and how it is named; None when no rule fits.

        Without a sales point only the rules for all sales points are asked.
        """
        rows = self._payments if point else [one for one in self._payments if one.sales_point_id is None]
        fitting = rules.candidates(rows, point.pk if point else 0, method)
        return (fitting[0].row, _explanation(fitting), _rule(fitting[0].row)) if fitting else None

    def rounding(self) -> ResolvedSales | list[Reason]:
        """Give the account of visible rounding lines, without VAT."""
        number = self.client.rounding_ledger_account
        if reasons := problems_of_rounding(number, self.index):
            return reasons
        account = self.index.accounts[number]
        return ResolvedSales(
            account_number=number,
            account_name=account.name,
            vat_code=account.vat_code or NO_VAT,
            vat_rate=Decimal(0),
            product_code=ROUNDING_PRODUCT,
            product_name="Øreavrunding",
            explanation=f"The client's rounding account is {account}.",
            rule={},
        )

    def advance(self) -> ResolvedPayment | list[Reason]:
        """Give the account on which payments rest until delivery, without VAT."""
        number = self.client.advance_ledger_account
        if reasons := problems_of_advance(number, self.index):
            return reasons
        account = self.index.accounts[number]
        return ResolvedPayment(
            account_number=number,
            account_name=account.name,
            fee_account="",
            bank_account="",
            explanation=f"The client's advance account is {account}.",
            rule={},
        )

    def plain_account(self, point: SalesPoint, number: str, purpose: str) -> ResolvedSales | list[Reason]:
        """Give an account by its number, posted without VAT; what is in the way comes back as reasons."""
        reasons = problems_of_account(number, self.index, purpose)
        account = self.index.accounts.get(number)
        if account is not None:
            reasons += problems_of_dimensions(account, point.dimensions, self.index)
        if account is None or reasons:
            return reasons
        said = f"Posted on {account}: {purpose}."
        return ResolvedSales(number, account.name, NO_VAT, Decimal(0), "", "", said, {})


def _explanation(fitting: Sequence[_Sales] | Sequence[_Payment]) -> str:
    """Say which rule was chosen, by which step of precedence, and the next best one that it beat."""
    winner, next_best = fitting[0], fitting[1] if len(fitting) > 1 else None
    why = rules.why_it_won(winner, next_best)
    beaten = f", so it goes before {next_best.row}" if next_best else ""
    return f"Mapping: {winner.row} (version {winner.row.version}): {why}{beaten}."


def _rule(row: SalesMapping | PaymentMethodMapping) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": str(row._meta.model_name),
        "version": row.version,
        "by": row.created_by,
        "at": timezone.localtime(row.created_at).isoformat(timespec="minutes"),
        "text": str(row),
    }
