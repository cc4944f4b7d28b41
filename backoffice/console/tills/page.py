"""SAF-T imports as a list, the page of one, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.audit.services import Actor
from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, SalesPointFilter, SelectFilter, days_of, select_of
from backoffice.clients.scope import clients_shown, person, rights_anywhere
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.console.payouts.page import history_of
from backoffice.console.vouchers.acts import why_not
from backoffice.sales.till_import_models import TillImport
from backoffice.sales.till_import_states import TILL_IMPORT, TillImportState
from backoffice.sales.till_import_words import STATES, import_badge
from backoffice.sales.till_imports import (
    AT_REST,
    deal_with_till_import,
    outcomes_of,
    remove_till_file,
    resume_till_import,
    stop_till_import,
    till_imports_needing_person,
    with_refused,
)
from backoffice.vouchers.services import NotAllowed

MAX_CLOSINGS = 200
#: so long may a file wait before the page says that no worker may be there
PATIENCE = timedelta(minutes=1)


class ImportPersonFilter(SelectFilter):
    """Imports that a person must look at."""

    title = gettext_lazy("needs a person")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Only those, or all."""
        return [("person", gettext_lazy("needs a person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what broke off or was refused in part, and nobody has dealt with."""
        waiting = till_imports_needing_person(clients_shown(request)).values("pk")
        return queryset.filter(pk__in=waiting) if self.value() == "person" else queryset


class TillImportPage(PageAdmin):
    """SAF-T imports, newest first."""

    list_display = ("state_cell", "name_cell", "sales_point", "size_cell", "uploaded_cell", "uploaded_by", "client")
    list_display_links = None
    list_select_related = ("client", "sales_point")
    list_filter = (
        ImportPersonFilter,
        select_of("state", gettext_lazy("state"), [(state, label) for state, (label, _tone) in STATES.items()]),
        ClientFilter,
        SalesPointFilter,
        days_of("created_at"),
    )
    change_list_template = "console/till_imports.html"
    page_template = "console/till_import.html"
    ordering = ("-created_at", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the readers' notes, which can be long."""
        return with_refused(super().get_queryset(request).defer("position"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the upload those who may."""
        context = {
            "may_upload": Right.EDIT in rights_anywhere(request),
            "empty_text": _("No SAF-T file was uploaded yet."),
        }
        return super().changelist_view(request, context | (extra_context or {}))  # type: ignore[no-any-return]  # unfold

    def page_context(self, request: HttpRequest, obj: TillImport) -> dict[str, Any]:
        """Give how far it is, what came out, and what can be done."""
        rows = obj.closings.select_related("closing__voucher", "closing__client").order_by("register", "number", "id")
        count = rows.count()
        state = TillImportState(obj.state)
        outcomes = outcomes_of(obj)
        needs_person = till_imports_needing_person([obj.client]).filter(pk=obj.pk).exists()
        has_file, may_act = obj.file_removed_at is None, _may_act(request, obj)
        is_under_way = state in (TillImportState.WAITING, TillImportState.RUNNING)
        return {
            "row": obj,
            "state": import_badge(obj, has_refused=outcomes.refused > 0),
            "is_under_way": is_under_way,
            "is_ignored": state is TillImportState.WAITING and obj.updated_at < timezone.now() - PATIENCE,
            "outcomes": outcomes,
            "closings": rows[:MAX_CLOSINGS],
            "closing_count": count,
            "history": history_of([("tillimport", [obj.pk])]),
            "has_file": has_file,
            "needs_person": needs_person,
            "may_deal": may_act and needs_person,
            "may_stop": may_act and TILL_IMPORT.allows(state, TillImportState.STOPPED),
            "may_resume": may_act and has_file and not is_under_way and state is not TillImportState.DONE,
            "may_remove": may_act and has_file and state in AT_REST,
        }

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_cell(self, row: TillImport) -> SafeString:
        """Show where it stands, and how far it is while it is not at its end."""
        if row.state == TillImportState.DONE:
            return import_badge(row, has_refused=getattr(row, "has_refused", False))
        return format_html('{} <span class="bo-quiet">{} %</span>', import_badge(row), row.percent)

    @admin.display(description=gettext_lazy("file"), ordering="filename")
    def name_cell(self, row: TillImport) -> SafeString:
        """Name it, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), row.filename)

    @admin.display(description=gettext_lazy("Uploaded"), ordering="created_at")
    def uploaded_cell(self, row: TillImport) -> Any:
        """Show when it came."""
        return row.created_at

    @admin.display(description=gettext_lazy("size"), ordering="size_bytes")
    def size_cell(self, row: TillImport) -> str:
        """Show its size."""
        return filesizeformat(row.size_bytes)


def _may_act(request: HttpRequest, row: TillImport) -> bool:
    return clients_of(person(request), Right.EDIT).filter(pk=row.client_id).exists()


def _stop(row: TillImport, actor: Actor) -> str:
    stop_till_import(till_import=row, actor=actor)
    return _("Stopped. What is recorded stays, and reading can go on from here.")


def _resume(row: TillImport, actor: Actor) -> str:
    resume_till_import(till_import=row, actor=actor)
    return _("Reading goes on from where it was.")


def _remove(row: TillImport, actor: Actor) -> str:
    remove_till_file(till_import=row, actor=actor)
    return _("The file is deleted. What was imported from it stays.")


def _deal(row: TillImport, actor: Actor) -> str:
    deal_with_till_import(till_import=row, actor=actor)
    return _("It is off the desk.")


IMPORT_ACTS: dict[str, Callable[[TillImport, Actor], str]] = {
    "stop": _stop,
    "resume": _resume,
    "remove": _remove,
    "dealt-with": _deal,
}


def act_on_import(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Stop, go on, or delete the file, and come back to the page."""
    if verb not in IMPORT_ACTS:
        raise Http404(verb)
    row = get_object_or_404(TillImport.objects.select_related("client"), pk=pk, client__in=clients_of(person(request)))
    if request.method == "POST":
        if not _may_act(request, row):
            raise PermissionDenied
        try:
            messages.success(request, IMPORT_ACTS[verb](row, Actor.person(person(request))))
        except (NotAllowed, StaleState, IllegalMove) as error:
            messages.error(request, why_not(error))
    return redirect(page_address(row))
