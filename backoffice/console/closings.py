"""Day closings: what a person can say about numbers that are missing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.sentences import told
from backoffice.sales.closing_admin import DayClosingAdmin
from backoffice.sales.closings import accept_missing_numbers
from backoffice.sales.models import DayClosing
from backoffice.sales.till_import_models import TillImport
from backoffice.vouchers.services import NotAllowed


def _may_act(request: HttpRequest, row: DayClosing) -> bool:
    return clients_of(person(request), Right.EDIT).filter(pk=row.client_id).exists()


class DayClosingPage(DayClosingAdmin):
    """Day closings, with the act for those who may."""

    def page_context(self, request: HttpRequest, obj: DayClosing) -> dict[str, Any]:
        """Add whether the person may say that missing numbers do not exist."""
        context = super().page_context(request, obj)
        may = bool(context["missing"]) and not obj.missing_accepted_by and _may_act(request, obj)
        file = TillImport.objects.filter(closings__closing=obj).order_by("pk").first()
        return context | {"may_accept": may, "file": file}


def accept_missing(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the numbers missing before a closing do not exist."""
    closing = get_object_or_404(DayClosing, pk=pk, client__in=clients_of(person(request)))
    if request.method != "POST":
        return redirect(page_address(closing))
    if not _may_act(request, closing):
        raise PermissionDenied
    try:
        accept_missing_numbers(closing_id=closing.pk, actor=Actor.person(person(request)))
        messages.success(request, _("It is noted. The voucher is drafted again."))
    except NotAllowed as error:
        messages.error(request, told(error))
    return HttpResponseRedirect(page_address(closing))
