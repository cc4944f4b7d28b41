"""Proof of a clearing account: the books, the provider's rows and the provider's own balance say the same.

    opening + captures - refunds - fees ... - payouts = closing, the provider's own balance
    books = provider + named open items

Each difference between books and provider is named after the sale or payout it belongs to. What has no name is
reported as such, to the minor unit, and never spread over the named ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from backoffice.ledger.errors import CurrencyMismatch
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import PayoutAccounts, PayoutRow, RowKind, add_up, sum_by_kind
from backoffice.ledger.steps import Step


@dataclass(frozen=True, slots=True)
class ClearingPosting:
    """A posting on the clearing account: debit > 0 (a payment), credit < 0 (a refund, a payout).

    reference is the payment's or refund's, or on a payout's voucher the payout's, as the provider's rows have it.
    """

    key: str
    amount: Money
    posted_on: date
    reference: str


class ClearingReason(StrEnum):
    """Why books and provider differ on one reference."""

    #: both have it, one of them after the cut-off
    IN_TRANSIT = "in_transit"
    #: fees and the like that the books take in with the next payout
    AWAITING_PAYOUT = "awaiting_payout"
    NOT_IN_BOOKS = "not_in_books"
    NOT_AT_PROVIDER = "not_at_provider"
    CAPTURED_TWICE = "captured_twice"
    AMOUNT_DIFFERS = "amount_differs"
    #: a row of unknown kind, or with a sign its kind cannot have
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class ClearingItem:
    """A reference on which books and provider differ: books and provider are its sums up to the cut-off."""

    reference: str
    reason: ClearingReason
    books: Money
    provider: Money

    @property
    def difference(self) -> Money:
        """Give books less provider."""
        return self.books - self.provider


@dataclass(frozen=True, slots=True)
class ClearingProof:
    """A clearing account over a period. Balances: what the provider owes us is positive (debit).

    movements holds the provider's rows per kind; closing_stated is the provider's own figure.
    """

    opening: Money
    movements: dict[RowKind, Money]
    closing_stated: Money
    books_opening: Money
    books_closing: Money
    items: tuple[ClearingItem, ...]

    @property
    def closing(self) -> Money:
        """Give opening plus all movements."""
        return self.opening + total(self.movements.values(), self.opening.currency)

    @property
    def unexplained(self) -> Money:
        """Give the provider's own closing less opening and movements: rows are missing, or too many."""
        return self.closing_stated - self.closing

    @property
    def unnamed(self) -> Money:
        """Give what books and provider differ by and no item names: it came with the opening balances."""
        named = total((item.difference for item in self.items), self.opening.currency)
        return self.books_closing - self.closing - named

    @property
    def is_proved(self) -> bool:
        """Say whether every difference has a name; the period can then be closed."""
        return not self.unexplained and not self.unnamed

    @property
    def steps(self) -> tuple[Step, ...]:
        """Show how opening and movements come to the closing balance."""
        return tuple(add_up(self.opening, self.movements))


@dataclass(slots=True)
class _Group:
    """All of one reference."""

    rows: list[PayoutRow] = field(default_factory=list)
    postings: list[ClearingPosting] = field(default_factory=list)


def prove_clearing(
    *,
    since: date,
    through: date,
    opening: Money,
    closing: Money,
    books_opening: Money,
    rows: Sequence[PayoutRow],
    postings: Sequence[ClearingPosting],
    accounts: PayoutAccounts,
) -> ClearingProof:
    """Compare a clearing account with the provider's account over a period, both dates included.

    opening and closing are the provider's own balances, books_opening the account's. rows and postings outside the
    period help to name items: earlier ones that were still open, later ones that close an item of today; they move
    no balance. accounts says which kinds the payout's voucher takes along. The order of rows and postings does not
    matter. Raises CurrencyMismatch for an amount in another currency than opening.
    """
    currency = opening.currency
    if ({one.amount.currency for one in rows} | {one.amount.currency for one in postings}) - {currency}:
        raise CurrencyMismatch(f"A row or posting is in another currency than the clearing account, {currency}.")
    within = [row for row in rows if since <= row.booked_on <= through]
    posted = total((each.amount for each in postings if since <= each.posted_on <= through), currency)
    groups: dict[str, _Group] = defaultdict(_Group)
    for row in rows:
        groups[_row_reference(row, accounts)].rows.append(row)
    for posting in postings:
        groups[posting.reference or posting.key].postings.append(posting)
    items = (_item(reference, group, through, currency) for reference, group in sorted(groups.items()))
    return ClearingProof(
        opening,
        sum_by_kind(within, currency),
        closing,
        books_opening,
        books_opening + posted,
        tuple(item for item in items if item),
    )


def _row_reference(row: PayoutRow, accounts: PayoutAccounts) -> str:
    """Say which posting takes a row in: the payout's voucher, or that of its own sale; empty: no payout yet."""
    if row.kind is RowKind.PAYOUT:
        return row.payout_reference or row.reference or row.key
    if accounts.account_for(row):
        return row.payout_reference
    return row.reference or row.key


def _item(reference: str, group: _Group, through: date, currency: str) -> ClearingItem | None:
    rows = [row for row in group.rows if row.booked_on <= through]
    provider = sum(row.amount.minor for row in rows)
    books = sum(posting.amount.minor for posting in group.postings if posting.posted_on <= through)
    if books == provider:
        return None
    reason = _reason(reference, group, rows, books - provider)
    return ClearingItem(reference, reason, Money(books, currency), Money(provider, currency))


def _reason(reference: str, group: _Group, rows: list[PayoutRow], difference: int) -> ClearingReason:
    if any(row.is_parked for row in group.rows):
        return ClearingReason.PARKED
    if not reference:
        return ClearingReason.AWAITING_PAYOUT
    ever_booked = sum(posting.amount.minor for posting in group.postings)
    if ever_booked == sum(row.amount.minor for row in group.rows):
        return ClearingReason.IN_TRANSIT
    if not group.postings:
        return ClearingReason.NOT_IN_BOOKS
    if not group.rows:
        return ClearingReason.NOT_AT_PROVIDER
    captures = [row.amount.minor for row in rows if row.kind is RowKind.CAPTURE]
    is_twice = any(captures.count(amount) > 1 and amount == -difference for amount in captures)
    return ClearingReason.CAPTURED_TWICE if is_twice else ClearingReason.AMOUNT_DIFFERS
