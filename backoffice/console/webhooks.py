"""Addresses of sales systems and what was sent to them: set up, test, pause, send again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.audit.services import Actor
from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, SelectFilter, select_of
from backoffice.clients.scope import clients_shown, person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.common.sentences import told
from backoffice.console.catalogue import cause_of
from backoffice.console.setup.audited import AuditedAdmin
from backoffice.webhooks import services
from backoffice.webhooks.models import EventType, WebhookDelivery, WebhookEndpoint
from backoffice.webhooks.states import HookState
from backoffice.webhooks.words import HOOK_STATES, endpoint_badge, hook_badge


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """Where a sales system is told, and of what."""

    event_types = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=EventType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all of them."),
    )
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Such as https://shop.example/webhooks, open to the internet."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("client", "sales_point", "url", "event_types", "is_active")

    def clean_url(self) -> str:
        """Refuse what may not be called."""
        try:
            return services.check_address(self.cleaned_data["url"])
        except services.BadAddress as error:
            raise forms.ValidationError(told(error)) from error

    def clean(self) -> dict[str, Any]:
        """Keep sales point and client together."""
        values: dict[str, Any] = super().clean() or {}
        point, client = values.get("sales_point"), values.get("client") or getattr(self.instance, "client", None)
        if point is not None and client is not None and point.client_id != client.pk:
            raise forms.ValidationError(_("The sales point belongs to another client."))
        return values


class EndpointAdmin(AuditedAdmin):
    """The addresses; administrators add and change them, everybody with a role sees how they do."""

    noun = "webhook_endpoint"
    form = EndpointForm
    change_form_template = "console/webhook_form.html"
    list_display = ("state_cell", "url_cell", "sales_point", "waiting_cell", "failed_cell", "delivered_at", "client")
    list_display_links = None
    list_select_related = ("client", "sales_point")
    list_filter = (ClientFilter,)
    search_fields = ("url",)
    search_help_text = gettext_lazy("Address")
    fields = ("client", "sales_point", "url", "event_types", "is_active")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count what waits and what was given up along."""
        rows = super().get_queryset(request)
        return rows.annotate(
            waiting=Count("deliveries", filter=Q(deliveries__state=HookState.WAITING)),
            given_up=Count("deliveries", filter=Q(deliveries__state=HookState.FAILED)),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """An address stays with its client."""
        return ("client",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:
        """Add through the service, which makes the secret; changes are told to the audit trail."""
        if change:
            super().save_model(request, obj, form, change)
            return
        if not self.may_save(request, obj):
            raise PermissionDenied
        row, secret = services.add_endpoint(
            client=obj.client,
            sales_point=obj.sales_point,
            url=obj.url,
            event_types=form.cleaned_data["event_types"],
            actor=Actor.person(person(request)),
        )
        obj.pk = row.pk
        request.shown_secret = secret  # type: ignore[attr-defined]  # from here to response_add, in one request

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the secret, this once."""
        return show_secret(request, obj, request.shown_secret)  # type: ignore[attr-defined]  # as above

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the acts that the person may do."""
        row = self.found(request, object_id)
        extra = {"endpoint": row, "endpoint_acts": acts_on(request, row)}
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))  # type: ignore[no-any-return]  # unfold

    @admin.display(description=gettext_lazy("state"))
    def state_cell(self, row: WebhookEndpoint) -> SafeString:
        """Show how it does."""
        return endpoint_badge(row)

    @admin.display(description=gettext_lazy("address"), ordering="url")
    def url_cell(self, row: WebhookEndpoint) -> SafeString:
        """Lead to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), row.url)

    @admin.display(description=gettext_lazy("waits"))
    def waiting_cell(self, row: Any) -> SafeString:
        """Count what waits."""
        return _counted(row, row.waiting, HookState.WAITING)

    @admin.display(description=gettext_lazy("given up"))
    def failed_cell(self, row: Any) -> SafeString:
        """Count what was given up."""
        return _counted(row, row.given_up, HookState.FAILED)


def _counted(row: WebhookEndpoint, number: int, state: str) -> SafeString:
    address = reverse("admin:webhooks_webhookdelivery_changelist")
    return format_html('<a class="bo-link" href="{}?endpoint={}&state={}">{}</a>', address, row.pk, state, number)


def acts_on(request: HttpRequest, row: WebhookEndpoint) -> list[tuple[str, str]]:
    """Name what the person can do with an address."""
    user = person(request)
    found: list[tuple[str, str]] = []
    if clients_of(user, Right.EDIT).filter(pk=row.client_id).exists():
        found = [("test", _("Send a test event")), ("resend", _("Send again what was given up"))]
        found.append(("resume", _("Resume")) if row.paused_at else ("pause", _("Pause")))
    if clients_of(user, Right.ADMINISTER).filter(pk=row.client_id).exists():
        found.append(("secret", _("Make a new secret")))
    return found


def show_secret(request: HttpRequest, row: WebhookEndpoint, secret: str) -> HttpResponse:
    """Show a secret; no cache keeps the page."""
    context = {**admin.site.each_context(request), "title": _("The webhook's secret"), "secret": secret, "row": row}
    response = TemplateResponse(request, "console/webhook_secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


def act_on_endpoint(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Test, pause, resume, send again, or make a new secret."""
    if verb != "secret" and verb not in ENDPOINT_ACTS:
        raise Http404(verb)
    right = Right.ADMINISTER if verb == "secret" else Right.EDIT
    rows = WebhookEndpoint.objects.select_related("client", "sales_point")
    row = get_object_or_404(rows, pk=pk, client__in=clients_of(person(request), right))
    if request.method != "POST":
        return HttpResponseRedirect(page_address(row))
    actor = Actor.person(person(request))
    if verb == "secret":
        return show_secret(request, row, services.change_secret(endpoint=row, actor=actor))
    ENDPOINT_ACTS[verb](row, actor)
    messages.success(request, _("Done. How it goes stands under the deliveries."))
    return HttpResponseRedirect(page_address(row))


ENDPOINT_ACTS: dict[str, Callable[[WebhookEndpoint, Actor], object]] = {
    "test": lambda row, actor: services.send_test(endpoint=row, actor=actor),
    "pause": lambda row, actor: services.pause_endpoint(endpoint=row, reason=actor.label, actor=actor),
    "resume": lambda row, actor: services.resume_endpoint(endpoint=row, actor=actor),
    "resend": lambda row, actor: services.resend_failed(endpoint=row, actor=actor),
}


class EndpointFilter(SelectFilter):
    """One of the addresses."""

    title = gettext_lazy("address")
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the addresses of the person's clients."""
        rows = WebhookEndpoint.objects.filter(client__in=clients_shown(request))
        return [(str(row.pk), row.url) for row in rows[:300]]


class HookDeliveryAdmin(PageAdmin):
    """What was told to whom, newest first."""

    list_display = ("state_cell", "event_cell", "endpoint", "attempts", "problem", "created_at", "client")
    list_display_links = None
    list_select_related = ("client", "endpoint", "event")
    list_filter = (
        select_of("state", gettext_lazy("state"), [(state, label) for state, (label, _tone) in HOOK_STATES.items()]),
        select_of("type", gettext_lazy("event"), list(EventType.choices), "event__type"),
        EndpointFilter,
        ClientFilter,
    )
    search_fields = ("=event__subject",)
    search_help_text = gettext_lazy("Reference of the sale or refund")
    change_list_template = "console/list.html"
    page_template = "console/webhook_delivery.html"
    ordering = ("-id",)

    def page_context(self, request: HttpRequest, obj: WebhookDelivery) -> dict[str, Any]:
        """Show the attempts, the body, and what can be done."""
        may_edit = clients_of(person(request), Right.EDIT).filter(pk=obj.client_id).exists()
        return {
            "delivery": obj,
            "badge": hook_badge(obj.state),
            "attempts": list(obj.attempt_log.order_by("-id")[:200]),
            "cause": cause_of(obj.reason_code) if obj.reason_code else None,
            "may_resend": may_edit and obj.state in (HookState.FAILED, HookState.DELIVERED),
        }

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_cell(self, row: WebhookDelivery) -> SafeString:
        """Show where it stands."""
        return hook_badge(row.state)

    @admin.display(description=gettext_lazy("event"))
    def event_cell(self, row: WebhookDelivery) -> SafeString:
        """Name the event, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), str(row.event))


def resend_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one event once more."""
    rows = WebhookDelivery.objects.select_related("endpoint__client", "event")
    row = get_object_or_404(rows, pk=pk, client__in=clients_of(person(request), Right.EDIT))
    if request.method == "POST":
        try:
            services.resend(delivery=row, actor=Actor.person(person(request)))
            messages.success(request, _("It is sent again in a moment."))
        except (IllegalMove, StaleState):
            messages.error(request, _("It is on its way already."))
    return HttpResponseRedirect(page_address(row))
