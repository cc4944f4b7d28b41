"""Payouts and the provider's rows as lists, newest first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, SelectFilter, days_of, select_of
from backoffice.clients.scope import clients_shown
from backoffice.common.display import badge, link, money_cell, page_address
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount
from backoffice.settlements.states import PayoutState
from backoffice.settlements.words import KINDS, STATES, state_badge
from backoffice.vouchers.search import MAX_FOUND, amount_of

MAX_ACCOUNTS = 300


class AccountFilter(SelectFilter):
    """One of the provider accounts of the clients shown."""

    title = _("provider account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List them; more than fit a drop-down are found by search."""
        shown = clients_shown(request)
        rows = ProviderAccount.objects.filter(client__in=shown).select_related("client")[: MAX_ACCOUNTS + 1]
        labels = [(str(row.pk), f"{row.client} · {row}") for row in rows]
        return labels if 1 < len(labels) <= MAX_ACCOUNTS else []


class PayoutPersonFilter(SelectFilter):
    """Payouts that a person must look at."""

    title = _("needs a person")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Only those, or all."""
        return [("person", _("needs a person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those that are not explained, and posted ones of which something came later."""
        needs = Q(state=PayoutState.DISCREPANCY) | Q(state=PayoutState.POSTED) & ~Q(because="")
        return queryset.filter(needs) if self.value() == "person" else queryset


class PersonFilter(SelectFilter):
    """Rows that a person must look at."""

    title = _("needs a person")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Only those, or all."""
        return [("person", _("needs a person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows with something to say."""
        return queryset.exclude(needs_person_because="") if self.value() == "person" else queryset


class FoundByReference(PageAdmin):
    """What both lists share: found by reference or amount, each look-up through an index of its own."""

    list_display_links = None
    change_list_template = "console/list.html"
    search_help_text = _("Reference or amount")
    search_fields = ("reference",)
    exact_fields: tuple[str, ...] = ("reference",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what equals the text or the amount."""
        term = search_term.strip()
        if not term:
            return queryset, False
        mine = list(ProviderAccount.objects.filter(client__in=clients_shown(request)).values_list("pk", flat=True))
        conditions = [Q(account__in=mine, **{name: term}) for name in self.exact_fields]
        amount = amount_of(term)
        if amount is not None:
            conditions += [Q(account__in=mine, amount_minor=sign * amount) for sign in (1, -1)]
        found: set[int] = set()
        for condition in conditions:
            rows = self.model._default_manager.filter(condition).order_by()
            found.update(rows.values_list("pk", flat=True)[:MAX_FOUND])
        return queryset.filter(pk__in=sorted(found)), False


class PayoutAdmin(FoundByReference):
    """Payouts."""

    list_display = ("state_cell", "reference_cell", "paid_on", "account", "amount_cell", "voucher_cell", "client")
    list_select_related = ("client", "account", "voucher")
    list_filter = (
        PayoutPersonFilter,
        select_of("state", _("state"), [(state, label) for state, (label, _tone) in STATES.items()]),
        ClientFilter,
        AccountFilter,
        days_of("paid_on"),
    )
    page_template = "console/payout.html"
    ordering = ("-paid_on", "-id")

    @admin.display(description=_("state"), ordering="state")
    def state_cell(self, row: Payout) -> SafeString:
        """Show where it stands."""
        return state_badge(row.state)

    @admin.display(description=_("payout"), ordering="reference")
    def reference_cell(self, row: Payout) -> SafeString:
        """Name it, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), row.reference)

    @admin.display(description=_("paid out"), ordering="amount_minor")
    def amount_cell(self, row: Payout) -> SafeString:
        """Show what was paid out."""
        return money_cell(row.amount_minor, row.currency)

    @admin.display(description=_("voucher"))
    def voucher_cell(self, row: Payout) -> SafeString | str:
        """Lead to the voucher."""
        return link(row.voucher, row.voucher.get_kind_display()) if row.voucher else "–"


class PayoutEntryAdmin(FoundByReference):
    """The provider's rows."""

    client_path = "account__client"
    list_display = ("key_cell", "booked_on", "kind_cell", "reference", "amount_cell", "payout_cell", "account")
    list_select_related = ("account__client", "payout")
    list_filter = (
        PersonFilter,
        select_of("kind", _("kind"), list(KINDS.items())),
        ClientFilter,
        AccountFilter,
        days_of("booked_on"),
    )
    exact_fields = ("reference", "provider_reference", "key", "payout_reference")
    page_template = "console/payout_entry.html"
    ordering = ("-booked_on", "-id")

    @admin.display(description=_("row"), ordering="key")
    def key_cell(self, row: PayoutEntry) -> SafeString:
        """Name it, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), row.key)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_cell(self, row: PayoutEntry) -> SafeString | str:
        """Say what it is; one that needs a person stands out."""
        label = KINDS[row.effective_kind]
        return badge(label, "warn") if row.needs_person_because else str(label)

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount_cell(self, row: PayoutEntry) -> SafeString:
        """Show what it moves the provider's balance by."""
        return money_cell(row.amount_minor, row.account.currency)

    @admin.display(description=_("payout"))
    def payout_cell(self, row: PayoutEntry) -> SafeString | str:
        """Lead to the payout that settles it."""
        return link(row.payout) if row.payout else row.payout_reference or "–"


class ProviderAccountAdmin(PageAdmin):
    """Accounts with payment providers; they appear with the first report or file."""

    list_display = ("name_cell", "method", "sales_point", "connection", "client")
    list_display_links = None
    list_select_related = ("client", "sales_point", "connection")
    list_filter = (ClientFilter,)
    change_list_template = "console/list.html"
    search_fields = ("external_id", "provider", "method")
    search_help_text = _("Provider, account or payment method")
    page_template = "console/payout_account.html"
    ordering = ("client__name", "provider", "external_id")

    @admin.display(description=_("provider account"), ordering="provider")
    def name_cell(self, row: ProviderAccount) -> SafeString:
        """Name it, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), row)
