"""W5: an explained payout becomes one bank journal; what a provider took without a payout can have one of its own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction

from backoffice.audit.services import Actor
from backoffice.clients.models import Client
from backoffice.connections.queue import ring
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import PayoutRow, RowKind
from backoffice.settlements.explaining import explain
from backoffice.settlements.matching import match_entries
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.settlements.moves import advance_payout, change_entry
from backoffice.settlements.rows import row_of
from backoffice.settlements.selectors import (
    KEPT,
    explanation_of,
    is_taken,
    returned_payouts,
)
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.drafting import next_generation, write_draft
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.services import NotAllowed
from backoffice.vouchers.states import VoucherState
from backoffice.workflows.books import Books
from backoffice.workflows.payout_drafts import Source, draft_payout, draft_withheld, source_key

WORKFLOW = Actor.system("workflow")
REVERSED = "Its voucher was reversed in the books."
NOTHING_TO_POST = "Nothing to post: it came to 0."


def payouts_due(client: Client, *, at_most: int, books: Books | None = None) -> int:
    """Draft explained payouts and payouts that came back, and let each show where its voucher stands; give how many."""
    reversed_ones = Voucher.objects.filter(client=client, state=VoucherState.REVERSED, source_type=SourceType.PAYOUT)
    for payout in Payout.objects.filter(state=PayoutState.POSTED, voucher__in=reversed_ones).select_related("client"):
        to = PayoutState.EXPLAINED
        advance_payout(payout=payout, to=to, actor=WORKFLOW, action="payout.reversed", because=REVERSED)
    open_ones = Payout.objects.filter(client=client, state=PayoutState.EXPLAINED)
    posted = list(open_ones.filter(voucher__state=VoucherState.POSTED)[:at_most])
    for payout in posted:
        advance_payout(payout=payout, to=PayoutState.POSTED, actor=WORKFLOW, action="payout.posted")
    ids = list(open_ones.filter(voucher=None).order_by("paid_on", "id").values_list("pk", flat=True)[:at_most])
    returned = returned_payouts(client)[:at_most]
    if ids or returned:
        books = books or Books.load(client)
        for payout_id in ids:
            payout_explained(payout_id=payout_id, books=books)
        for entry in returned:
            _came_back(entry, books)
    return len(posted) + len(ids) + len(returned)


@transaction.atomic
def payout_explained(*, payout_id: int, books: Books | None = None) -> None:
    """Draft the voucher of an explained payout; doing it twice changes nothing."""
    payout = _payout(payout_id)
    if payout.state == PayoutState.EXPLAINED and payout.voucher_id is None:
        _write(payout, books or Books.load(payout.client), WORKFLOW, may_move=False)


def _payout(payout_id: int) -> Payout:
    Payout.objects.select_for_update(of=("self",)).get(pk=payout_id)
    return Payout.objects.select_related("client", "account__sales_point", "account__client", "voucher").get(
        pk=payout_id
    )


def _write(payout: Payout, books: Books, actor: Actor, *, may_move: bool) -> Voucher | None:
    """Draft, or draft again, a payout's voucher. None: there is nothing to post."""
    key = source_key(payout.account, payout.reference)
    description = f"Payout {payout.account.provider} {payout.reference}"
    source = Source(key, description, next_generation(payout.client, SourceType.PAYOUT, key))
    if payout.currency != payout.client.currency:  # its payments tell its value, and may have come since
        names = payout.entries.values_list("reference", "provider_reference")
        match_entries(payout.account, {name for pair in names for name in pair})
    found = explanation_of(payout)
    draft = draft_payout(payout, found, source, books, may_move=may_move)
    if not draft.postings and not draft.reasons:
        advance_payout(
            payout=payout,
            to=PayoutState.POSTED,
            actor=actor,
            action="payout.nothing_to_post",
            note=NOTHING_TO_POST,
            by_hand_note=NOTHING_TO_POST,
        )
        return None
    voucher = write_draft(
        client=payout.client,
        sales_point=payout.account.sales_point,
        source_type=SourceType.PAYOUT,
        source_key=key,
        draft=draft,
        actor=actor,
        generation=source.generation,
    )
    if payout.voucher_id != voucher.pk:
        advance_payout(
            payout=payout, to=None, actor=actor, action="payout.drafted", note=voucher.description, voucher=voucher
        )
    return voucher


@transaction.atomic
def post_payout_again(*, payout_id: int, actor: Actor) -> Payout:
    """Draft another voucher of a payout whose own was withdrawn or reversed, or that was marked as posted by hand."""
    payout = _payout(payout_id)
    if is_taken(payout.voucher):
        raise NotAllowed(f"Payout {payout} has a voucher. Withdraw or reverse that first.")
    if payout.voucher_id is None and payout.state != PayoutState.POSTED:
        raise NotAllowed(f"Payout {payout} has had no voucher yet.")
    to = PayoutState.EXPLAINED if payout.state == PayoutState.POSTED else None
    changes: dict[str, Any] = {"voucher": None, "by_hand_note": "", "because": ""}
    advance_payout(payout=payout, to=to, actor=actor, action="payout.drafted_anew", **changes)
    explain(payout=payout, actor=actor)
    ring(payout.client_id)
    return payout


# --- without a payout -----


def _came_back(entry: PayoutEntry, books: Books) -> None:
    """Post a payout that came back: out of the bank, onto the clearing account again."""
    if entry.account.currency != entry.account.client.currency:
        why = (
            f"Payout row {entry} of {entry.amount} {entry.account.currency} came back. Post it by hand at the rate of "
            "the bank, then say that it stays on the clearing account."
        )
        change_entry(entry=entry, actor=WORKFLOW, action="payoutentry.by_hand", note=why, needs_person_because=why)
        return
    post_withheld(entry_ids=[entry.pk], actor=WORKFLOW, books=books)


@transaction.atomic
def post_withheld(
    *, entry_ids: Collection[int], actor: Actor, posted_on: date | None = None, books: Books | None = None
) -> Voucher:
    """Draft a voucher of their own for rows that no payout takes along: a monthly fee, a dispute, a returned payout.

    posted_on is the last row's day where none is given. Raises NotAllowed for rows that stay on the clearing account,
    need a person, have a voucher or are in another currency than the books.
    """
    PayoutEntry.objects.select_for_update(of=("self",)).filter(pk__in=entry_ids).count()
    rows = PayoutEntry.objects.filter(pk__in=entry_ids).order_by("booked_on", "key")
    entries = list(rows.select_related("account__client", "account__sales_point", "payout", "voucher"))
    if not entries or len({entry.account_id for entry in entries}) > 1:
        raise NotAllowed("Choose rows of one provider account.")
    for entry in entries:
        if complaint := why_not_on_its_own(entry):
            raise NotAllowed(complaint)
    client = entries[0].account.client
    key = source_key(entries[0].account, f"own/{entries[0].key}")
    on = posted_on or max(entry.booked_on for entry in entries)
    voucher = _write_withheld(entries, key, on, books or Books.load(client), actor, may_move=False)
    for entry in entries:
        note = f"It has a voucher of its own: {voucher.description}."
        change_entry(entry=entry, actor=actor, action="payoutentry.drafted", note=note, voucher=voucher)
    ring(client.pk)
    return voucher


def why_not_on_its_own(entry: PayoutEntry) -> str:
    """Say why a row cannot have a voucher of its own; empty when it can."""
    kind, account = entry.effective_kind, entry.account
    if is_taken(entry.voucher):
        return f"Row {entry} has a voucher already."
    if entry.needs_person_because:
        return f"Row {entry} needs a decision first: {entry.needs_person_because}"
    if account.currency != account.client.currency:
        return f"Row {entry} is in {account.currency}. Post it by hand, then say that it stays on the clearing account."
    is_return = kind is RowKind.PAYOUT and entry.amount_minor > 0
    if entry.payout is not None and not is_return:
        return f"Row {entry} is posted with payout {entry.payout}."
    if entry.is_left or not (is_return or kind in KEPT or entry.decided_ledger_account):
        return f"Row {entry} ({kind}) stays on the clearing account; it has nothing to post of its own."
    return ""


def _write_withheld(
    entries: list[PayoutEntry], key: str, on: date, books: Books, actor: Actor, *, may_move: bool
) -> Voucher:
    account = entries[0].account
    kinds = ", ".join(dict.fromkeys(entry.effective_kind.replace("_", " ") for entry in entries))
    source = Source(
        key, f"{account.provider} without payout: {kinds}", next_generation(account.client, SourceType.PAYOUT, key)
    )
    rows = [_ledger_row(entry) for entry in entries]
    draft = draft_withheld(account, rows, source, books, on=on, may_move=may_move)
    if not draft.postings and not draft.reasons:
        raise NotAllowed("These rows have nothing to post: give corrections an account in the mapping first.")
    return write_draft(
        client=account.client,
        sales_point=account.sales_point,
        source_type=SourceType.PAYOUT,
        source_key=key,
        draft=draft,
        actor=actor,
        generation=source.generation,
    )


def _ledger_row(entry: PayoutEntry) -> PayoutRow:
    """A payout that came back leaves the bank as money that we pay in does."""
    if entry.effective_kind is RowKind.PAYOUT:
        amount = Money(entry.amount_minor, entry.account.currency)
        return PayoutRow(entry.key, RowKind.TOP_UP, amount, entry.booked_on, entry.reference, is_decided=True)
    return row_of(entry, entry.account.currency)


# --- again -----


def draft_payout_again(voucher: Voucher, books: Books, actor: Actor, *, may_move: bool = False) -> Voucher:
    """Draft a voucher again from its payout, or from the rows that it took in without one."""
    payout = voucher.payouts.first()
    if payout is not None:
        drafted = _write(_payout(payout.pk), books, actor, may_move=may_move)
        if drafted is None:
            raise NotAllowed("There is nothing to post any more. Withdraw this voucher.")
        return drafted
    rows = voucher.payout_entries.select_related("account__client", "account__sales_point", "payout", "voucher")
    entries = list(rows.order_by("booked_on", "key"))
    if not entries:
        raise NotAllowed("What is behind this voucher has another voucher now.")
    on = voucher.original_dated_on or voucher.dated_on
    return _write_withheld(entries, voucher.source_key, on, books, actor, may_move=may_move)


def free_payout(voucher: Voucher, actor: Actor) -> int:
    """Let what a withdrawn or reversed voucher carried be posted again by another one; give how much that is."""
    payouts = list(voucher.payouts.all())
    for payout in payouts:
        post_payout_again(payout_id=payout.pk, actor=actor)
    entries = list(voucher.payout_entries.select_related("account__client"))
    for entry in entries:
        note = "Its voucher was drawn back or reversed."
        change_entry(entry=entry, actor=actor, action="payoutentry.freed", note=note, voucher=None)
    if entries:
        post_withheld(entry_ids=[entry.pk for entry in entries], actor=actor, posted_on=voucher.dated_on)
    return len(payouts) + len(entries)
