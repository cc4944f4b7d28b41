"""The state of a sale or refund: the only writers, each telling the audit trail what a person must know."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.connections.queue import ring
from backoffice.sales.models import Refund, Sale, SaleState
from backoffice.vouchers.services import NotAllowed


def mark_routed(*, row: Sale | Refund, voucher_id: int | None, note: str = "") -> None:
    """The sale or refund has its voucher, or rightly none of its own; note says why then."""
    _mark(row, SaleState.ROUTED, voucher_id=voucher_id, needs_person_because="", note=note)


def mark_waiting(*, row: Sale | Refund, note: str) -> None:
    """A sale or refund waits for something that comes by itself; note is a full sentence that says for what."""
    is_news = row.state != SaleState.WAITING or row.note != note
    _mark(row, SaleState.WAITING, needs_person_because="", note=note)
    if is_news:
        tell(row, f"{row._meta.model_name}.waits", note)


def _mark(row: Sale | Refund, state: SaleState, **values: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(state=state, **values, updated_at=timezone.now())
    for name, value in {"state": state, **values}.items():
        setattr(row, name, value)


@transaction.atomic
def mark_delivered(*, sale_id: int, on: date, actor: Actor) -> Sale:
    """A person says on which day a sale that waits for it was delivered; what follows is drafted in the next round."""
    sale = Sale.objects.select_related("client").get(pk=sale_id)
    if sale.state != SaleState.WAITING:
        raise NotAllowed("Only a sale that waits for its delivery can be marked as delivered.")
    if on < sale.sold_on:
        raise NotAllowed(f"It was sold on {sale.sold_on}; it cannot have been delivered before.")
    _mark(sale, SaleState.RECORDED, delivered_on=on, note="")
    record(
        action="sale.delivered",
        actor=actor,
        subject_type="sale",
        subject_id=sale.pk,
        client=sale.client,
        label=sale.reference,
        note=str(on),
    )
    ring(sale.client_id)
    return sale


def mark_needs_person(*, row: Sale | Refund, why: str, **values: Any) -> None:
    """A person must look at a sale or refund; why is a full sentence that says what to do."""
    _mark(row, SaleState.NEEDS_PERSON, needs_person_because=why, note="", **values)
    tell(row, f"{row._meta.model_name}.needs_person", why)


def mark_recorded(row: Sale | Refund, **values: Any) -> None:
    """Put a sale or refund back to be looked at from the beginning, after what stopped it was mended."""
    _mark(row, SaleState.RECORDED, **{"needs_person_because": "", **values})


def route_sale_again(*, sale: Sale, actor: Actor) -> None:
    """A person asks for a sale's route again, after the sales point's answers were mended."""
    mark_recorded(sale)
    record(
        action="sale.routed_again",
        actor=actor,
        subject_type="sale",
        subject_id=sale.pk,
        client=sale.client,
        label=sale.reference,
    )


def mark_cancelled(*, sale: Sale, why: str) -> None:
    """The sales system cancelled the sale before anything was posted."""
    _mark(sale, SaleState.CANCELLED, needs_person_because="")
    tell(sale, "sale.cancelled", why)


def dealt_with(*, row: Sale | Refund, actor: Actor, note: str) -> None:
    """A person says that what needed them is done; the note says how."""
    to = SaleState.ROUTED if row.voucher_id else SaleState.CANCELLED
    type(row).objects.filter(pk=row.pk, state=SaleState.NEEDS_PERSON).update(state=to, needs_person_because="")
    record(
        action=f"{row._meta.model_name}.dealt_with",
        actor=actor,
        subject_type=str(row._meta.model_name),
        subject_id=row.pk,
        client=row.client,
        label=row.reference,
        note=note,
    )


def tell(row: Sale | Refund, action: str, note: str) -> None:
    """Tell the audit trail what happened to a sale or refund on its way in."""
    record(
        action=action,
        actor=Actor.system("intake"),
        subject_type=str(row._meta.model_name),
        subject_id=row.pk,
        client=row.client,
        label=row.reference,
        note=note,
    )
