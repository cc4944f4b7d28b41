"""Ask the accounting system which of our invoices are paid, keep it, and tell the sales systems once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from backoffice.balances.models import BalancePoll, ClosedBy, InvoiceBalance
from backoffice.clients.models import Client
from backoffice.connections.models import Connection
from backoffice.connections.providers import accounting_system
from backoffice.contracts.accounting import InvoiceBalance as Told
from backoffice.ledger.money import Money
from backoffice.sales.models import Sale
from backoffice.vouchers.models import Voucher, VoucherKind
from backoffice.vouchers.states import VoucherState
from backoffice.webhooks.models import EventType
from backoffice.webhooks.services import announce

#: each question reaches back a little behind the last change seen: their rows may show late
OVERLAP = timedelta(minutes=10)
#: while nothing of ours is open it is asked once a day, since a matched payment can be taken apart again
QUIET_EVERY = timedelta(days=1)
FIRST_LOOK_BACK = timedelta(days=1)
WRITTEN_AT_ONCE = 500
INVOICE_KINDS = (VoucherKind.SALES_ORDER, VoucherKind.OUTGOING_INVOICE)


def is_due(connection: Connection, now: datetime | None = None) -> bool:
    """Whether asking is worth a call: something of ours is posted and open or unknown, or a day has passed."""
    numbered = _numbered(connection.client)
    poll = BalancePoll.objects.filter(connection=connection).first()
    if poll is not None and poll.polled_at <= (now or timezone.now()) - QUIET_EVERY:
        return numbered.exists()
    return numbered.filter(Q(balance=None) | ~Q(balance__balance_minor=0)).exists()


def poll_balances(*, connection: Connection) -> int:
    """Read what changed since the last time; give how many of our invoices it touched. Raises the ProviderError tree.

    What was read is written in parts; the mark moves on only when all of it is.
    """
    poll = BalancePoll.objects.filter(connection=connection).first()
    since = (poll.seen_through if poll else _beginning(connection.client)) - OVERLAP
    now, rows, touched = timezone.now(), 0, 0
    seen_through = since + OVERLAP
    told = list(accounting_system(connection).balances_changed_since(since))
    credited = _credited(told)
    for part in _parts(told, WRITTEN_AT_ONCE):
        touched += record_balances(client=connection.client, balances=part, credited=credited)
        rows += len(part)
        seen_through = max(seen_through, *(one.changed_at for one in part))
    BalancePoll.objects.get_or_create(connection=connection, defaults={"seen_through": since, "polled_at": now})
    BalancePoll.objects.filter(connection=connection).update(
        seen_through=seen_through, polled_at=now, polls=F("polls") + 1, rows=F("rows") + rows
    )
    return touched


@transaction.atomic
def record_balances(*, client: Client, balances: Sequence[Told], credited: Mapping[str, Money]) -> int:
    """Keep balances of our own posted invoices and announce the ones that closed; give how many changed.

    credited holds, by match, what credit notes settled. An older report than the stored one changes nothing.
    """
    vouchers = _vouchers_of(client, balances)
    known = {row.voucher_id: row for row in InvoiceBalance.objects.filter(voucher__in=vouchers.values())}
    changed = 0
    for one in balances:
        voucher = vouchers.get(one.external_id)
        if voucher is not None and not one.is_credit_note:
            changed += _keep(voucher, known.get(voucher.pk), one, credited)
    return changed


def _keep(voucher: Voucher, stored: InvoiceBalance | None, told: Told, credited: Mapping[str, Money]) -> bool:
    if stored is not None and stored.changed_at > told.changed_at:
        return False
    closed_by = _closed_by(told, credited)
    row = stored or InvoiceBalance(voucher=voucher, client=voucher.client)
    before = (row.balance_minor, row.closed_by) if stored else None
    row.invoice_number = told.invoice_number
    row.total_minor, row.balance_minor = told.total.minor, told.balance.minor
    row.currency, row.due_on, row.changed_at = told.balance.currency, told.due_on, told.changed_at
    row.closed_by = closed_by
    if closed_by and row.closed_at is None:
        row.closed_at = told.changed_at
    row.save()
    if before == (row.balance_minor, row.closed_by):
        return False
    sale = Sale.objects.filter(voucher=voucher).first()
    if sale is not None:  # whoever polls the sales by change sees it
        Sale.objects.filter(pk=sale.pk).update(updated_at=timezone.now())
    if closed_by:
        _announce(voucher, sale, row)
    return True


def _announce(voucher: Voucher, sale: Sale | None, row: InvoiceBalance) -> None:
    is_credited = row.closed_by == ClosedBy.CREDIT_NOTE
    announce(
        client=voucher.client,
        sales_point=voucher.sales_point,
        type=EventType.INVOICE_CREDITED if is_credited else EventType.INVOICE_PAID,
        fact=f"{voucher.pk}",
        subject=sale.reference if sale else row.invoice_number,
        data={
            "sale": sale.reference if sale else None,
            "revision": sale.revision if sale else None,
            "matching_reference": voucher.matching_reference or None,
            "invoice_number": row.invoice_number,
            "total": str(Money(row.total_minor, row.currency)),
            "balance": str(Money(row.balance_minor, row.currency)),
            "currency": row.currency,
            "due_on": row.due_on.isoformat() if row.due_on else None,
            "closed_by": row.closed_by,
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        },
    )


def _closed_by(told: Told, credited: Mapping[str, Money]) -> ClosedBy:
    """Say what closed an invoice: the match tells, when a credit note is part of it."""
    if told.balance.minor:
        return ClosedBy.OPEN
    by_credit_note = credited.get(told.match) if told.match else None
    if by_credit_note is None:
        return ClosedBy.PAYMENT
    return ClosedBy.CREDIT_NOTE if by_credit_note.minor >= told.total.minor else ClosedBy.BOTH


def _credited(told: Iterable[Told]) -> dict[str, Money]:
    """Add up, by match, what credit notes took off; both sides of a match change at the same moment."""
    found: dict[str, Money] = {}
    for one in told:
        if one.is_credit_note and one.match:
            settled = Money(abs(one.total.minor) - abs(one.balance.minor), one.total.currency)
            found[one.match] = found.get(one.match, Money.zero(settled.currency)) + settled
    return found


def _vouchers_of(client: Client, balances: Sequence[Told]) -> dict[str, Voucher]:
    """Find our vouchers by their id over there, else by an invoice number that only one of them has."""
    posted = _numbered(client).select_related("client", "sales_point")
    by_id = {one.external_id: one for one in posted.filter(external_id__in=[told.external_id for told in balances])}
    missing = [told for told in balances if told.external_id not in by_id and told.invoice_number]
    by_number: dict[str, list[Voucher]] = defaultdict(list)
    for one in posted.filter(invoice_number__in=[told.invoice_number for told in missing]):
        by_number[one.invoice_number].append(one)
    for told in missing:
        found = by_number[told.invoice_number]
        if len(found) == 1:
            by_id[told.external_id] = found[0]
    return by_id


def _numbered(client: Client) -> models.QuerySet[Voucher]:
    return Voucher.objects.filter(client=client, state=VoucherState.POSTED, kind__in=INVOICE_KINDS).exclude(
        invoice_number=""
    )


def _beginning(client: Client) -> datetime:
    """Before the first of our invoices was posted."""
    first = _numbered(client).order_by("posted_at").first()
    posted_at = first.posted_at if first else None
    return (posted_at or timezone.now()) - FIRST_LOOK_BACK


def _parts(rows: Sequence[Told], size: int) -> Iterator[list[Told]]:
    walk = iter(rows)
    while part := list(islice(walk, size)):
        yield part
