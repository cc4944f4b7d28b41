"""Connections: the list, the form that a provider's own settings draw, the test, pause and resume."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.audit.services import Actor
from backoffice.clients.filters import ClientFilter, SelectFilter
from backoffice.clients.models import KEY, Client, SalesPoint
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import badge, page_address
from backoffice.connections.models import Connection
from backoffice.connections.providers import load_provider
from backoffice.connections.services import save_secrets
from backoffice.console.setup.audited import AuditedAdmin, record_change, values_of
from backoffice.console.setup.provider_form import ProviderForm, provider_choices, stored_secret_names


class TroubleFilter(SelectFilter):
    """Connections that need somebody."""

    title = gettext_lazy("state")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Only paused ones stand out."""
        return [("paused", gettext_lazy("Paused"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the paused ones."""
        return queryset.filter(paused_at__isnull=False) if self.value() == "paused" else queryset


class NewConnectionForm(forms.Form):
    """The first step: whose, where, by which name."""

    client = forms.ModelChoiceField(Client.objects.none(), label=gettext_lazy("Client"))
    provider = forms.ChoiceField(label=gettext_lazy("Provider"))
    sales_point = forms.ModelChoiceField(
        SalesPoint.objects.none(),
        required=False,
        label=gettext_lazy("Sales point"),
        help_text=gettext_lazy("For a shop or till; empty for an accounting system."),
    )
    key = forms.CharField(
        max_length=63,
        validators=[KEY],
        label=gettext_lazy("Key"),
        help_text=gettext_lazy("A short name of your own, for instance poweroffice. It stands in addresses."),
    )

    def __init__(self, *args: Any, clients: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client"].queryset = clients  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["sales_point"].queryset = SalesPoint.objects.filter(client__in=clients)  # type: ignore[attr-defined]  # as above
        self.fields["provider"].choices = provider_choices()  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Hold the parts against each other."""
        data = super().clean() or {}
        client, point = data.get("client"), data.get("sales_point")
        if client and point and point.client_id != client.pk:
            self.add_error("sales_point", _("This sales point belongs to another client."))
        if client and Connection.objects.filter(client=client, key=data.get("key")).exists():
            self.add_error("key", _("The client has a connection with this key already."))
        return data


class ConnectionAdmin(AuditedAdmin):
    """One client's links to providers. Credentials can be written, never read."""

    noun = "connection"
    list_display = ("name_cell", "client", "sales_point", "provider", "company_name", "state_cell")
    list_display_links = None
    list_select_related = ("client", "sales_point")
    list_filter = (TroubleFilter, ClientFilter)
    search_fields = ("key", "company_name", "client__name")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say what a first connection is for when there is none."""
        empty = _("No connections yet. Add one to the accounting system first, then one to the shop.")
        return super().changelist_view(request, {"empty_text": empty} | (extra_context or {}))  # type: ignore[no-any-return]  # unfold

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make the connection, then go on to its settings."""
        mine = clients_of(person(request), Right.ADMINISTER)
        if not mine.exists():
            raise PermissionDenied
        form = NewConnectionForm(request.POST or None, clients=mine)
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                connection = Connection.objects.create(**form.cleaned_data, settings={})
                actor = Actor.person(person(request))
                record_change(obj=connection, noun=self.noun, client=connection.client, actor=actor, before={})
            return HttpResponseRedirect(page_address(connection))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add a connection"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "console/connection_add.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the connection; administrators change its settings."""
        connection: Connection = self.found(request, object_id)
        may_edit = self._has(request, Right.ADMINISTER, connection)
        form = None
        if may_edit:
            form = ProviderForm(request.POST or None, connection=connection)
            if request.method == "POST" and form.is_valid():
                self._save(request, connection, form)
                messages.success(request, _("Saved. Test the connection now."))
                return HttpResponseRedirect(page_address(connection))
        elif request.method == "POST":
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(connection),
            "opts": self.opts,
            "connection": connection,
            "provider_label": load_provider(connection.provider).label,
            "form": form,
            "may_edit": may_edit,
            "may_run": self._has(request, Right.EDIT, connection),
            "secret_names": stored_secret_names(connection),
            "webhook": self._webhook(request, connection),
        }
        return TemplateResponse(request, "console/connection.html", context)

    def _save(self, request: HttpRequest, connection: Connection, form: ProviderForm) -> None:
        actor = Actor.person(person(request))
        with transaction.atomic():
            before = values_of(connection)
            connection.settings = form.plain_settings()
            connection.is_active = form.cleaned_data["is_active"]
            connection.save(update_fields=["settings", "is_active", "updated_at"])
            record_change(obj=connection, noun=self.noun, client=connection.client, actor=actor, before=before)
            secrets = form.new_secrets()
            if secrets:
                save_secrets(connection=connection, secrets=secrets, actor=actor)

    def _webhook(self, request: HttpRequest, connection: Connection) -> str:
        if connection.sales_point_id is None:
            return ""
        name = f"{connection.client.key}.{connection.key}"
        return request.build_absolute_uri(f"/api/v1/inbound/{name}/")

    @admin.display(description=gettext_lazy("key"), ordering="key")
    def name_cell(self, connection: Connection) -> SafeString:
        """Lead to the connection."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(connection), connection.key)

    @admin.display(description=gettext_lazy("state"))
    def state_cell(self, connection: Connection) -> SafeString:
        """Show whether it works."""
        if not connection.is_active:
            return badge(_("Not in use"))
        if connection.paused_at:
            return badge(_("Paused"), "bad")
        return badge(_("In use"), "good")
