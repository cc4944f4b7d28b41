"""What a round of drafts needs to know of a client's books, loaded once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backoffice.chart.payouts import ResolvedPayout, resolve_payout
from backoffice.chart.resolve import ResolvedPayment, ResolvedSales, Resolver
from backoffice.clients.models import Client, SalesPoint
from backoffice.contracts.errors import Reason
from backoffice.ledger.settlement import RowKind

__all__ = ["CUSTOMER_LEDGER", "Books", "ResolvedPayment", "ResolvedPayout", "ResolvedSales"]

#: shown on customer lines; the accounting system itself posts them through the customer's own sub-ledger account
CUSTOMER_LEDGER = "1500"


@dataclass(frozen=True, slots=True)
class Books:
    """Mapping, chart and closed periods of one client."""

    resolver: Resolver | None
    locked_through: date | None = None
    converted_on: date | None = None

    @classmethod
    def load(cls, client: Client) -> Books:
        """Read everything once."""
        resolver = Resolver(client)
        limits = resolver.limits
        return cls(resolver, limits.locked_through if limits else None, limits.converted_on if limits else None)

    @classmethod
    def empty(cls) -> Books:
        """Nothing read: enough to open a day that has no payments yet."""
        return cls(None)

    def _known(self) -> Resolver:
        if self.resolver is None:
            raise LookupError("These books were not loaded.")
        return self.resolver

    def sales(self, point: SalesPoint, group: str, vat_rate: Decimal, on: date) -> ResolvedSales | list[Reason]:
        """Where a product group at a VAT rate goes on a day."""
        return self._known().sales(point, group, vat_rate, on)

    def payment(self, point: SalesPoint, method: str) -> ResolvedPayment | list[Reason]:
        """Where a payment method goes."""
        return self._known().payment(point, method)

    def payout(
        self, point: SalesPoint | None, method: str, *, kinds: Collection[RowKind], extra: Collection[str], on: date
    ) -> ResolvedPayout | list[Reason]:
        """Where a payout with rows of these kinds goes; extra are further accounts that must be there."""
        return resolve_payout(self._known(), point, method, kinds=kinds, extra=extra, on=on)

    def advance(self) -> ResolvedPayment | list[Reason]:
        """Where payments rest until delivery."""
        return self._known().advance()

    def rounding(self) -> ResolvedSales | list[Reason]:
        """Where rounding goes."""
        return self._known().rounding()

    def plain_account(self, point: SalesPoint, number: str, purpose: str) -> ResolvedSales | list[Reason]:
        """A ledger account by its number, posted without VAT."""
        return self._known().plain_account(point, number, purpose)
