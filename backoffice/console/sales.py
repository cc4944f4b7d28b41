"""Sales and refunds that need a person: what can be done is on their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor
from backoffice.clients.models import InvoiceIssuer
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.console.documents import documents_of
from backoffice.console.vouchers.acts import why_not
from backoffice.sales.admin import RefundAdmin, SaleAdmin
from backoffice.sales.models import Refund, Sale, SaleState
from backoffice.sales.services import dealt_with, mark_delivered
from backoffice.vouchers.services import NotAllowed
from backoffice.workflows.credits import ROUNDING_POSITION
from backoffice.workflows.services import accept_split, enter_credit_note_number, refund_again, route_again

KINDS: dict[str, type[Sale] | type[Refund]] = {"sale": Sale, "refund": Refund}


def _may_act(request: HttpRequest, row: Sale | Refund) -> bool:
    return clients_of(person(request), Right.EDIT).filter(pk=row.client_id).exists()


def _issues_itself(refund: Refund) -> bool:
    return refund.sales_point.invoice_issuer == InvoiceIssuer.SALES_SYSTEM


def _credited(refund: Refund) -> list[tuple[str, int]]:
    """Name what is credited of each part of the sale; the tip and the rounding are no lines of it."""
    texts = {line.position: line.description for line in refund.sale.lines.all()} if refund.sale else {}
    texts |= {0: _("Tip"), ROUNDING_POSITION: _("Rounding")}
    return [(texts.get(share["position"], ""), share["gross_minor"]) for share in refund.shares]


class SalePage(SaleAdmin):
    """Sales, with what can be done when one needs a person."""

    def page_context(self, request: HttpRequest, obj: Sale) -> dict[str, Any]:
        """Add the acts for those who may."""
        needs = obj.state == SaleState.NEEDS_PERSON and _may_act(request, obj)
        return super().page_context(request, obj) | {
            "row": obj,
            "kind": "sale",
            "may_deal": needs,
            "may_route": needs and obj.voucher_id is None,
            "may_deliver": obj.state == SaleState.WAITING and _may_act(request, obj),
            **documents_of(request, sale=obj),
        }


class RefundPage(RefundAdmin):
    """Refunds, with what can be done when one needs a person."""

    def page_context(self, request: HttpRequest, obj: Refund) -> dict[str, Any]:
        """Add the acts for those who may."""
        needs = obj.state == SaleState.NEEDS_PERSON and _may_act(request, obj)
        may_decide = needs and obj.voucher_id is None
        return super().page_context(request, obj) | {
            "row": obj,
            "kind": "refund",
            **(documents_of(request, sale=obj.sale, refund=obj) if obj.sale else {}),
            "may_deal": needs,
            "may_route": may_decide and not obj.proposed_split,
            "may_split": may_decide and bool(obj.proposed_split),
            "may_number": may_decide and not obj.credit_note_number and _issues_itself(obj),
            "split": obj.proposed_split,
            "credited": _credited(obj),
            "payments": list(obj.payments.select_related("voucher")),
        }


def act_on_sale(request: HttpRequest, kind: str, pk: int, verb: str) -> HttpResponse:
    """Run one act on a sale or refund and come back to its page."""
    if kind not in KINDS or (kind, verb) not in DOERS:
        raise Http404(f"{kind} {verb}")
    mine = clients_of(person(request))
    row: Any = get_object_or_404(KINDS[kind], pk=pk, client__in=mine)
    if request.method != "POST":
        return redirect(page_address(row))
    if not _may_act(request, row):
        raise PermissionDenied
    try:
        messages.success(request, DOERS[kind, verb](request, row, Actor.person(person(request))))
    except (NotAllowed, StaleState, IllegalMove) as error:
        messages.error(request, why_not(error))
    return HttpResponseRedirect(page_address(row))


def _dealt_with(request: HttpRequest, row: Any, actor: Actor) -> str:
    note = request.POST.get("note", "").strip()
    if not note:
        raise NotAllowed(_("Say how it was dealt with, so that others understand it later."))
    if row.state != SaleState.NEEDS_PERSON:
        raise NotAllowed(_("It does not need a person any more."))
    dealt_with(row=row, actor=actor, note=note[:500])
    return _("It is marked as dealt with.")


def _route_again(request: HttpRequest, row: Any, actor: Actor) -> str:
    sale = route_again(sale_id=row.pk, actor=actor)
    if sale.state == SaleState.NEEDS_PERSON:
        return _("Its route is still not clear. What is missing stands on its page.")
    return _("Its route is clear now.")


def _refund_again(request: HttpRequest, row: Any, actor: Actor) -> str:
    return _said(refund_again(refund_id=row.pk, actor=actor))


def _accept_split(request: HttpRequest, row: Any, actor: Actor) -> str:
    return _said(accept_split(refund_id=row.pk, actor=actor))


def _enter_number(request: HttpRequest, row: Any, actor: Actor) -> str:
    return _said(enter_credit_note_number(refund_id=row.pk, number=request.POST.get("number", ""), actor=actor))


def _said(refund: Refund) -> str:
    if refund.state == SaleState.NEEDS_PERSON:
        return _("It still needs a person. What is missing stands on its page.")
    return _("Its credit note is drafted.") if refund.voucher_id else _("It goes on by itself.")


def _delivered(request: HttpRequest, row: Any, actor: Actor) -> str:
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError as error:
        raise NotAllowed(_("Write the day as YYYY-MM-DD.")) from error
    mark_delivered(sale_id=row.pk, on=on, actor=actor)
    return _("Its invoice is drafted in a moment.")


DOERS: dict[tuple[str, str], Callable[[HttpRequest, Any, Actor], str]] = {
    ("sale", "dealt_with"): _dealt_with,
    ("refund", "dealt_with"): _dealt_with,
    ("sale", "route_again"): _route_again,
    ("sale", "delivered"): _delivered,
    ("refund", "route_again"): _refund_again,
    ("refund", "accept_split"): _accept_split,
    ("refund", "enter_number"): _enter_number,
}
