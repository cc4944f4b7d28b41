"""What people decide about a provider's rows. Nothing changes once the voucher that takes a row in is approved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from backoffice.audit.services import Actor
from backoffice.chart.models import LedgerAccount
from backoffice.connections.queue import ring
from backoffice.ledger.settlement import RowKind
from backoffice.settlements.explaining import explain, problem_of
from backoffice.settlements.matching import match_entries
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.settlements.moves import change_entry
from backoffice.settlements.selectors import is_closed, is_taken
from backoffice.vouchers.services import NotAllowed


def _entry(entry_id: int) -> PayoutEntry:
    """Load a row that may still be decided; raises NotAllowed when what took it in is approved."""
    entry = PayoutEntry.objects.select_for_update(of=("self",)).get(pk=entry_id)
    entry = PayoutEntry.objects.select_related("account__client", "payout__voucher", "voucher").get(pk=entry.pk)
    if is_taken(entry.voucher):
        raise NotAllowed(f"Row {entry} has a voucher of its own. Withdraw or reverse that first.")
    if entry.payout is not None and is_closed(entry.payout):
        raise NotAllowed(f"Payout {entry.payout} is approved or posted. Withdraw or reverse its voucher first.")
    return entry


def load_payout(payout_id: int) -> Payout:
    """Load a payout that may still be decided; raises NotAllowed when it is approved or posted."""
    Payout.objects.select_for_update(of=("self",)).get(pk=payout_id)
    payout = Payout.objects.select_related("client", "account__client", "voucher").get(pk=payout_id)
    if is_closed(payout):
        raise NotAllowed(f"Payout {payout} is approved or posted. Withdraw or reverse its voucher first.")
    return payout


def _again(entry: PayoutEntry, actor: Actor) -> PayoutEntry:
    """After a decision: match the row again, say what is still wrong with it, and explain its payout again."""
    match_entries(entry.account, {entry.reference, entry.provider_reference})
    entry.refresh_from_db()
    named = entry.account.payouts.filter(reference=entry.payout_reference).select_related("voucher").first()
    entry.needs_person_because = problem_of(entry, named)
    entry.save(update_fields=["needs_person_because", "updated_at"])
    if entry.payout_id:
        explain(payout=load_payout(entry.payout_id), actor=actor)
    ring(entry.account.client_id)
    return entry


def checked_account(payout_or_entry: Payout | PayoutEntry, number: str) -> str:
    """Give the number of an active ledger account; empty stays empty. Raises NotAllowed for another."""
    client = payout_or_entry.client if isinstance(payout_or_entry, Payout) else payout_or_entry.account.client
    if number and not LedgerAccount.objects.filter(client=client, number=number, is_active=True).exists():
        raise NotAllowed(f"There is no active ledger account {number} in the books.")
    return number


@transaction.atomic
def classify_entry(
    *, entry_id: int, kind: str, actor: Actor, ledger_account: str = "", vat_code: str = "", note: str = ""
) -> PayoutEntry:
    """Say what a row is. ledger_account, where given, is where it is posted instead of where its kind goes.

    A row that stays `other` needs a ledger account. Raises NotAllowed with what to do.
    """
    entry = _entry(entry_id)
    if kind not in set(RowKind):
        raise NotAllowed(f"{kind} is no kind of row. Choose one of: {', '.join(RowKind)}.")
    if kind == RowKind.OTHER and not ledger_account:
        raise NotAllowed("Say on which ledger account a row of no known kind is posted, or leave it on clearing.")
    change_entry(
        entry=entry,
        actor=actor,
        action="payoutentry.classified",
        note=note or f"{entry.native_kind or entry.kind} {entry.amount}: {kind} {ledger_account}".strip(),
        decided_kind=kind,
        decided_ledger_account=checked_account(entry, ledger_account),
        decided_vat_code=vat_code,
        decided_by=actor.label[:150],
        decided_note=note[:300],
        is_left=False,
    )
    return _again(entry, actor)


@transaction.atomic
def leave_entry(*, entry_id: int, actor: Actor, note: str) -> PayoutEntry:
    """Say that a row stays on the clearing account: not ours, or its counterpart is posted by hand."""
    entry = _entry(entry_id)
    if not note.strip():
        raise NotAllowed("Say why it stays on the clearing account.")
    change_entry(
        entry=entry,
        actor=actor,
        action="payoutentry.left",
        note=note,
        decided_kind="",
        decided_ledger_account="",
        decided_vat_code="",
        decided_by=actor.label[:150],
        decided_note=note[:300],
        is_left=True,
    )
    return _again(entry, actor)


@transaction.atomic
def assign_entry(*, entry_id: int, payout_id: int | None, actor: Actor, note: str = "") -> PayoutEntry:
    """Say to which payout a row belongs, or that it belongs to none. Both payouts are explained again."""
    entry = _entry(entry_id)
    payout = load_payout(payout_id) if payout_id else None
    if payout is not None and payout.account_id != entry.account_id:
        raise NotAllowed(f"Payout {payout} is of another account than row {entry}.")
    before = entry.payout_id
    change_entry(
        entry=entry,
        actor=actor,
        action="payoutentry.assigned",
        note=note or (f"It belongs to payout {payout}." if payout else "It belongs to no payout."),
        payout=payout,
        is_assigned=True,
    )
    entry = _again(entry, actor)
    if before and before != payout_id:
        explain(payout=load_payout(before), actor=actor)
    return entry


@transaction.atomic
def choose_content(*, entry_id: int, take_other: bool, actor: Actor) -> PayoutEntry:
    """Decide between two contents that came under one key: the first, or the other."""
    entry = _entry(entry_id)
    change_entry(
        entry=entry,
        actor=actor,
        action="payoutentry.content_chosen",
        note="The other content is right." if take_other else "The first content is right.",
        **chosen(entry, actor, take_other=take_other),
    )
    return _again(entry, actor)


def chosen(row: Payout | PayoutEntry, actor: Actor, *, take_other: bool) -> dict[str, Any]:
    """Give the columns that a choice between two contents changes."""
    differing = row.differing
    if not differing or differing.get("decided_by"):
        raise NotAllowed(f"Nothing is to be decided about {row}.")
    if not take_other:
        return {"differing": {**differing, "decided_by": actor.label}}
    other = {name: _read(name, value) for name, value in differing["content"].items()}
    kept = {name: getattr(row, name) for name in other}
    refused = {name: str(value) if isinstance(value, date | Decimal) else value for name, value in kept.items()}
    turned = [[name, given, stored] for name, stored, given in differing["fields"]]
    return {**other, "differing": {"fields": turned, "content": refused, "decided_by": actor.label}}


def _read(name: str, value: Any) -> Any:
    if name in ("booked_on", "paid_on"):
        return date.fromisoformat(value)
    return Decimal(value) if name == "exchange_rate" else value
