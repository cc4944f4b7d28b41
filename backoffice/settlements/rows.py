"""A provider's rows as plain tuples: a proof or a payout reads twenty thousand of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from backoffice.ledger.money import Money
from backoffice.ledger.settlement import PayoutRow, RowKind
from backoffice.settlements.models import PayoutEntry
from backoffice.vouchers.states import GONE


class EntryFacts(NamedTuple):
    """What is stored of a row, for reading. voucher_state is the state of the voucher of its own; None without one."""

    id: int
    key: str
    kind: str
    decided_kind: str
    amount_minor: int
    booked_on: date
    reference: str
    provider_reference: str
    payout_reference: str
    vat_code: str
    decided_vat_code: str
    decided_ledger_account: str
    decided_by: str
    is_left: bool
    is_assigned: bool
    needs_person_because: str
    payment_id: int | None
    voucher_id: int | None
    voucher_state: str | None

    @property
    def effective_kind(self) -> RowKind:
        """Give what a person said it is, else what the provider's report says."""
        return RowKind(self.decided_kind or self.kind)

    @property
    def is_taken(self) -> bool:
        """Say whether a voucher of its own took it in."""
        return self.voucher_state is not None and self.voucher_state not in GONE


_COLUMNS = tuple("voucher__state" if name == "voucher_state" else name for name in EntryFacts._fields)


def facts_of(rows: QuerySet[PayoutEntry]) -> Iterator[EntryFacts]:
    """Read rows in the order of their days and keys."""
    return map(EntryFacts._make, rows.order_by("booked_on", "key").values_list(*_COLUMNS))


def row_of(
    entry: PayoutEntry | EntryFacts, currency: str, *, settled_by: str = "", account: str | None = None
) -> PayoutRow:
    """Give a row as the ledger reads it, with what a person decided about it."""
    if entry.is_left:
        account = ""
    elif account is None and entry.decided_ledger_account:
        account = entry.decided_ledger_account
    return PayoutRow(
        entry.key,
        entry.effective_kind,
        Money(entry.amount_minor, currency),
        entry.booked_on,
        entry.reference or entry.provider_reference,
        settled_by or entry.payout_reference,
        entry.decided_vat_code or entry.vat_code,
        is_decided=bool(entry.decided_by),
        account=account,
    )
