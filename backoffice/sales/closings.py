"""Record day closings, each once, and see that their numbers follow on each other per register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.clients.models import SalesPoint
from backoffice.common.codec import from_builtins, sha256, to_builtins
from backoffice.connections.models import InboundEvent
from backoffice.connections.queue import ring
from backoffice.contracts.closings import DayClosingDetails
from backoffice.ledger.errors import TotalsDiffer
from backoffice.ledger.money import Money, total
from backoffice.sales.models import DayClosing, SaleState
from backoffice.sales.payments import ReferenceUsed, differences
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed, mark_dirty

INTAKE = Actor.system("intake")


@dataclass(frozen=True, slots=True)
class RecordedClosing:
    """outcome: created | same."""

    closing: DayClosing
    outcome: str


def details_of(closing: DayClosing) -> DayClosingDetails:
    """Give a closing as it was reported."""
    return from_builtins(closing.details, DayClosingDetails)


def invoices_are_apart(closing: DayClosingDetails) -> bool:
    """Whether the payments leave out what was paid on invoices; raises TotalsDiffer when neither reading adds up."""
    currency = closing.currency
    invoices = total((one.amount for one in closing.invoice_payments), currency)
    received = total((one.amount for one in closing.payments), currency)
    sales = total((one.amount for one in closing.sales), currency)
    owed = sales + closing.rounding + closing.tips + closing.gift_cards_sold + invoices
    if received == owed:
        return False
    if received + invoices == owed:
        return True
    raise TotalsDiffer(
        f"Z {closing.number} of {closing.register} does not add up: payments {received}, but sales {sales} + rounding "
        f"{closing.rounding} + tips {closing.tips} + gift cards sold {closing.gift_cards_sold} + invoice payments "
        f"{invoices} = {owed}. The difference is {received - owed} {currency}."
    )


@transaction.atomic
def record_day_closing(
    *, sales_point: SalesPoint, closing: DayClosingDetails, event: InboundEvent | None
) -> RecordedClosing:
    """Record a closing once per sales point, register and number.

    The same content again is "same". Raises TotalsDiffer for one that does not add up and ReferenceUsed, with the
    fields that differ, when the number comes with other content.
    """
    invoices_are_apart(closing)
    given = to_builtins(closing)
    stored = DayClosing.objects.filter(
        sales_point=sales_point, register=closing.register, number=closing.number
    ).first()
    if stored is not None:
        if _core(stored.details) != _core(given):
            raise ReferenceUsed(str(stored), differences(_core(stored.details), _core(given)))
        return RecordedClosing(stored, "same")
    row = DayClosing.objects.create(
        client=sales_point.client,
        sales_point=sales_point,
        register=closing.register,
        number=closing.number,
        opened_at=closing.opened_at,
        closed_at=closing.closed_at,
        closed_on=closing.closed_at.astimezone(sales_point.client.zone).date(),
        currency=closing.currency,
        details=given,
        details_sha256=sha256(_core(given)),
        sales_minor=sum(one.amount.minor for one in closing.sales),
        event=event,
    )
    following = next_of(row)
    if following is not None and following.voucher_id:
        mark_dirty(voucher_id=following.voucher_id)
    ring(sales_point.client_id)
    return RecordedClosing(row, "created")


def _core(details: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a closing another one: not how it was read, nor that it was recorded before a field was known."""
    whole = to_builtins(from_builtins(dict(details), DayClosingDetails))
    return {name: value for name, value in whole.items() if name != "notes"}


def previous_of(closing: DayClosing) -> DayClosing | None:
    """The register's recorded closing with the next lower number."""
    return _of_register(closing).filter(number__lt=closing.number).order_by("-number").first()


def next_of(closing: DayClosing) -> DayClosing | None:
    """The register's recorded closing with the next higher number."""
    return _of_register(closing).filter(number__gt=closing.number).order_by("number").first()


def _of_register(closing: DayClosing) -> QuerySet[DayClosing]:
    return DayClosing.objects.filter(sales_point=closing.sales_point_id, register=closing.register)


def missing_before(closing: DayClosing) -> tuple[int, int] | None:
    """The first and last number that is missing before a closing; None when it follows on, or is the first known."""
    previous = previous_of(closing)
    if previous is None or previous.number == closing.number - 1:
        return None
    return previous.number + 1, closing.number - 1


def difference_in_grand_total(closing: DayClosing) -> Money | None:
    """How far the till's running total of sales fell since the closing before, zero where it stood still though the
    till sold something; None on a sound till, whose total only ever grows."""
    previous = previous_of(closing)
    now = details_of(closing).grand_total_sales
    before = details_of(previous).grand_total_sales if previous else None
    if now is None or before is None or now.currency != before.currency or now > before:
        return None
    return None if now == before and closing.sales_minor <= 0 else now - before


@transaction.atomic
def accept_missing_numbers(*, closing_id: int, actor: Actor) -> DayClosing:
    """A person says that the numbers missing before a closing do not exist; its voucher is drafted again."""
    closing = DayClosing.objects.select_related("client", "sales_point").get(pk=closing_id)
    missing = missing_before(closing)
    if missing is None:
        raise NotAllowed(f"No number is missing before {closing}.")
    if closing.missing_accepted_by:
        raise NotAllowed(f"{closing.missing_accepted_by} said so already.")
    DayClosing.objects.filter(pk=closing.pk).update(missing_accepted_by=actor.label[:150], updated_at=timezone.now())
    closing.missing_accepted_by = actor.label[:150]
    _audit(closing, "day_closing.missing_accepted", actor, f"There is no Z {missing[0]} to {missing[1]}.")
    if closing.voucher_id:
        mark_dirty(voucher_id=closing.voucher_id)
    ring(closing.client_id)
    return closing


@transaction.atomic
def show_repeat(*, sales_point: SalesPoint, closing: DayClosingDetails) -> None:
    """Keep, beside the closing that counts, other content that came under its number and was refused."""
    row = DayClosing.objects.filter(sales_point=sales_point, register=closing.register, number=closing.number).first()
    given = to_builtins(closing)
    if row is None or row.repeated_details == given:
        return
    DayClosing.objects.filter(pk=row.pk).update(
        repeated_details=given, repeated_at=timezone.now(), updated_at=timezone.now()
    )
    changed = ", ".join(name for name, _, _ in differences(_core(row.details), _core(given)))
    _audit(row, "day_closing.repeated", INTAKE, f"Refused; it differs in {changed}.")


def mark_closing_routed(*, closing: DayClosing, voucher: Voucher | None) -> None:
    """The closing is in a voucher, or has nothing to post."""
    DayClosing.objects.filter(pk=closing.pk).update(state=SaleState.ROUTED, voucher=voucher, updated_at=timezone.now())
    closing.voucher = voucher


def free_closings(*, voucher: Voucher) -> int:
    """Let the closings of a voucher that is out of the books have another one; give how many."""
    rows = DayClosing.objects.filter(voucher=voucher, state=SaleState.ROUTED)
    return rows.update(state=SaleState.RECORDED, voucher=None, updated_at=timezone.now())


def _audit(closing: DayClosing, action: str, actor: Actor, note: str) -> None:
    record(
        action=action,
        actor=actor,
        subject_type="dayclosing",
        subject_id=closing.pk,
        client=closing.client,
        label=str(closing),
        note=note,
    )
