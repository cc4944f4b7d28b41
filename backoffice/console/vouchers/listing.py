"""The voucher list with its tabs and bulk acts, and the voucher's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.audit.services import Actor
from backoffice.clients.admin_base import MAX_COUNTED_ROWS
from backoffice.clients.scope import clients_shown, person
from backoffice.clients.selectors import Right
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.console.vouchers.acts import SEEN, why_not
from backoffice.console.vouchers.approve_many import summary_page
from backoffice.console.vouchers.buttons import rights_of
from backoffice.console.vouchers.changes import changes_since
from backoffice.console.vouchers.page import voucher_context
from backoffice.vouchers import services
from backoffice.vouchers.admin import STATE_GROUPS, VoucherListAdmin
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import VoucherState as V
from backoffice.vouchers.words import STATES
from backoffice.workflows.services import rebuild_voucher

TABS: tuple[str, ...] = ("needs_person", V.AWAITING_APPROVAL, V.BLOCKED, V.FAILED, V.IN_DOUBT, V.DRAFT, V.POSTED, "")
#: tabs whose number tells how much work there is; the others would only count what is done
COUNTED = ("needs_person", V.AWAITING_APPROVAL, V.BLOCKED, V.FAILED, V.IN_DOUBT)


class VoucherAdmin(VoucherListAdmin):
    """Vouchers as the console shows them."""

    change_list_template = "console/list.html"
    page_template = "console/voucher.html"
    actions = ("approve_many", "hold_many", "resend_many", "rebuild_many")

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Gather the page; after an approval of something that had changed, say what changed."""
        context = voucher_context(request, obj)
        seen = request.session.get(SEEN, {}).get(str(obj.pk))
        if seen is not None:
            del request.session[SEEN]
            context["changes"] = changes_since(obj, seen)
            context["has_changed"] = True
        return context

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list under its tabs."""
        context = {"tabs": tabs(request), "empty_text": _("No vouchers yet. They appear when sales arrive.")}
        return super().changelist_view(request, context | (extra_context or {}))  # type: ignore[no-any-return]  # unfold

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer nothing to those who only read."""
        actions: dict[str, Any] = super().get_actions(request)
        if not self._has(request, Right.EDIT, None):
            actions = {name: one for name, one in actions.items() if name == "approve_many"}
        if not self._has(request, Right.APPROVE, None):
            actions.pop("approve_many", None)
        return actions

    @admin.action(description=gettext_lazy("Approve … (shows a summary first)"))
    def approve_many(self, request: HttpRequest, queryset: QuerySet[Voucher]) -> HttpResponse:
        """Show the summary; its button approves."""
        return summary_page(request, self.admin_site, queryset)

    @admin.action(description=gettext_lazy("Hold"))
    def hold_many(self, request: HttpRequest, queryset: QuerySet[Voucher]) -> None:
        """Put them aside."""
        self._each(request, queryset, services.hold, reason=_("Held together with others from the list"))

    @admin.action(description=gettext_lazy("Resend what failed"))
    def resend_many(self, request: HttpRequest, queryset: QuerySet[Voucher]) -> None:
        """Send failed ones again."""
        self._each(request, queryset, services.resend)

    @admin.action(description=gettext_lazy("Rebuild with today's mapping"))
    def rebuild_many(self, request: HttpRequest, queryset: QuerySet[Voucher]) -> None:
        """Make them anew from their sources."""
        self._each(request, queryset, rebuild_voucher)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Voucher], service: Callable[..., Any], **keywords: Any
    ) -> None:
        actor, done, refused = Actor.person(person(request)), 0, []
        for voucher in queryset.select_related("client"):
            try:
                if Right.EDIT not in rights_of(person(request), voucher):
                    raise services.NotAllowed(_("Your role at this client only reads."))
                service(voucher_id=voucher.pk, actor=actor, **keywords)
            except (services.NotAllowed, IllegalMove, StaleState) as error:
                refused.append(f"{voucher}: {why_not(error)}")
            else:
                done += 1
        if done:
            messages.success(request, _("Done for %(count)s.") % {"count": done})
        for line in refused[:5]:
            messages.warning(request, line)
        if len(refused) > 5:
            messages.warning(request, _("And %(count)s more.") % {"count": len(refused) - 5})


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The views above the list; those that mean work carry how much, counted only so far."""
    address = reverse("admin:vouchers_voucher_changelist")
    chosen = request.GET.get("state", "")
    names: dict[str, Any] = {state: label for state, (label, _tone) in STATES.items()}
    names |= {"": _("All"), "needs_person": _("Needs a person")}
    return [
        {
            "href": f"{address}?state={name}" if name else address,
            "label": names[name],
            "count": _count(request, name) if name in COUNTED else 0,
            "is_active": chosen == name,
        }
        for name in TABS
    ]


def _count(request: HttpRequest, name: str) -> str:
    states = STATE_GROUPS.get(name, frozenset({name}))
    found = Voucher.objects.filter(client__in=clients_shown(request), state__in=states).order_by()
    count = found[: MAX_COUNTED_ROWS + 1].count()
    return f"{MAX_COUNTED_ROWS}+" if count > MAX_COUNTED_ROWS else str(count or "")
