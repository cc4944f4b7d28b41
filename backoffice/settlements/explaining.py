"""Put payouts beside their rows and say what a person must look at, in words with the exact difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backoffice.audit.services import Actor
from backoffice.ledger.settlement import RowKind
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.settlements.moves import advance_payout
from backoffice.settlements.rows import row_of
from backoffice.settlements.selectors import (
    Explanation,
    differing_words,
    explanation_of,
    is_closed,
)
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.services import mark_dirty

#: rows named one by one in a sentence; the page lists them all
NAMED_ROWS = 10
WAITING = "Its rows have not arrived yet."


def refresh_entries(entries: Sequence[PayoutEntry], payouts: Mapping[str, Payout]) -> None:
    """Say of each row what a person must look at, if anything. payouts holds those the rows name, by reference."""
    changed = []
    for entry in entries:
        why = problem_of(entry, payouts.get(entry.payout_reference))
        if why != entry.needs_person_because:
            entry.needs_person_because = why
            changed.append(entry)
    PayoutEntry.objects.bulk_update(changed, ["needs_person_because"], batch_size=500)


def problem_of(entry: PayoutEntry, payout: Payout | None) -> str:
    """Say in a sentence what a person must look at, empty when nothing."""
    if differs := differing_words(entry):
        return differs
    if entry.decided_by or entry.is_assigned:
        return ""
    amount = f"{entry.amount} {entry.account.currency}"
    word = entry.native_kind or entry.kind
    if row_of(entry, entry.account.currency).is_parked:
        if RowKind(entry.kind) is RowKind.OTHER:
            return f"Nobody knows yet what “{word}” is: row {entry.key}, {amount}. Say what it is."
        return f"Row {entry.key} is a {word} of {amount}, which goes the wrong way round. Say what it is."
    if payout is not None and entry.payout_id is None and is_closed(payout):
        return (
            f"Row {entry.key} ({word}, {amount}) came after payout {payout.reference} was approved. Say that it stays "
            "on the clearing account, or post it on its own."
        )
    return ""


def explain(*, payout: Payout, actor: Actor) -> Explanation | None:
    """Put a payout beside its rows: explained, or a discrepancy with why. None: its voucher is approved or posted.

    Raises StaleState when somebody else moved it meanwhile.
    """
    if is_closed(payout):
        _tell_of_later_content(payout, actor)
        return None
    found = explanation_of(payout)
    if found.is_explained:
        to, because = PayoutState.EXPLAINED, ""
    elif found.is_waiting and not found.problems and payout.state == PayoutState.RECEIVED:
        to, because = PayoutState.RECEIVED, WAITING
    else:
        to, because = PayoutState.DISCREPANCY, what_differs(payout, found)
    if to != payout.state:
        advance_payout(
            payout=payout, to=to, actor=actor, action=f"payout.{to}", note=because or _as_sum(found), because=because
        )
    elif because != payout.because:
        advance_payout(payout=payout, to=None, actor=actor, action="payout.looked_at", note=because, because=because)
    if payout.voucher_id:
        mark_dirty(voucher_id=payout.voucher_id)
    return found


def _tell_of_later_content(payout: Payout, actor: Actor) -> None:
    differs = differing_words(payout)
    if differs and differs != payout.because:
        advance_payout(payout=payout, to=None, actor=actor, action="payout.differs", note=differs, because=differs)


def _as_sum(found: Explanation) -> str:
    sums = " ".join(f"{kind} {amount}" for kind, amount in found.check.sums.items())
    return f"{sums} = {found.check.payout}"


def what_differs(payout: Payout, found: Explanation) -> str:
    """Say why a payout is not explained: the exact difference, the sums of its rows, and the rows in question."""
    parts = []
    currency, check = payout.currency, found.check
    if check.difference:
        sums = ", ".join(f"{kind} {amount}" for kind, amount in check.sums.items()) or "no rows"
        parts.append(
            f"Paid out {check.payout} {currency}, but its rows add to {check.row_sum} ({sums}): a difference of "
            f"{check.difference}. Fetch the missing rows, or accept the difference with a reason."
        )
    parts += found.problems[:NAMED_ROWS]
    if len(found.problems) > NAMED_ROWS:
        parts.append(f"And {len(found.problems) - NAMED_ROWS} more rows.")
    return " ".join(parts) or WAITING
