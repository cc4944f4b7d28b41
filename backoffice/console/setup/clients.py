"""Clients, their sales points and keys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor, record
from backoffice.clients.filters import ClientFilter
from backoffice.clients.models import ApiKey, Client, SalesPoint
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.clients.services import create_api_key, revoke_api_key
from backoffice.common.display import badge, page_address
from backoffice.console.setup.audited import AuditedAdmin
from backoffice.console.setup.fields import DIMENSION_FIELDS, SalesPointForm


def active_badge(is_active: bool) -> SafeString:
    """Show whether something is in use."""
    return badge(gettext_lazy("Active"), "good") if is_active else badge(gettext_lazy("Not in use"))


class ClientSetupAdmin(AuditedAdmin):
    """Clients and their policies. Only whoever runs the installation adds one."""

    noun = "client"
    client_path = "pk"
    list_display = ("name_cell", "key", "country", "organisation_number", "approval", "locked_period", "active_cell")
    list_display_links = None
    search_fields = ("name", "key", "organisation_number")
    search_help_text = gettext_lazy("Name, key or organisation number")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "key",
                    "country",
                    "organisation_number",
                    "currency",
                    "time_zone",
                    "books_language",
                    "is_active",
                )
            },
        ),
        (
            gettext_lazy("Policies"),
            {
                "fields": (
                    "approval",
                    "automatic_up_to_minor",
                    "four_eyes",
                    "locked_period",
                    "daily_cutoff",
                    "rounding_ledger_account",
                    "cash_difference_ledger_account",
                    "drawer_in_ledger_account",
                    "drawer_out_ledger_account",
                    "advance_ledger_account",
                    "exchange_gain_ledger_account",
                    "exchange_loss_ledger_account",
                )
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser adds clients."""
        return request.user.is_superuser

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new client's books are in the language of whoever sets it up, until they say otherwise."""
        return {
            "books_language": (get_language() or "en").partition("-")[0],
            **super().get_changeform_initial_data(request),
        }

    def get_client(self, obj: Client) -> Client | None:
        """A client's chain is its own; a new one has none until it is saved."""
        return obj

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The key names the client for good."""
        return ("key",) if obj else ()

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def name_cell(self, client: Client) -> SafeString:
        """Lead to the client's form."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(client), client.name)

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def active_cell(self, client: Client) -> SafeString:
        """Show whether it is in use."""
        return active_badge(client.is_active)


class SalesPointAdmin(AuditedAdmin):
    """Webshops and tills."""

    noun = "sales_point"
    form = SalesPointForm
    list_display = ("name_cell", "client", "kind", "invoice_issuer", "saft_reporter", "active_cell")
    list_display_links = None
    list_select_related = ("client",)
    list_filter = (ClientFilter,)
    search_fields = ("name", "key")
    fieldsets = (
        (None, {"fields": ("client", "name", "key", "kind", "is_active")}),
        (
            gettext_lazy("Which document follows a sale"),
            {
                "fields": (
                    "invoice_issuer",
                    "saft_reporter",
                    "batch_journal",
                    "unpaid_ledger_account",
                    "day_posting",
                    "day_lines",
                    "paid_before_delivery",
                )
            },
        ),
        (gettext_lazy("What documents carry"), {"fields": (*DIMENSION_FIELDS, "theme_unpaid", "theme_paid")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A sales point stays at its client under its key."""
        return ("client", "key") if obj else ()

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def name_cell(self, point: SalesPoint) -> SafeString:
        """Lead to the sales point's form."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(point), point.name)

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def active_cell(self, point: SalesPoint) -> SafeString:
        """Show whether it is in use."""
        return active_badge(point.is_active)


class ApiKeyAdmin(AuditedAdmin):
    """Keys to the REST API: made here, shown once, revoked here."""

    noun = "api_key"
    client_path = "sales_point__client"
    list_display = (
        "prefix",
        "name",
        "sales_point",
        "client_cell",
        "created_at",
        "last_used_at",
        "state_cell",
        "act_cell",
    )
    list_display_links = None
    list_select_related = ("sales_point__client",)
    search_fields = ("prefix", "name")
    fields = ("sales_point", "name")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only administrators see that keys exist."""
        return self._has(request, Right.ADMINISTER, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Keys of clients that the person administers."""
        mine = clients_of(person(request), Right.ADMINISTER)
        return super().get_queryset(request).filter(sales_point__client__in=mine)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A key is never changed."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators make keys."""
        return self._has(request, Right.ADMINISTER, None)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: forms.ModelForm[Any], change: bool) -> None:
        """Make the key through its service and keep it for the one page that shows it."""
        self.require(request, obj, Right.ADMINISTER)
        row, key = create_api_key(sales_point=obj.sales_point, name=obj.name)
        obj.pk = row.pk
        tell_key(row, "api_key.created", Actor.person(person(request)))
        request.shown_key = key  # type: ignore[attr-defined]  # from here to response_add, in one request

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """Show the key, this once."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new API key"),
            "key": request.shown_key,  # type: ignore[attr-defined]  # as above
            "row": ApiKey.objects.select_related("sales_point__client").get(pk=obj.pk),
        }
        response = TemplateResponse(request, "console/key_shown.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.display(description=gettext_lazy("client"))
    def client_cell(self, key: ApiKey) -> str:
        """Name the client."""
        return key.sales_point.client.name

    @admin.display(description=gettext_lazy("state"))
    def state_cell(self, key: ApiKey) -> SafeString:
        """Show whether it still opens anything."""
        return badge(_("Revoked")) if key.revoked_at else badge(_("In use"), "good")

    @admin.display(description="")
    def act_cell(self, key: ApiKey) -> SafeString | str:
        """Lead to the page that revokes it."""
        if key.revoked_at:
            return ""
        address = reverse("admin:revoke_key", args=[key.pk])
        return format_html('<a class="bo-link" href="{}">{}</a>', address, _("Revoke"))


def tell_key(row: ApiKey, action: str, actor: Actor) -> None:
    """Tell the audit trail about a key, without the key."""
    point = row.sales_point
    record(
        action=action,
        actor=actor,
        subject_type="api_key",
        subject_id=row.pk,
        client=point.client,
        label=str(row),
        note=str(point),
    )


def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then make a key useless."""
    mine = clients_of(person(request), Right.ADMINISTER)
    row = get_object_or_404(ApiKey.objects.select_related("sales_point__client"), pk=pk, sales_point__client__in=mine)
    if request.method != "POST":
        context = {**admin.site.each_context(request), "title": _("Revoke an API key"), "row": row}
        return TemplateResponse(request, "console/key_revoke.html", context)
    revoke_api_key(api_key=row)
    tell_key(row, "api_key.revoked", Actor.person(person(request)))
    messages.success(request, _("The key opens nothing any more."))
    return redirect("admin:clients_apikey_changelist")
