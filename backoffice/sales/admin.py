"""Sales, payments and refunds as lists; their rows open pages that only read and lead across."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, SalesPointFilter, SelectFilter, TextFilter, days_of, select_of
from backoffice.clients.models import SalesPoint
from backoffice.clients.scope import clients_shown
from backoffice.common.display import badge, link, money_cell, page_address
from backoffice.sales.models import Payment, Refund, Sale, SaleState
from backoffice.vouchers.search import MAX_FOUND, amount_of

TONES = {
    SaleState.RECORDED: "info",
    SaleState.ROUTED: "good",
    SaleState.NEEDS_PERSON: "warn",
    SaleState.CANCELLED: "quiet",
}


def sale_state_badge(row: Sale | Refund) -> SafeString:
    """Show where a sale or refund stands."""
    return badge(row.get_state_display(), TONES.get(SaleState(row.state), "quiet"))


class RecordedAdmin(PageAdmin):
    """What the three lists share."""

    list_display_links = None
    list_select_related: tuple[str, ...] = ("client", "sales_point", "voucher")
    change_list_template = "console/list.html"
    search_help_text = _("Reference, customer or amount")
    amount_field = "total_minor"
    reference_field = "reference"
    #: look-ups that equal what was typed, each through an index of its own
    exact_fields: tuple[str, ...] = ()
    #: look-ups that contain what was typed, tried when nothing equals it
    text_fields: tuple[str, ...] = ()
    search_fields = ("reference",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by reference or amount exactly, else by part of a name; each look-up is a query of its own."""
        term = search_term.strip()
        if not term:
            return queryset, False
        mine = list(clients_shown(request).values_list("pk", flat=True))
        points = list(SalesPoint.objects.filter(client__in=mine).values_list("pk", flat=True))
        exact = [Q(sales_point__in=points, **{self.reference_field: term})]
        exact += [Q(client__in=mine, **{name: term}) for name in self.exact_fields]
        amount = amount_of(term)
        if amount is not None:
            exact.append(Q(client__in=mine, **{self.amount_field: amount}))
        found = self._ids(exact) or self._ids(
            [Q(client__in=mine, **{f"{name}__icontains": term}) for name in self.text_fields]
        )
        return queryset.filter(pk__in=found), False

    def _ids(self, conditions: list[Q]) -> list[int]:
        found: set[int] = set()
        for condition in conditions:
            rows = self.model._default_manager.filter(condition).order_by()
            found.update(rows.values_list("pk", flat=True)[:MAX_FOUND])
        return sorted(found)

    @admin.display(description=_("reference"), ordering="reference")
    def reference_cell(self, row: Any) -> SafeString:
        """Name the row, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), row.reference)

    @admin.display(description=_("voucher"))
    def voucher_cell(self, row: Any) -> SafeString | str:
        """Lead to the voucher."""
        return link(row.voucher, row.voucher.get_kind_display()) if row.voucher else "–"

    @admin.display(description=_("state"), ordering="state")
    def state_cell(self, row: Any) -> SafeString:
        """Show where it stands."""
        return sale_state_badge(row)


class SaleAdmin(RecordedAdmin):
    """Sales, newest first."""

    list_display = (
        "state_cell", "reference_cell", "sold_on", "customer_name", "total_cell", "invoice_number", "voucher_cell",
        "sales_point", "client",
    )  # fmt: skip
    list_filter = (
        select_of("state", _("state"), list(SaleState.choices)),
        ClientFilter,
        SalesPointFilter,
        days_of("sold_on"),
    )
    exact_fields = ("matching_reference", "invoice_number")
    text_fields = ("customer_name", "customer_email")
    page_template = "console/sale.html"
    ordering = ("-sold_at", "-id")

    def page_context(self, request: HttpRequest, obj: Sale) -> dict[str, Any]:
        """Give everything that hangs on the sale."""
        return {
            "sale": obj,
            "state": sale_state_badge(obj),
            "lines": list(obj.lines.all()),
            "payments": list(obj.payments.select_related("voucher")),
            "refunds": list(obj.refunds.select_related("voucher")),
            "deliveries": list(obj.voucher.deliveries) if obj.voucher else [],
            "other_version": changed_fields(obj.details, obj.pending_details),
        }

    @admin.display(description=_("total"), ordering="total_minor")
    def total_cell(self, sale: Sale) -> SafeString:
        """Show what the customer owed."""
        return money_cell(sale.total_minor, sale.currency)


def changed_fields(stored: dict[str, Any], pending: dict[str, Any] | None) -> list[tuple[str, Any, Any]]:
    """Name the fields in which a later version differs from the one that counts."""
    if not pending:
        return []
    names = [name for name in pending if pending[name] != stored.get(name)]
    return [(name, stored.get(name), pending[name]) for name in names]


class PlaceFilter(SelectFilter):
    """Whether a payment has found its sale and its voucher."""

    title = _("place")
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List where a payment can be."""
        return [("waiting", _("Waits for its sale")), ("placed", _("In a voucher")), ("cancelled", _("Cancelled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those in the chosen place."""
        places = {
            "waiting": Q(sale=None, voucher=None, is_cancelled=False),
            "placed": Q(voucher__isnull=False),
            "cancelled": Q(is_cancelled=True),
        }
        return queryset.filter(places[self.value() or ""]) if self.value() in places else queryset


class MethodFilter(TextFilter):
    """Payments by one method."""

    title = _("payment method")
    parameter_name = "method"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those by the method."""
        return queryset.filter(method=self.value()) if self.value() else queryset


class PaymentAdmin(RecordedAdmin):
    """Payments, newest first."""

    list_display = (
        "reference_cell", "paid_on", "method", "amount_cell", "sale_cell", "voucher_cell", "sales_point", "client",
    )  # fmt: skip
    list_select_related = ("client", "sales_point", "voucher", "sale")
    list_filter = (PlaceFilter, MethodFilter, ClientFilter, SalesPointFilter, days_of("paid_on"))
    search_help_text = _("Reference, sale or amount")
    exact_fields = ("matching_reference", "provider_reference", "sale_reference")
    amount_field = "amount_minor"
    page_template = "console/payment.html"
    ordering = ("-paid_at", "-id")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """A voucher's page links to all of its payments."""
        return lookup == "voucher" or super().lookup_allowed(lookup, value, request)

    def page_context(self, request: HttpRequest, obj: Payment) -> dict[str, Any]:
        """Give the payment by its name."""
        return {"payment": obj, "deliveries": list(obj.voucher.deliveries) if obj.voucher else []}

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount_cell(self, payment: Payment) -> SafeString:
        """Show the amount; negative is money back."""
        return money_cell(payment.amount_minor, payment.currency)

    @admin.display(description=_("sale"))
    def sale_cell(self, payment: Payment) -> SafeString | str:
        """Lead to the sale, or say that it has not come."""
        if payment.sale:
            return link(payment.sale)
        return badge(_("cancelled"), "quiet") if payment.is_cancelled else badge(_("not arrived"), "warn")


class RefundAdmin(RecordedAdmin):
    """Refunds, newest first."""

    list_display = (
        "state_cell", "reference_cell", "refunded_on", "sale_cell", "amount_cell", "reason", "voucher_cell", "client",
    )  # fmt: skip
    list_select_related = ("client", "sales_point", "voucher", "sale")
    list_filter = (
        select_of("state", _("state"), list(SaleState.choices)),
        ClientFilter,
        SalesPointFilter,
        days_of("refunded_on"),
    )
    exact_fields = ("sale_reference",)
    amount_field = "amount_minor"
    page_template = "console/refund.html"
    ordering = ("-refunded_at", "-id")

    def page_context(self, request: HttpRequest, obj: Refund) -> dict[str, Any]:
        """Give the refund with its lines as they came."""
        return {"refund": obj, "state": sale_state_badge(obj), "lines": obj.details.get("lines", [])}

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount_cell(self, refund: Refund) -> SafeString:
        """Show what came back, VAT included."""
        return money_cell(refund.amount_minor, refund.currency)

    @admin.display(description=_("sale"))
    def sale_cell(self, refund: Refund) -> SafeString | str:
        """Lead to the sale."""
        return link(refund.sale) if refund.sale else refund.sale_reference
