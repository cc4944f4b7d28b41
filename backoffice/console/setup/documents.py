"""Forms for what documents need: the seller's details, exchange rates, and what happens by itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.clients.filters import ClientFilter
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.sentences import told
from backoffice.console.setup.audited import AuditedAdmin
from backoffice.invoices.models import DocumentPolicy, HomeRate, SellerProfile
from backoffice.invoices.rates import banks_now
from backoffice.ledger.errors import InvalidIdentifier
from backoffice.ledger.identifiers import parse_bank_account, parse_iban


class SellerForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """Account numbers are checked digit by digit."""

    class Meta:
        model = SellerProfile
        exclude = ()  # noqa: DJ006  # the admin's fieldsets choose

    def clean_bank_account(self) -> str:
        """Take a Norwegian account number, or an IBAN where the country has no other."""
        return _parsed(self.cleaned_data["bank_account"], parse_bank_account, parse_iban)

    def clean_iban(self) -> str:
        """Take an IBAN."""
        return _parsed(self.cleaned_data["iban"], parse_iban)


def _parsed(text: str, *parsers: Any) -> str:
    if not text:
        return ""
    problem = ""
    for parse in parsers:
        try:
            return str(parse(text))
        except InvalidIdentifier as error:
            problem = problem or told(error)
    raise forms.ValidationError(problem)


class SellerAdmin(AuditedAdmin):
    """What documents say about the client."""

    noun = "seller"
    form = SellerForm
    list_display = ("name_cell", "company_form", "is_vat_registered", "city", "bank_account")
    list_display_links = None
    list_select_related = ("client",)
    search_fields = ("client__name",)
    fieldsets = (
        (None, {"fields": ("client", "company_form", "is_vat_registered", "is_in_liquidation")}),
        (_("Address"), {"fields": ("address_line1", "address_line2", "postal_code", "city")}),
        (_("Contact"), {"fields": ("email", "phone", "website")}),
        (_("Payment"), {"fields": ("bank_account", "iban", "bic", "payment_terms_days")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Details stay with their client."""
        return ("client",) if obj else ()

    @admin.display(description=_("client"), ordering="client__name")
    def name_cell(self, row: SellerProfile) -> SafeString:
        """Lead to the form."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), row.client.name)


class RateAdmin(AuditedAdmin):
    """Exchange rates: entered once, never changed, since documents stand on them."""

    noun = "home_rate"
    edit_right = Right.EDIT
    change_list_template = "console/rates.html"
    list_display = ("rated_on", "currency", "rate", "source", "client")
    list_display_links = None
    list_select_related = ("client",)
    list_filter = (ClientFilter,)
    fields = ("client", "currency", "rated_on", "rate", "source")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show beside them what the banks published."""
        currencies = clients_of(person(request)).order_by("currency").values_list("currency", flat=True).distinct()
        more = {
            "banks": banks_now(currencies),
            "list_intro": _("What is entered here counts for its day; a rate published for a later day replaces it."),
        }
        found: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **more})
        return found

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a document may stand on stays; adding asks for the right itself."""
        return obj is None and super().has_change_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Bookkeepers enter rates."""
        return self._has(request, Right.EDIT, None)


class PolicyAdmin(AuditedAdmin):
    """What happens by itself with the documents of a sales point."""

    noun = "document_policy"
    client_path = "sales_point__client"
    list_display = ("name_cell", "makes_paid_invoices", "emails_customer", "attaches_to_voucher")
    list_display_links = None
    list_select_related = ("sales_point__client",)
    fields = ("sales_point", "makes_paid_invoices", "emails_customer", "attaches_to_voucher")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A policy stays with its sales point."""
        return ("sales_point",) if obj else ()

    @admin.display(description=_("sales point"), ordering="sales_point__name")
    def name_cell(self, row: DocumentPolicy) -> SafeString:
        """Lead to the form."""
        point = row.sales_point
        return format_html('<a class="bo-link" href="{}">{} · {}</a>', page_address(row), point.client, point)


#: model and its form, for the registry
FORMS: tuple[tuple[Any, type[AuditedAdmin]], ...] = (
    (SellerProfile, SellerAdmin),
    (HomeRate, RateAdmin),
    (DocumentPolicy, PolicyAdmin),
)
