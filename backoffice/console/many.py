"""Many documents at once: choose them and order something, see it being done, stop, go on, download."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.audit.services import Actor
from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, select_of
from backoffice.clients.models import Client, SalesPoint
from backoffice.clients.scope import chosen_client, person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.common.sentences import told
from backoffice.console.payouts.page import history_of
from backoffice.console.vouchers.acts import why_not
from backoffice.invoices.admin import KINDS
from backoffice.invoices.many.choosing import Choice, count_chosen
from backoffice.invoices.many.packing import pack
from backoffice.invoices.many.runs import NothingChosen, progress_of, resume_run, start_run, stop_run
from backoffice.invoices.models import DocumentRun, RunKind
from backoffice.invoices.models.run import Outcome
from backoffice.invoices.states import RUN, RunState
from backoffice.invoices.words_of_states import RUN_STATES, run_badge, sending_badge

#: reading is enough to take away what one may open anyway
RIGHTS = {RunKind.MAKE: Right.EDIT, RunKind.EMAIL: Right.EDIT, RunKind.PACK: Right.READ}
MAX_TICKED = 500
MAX_SHOWN = 100
#: so long may a run wait before the page says that no worker may be there
PATIENCE = timedelta(minutes=1)


class ChoiceForm(forms.Form):
    """Which documents: all of a client, narrowed by period, sales point and kind, or those that were ticked."""

    client = forms.ModelChoiceField(Client.objects.none(), label=gettext_lazy("Client"), empty_label=None)
    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False)
    sales_point = forms.ModelChoiceField(
        SalesPoint.objects.none(), label=gettext_lazy("Sales point"), required=False, empty_label=gettext_lazy("All")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("All")), *KINDS])
    ids = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, request: HttpRequest) -> None:
        mine = clients_of(person(request))
        sent = request.POST if request.method == "POST" else request.GET
        given: dict[str, str] = {name: str(value) for name, value in sent.items()}
        if not given.get("client"):
            first = chosen_client(request) or mine.first()
            given["client"] = str(first.pk) if first else ""
        if "since" not in given and given.get("from"):  # what the list calls it
            given["since"] = given["from"]
        super().__init__(given)
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        field: Any = self.fields["client"]
        field.queryset = mine
        asked = given["client"]
        points: Any = self.fields["sales_point"]
        points.queryset = SalesPoint.objects.filter(client__in=mine.filter(pk=asked if asked.isdecimal() else 0))

    def clean_ids(self) -> tuple[int, ...]:
        """Read the numbers of ticked documents."""
        return tuple(int(one) for one in self.cleaned_data["ids"].split(",") if one.isdecimal())[:MAX_TICKED]

    def clean(self) -> dict[str, Any]:
        """A period ends after it begins."""
        values: dict[str, Any] = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if isinstance(since, date) and isinstance(until, date) and until < since:
            self.add_error("until", _("It ends before it begins."))
        return values

    @property
    def choice(self) -> Choice:
        """What is chosen; only after `is_valid`."""
        return Choice(**{name: self.cleaned_data[name] for name in Choice.__dataclass_fields__})


def many_documents(request: HttpRequest) -> HttpResponse:
    """Show what could be done with what is chosen, each with its count; on a button, order it."""
    form = ChoiceForm(request)
    is_valid = form.is_valid()
    if request.method == "POST" and is_valid:
        answer = _order(request, form.choice, request.POST.get("act", ""))
        if answer is not None:
            return answer
    context = {
        **admin.site.each_context(request),
        "title": _("Many at once"),
        "form": form,
        "ticked": form.cleaned_data.get("ids", ()),
        "acts": _acts(request, form.choice) if is_valid else [],
        "list_query": urlencode({"client": form.data.get("client", "")}),
    }
    return TemplateResponse(request, "console/many.html", context)


def _acts(request: HttpRequest, choice: Choice) -> list[dict[str, Any]]:
    words = {
        RunKind.MAKE: _("Sales and refunds with a number, and no stored document yet."),
        RunKind.EMAIL: _("Stored documents that were sent to nobody yet, of customers with an e-mail address."),
        RunKind.PACK: _("All stored documents as they are, with an index (CSV) that names amounts and fingerprints."),
    }
    return [
        {
            "kind": kind.value,
            "label": kind.label,
            "words": words[kind],
            "count": count_chosen(choice, kind),
            "may": clients_of(person(request), RIGHTS[kind]).filter(pk=choice.client.pk).exists(),
        }
        for kind in RunKind
        if not (kind is RunKind.MAKE and choice.ids)
    ]


def _order(request: HttpRequest, choice: Choice, act: str) -> HttpResponse | None:
    if act not in RunKind.values:
        raise Http404(act)
    kind = RunKind(act)
    if not clients_of(person(request), RIGHTS[kind]).filter(pk=choice.client.pk).exists():
        raise PermissionDenied
    try:
        run = start_run(choice=choice, kind=kind, actor=Actor.person(person(request)))
    except NothingChosen as error:
        messages.error(request, told(error))
        return None
    return redirect(page_address(run))


class DocumentRunPage(PageAdmin):
    """What was done with many documents, newest first."""

    list_display = ("state_cell", "name_cell", "about", "asked_by", "created_at", "client")
    list_display_links = None
    list_select_related = ("client",)
    list_filter = (
        select_of("state", gettext_lazy("state"), [(state, label) for state, (label, _tone) in RUN_STATES.items()]),
        ClientFilter,
    )
    change_list_template = "console/list.html"
    page_template = "console/document_run.html"
    ordering = ("-id",)

    def page_context(self, request: HttpRequest, obj: DocumentRun) -> dict[str, Any]:
        """Give how far it is, what failed and why, and what can be done."""
        state, progress = RunState(obj.state), progress_of(obj)
        is_under_way = state in (RunState.WAITING, RunState.RUNNING)
        may_act = may_act_on(request, obj)
        failed = obj.items.filter(outcome=Outcome.FAILED).select_related("document__sale", "refund", "sale")
        return {
            "run": obj,
            "state": run_badge(RunState.RUNNING if is_under_way and progress.percent else state),
            "progress": progress,
            "is_under_way": is_under_way,
            "is_ignored": state is RunState.WAITING and obj.updated_at < timezone.now() - PATIENCE,
            "failed": failed.order_by("id")[:MAX_SHOWN],
            "sendings": _sendings(obj),
            "history": history_of([("documentrun", [obj.pk])]),
            "may_stop": may_act and RUN.allows(state, RunState.STOPPED),
            "may_resume": may_act and (state is RunState.STOPPED or (state is RunState.DONE and progress.failed > 0)),
            "may_download": obj.kind == RunKind.PACK and state is RunState.DONE and progress.done > 0,
        }

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_cell(self, run: DocumentRun) -> SafeString:
        """Show where it stands."""
        return run_badge(run.state)

    @admin.display(description=gettext_lazy("what is done"), ordering="kind")
    def name_cell(self, run: DocumentRun) -> SafeString:
        """Name it, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(run), run)


def _sendings(run: DocumentRun) -> list[tuple[SafeString, int]]:
    """Count where the e-mails of a run stand by now."""
    states = run.items.filter(sending__isnull=False).order_by().values_list("sending__state", flat=True)
    counts: dict[str, int] = {}
    for state in states.iterator():
        counts[str(state)] = counts.get(str(state), 0) + 1
    return [(sending_badge(state), count) for state, count in sorted(counts.items())]


def may_act_on(request: HttpRequest, run: DocumentRun) -> bool:
    """Whether the person may stop it and let it go on."""
    return clients_of(person(request), RIGHTS[RunKind(run.kind)]).filter(pk=run.client_id).exists()


def _mine(request: HttpRequest, pk: int) -> DocumentRun:
    found = DocumentRun.objects.select_related("client").filter(client__in=clients_of(person(request)))
    return get_object_or_404(found, pk=pk)


RUN_ACTS: dict[str, Callable[..., None]] = {"stop": stop_run, "resume": resume_run}


def act_on_run(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Stop or go on, and come back to the page."""
    if verb not in RUN_ACTS:
        raise Http404(verb)
    run = _mine(request, pk)
    if request.method == "POST":
        if not may_act_on(request, run):
            raise PermissionDenied
        try:
            RUN_ACTS[verb](run=run, actor=Actor.person(person(request)))
        except (StaleState, IllegalMove) as error:
            messages.error(request, why_not(error))
    return redirect(page_address(run))


def download_run(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the documents as a zip that is written while it goes out."""
    run = _mine(request, pk)
    if run.kind != RunKind.PACK or run.state != RunState.DONE:
        raise Http404(f"{run} is not packed.")
    response = StreamingHttpResponse(pack(run), content_type="application/zip")
    name = f"documents-{run.client.key}-{run.pk}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
