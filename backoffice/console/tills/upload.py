"""Upload a till's SAF-T file: streamed into the file store, then a worker reads it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from backoffice.audit.services import Actor
from backoffice.clients.models import SalesPoint
from backoffice.clients.scope import clients_shown, person, rights_anywhere
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.sentences import told
from backoffice.console.tills.receiving import IntoStore, StoredUpload
from backoffice.sales.till_imports import SUFFIX, AcceptedFile, accept_till_file
from backoffice.vouchers.services import NotAllowed


class TillUploadForm(forms.Form):
    """Whose file it is, and the file."""

    sales_point = forms.ModelChoiceField(
        SalesPoint.objects.none(),
        label=gettext_lazy("Sales point"),
        help_text=gettext_lazy("The till whose file it is. All cash registers in the file belong to it."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("SAF-T Cash Register 1.00 (XML) as the till exports it, of any length."),
        max_length=255,
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
    )

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.POST or None, request.FILES or None)
        mine = clients_of(person(request), Right.EDIT) if request.POST else clients_shown(request, Right.EDIT)
        points = SalesPoint.objects.filter(client__in=mine.filter(is_active=True), is_active=True)
        field: Any = self.fields["sales_point"]
        field.queryset = points.select_related("client").order_by("client__name", "kind", "name")
        field.label_from_instance = lambda point: f"{point.client} · {point}"


@csrf_exempt
def upload_till_file(request: HttpRequest) -> HttpResponse:
    """Show the form; take a file in. The token is checked inside, since the form is read only once we say whereto."""
    if Right.EDIT not in rights_anywhere(request):
        raise PermissionDenied
    receiver = IntoStore(request)
    request.upload_handlers = [receiver]
    try:
        return _upload(request)
    finally:
        receiver.discard()


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    form = TillUploadForm(request)
    receiver = request.upload_handlers[0]
    if request.method == "POST" and isinstance(receiver, IntoStore) and receiver.refused:
        form.add_error("file", receiver.refused)
    elif request.method == "POST" and form.is_valid():
        try:
            taken = _take(form.cleaned_data["sales_point"], form.cleaned_data["file"], Actor.person(person(request)))
        except NotAllowed as error:
            form.add_error("file", told(error))
        else:
            _say(request, taken)
            address = page_address(taken.till_import)
            # our script follows no redirect: it would swallow the message that is shown on the page
            is_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
            return HttpResponse(status=204, headers={"X-Go-To": address}) if is_script else redirect(address)
    context = {**admin.site.each_context(request), "title": _("Upload a SAF-T file"), "form": form}
    return TemplateResponse(request, "console/till_upload.html", context)


def _take(sales_point: SalesPoint, file: StoredUpload, actor: Actor) -> AcceptedFile:
    return accept_till_file(
        sales_point=sales_point,
        sha256=file.arriving.keep(SUFFIX),
        size_bytes=file.arriving.size,
        filename=file.name or "",
        actor=actor,
    )


def _say(request: HttpRequest, taken: AcceptedFile) -> None:
    if taken.is_new:
        messages.success(request, _("The file is here. Reading begins by itself."))
    else:
        messages.warning(request, _("This file was uploaded before; this is its import. Nothing is imported twice."))
