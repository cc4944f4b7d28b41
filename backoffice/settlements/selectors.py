"""Reading payouts and rows: what explains a payout, what a person must look at, what waits without a payout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from backoffice.clients.models import Client
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import PayoutCheck, PayoutRow, RowKind, check_payout
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.settlements.rows import EntryFacts, facts_of, row_of
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import GONE, OPEN, VoucherState

#: kinds that a voucher moves off the clearing account; the others stay there until their own counterpart comes
KEPT = frozenset(
    {
        RowKind.FEE,
        RowKind.FEE_REFUND,
        RowKind.DISPUTE,
        RowKind.DISPUTE_RETURN,
        RowKind.HOLDBACK,
        RowKind.RELEASE,
        RowKind.CORRECTION,
        RowKind.TOP_UP,
    }
)
DIFFERENCE_KEY = "accepted difference"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A payout beside its rows. is_waiting: no row has arrived yet. problems: what a person must look at, in words."""

    check: PayoutCheck
    entries: tuple[EntryFacts, ...]
    is_waiting: bool
    problems: tuple[str, ...]

    @property
    def is_explained(self) -> bool:
        """Say whether the payout can be posted."""
        return self.check.is_explained and not self.is_waiting and not self.problems


def is_taken(voucher: Voucher | None) -> bool:
    """Whether a voucher carries its source: it exists and was neither drawn back nor reversed."""
    return voucher is not None and voucher.state not in GONE


def is_closed(payout: Payout) -> bool:
    """Whether nothing of a payout may change any more: posted, or its voucher approved or further."""
    if payout.state == PayoutState.POSTED:
        return True
    voucher = payout.voucher
    return voucher is not None and voucher.state not in GONE and voucher.state not in {*OPEN, VoucherState.FAILED}


def explanation_of(payout: Payout) -> Explanation:
    """Put a payout beside its rows. A row that a voucher of its own took in counts, and is not posted again."""
    entries = list(facts_of(payout.entries.all()))
    plain = [entry for entry in entries if entry.effective_kind is not RowKind.PAYOUT]
    rows = [_counted(entry, payout.currency) for entry in plain]
    returned = [e for e in entries if e.effective_kind is RowKind.PAYOUT and _may_be_a_return(e, payout)]
    sum_of_rows = total((row.amount for row in rows), payout.currency).minor
    back = sum(entry.amount_minor for entry in returned)
    if back and sum_of_rows + payout.difference_minor + back == payout.amount_minor:
        rows += [_came_back(entry, payout.currency) for entry in returned]
        plain += returned
    if payout.difference_by:
        rows.append(_accepted(payout))
    problems = [entry.needs_person_because for entry in entries if entry.needs_person_because]
    if differs := differing_words(payout):
        problems.append(differs)
    is_waiting = not plain and not payout.difference_by and bool(payout.amount_minor)
    return Explanation(check_payout(rows, payout.amount), tuple(plain), is_waiting, tuple(problems))


def _may_be_a_return(entry: EntryFacts, payout: Payout) -> bool:
    """Whether a payout's row may be another payout that came back with this one, and not this payout itself."""
    return entry.amount_minor > 0 and entry.reference != payout.reference


def _counted(entry: EntryFacts, currency: str) -> PayoutRow:
    return row_of(entry, currency, account="" if entry.is_taken else None)


def _came_back(entry: EntryFacts, currency: str) -> PayoutRow:
    """Read a payout that came back as money that we paid in: out of the bank, onto the clearing account.

    Where a voucher of its own did that already, only the clearing account is left to credit.
    """
    amount, account = Money(entry.amount_minor, currency), "" if entry.is_taken else None
    return PayoutRow(entry.key, RowKind.TOP_UP, amount, entry.booked_on, is_decided=True, account=account)


def _accepted(payout: Payout) -> PayoutRow:
    amount = Money(payout.difference_minor, payout.currency)
    to = payout.difference_ledger_account
    return PayoutRow(DIFFERENCE_KEY, RowKind.CORRECTION, amount, payout.paid_on, is_decided=True, account=to)


def differing_words(row: Payout | PayoutEntry) -> str:
    """Say which other content came under a reference or key; empty when there is none, or somebody decided."""
    differing = row.differing
    if not differing or differing.get("decided_by"):
        return ""
    parts = ", ".join(f"{name} {kept} or {given}" for name, kept, given in differing["fields"])
    what = "Payout" if isinstance(row, Payout) else "Row"
    return f"{what} {row} was reported twice with different content: {parts}. Say which one is right."


def payouts_needing_person(clients: Iterable[Client]) -> QuerySet[Payout]:
    """Payouts that do not follow from their rows, and posted ones of which something came later."""
    shown = Q(state=PayoutState.DISCREPANCY) | Q(state=PayoutState.POSTED) & ~Q(because="")
    return Payout.objects.filter(shown, client__in=list(clients)).select_related("client", "account", "voucher")


def entries_needing_person(clients: Iterable[Client]) -> QuerySet[PayoutEntry]:
    """Rows that a person must look at: unknown kinds, impossible signs, other content under a key, late ones."""
    rows = PayoutEntry.objects.filter(account__client__in=list(clients)).exclude(needs_person_because="")
    return rows.select_related("account__client", "payout")


def clients_with_due_payouts() -> set[int]:
    """Ids of clients with an explained payout that has no voucher yet, or whose voucher is posted by now."""
    explained = Payout.objects.filter(state=PayoutState.EXPLAINED)
    due = explained.filter(Q(voucher=None) | Q(voucher__state=VoucherState.POSTED))
    return set(due.values_list("client_id", flat=True))


def entries_without_payout(client: Client) -> QuerySet[PayoutEntry]:
    """Rows that the provider took or gave without a payout so far, and that a voucher of their own may take in."""
    rows = PayoutEntry.objects.filter(account__client=client, payout=None, needs_person_because="", is_left=False)
    rows = rows.filter(Q(voucher=None) | Q(voucher__state__in=GONE))
    kept = Q(decided_kind__in=KEPT) | Q(decided_kind="", kind__in=KEPT) | ~Q(decided_ledger_account="")
    return rows.filter(kept).select_related("account", "voucher").order_by("booked_on", "id")


def returned_payouts(client: Client) -> list[PayoutEntry]:
    """Payouts that came back to the provider's account and that neither a payout nor a voucher of their own took in."""
    rows = PayoutEntry.objects.filter(
        account__client=client, amount_minor__gt=0, needs_person_because="", is_left=False
    )
    rows = rows.filter(Q(decided_kind=RowKind.PAYOUT) | Q(decided_kind="", kind=RowKind.PAYOUT))
    rows = rows.filter(Q(voucher=None) | Q(voucher__state__in=GONE)).exclude(payout__amount_minor__lt=0)
    found = rows.select_related("account", "payout__voucher", "voucher").order_by("booked_on", "id")
    return [e for e in found if e.payout is None or e.pk not in {one.id for one in explanation_of(e.payout).entries}]


def sums_by_kind(entries: Sequence[PayoutEntry], currency: str) -> dict[RowKind, Money]:
    """The sum of each kind among rows."""
    return {
        kind: total((Money(e.amount_minor, currency) for e in entries if e.effective_kind is kind), currency)
        for kind in RowKind
        if any(e.effective_kind is kind for e in entries)
    }
