"""Upload a provider's settlement file: stored byte for byte and read by the same service as over the API."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.clients.models import Client, SalesPoint
from backoffice.clients.scope import clients_shown, person, rights_anywhere
from backoffice.clients.selectors import Right, clients_of
from backoffice.connections.models import InboundEvent
from backoffice.connections.providers import load_provider
from backoffice.connections.selectors import providers_of
from backoffice.connections.states import EventState
from backoffice.contracts.payouts import PayoutSource
from backoffice.settlements.services import RecordedStatement
from backoffice.workflows.payout_files import keep_file, read_file


def readers() -> list[tuple[str, str]]:
    """Name the providers whose files can be read."""
    classes = [(name, load_provider(name)) for name in providers_of(PayoutSource)]
    return sorted((name, one.label) for name, one in classes if "files" in one.capabilities)


def _size_words() -> str:
    return _("At most %(n)s MB.") % {"n": settings.PAYOUT_FILE_MAX_MB}


_at_most = lazy(_size_words, str)()


class UploadForm(forms.Form):
    """The client, whose file it is, and the file."""

    client = forms.ModelChoiceField(Client.objects.none(), label=gettext_lazy("Client"))
    provider = forms.ChoiceField(label=gettext_lazy("Provider"))
    method = forms.CharField(
        label=gettext_lazy("Payment method"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("As the sales system names it; only for an account that is new. Empty: the provider."),
    )
    sales_point = forms.ModelChoiceField(
        SalesPoint.objects.none(),
        label=gettext_lazy("Sales point"),
        required=False,
        help_text=gettext_lazy("Only when the account belongs to one sales point."),
    )
    file = forms.FileField(label=gettext_lazy("File"), help_text=_at_most)

    def __init__(self, request: HttpRequest) -> None:
        chosen = request.GET.get("client", "")
        initial = {"client": int(chosen)} if chosen.isdecimal() else {}
        super().__init__(request.POST or None, request.FILES or None, initial=initial)
        mine = clients_of(person(request), Right.EDIT).filter(is_active=True)
        shown = clients_shown(request, Right.EDIT).filter(is_active=True) if not request.POST else mine
        fields: dict[str, Any] = self.fields
        fields["client"].queryset = shown
        fields["provider"].choices = readers()
        fields["sales_point"].queryset = SalesPoint.objects.filter(client__in=shown).select_related("client")
        fields["sales_point"].label_from_instance = lambda point: f"{point.client} · {point}"

    def clean(self) -> dict[str, Any]:
        """Hold the size, and the sales point against the client."""
        values: dict[str, Any] = super().clean() or {}
        file, point, client = values.get("file"), values.get("sales_point"), values.get("client")
        if file is not None and file.size > settings.PAYOUT_FILE_MAX_MB * 1_000_000:
            self.add_error(
                "file",
                _("The file is larger than %(n)s MB. Ask the provider for a shorter period.")
                % {"n": settings.PAYOUT_FILE_MAX_MB},
            )
        if point is not None and client is not None and point.client_id != client.pk:
            self.add_error("sales_point", _("This sales point belongs to another client."))
        return values


def upload_payouts(request: HttpRequest) -> HttpResponse:
    """Show the form; take a file in and say what became of it."""
    if Right.EDIT not in rights_anywhere(request):
        raise PermissionDenied
    form = UploadForm(request)
    results: list[RecordedStatement] = []
    unread: InboundEvent | None = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        event = keep_file(
            client=values["client"],
            provider=values["provider"],
            body=values["file"].read(),
            filename=values["file"].name,
            method=values["method"],
            sales_point=values["sales_point"],
        )
        results = read_file(event_id=event.pk)
        event.refresh_from_db()
        unread = event if event.state == EventState.UNREADABLE else None
    title = _("Upload a provider's file")
    context = {**admin.site.each_context(request), "title": title, "form": form, "results": results, "unread": unread}
    return TemplateResponse(request, "console/payout_upload.html", context)
