"""The list of vouchers: columns, filters, search. What can be done with them stands in the console, a floor higher."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, SalesPointFilter, SelectFilter, TextFilter, days_of, select_of
from backoffice.clients.scope import clients_shown
from backoffice.common.display import day, money_cell, page_address, start_of_today
from backoffice.vouchers.models import Posting, Voucher, VoucherKind
from backoffice.vouchers.search import vouchers_found
from backoffice.vouchers.states import NEEDS_PERSON, UNDER_WAY
from backoffice.vouchers.words import STATES, state_badge

#: several states under one word, as the desk and the tabs use them
STATE_GROUPS: dict[str, frozenset[str]] = {
    "needs_person": frozenset(NEEDS_PERSON),
    "under_way": frozenset(UNDER_WAY),
}


class StateFilter(SelectFilter):
    """One state, or one of the groups of states."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the groups, then the states."""
        groups = [("needs_person", _("Needs a person")), ("under_way", _("Under way"))]
        return groups + [(state, label) for state, (label, _tone) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen state or group."""
        group = STATE_GROUPS.get(self.value() or "")
        return queryset.filter(state__in=group) if group else super().queryset(request, queryset)


class PostedFilter(SelectFilter):
    """Whether it was posted today, in the installation's time zone."""

    title = _("posted")
    parameter_name = "posted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Today is what the desk asks for."""
        return [("today", _("Today"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what was posted since midnight."""
        return queryset.filter(posted_at__gte=start_of_today()) if self.value() == "today" else queryset


class AccountFilter(TextFilter):
    """Vouchers with a line on a ledger account."""

    title = _("ledger account")
    parameter_name = "account"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those with such a line."""
        lines = Posting.objects.filter(voucher=OuterRef("pk"), ledger_account=self.value())
        return queryset.filter(Exists(lines)) if self.value() else queryset


class VoucherListAdmin(PageAdmin):
    """The list half of the voucher pages. Newest first; every search goes through an index or the chosen client."""

    list_display = (
        "state_cell",
        "day_cell",
        "kind",
        "what_cell",
        "customer_name",
        "total_cell",
        "number_cell",
        "client",
    )
    list_display_links = None
    list_select_related = ("client",)
    list_filter = (
        StateFilter,
        select_of("kind", _("kind"), list(VoucherKind.choices)),
        ClientFilter,
        SalesPointFilter,
        days_of("dated_on"),
        PostedFilter,
        AccountFilter,
    )
    search_fields = ("matching_reference",)
    search_help_text = _("Reference, invoice number, customer or amount")
    ordering = ("-dated_on", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Voucher], search_term: str
    ) -> tuple[QuerySet[Voucher], bool]:
        """Find by number, reference or amount exactly, else by part of the customer's name."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(pk__in=vouchers_found(term, clients_shown(request))), False

    @admin.display(description=_("state"), ordering="state")
    def state_cell(self, voucher: Voucher) -> SafeString:
        """Show the state, leading to the voucher."""
        return format_html('<a href="{}">{}</a>', page_address(voucher), state_badge(voucher.state))

    @admin.display(description=_("date"), ordering="dated_on")
    def day_cell(self, voucher: Voucher) -> SafeString:
        """Show the posting date."""
        return format_html('<span class="bo-num">{}</span>', day(voucher.dated_on))

    @admin.display(description=_("what"))
    def what_cell(self, voucher: Voucher) -> SafeString:
        """Name the voucher, leading to its page."""
        name = voucher.description or voucher.matching_reference or voucher.source_key
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(voucher), name)

    @admin.display(description=_("total"), ordering="total_minor")
    def total_cell(self, voucher: Voucher) -> SafeString:
        """Show the sum of the debits."""
        return money_cell(voucher.total_minor, voucher.currency)

    @admin.display(description=_("number"))
    def number_cell(self, voucher: Voucher) -> str:
        """Show the invoice number, else the voucher number, that came back."""
        return voucher.invoice_number or voucher.number
