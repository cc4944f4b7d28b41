"""Approve many vouchers: first a summary of what would be sent and what is left out, then, on its button, the act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.audit.services import Actor
from backoffice.clients.models import User
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, approval_limit_minor, clients_of
from backoffice.common.display import money
from backoffice.common.sentences import told
from backoffice.vouchers import services
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import VoucherState
from backoffice.vouchers.words import STATES

#: one page of approvals; more are approved in several goes
MAX_AT_ONCE = 1_000


@dataclass
class KindSum:
    """How many vouchers of a kind and currency, and their sum in minor units."""

    label: str
    currency: str
    count: int = 0
    total_minor: int = 0


@dataclass
class Summary:
    """What would be approved, and what is left out and why."""

    included: list[Voucher] = field(default_factory=list)
    excluded: list[tuple[Voucher, str]] = field(default_factory=list)

    @property
    def sums(self) -> list[KindSum]:
        """Add up per kind and currency."""
        sums: dict[tuple[str, str], KindSum] = {}
        for voucher in self.included:
            label = str(voucher.get_kind_display())
            one = sums.setdefault((label, voucher.currency), KindSum(label, voucher.currency))
            one.count += 1
            one.total_minor += voucher.total_minor
        return [sums[key] for key in sorted(sums)]


def summarise(vouchers: Iterable[Voucher], user: User) -> Summary:
    """Sort vouchers into those that the person can approve and those that are left out, with the reason."""
    summary = Summary()
    may = set(clients_of(user, Right.APPROVE).values_list("pk", flat=True))
    limits: dict[int, int | None] = {}
    for voucher in vouchers:
        if voucher.client_id in may and voucher.client_id not in limits:
            limits[voucher.client_id] = approval_limit_minor(user, voucher.client)
        why = _why_left_out(voucher, user, may, limits.get(voucher.client_id))
        if why:
            summary.excluded.append((voucher, why))
        else:
            summary.included.append(voucher)
    return summary


def _why_left_out(voucher: Voucher, user: User, may: set[int], limit: int | None) -> str:
    if voucher.client_id not in may:
        return _("Your role at this client does not approve.")
    if voucher.state != VoucherState.AWAITING_APPROVAL:
        return _("It is not waiting for approval: %(state)s.") % {"state": STATES[voucher.state][0]}
    if voucher.client.four_eyes and voucher.edited_by_id == user.pk:
        return _("You changed it; somebody else must approve it.")
    if limit is not None and voucher.total_minor > limit:
        return _("You may approve up to %(limit)s.") % {"limit": money(limit, voucher.currency)}
    return ""


def summary_page(request: HttpRequest, site: AdminSite, queryset: QuerySet[Voucher]) -> HttpResponse:
    """Show what would be approved."""
    vouchers = list(queryset.select_related("client", "sales_point")[:MAX_AT_ONCE])
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Approve many"),
        "summary": summarise(vouchers, person(request)),
    }
    return TemplateResponse(request, "console/approve_many.html", context)


def approve_selected(request: HttpRequest) -> HttpResponse:
    """Approve what the summary showed; each voucher's fingerprint travels with it."""
    back = redirect("admin:vouchers_voucher_changelist")
    if request.method != "POST":
        return back
    selection = {}
    mine = set(map(str, _mine(request, request.POST.getlist("voucher"))))
    for key in request.POST.getlist("voucher")[:MAX_AT_ONCE]:
        if key in mine:
            selection[int(key)] = request.POST.get(f"seen_{key}", "") or "unseen"
    result = services.approve_many(selection=selection, actor=Actor.person(person(request)))
    if result.done:
        text = ngettext("%(count)s voucher approved.", "%(count)s vouchers approved.", len(result.done))
        messages.success(request, text % {"count": len(result.done)})
    _tell_refused(request, result.refused)
    return back


def _mine(request: HttpRequest, keys: Iterable[str]) -> Iterable[int]:
    wanted = [int(key) for key in keys if key.isdecimal()][:MAX_AT_ONCE]
    mine = clients_of(person(request), Right.APPROVE)
    return Voucher.objects.filter(pk__in=wanted, client__in=mine).values_list("pk", flat=True)


def _tell_refused(request: HttpRequest, refused: list[tuple[int, str]]) -> None:
    by_reason: dict[str, int] = defaultdict(int)
    for _voucher_id, why in refused:
        by_reason[why] += 1
    for why, count in by_reason.items():
        text = ngettext("%(count)s not approved: %(why)s", "%(count)s not approved: %(why)s", count)
        messages.warning(request, text % {"count": count, "why": told(why)})
