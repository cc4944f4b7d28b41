"""Paid before delivery: where the policy says so, a payment rests on the advance account, without VAT, until delivery.

On the payment's day the payment account is debited and the advance account credited. On the day of delivery the order
is posted, and one manual journal moves what rests from the advance account to the customer, under the references by
which invoice and credit notes are matched. An invoice that the sales system has issued is posted on its day, whatever
the policy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.chart.resolve import ResolvedPayment
from backoffice.clients.models import Client, PaidBeforeDelivery
from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import DocumentKind, JournalDocument, JournalLine, Party
from backoffice.contracts.errors import Reason
from backoffice.contracts.sales import SaleDetails
from backoffice.ledger.money import Money, total
from backoffice.sales.models import Payment, Sale, SaleState
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for, write_draft
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.workflows import why
from backoffice.workflows.books import CUSTOMER_LEDGER, Books
from backoffice.workflows.dates import date_voucher
from backoffice.workflows.routing import Route
from backoffice.workflows.sale_parts import source_key


def today_of(client: Client) -> date:
    """Give the day it is at a client."""
    return timezone.now().astimezone(client.zone).date()


def sales_due(client: Client, *, at_most: int) -> list[int]:
    """Sales with something to do: new ones, and those that are delivered by now or need not wait any more."""
    is_new = Q(state=SaleState.RECORDED)
    need_not = Q(delivered_on__lte=today_of(client)) | Q(sales_point__paid_before_delivery=PaidBeforeDelivery.AT_ONCE)
    due = Sale.objects.filter(is_new | Q(state=SaleState.WAITING) & need_not, client=client).order_by("id")
    return list(due.values_list("id", flat=True)[:at_most])


def awaited_delivery(sale: Sale, route: Route) -> str:
    """Say what a sale waits for, or nothing when it can be posted."""
    if route is not Route.SALES_ORDER or sale.sales_point.paid_before_delivery != PaidBeforeDelivery.ADVANCE:
        return ""
    if sale.delivered_on is None:
        return (
            "It waits for its delivery: payments rest on the advance account until then. Report the day of delivery "
            "from the sales system at a higher revision, or enter it here."
        )
    if sale.delivered_on > today_of(sale.client):
        return f"It is delivered on {sale.delivered_on} and posted then; payments rest on the advance account so long."
    return ""


def mark_advances(sale: Sale) -> None:
    """Note which payments, told together with a delivery that lies behind, were made before it."""
    if sale.sales_point.paid_before_delivery == PaidBeforeDelivery.ADVANCE and sale.delivered_on:
        early = sale.payments.filter(voucher=None, is_cancelled=False, paid_on__lt=sale.delivered_on)
        early.update(is_advance=True, updated_at=timezone.now())


def rests_as_advance(payment: Payment, sale: Sale) -> bool:
    """Whether a payment goes to the advance account: its sale waits for delivery, or was given back before it."""
    if payment.is_advance or sale.voucher_id is not None:
        return payment.is_advance
    return sale.state == SaleState.WAITING or sale.payments.filter(is_advance=True).exists()


def draft_advance(sale: Sale, books: Books, actor: Actor, *, may_move: bool = False) -> Voucher | None:
    """Draft, or draft again, the journal that moves a sale's advances to its customer; None when it has none."""
    advances = sale.payments.filter(is_advance=True, is_cancelled=False).select_related("client")
    payments = list(advances.order_by("paid_at", "id"))
    if not payments:
        return None
    return write_draft(
        client=sale.client,
        sales_point=sale.sales_point,
        source_type=SourceType.ADVANCE,
        source_key=source_key(sale),
        draft=_draft(sale, payments, books, may_move=may_move),
        actor=actor,
    )


def _draft(sale: Sale, payments: Sequence[Payment], books: Books, *, may_move: bool) -> Draft:
    dated = date_voucher(
        sale.client,
        sale.delivered_on or sale.sold_on,
        locked_through=books.locked_through,
        converted_on=books.converted_on,
        may_move=may_move,
    )
    reasons: list[Reason] = [dated.reason] if dated.reason else []
    to = books.advance()
    if not isinstance(to, ResolvedPayment):
        reasons += to
    party = Party(sale.customer_key, from_builtins(sale.details, SaleDetails).customer)
    postings = _postings(sale, party, payments, to if isinstance(to, ResolvedPayment) else None)
    moved = f" (delivered {dated.moved_from})" if dated.moved_from else ""
    description = f"Advance {sale.sales_point.name} {sale.reference} delivered{moved}"
    document = None
    if not reasons:
        kind = DocumentKind.MANUAL_JOURNAL
        document = JournalDocument(
            reference=reference_for(sale.client, kind, SourceType.ADVANCE, source_key(sale)),
            kind=kind,
            dated_on=dated.day,
            currency=sale.currency,
            description=description,
            lines=tuple(_line(posting, party, dated.day) for posting in postings),
        )
    return Draft(
        kind=DocumentKind.MANUAL_JOURNAL,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=sale.currency,
        description=description,
        customer_name=sale.customer_name,
        matching_reference=sale.matching_reference,
        postings=postings,
        document=document,
        reasons=tuple(reasons),
    )


def _postings(
    sale: Sale, party: Party, payments: Sequence[Payment], to: ResolvedPayment | None
) -> tuple[DraftPosting, ...]:
    by_reference: dict[str, list[Payment]] = defaultdict(list)
    for payment in payments:
        by_reference[payment.matching_reference].append(payment)
    rests = total((Money(payment.amount_minor, sale.currency) for payment in payments), sale.currency)
    postings = []
    if to is not None and rests:
        postings.append(
            DraftPosting(
                ledger_account=to.account_number,
                account_name=to.account_name,
                amount=rests,
                description=f"{sale.reference}: delivered",
                why=why.advance_moved(sale, payments, rests, to),
            )
        )
    for reference, group in by_reference.items():
        amount = total((Money(payment.amount_minor, sale.currency) for payment in group), sale.currency)
        if amount:
            postings.append(
                DraftPosting(
                    ledger_account=CUSTOMER_LEDGER,
                    amount=-amount,
                    customer_key=party.key,
                    customer_name=party.details.name,
                    matching_reference=reference,
                    description=f"{sale.reference}: {', '.join(sorted({payment.method for payment in group}))}",
                    why=why.payments_of(group),
                )
            )
    return tuple(postings)


def _line(posting: DraftPosting, party: Party, day: date) -> JournalLine:
    is_customer = bool(posting.customer_key)
    return JournalLine(
        amount=posting.amount,
        posted_on=day,
        vat_code=posting.vat_code,
        ledger_account="" if is_customer else posting.ledger_account,
        customer=party if is_customer else None,
        description=posting.description,
        matching_reference=posting.matching_reference,
    )
