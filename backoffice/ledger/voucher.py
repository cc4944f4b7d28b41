"""A dated, balanced set of postings. It cannot be built unbalanced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from backoffice.ledger.errors import Unbalanced
from backoffice.ledger.money import Money

#: Department, location, project or dim1-3 with its code: sorted pairs, so that an entry can be compared.
Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a voucher: debit > 0, credit < 0, gross of VAT, in minor units.

    account names a ledger account number ("3000") or, for a customer line, the customer's key with a prefix
    ("customer:C-7"). vat_code is the accounting system's code ("3"); "0" where VAT plays no part.
    """

    account: str
    amount: Money
    vat_code: str
    posted_on: date
    matching_reference: str = ""
    description: str = ""
    dimensions: Dimensions = ()


@dataclass(frozen=True, slots=True)
class BalancedVoucher:
    """Entries that add to zero per posting date and currency; raises Unbalanced otherwise."""

    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        check_balance(self.entries)

    def reversed(self) -> BalancedVoucher:
        """Give the mirror image; reversing twice gives the voucher back."""
        return BalancedVoucher(tuple(replace(entry, amount=-entry.amount) for entry in self.entries))


def check_balance(entries: Sequence[Entry]) -> None:
    """Raise Unbalanced unless the entries add to zero for each posting date and currency."""
    sums: dict[tuple[date, str], int] = defaultdict(int)
    for entry in entries:
        sums[entry.posted_on, entry.amount.currency] += entry.amount.minor
    for (posted_on, currency), minor in sorted(sums.items()):
        if minor:
            differ = f"{Money(minor, currency)} {currency}"
            raise Unbalanced(f"Debit and credit of {posted_on} differ by {differ}.")
