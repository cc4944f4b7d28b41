"""Write what the workflows drafted: one voucher per source, replaced as long as nothing of it is over there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.clients.models import Approval, Client, SalesPoint
from backoffice.common.codec import sha256, to_builtins
from backoffice.connections.outbox import reference_of
from backoffice.contracts.accounting import Document
from backoffice.contracts.errors import Reason
from backoffice.ledger.errors import Unbalanced
from backoffice.ledger.money import Money
from backoffice.ledger.voucher import Entry, check_balance
from backoffice.vouchers.models import Posting, Voucher
from backoffice.vouchers.services import advance, approve, started
from backoffice.vouchers.states import GONE, OPEN, VoucherState
from backoffice.vouchers.wording import in_the_language_of_the_books


@dataclass(frozen=True, slots=True)
class DraftPosting:
    """One line: debit > 0, credit < 0, gross of VAT. why: the steps of `workflows.why`, as the page shows them."""

    ledger_account: str
    amount: Money
    vat_code: str = "0"
    account_name: str = ""
    vat_rate: Decimal | None = None
    customer_key: str = ""
    customer_name: str = ""
    matching_reference: str = ""
    description: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    why: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """All of a voucher that its source determines. With reasons it is blocked; is_growing: a day that is not over."""

    kind: str
    dated_on: date
    currency: str
    description: str
    postings: tuple[DraftPosting, ...]
    document: Document | None
    reasons: tuple[Reason, ...] = ()
    customer_name: str = ""
    matching_reference: str = ""
    original_dated_on: date | None = None
    occurred_at: datetime | None = None
    is_growing: bool = False


def reference_for(client: Client, kind: str, source_type: str, source_key: str, generation: int = 0) -> str:
    """Give the reference a document will carry over there."""
    return str(reference_of(client, kind, f"{source_type}/{source_key}", generation))


def next_generation(client: Client, source_type: str, source_key: str) -> int:
    """Count on after a voucher that was withdrawn or reversed: its successor is another document."""
    found = Voucher.objects.filter(client=client, source_type=source_type, source_key=source_key)
    last = found.order_by("-generation").first()
    return 0 if last is None else last.generation + (last.state in GONE)


@transaction.atomic
def write_draft(
    *,
    client: Client,
    sales_point: SalesPoint | None,
    source_type: str,
    source_key: str,
    draft: Draft,
    actor: Actor,
    generation: int = 0,
) -> Voucher:
    """Create the source's voucher or replace its content; approve it when the client's policy says so.

    A voucher that is approved or further is returned untouched. Raises Unbalanced for a draft without reasons
    whose postings do not add to zero.
    """
    _check(draft)
    draft = in_the_language_of_the_books(draft, client.books_language)
    voucher, is_new = Voucher.objects.select_for_update(of=("self",)).get_or_create(
        client=client,
        source_type=source_type,
        source_key=source_key,
        generation=generation,
        defaults={
            **_columns(draft),
            "sales_point": sales_point,
            "state": _state(draft, ""),
        },
    )
    if not is_new:
        if voucher.state not in OPEN and not (voucher.state == VoucherState.FAILED and not started(voucher)):
            return voucher
        _replace(voucher, draft, actor)
    _write_postings(voucher, draft)
    if is_new:
        advance(
            voucher=voucher,
            to=None,
            actor=actor,
            action="voucher.drafted",
            note=draft.description,
        )
    is_final = voucher.state == VoucherState.AWAITING_APPROVAL and not voucher.is_dirty
    if is_final and _is_automatic(client, voucher):
        approve(voucher_id=voucher.pk, actor=Actor.system("policy"))
        voucher.refresh_from_db()
    return voucher


def _check(draft: Draft) -> None:
    if draft.reasons:
        return
    check_balance(
        [Entry(p.customer_key or p.ledger_account, p.amount, p.vat_code, draft.dated_on) for p in draft.postings]
    )
    if not draft.is_growing and (not draft.postings or draft.document is None):
        raise Unbalanced(f"{draft.description}: there is nothing to post.")


def _state(draft: Draft, now: str) -> VoucherState:
    if now == VoucherState.HELD:
        return VoucherState.HELD
    if draft.reasons:
        return VoucherState.BLOCKED
    return VoucherState.DRAFT if draft.is_growing else VoucherState.AWAITING_APPROVAL


def _columns(draft: Draft) -> dict[str, Any]:
    postings = [to_builtins(posting) for posting in draft.postings]
    document = to_builtins(draft.document) if draft.document is not None else {}
    return {
        "kind": draft.kind,
        "dated_on": draft.dated_on,
        "original_dated_on": draft.original_dated_on,
        "currency": draft.currency,
        "total_minor": sum(p.amount.minor for p in draft.postings if p.amount.minor > 0),
        "description": draft.description[:300],
        "customer_name": draft.customer_name[:400],
        "matching_reference": draft.matching_reference,
        "document": document,
        "content_sha256": sha256([document, postings]),
        "reasons": [asdict(reason) for reason in draft.reasons],
        "occurred_at": draft.occurred_at,
        "is_dirty": False,
        "drafted_at": timezone.now(),
    }


def _replace(voucher: Voucher, draft: Draft, actor: Actor) -> None:
    columns = _columns(draft)
    to = _state(draft, voucher.state)
    if actor.user is not None and columns["content_sha256"] != voucher.content_sha256:
        columns["edited_by"] = actor.user
    if to == voucher.state:
        Voucher.objects.filter(pk=voucher.pk, state=to).update(**columns)
        for name, value in columns.items():
            setattr(voucher, name, value)
    else:
        advance(voucher=voucher, to=to, actor=actor, action="voucher.rebuilt", **columns)
    voucher.postings.all().delete()


def _write_postings(voucher: Voucher, draft: Draft) -> None:
    Posting.objects.bulk_create(
        [
            Posting(
                voucher=voucher,
                position=position,
                ledger_account=posting.ledger_account,
                account_name=posting.account_name[:400],
                customer_key=posting.customer_key,
                customer_name=posting.customer_name[:400],
                amount_minor=posting.amount.minor,
                currency=posting.amount.currency,
                vat_code=posting.vat_code,
                vat_rate=posting.vat_rate,
                matching_reference=posting.matching_reference,
                description=posting.description[:300],
                dimensions=dict(posting.dimensions),
                why=[dict(step) for step in posting.why],
            )
            for position, posting in enumerate(draft.postings, 1)
        ],
        batch_size=500,
    )


def _is_automatic(client: Client, voucher: Voucher) -> bool:
    if client.approval == Approval.AUTOMATIC:
        return True
    return (
        client.approval == Approval.UP_TO
        and client.automatic_up_to_minor is not None
        and voucher.currency == client.currency
        and voucher.total_minor <= client.automatic_up_to_minor
    )
