"""Take a posted voucher back: the accounting system writes the opposite voucher, and ours is reversed.

A posted voucher never changes. What was posted wrong is reversed, and its sources may then be drafted again, as
another voucher of a higher generation. Bokføringsloven § 9: corrections are made by new vouchers that show the old.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from backoffice.audit.services import Actor
from backoffice.chart.selectors import limits_of
from backoffice.connections import outbox
from backoffice.connections.models import Delivery
from backoffice.connections.selectors import accounting_connection
from backoffice.connections.states import DeliveryState
from backoffice.contracts.accounting import DocumentKind, ReversalDocument
from backoffice.ledger.money import Money
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed, advance, check_person
from backoffice.vouchers.states import VoucherState


def reversal_of(voucher: Voucher) -> Delivery | None:
    """The reversal that was asked for, whatever became of it."""
    return voucher.deliveries.filter(kind=DocumentKind.REVERSAL, generation=voucher.generation).first()


def why_not_reversed(voucher: Voucher) -> str:
    """Say why a voucher cannot be reversed from here, and what to do; empty when it can."""
    if voucher.state != VoucherState.POSTED:
        return "Only a posted voucher is reversed. Withdraw what is not posted yet."
    if voucher.kind == DocumentKind.SALES_ORDER:
        return "Its invoice has been sent to the customer, who needs a credit note: record a refund of the sale."
    asked = reversal_of(voucher)
    if asked is not None and asked.state != DeliveryState.FAILED:
        return "It is being reversed already."
    limits = limits_of(voucher.client)
    if limits and limits.locked_through and voucher.dated_on <= limits.locked_through:
        return (
            f"The books are locked through {limits.locked_through}. A reversal stands on the day of the voucher: "
            "open the period over there for a moment, or correct it with a voucher of your own on an open day."
        )
    return ""


@transaction.atomic
def reverse(*, voucher_id: int, actor: Actor, reason: str) -> Voucher:
    """Ask for a posted voucher's reversal; it stays posted until the accounting system has confirmed it.

    A reversal that was refused is sent again. Raises NotAllowed with the reason and what to do.
    """
    voucher = Voucher.objects.select_for_update(of=("self",)).select_related("client").get(pk=voucher_id)
    if complaint := why_not_reversed(voucher):
        raise NotAllowed(complaint)
    check_person(voucher, actor)
    connection = accounting_connection(voucher.client)
    if connection is None:
        raise NotAllowed(f"{voucher.client} has no connection to an accounting system. Set one up first.")
    source = f"{voucher.source_type}/{voucher.source_key}"
    reference = outbox.reference_of(voucher.client, DocumentKind.REVERSAL, source, voucher.generation)
    document = ReversalDocument(str(reference), voucher.external_id, DocumentKind(voucher.kind), voucher.dated_on)
    advance(voucher=voucher, to=None, actor=actor, action="voucher.reversal_asked", note=reason)
    if failed := reversal_of(voucher):
        outbox.resend(failed, document=document)
        return voucher
    outbox.enqueue(
        connection=connection,
        kind=DocumentKind.REVERSAL,
        subject_type="voucher",
        subject_id=voucher.pk,
        generation=voucher.generation,
        reference=UUID(str(reference)),
        document=document,
        total=Money(voucher.total_minor, voucher.currency),
        dated_on=voucher.dated_on,
    )
    return voucher
