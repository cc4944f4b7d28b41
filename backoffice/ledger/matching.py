"""Which entries of the customer ledger close each other.

An accounting system matches two entries at once when they stand on the same customer, carry the same matching
reference, and one is the other's opposite. This computes the same from the entries, to show what will match
before it is posted and to prove afterwards that nothing is left open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import Money


@dataclass(frozen=True, slots=True)
class LedgerItem:
    """An entry of the customer ledger: debit > 0 (invoice), credit < 0 (payment, credit note).

    key is the entry's own name, unique among the items; customer is our key of the customer.
    """

    key: str
    customer: str
    amount: Money
    matching_reference: str
    posted_on: date


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that close each other: debit.amount == -credit.amount."""

    debit: LedgerItem
    credit: LedgerItem


class OpenReason(StrEnum):
    """Why an entry stays open."""

    NO_REFERENCE = "no_reference"
    NO_COUNTERPART = "no_counterpart"
    AMOUNT_DIFFERS = "amount_differs"
    #: several entries with the reference add to zero, yet no two are opposite: a person matches them by hand
    TOGETHER_ZERO = "together_zero"
    #: the other side stands on another customer, or in another currency
    OTHER_CUSTOMER = "other_customer"
    OTHER_CURRENCY = "other_currency"


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry that nothing closes, and why."""

    item: LedgerItem
    reason: OpenReason


@dataclass(frozen=True, slots=True)
class Matching:
    """Pairs and what is left, both in a stable order (customer, reference, date, key)."""

    pairs: tuple[Pair, ...]
    open_entries: tuple[OpenEntry, ...]


def match_items(items: Sequence[LedgerItem]) -> Matching:
    """Pair entries of one customer, reference and currency with opposite amounts; the oldest first.

    No entry is matched twice, and the order of items does not matter. An entry without a reference is never
    matched. Zero amounts close themselves and are left out. Raises LedgerError when two items share a key.
    """
    if len({item.key for item in items}) != len(items):
        raise LedgerError("Two ledger entries share a key; give each entry its own before matching.")
    sides: dict[tuple[str, str, str, int], tuple[list[LedgerItem], list[LedgerItem]]] = {}
    for item in sorted(items, key=_order):
        if item.amount:
            group = (item.customer, item.matching_reference, item.amount.currency, abs(item.amount.minor))
            sides.setdefault(group, ([], []))[item.amount.minor < 0].append(item)
    pairs: list[Pair] = []
    left: list[LedgerItem] = []
    for (_, reference, _, _), (debits, credits) in sides.items():
        count = min(len(debits), len(credits)) if reference else 0
        pairs += [Pair(debit, credit) for debit, credit in zip(debits[:count], credits[:count], strict=True)]
        left += debits[count:] + credits[count:]
    pairs.sort(key=lambda pair: _order(pair.debit))
    return Matching(tuple(pairs), _reasons(sorted(left, key=_order)))


def _order(item: LedgerItem) -> tuple[str, str, date, str]:
    return item.customer, item.matching_reference, item.posted_on, item.key


def _reasons(left: list[LedgerItem]) -> tuple[OpenEntry, ...]:
    by_reference: dict[str, list[LedgerItem]] = defaultdict(list)
    for item in left:
        by_reference[item.matching_reference].append(item)
    return tuple(OpenEntry(item, _reason(item, by_reference[item.matching_reference])) for item in left)


def _reason(item: LedgerItem, same_reference: list[LedgerItem]) -> OpenReason:
    if not item.matching_reference:
        return OpenReason.NO_REFERENCE
    own = [other for other in same_reference if other.customer == item.customer]
    own_currency = [other for other in own if other.amount.currency == item.amount.currency]
    if _opposes(item, own_currency):
        is_zero = sum(other.amount.minor for other in own_currency) == 0
        return OpenReason.TOGETHER_ZERO if is_zero else OpenReason.AMOUNT_DIFFERS
    if _opposes(item, own):
        return OpenReason.OTHER_CURRENCY
    return OpenReason.OTHER_CUSTOMER if _opposes(item, same_reference) else OpenReason.NO_COUNTERPART


def _opposes(item: LedgerItem, others: list[LedgerItem]) -> bool:
    return any((other.amount.minor < 0) != (item.amount.minor < 0) for other in others)
