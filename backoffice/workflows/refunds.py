"""W12: a refund becomes a credit note of its sale, once the sale's own voucher is posted. What is posted never changes.

The sale is locked while it is decided what a refund credits, so that two refunds at once never credit more than the
sale. VAT goes back in the term of the credit note, on the accounts and codes of the sale.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from backoffice.audit.services import Actor, record
from backoffice.clients.models import Client
from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import DocumentKind
from backoffice.contracts.sales import RefundDetails
from backoffice.sales.models import Refund, Sale, SaleState
from backoffice.sales.refunds import meet_payment
from backoffice.sales.services import mark_cancelled, mark_needs_person, mark_recorded, mark_routed, mark_waiting
from backoffice.vouchers.drafting import next_generation, write_draft
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.services import NotAllowed
from backoffice.vouchers.states import GONE, VoucherState
from backoffice.workflows.batches import is_batched, place_refund
from backoffice.workflows.books import Books
from backoffice.workflows.credit_notes import draft_credit_note
from backoffice.workflows.credit_orders import draft_credit_order
from backoffice.workflows.credited_sales import CreditedSale, parts_of, read_shares, write_shares
from backoffice.workflows.credits import Credited, Proposed, Refused, credit
from backoffice.workflows.days import WORKFLOW
from backoffice.workflows.routes import BUILT, decision_for

BY_HAND = "Make the credit note in the accounting system, then mark the refund as dealt with."
BEFORE_INVOICE = "The sale was given back before it was invoiced: nothing to credit."
NUMBER_CHARACTERS = 30
NUMBER_MISSING = (
    "The sales system issues the invoices, so the credit note has its number too, and the refund came without one. "
    "Enter the number of the credit note."
)


def refunds_due(client: Client, *, at_most: int) -> list[int]:
    """Refunds with something to do: new ones, and those whose sale is posted by now, or never will be."""
    is_new = Q(state=SaleState.RECORDED)
    is_posted = Q(sale__voucher__state=VoucherState.POSTED)
    is_gone = Q(sale__voucher__state=VoucherState.WITHDRAWN)
    is_over = Q(sale__state=SaleState.CANCELLED) & (Q(sale__voucher=None) | is_gone)
    is_stuck = Q(sale__state=SaleState.NEEDS_PERSON) & is_gone
    is_batched_by_now = Q(sale__voucher__source_type=SourceType.SALES_DAY) & ~Q(sale__voucher__state__in=GONE)
    awaited = Q(state=SaleState.WAITING) & (is_posted | is_over | is_stuck | is_batched_by_now)
    due = Refund.objects.filter(is_new | awaited, client=client).order_by("id")
    return list(due.values_list("id", flat=True)[:at_most])


@transaction.atomic
def refund_recorded(*, refund_id: int, books: Books | None = None) -> None:
    """Draft the credit note of a refund, let it wait for its sale, or show it to a person with what to do."""
    refund = Refund.objects.select_related("client", "sales_point").get(pk=refund_id)
    if refund.state not in (SaleState.RECORDED, SaleState.WAITING):
        return
    if refund.sale_id is None:
        mark_waiting(row=refund, note=f"Sale {refund.sale_reference} has not arrived yet.")
        return
    sale = _locked(refund.sale_id)
    in_batch = is_batched(sale)
    if _not_in_batch(refund, sale) if in_batch else _stands_back(refund, sale):
        return
    if in_batch and refund.split_accepted_by and refund.shares:
        place_refund(refund, sale)
        return
    found = credit(from_builtins(refund.details, RefundDetails), parts_of(sale, without=refund))
    if isinstance(found, Refused):
        mark_needs_person(row=refund, why=found.why)
    elif isinstance(found, Proposed):
        _propose(refund, found)
    elif _lacks_number(refund, sale):
        mark_needs_person(row=refund, why=NUMBER_MISSING)
    else:
        _take(refund, found)
        draft_refund(refund, books or Books.load(refund.client), WORKFLOW)


def _locked(sale_id: int) -> Sale:
    """Take the sale so that nobody else decides about its rest at the same time."""
    Sale.objects.select_for_update(of=("self",)).get(pk=sale_id)
    return Sale.objects.select_related("client", "sales_point", "voucher").get(pk=sale_id)


def _stands_back(refund: Refund, sale: Sale) -> bool:
    """Say whether nothing can be drafted now, and leave the reason on the refund."""
    voucher = sale.voucher
    is_unposted = voucher is None or voucher.state == VoucherState.WITHDRAWN
    if is_unposted and sale.state == SaleState.CANCELLED:
        _never_invoiced(refund, "The sale was cancelled before it was posted: nothing to credit.")
    elif decision_for(sale).route not in BUILT:
        mark_needs_person(row=refund, why=BY_HAND)
    elif is_unposted and sale.state in (SaleState.WAITING, SaleState.NEEDS_PERSON) and _is_all_back(sale):
        mark_cancelled(sale=sale, why="All of it was given back before it was posted, so no invoice is made.")
        _never_invoiced(refund, BEFORE_INVOICE)
    elif voucher is not None and is_unposted and sale.state == SaleState.NEEDS_PERSON:
        why = f"The voucher of sale {sale.reference} was withdrawn, and only a part of it came back. {BY_HAND}"
        mark_needs_person(row=refund, why=why)
    elif voucher is None and sale.state == SaleState.ROUTED:
        mark_needs_person(row=refund, why=f"Sale {sale.reference} was posted by hand or came to 0. {BY_HAND}")
    elif voucher is None:
        mark_waiting(row=refund, note=f"Sale {sale.reference} has no voucher yet; its credit note follows the invoice.")
    elif voucher.state == VoucherState.REVERSED:
        mark_needs_person(row=refund, why=f"The voucher of sale {sale.reference} was reversed in the books. {BY_HAND}")
    elif voucher.state != VoucherState.POSTED:
        mark_waiting(
            row=refund, note=f"The invoice of sale {sale.reference} is not posted yet; its credit note follows."
        )
    else:
        return False
    return True


def _not_in_batch(refund: Refund, sale: Sale) -> bool:
    """Say whether the sale of a refund stands in no batch now, and leave the reason on the refund."""
    voucher = sale.voucher
    is_gone = voucher is None or voucher.state in GONE
    if not is_gone:
        return False
    if sale.state == SaleState.CANCELLED:
        _never_invoiced(refund, "The sale was cancelled before it was posted: nothing to credit.")
    elif voucher is None and sale.state != SaleState.ROUTED:
        mark_waiting(row=refund, note=f"Sale {sale.reference} stands in no batch yet; its refund follows.")
    elif voucher is not None and voucher.state == VoucherState.WITHDRAWN and sale.state == SaleState.ROUTED:
        mark_waiting(row=refund, note=f"The batch of sale {sale.reference} was withdrawn; its refund follows another.")
    else:
        mark_needs_person(row=refund, why=f"Sale {sale.reference} stands in no batch any more. {BY_HAND}")
    return True


def _never_invoiced(refund: Refund, note: str) -> None:
    """Nothing is credited; the money back meets the payment itself, since no invoice has met it."""
    meet_payment(refund)
    mark_routed(row=refund, voucher_id=None, note=note)


def _is_all_back(sale: Sale) -> bool:
    return bool(sum(refund.amount_minor for refund in sale.refunds.all()) == sale.total_minor)


def _lacks_number(refund: Refund, sale: Sale) -> bool:
    voucher = sale.voucher
    return voucher is not None and voucher.kind == DocumentKind.OUTGOING_INVOICE and not refund.credit_note_number


def _take(refund: Refund, found: Credited) -> None:
    refund.shares = write_shares(found.shares)
    refund.proposed_split = []
    Refund.objects.filter(pk=refund.pk).update(shares=refund.shares, proposed_split=[])


def _propose(refund: Refund, found: Proposed) -> None:
    by_rate = [(f"{rate:.2f}", gross) for rate, gross in found.by_rate.items() if gross]
    split = [{"vat_rate": rate, "gross_minor": gross.minor} for rate, gross in by_rate]
    rates = ", ".join(f"{gross} {gross.currency} at {rate} %" for rate, gross in by_rate)
    Refund.objects.filter(pk=refund.pk).update(proposed_split=split)
    refund.proposed_split = split
    why = (
        f"An amount came back without lines, and the sale has several VAT rates. In proportion it is {rates}. Accept "
        "this split, or make the credit note by hand and mark the refund as dealt with."
    )
    mark_needs_person(row=refund, why=why)


def draft_refund(refund: Refund, books: Books, actor: Actor, *, may_move: bool = False) -> Voucher:
    """Draft, or draft again, the credit note of a refund whose shares are decided."""
    sale = _locked(refund.sale_id or 0)
    if sale.voucher is None:
        raise NotAllowed(f"Sale {sale.reference} has no voucher that could be credited.")
    if sale.voucher.source_type == SourceType.SALES_DAY:
        return place_refund(refund, sale)
    shares = read_shares(refund)
    parts = {part.position: part for part in parts_of(sale, without=refund)}
    is_whole = all(part.rest == part.gross for part in parts.values()) and len(shares) == len(parts)
    is_whole = is_whole and all(share.gross == parts[share.position].gross for share in shares)
    of = CreditedSale.load(refund, sale, sale.voucher, Credited(shares, is_whole))
    draft = draft_credit_order if sale.voucher.kind == DocumentKind.SALES_ORDER else draft_credit_note
    key = _key(refund)
    generation = next_generation(refund.client, SourceType.REFUND, key)
    voucher = write_draft(
        client=refund.client,
        sales_point=refund.sales_point,
        source_type=SourceType.REFUND,
        source_key=key,
        draft=draft(of, books, key, may_move=may_move, generation=generation),
        actor=actor,
        generation=generation,
    )
    mark_routed(row=refund, voucher_id=voucher.pk)
    return voucher


def _key(refund: Refund) -> str:
    return f"{refund.sales_point.key}/{refund.reference}"


# --- what people do -----


def _waiting_for_person(refund_id: int) -> Refund:
    refund = Refund.objects.select_related("client", "sales_point").get(pk=refund_id)
    if refund.state != SaleState.NEEDS_PERSON or refund.voucher_id is not None:
        raise NotAllowed("Only a refund that waits for a person and has no voucher can be decided.")
    return refund


@transaction.atomic
def accept_split(*, refund_id: int, actor: Actor) -> Refund:
    """Accept the proportional split of an amount over the VAT rates; raises NotAllowed when it is no longer the same.

    Then the credit note is drafted, or waits for what it still lacks.
    """
    refund = _waiting_for_person(refund_id)
    if not refund.proposed_split or refund.sale_id is None:
        raise NotAllowed("There is no split to accept.")
    sale = _locked(refund.sale_id)
    found = credit(from_builtins(refund.details, RefundDetails), parts_of(sale, without=refund))
    if not isinstance(found, Proposed) or not _is_as_proposed(refund, found):
        mark_recorded(refund, proposed_split=[])
        refund_recorded(refund_id=refund.pk)
        refund.refresh_from_db()
        return refund
    Refund.objects.filter(pk=refund.pk).update(split_accepted_by=actor.label)
    refund.split_accepted_by = actor.label
    _take(refund, Credited(found.shares))
    _tell(refund, actor, "refund.split_accepted", refund.needs_person_because)
    if _lacks_number(refund, sale):
        mark_needs_person(row=refund, why=NUMBER_MISSING)
    else:
        draft_refund(refund, Books.load(refund.client), actor)
    return refund


def _is_as_proposed(refund: Refund, found: Proposed) -> bool:
    proposed = {row["vat_rate"]: row["gross_minor"] for row in refund.proposed_split}
    return proposed == {f"{rate:.2f}": gross.minor for rate, gross in found.by_rate.items() if gross}


@transaction.atomic
def enter_credit_note_number(*, refund_id: int, number: str, actor: Actor) -> Refund:
    """A person says which number the sales system gave the credit note; then it is drafted."""
    refund = _waiting_for_person(refund_id)
    number = number.strip()
    if not number or len(number) > NUMBER_CHARACTERS:
        raise NotAllowed(f"Write the number of the credit note, at most {NUMBER_CHARACTERS} characters.")
    Refund.objects.filter(pk=refund.pk).update(credit_note_number=number)
    _tell(refund, actor, "refund.number_entered", number)
    return _again(refund)


@transaction.atomic
def refund_again(*, refund_id: int, actor: Actor) -> Refund:
    """Try a refund again, after what stood in its way was mended."""
    refund = _waiting_for_person(refund_id)
    _tell(refund, actor, "refund.routed_again", "")
    return _again(refund)


def _again(refund: Refund) -> Refund:
    """Go on from where it stands: with the shares that a person accepted, else from the beginning."""
    refund.refresh_from_db()
    if refund.split_accepted_by and refund.shares:
        sale = _locked(refund.sale_id or 0)
        left = {part.position: part.rest for part in parts_of(sale, without=refund)}
        still_fits = all(share.gross.minor <= left[share.position].minor for share in read_shares(refund))
        if still_fits and not _lacks_number(refund, sale):
            draft_refund(refund, Books.load(refund.client), WORKFLOW)
            return refund
    mark_recorded(refund)
    refund_recorded(refund_id=refund.pk)
    refund.refresh_from_db()
    return refund


def _tell(refund: Refund, actor: Actor, action: str, note: str) -> None:
    record(
        action=action,
        actor=actor,
        subject_type="refund",
        subject_id=refund.pk,
        client=refund.client,
        label=refund.reference,
        note=note,
    )
