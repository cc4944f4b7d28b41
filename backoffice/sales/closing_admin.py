"""Day closings as a list; a row opens its page with figures, what is missing before it, and its voucher."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.clients.filters import ClientFilter, SalesPointFilter, days_of, select_of
from backoffice.common.display import badge, money_cell, page_address
from backoffice.sales.admin import RecordedAdmin, changed_fields
from backoffice.sales.closings import details_of, difference_in_grand_total, missing_before
from backoffice.sales.models import DayClosing, SaleState


class DayClosingAdmin(RecordedAdmin):
    """Day closings, newest first."""

    list_display = ("number_cell", "closed_on", "sales_cell", "gap_cell", "voucher_cell", "sales_point", "client")
    list_filter = (
        select_of("state", _("state"), list(SaleState.choices)),
        ClientFilter,
        SalesPointFilter,
        days_of("closed_on"),
    )
    search_help_text = _("Register or amount")
    search_fields = ("register",)
    exact_fields = ("register",)
    reference_field = "register"
    amount_field = "sales_minor"
    page_template = "console/day_closing.html"
    ordering = ("-closed_at", "-id")

    def page_context(self, request: HttpRequest, obj: DayClosing) -> dict[str, Any]:
        """Give the figures, and everything that a person should see."""
        return {
            "closing": obj,
            "details": details_of(obj),
            "missing": missing_before(obj),
            "fallen": difference_in_grand_total(obj),
            "other_version": changed_fields(obj.details, obj.repeated_details),
        }

    @admin.display(description=_("Z report"), ordering="number")
    def number_cell(self, row: DayClosing) -> SafeString:
        """Name the closing, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), str(row))

    @admin.display(description=_("sales incl. VAT"), ordering="sales_minor")
    def sales_cell(self, row: DayClosing) -> SafeString:
        """Show what was sold."""
        return money_cell(row.sales_minor, row.currency)

    @admin.display(description=_("number"))
    def gap_cell(self, row: DayClosing) -> SafeString | str:
        """Say when numbers are missing before it, or when its number came again."""
        if row.repeated_at:
            return badge(_("came again"), "warn")
        if missing_before(row):
            return badge(_("gap accepted"), "quiet") if row.missing_accepted_by else badge(_("gap"), "warn")
        return "–"
