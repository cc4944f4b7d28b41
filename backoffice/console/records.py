"""Pages of things that happened, with what only the upper floors know: inbox, outbox, audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.audit.admin import AuditEntryAdmin
from backoffice.audit.models import AuditEntry
from backoffice.audit.services import Actor, breaks
from backoffice.clients.filters import SelectFilter
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.common.sentences import told
from backoffice.connections.admin import DeliveryAdmin, InboundEventAdmin
from backoffice.connections.inbox import read_again
from backoffice.connections.models import Delivery, InboundEvent
from backoffice.connections.states import EventState
from backoffice.console.timeline_words import ACTS, PARTS_OF_THE_HOUSE, in_words, thing_in_words
from backoffice.sales.models import Payment, Refund, Sale
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed
from backoffice.workflows.payout_files import delete_file, may_be_deleted


class EventAdmin(InboundEventAdmin):
    """The inbox, with what became of each event."""

    def page_context(self, request: HttpRequest, obj: InboundEvent) -> dict[str, Any]:
        """Add the sales, payments and refunds that came of it, and the way to read it again."""
        mine = clients_of(person(request), Right.EDIT)
        return super().page_context(request, obj) | {
            "sales": list(Sale.objects.filter(event=obj)[:50]),
            "payments": list(Payment.objects.filter(event=obj)[:50]),
            "refunds": list(Refund.objects.filter(event=obj)[:50]),
            "can_read_again": obj.state == EventState.UNREADABLE and mine.filter(pk=obj.client_id).exists(),
            "can_delete": may_be_deleted(obj) and mine.filter(pk=obj.client_id).exists(),
        }


def read_event_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an event that nobody could read back to be read."""
    if request.method != "POST":
        return redirect("admin:connections_inboundevent_change", pk)
    event = get_object_or_404(InboundEvent, pk=pk, client__in=clients_of(person(request), Right.EDIT))
    try:
        read_again(event)
        messages.success(request, _("It will be read again in a moment."))
    except (IllegalMove, StaleState):
        messages.error(request, _("Only an event that could not be read can be read again."))
    return HttpResponseRedirect(page_address(event))


def delete_event_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an uploaded file that nobody could read."""
    event = get_object_or_404(InboundEvent, pk=pk, client__in=clients_of(person(request), Right.EDIT))
    if request.method == "POST":
        try:
            delete_file(event_id=event.pk, actor=Actor.person(person(request)))
            messages.success(request, _("The file is deleted."))
        except (NotAllowed, IllegalMove, StaleState):
            messages.error(request, _("Only an uploaded file that cannot be read can be deleted."))
    return HttpResponseRedirect(page_address(event))


class OutboxAdmin(DeliveryAdmin):
    """The outbox, leading to the vouchers."""

    def page_context(self, request: HttpRequest, obj: Delivery) -> dict[str, Any]:
        """Add the voucher it carries."""
        voucher = Voucher.objects.filter(pk=obj.subject_id).first() if obj.subject_type == "voucher" else None
        return super().page_context(request, obj) | {"voucher": voucher}


class ActionFilter(SelectFilter):
    """One kind of act, in words."""

    title = gettext_lazy("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the acts that have words."""
        return list(ACTS.items())


class TrailAdmin(AuditEntryAdmin):
    """The audit trail in words, with the check of its chain."""

    list_filter = (ActionFilter, *AuditEntryAdmin.list_filter)
    list_display = ("at", "words_cell", "thing_cell", "who_cell", "client", "note_cell")
    change_list_template = "console/audit_list.html"

    @admin.display(description=gettext_lazy("action"), ordering="action")
    def words_cell(self, entry: AuditEntry) -> str:
        """Say what was done."""
        return in_words(entry.action)

    @admin.display(description=gettext_lazy("which"), ordering="subject_label")
    def thing_cell(self, entry: AuditEntry) -> str:
        """Name the thing, its kind in words."""
        return thing_in_words(entry.subject_label)

    @admin.display(description=gettext_lazy("who"), ordering="actor")
    def who_cell(self, entry: AuditEntry) -> str:
        """Name the person, or the part of the house in words."""
        return str(PARTS_OF_THE_HOUSE.get(entry.actor, entry.actor))

    @admin.display(description=gettext_lazy("note"), ordering="note")
    def note_cell(self, entry: AuditEntry) -> str:
        """Show the note in the reader's language."""
        return told(entry.note)

    def page_context(self, request: HttpRequest, obj: AuditEntry) -> dict[str, Any]:
        """Set before and after side by side."""
        names = sorted({*obj.before, *obj.after})
        changes = [(name, obj.before.get(name), obj.after.get(name)) for name in names]
        return {
            "entry": obj,
            "words": in_words(obj.action),
            "changes": changes,
            "title": in_words(obj.action),
            "thing": thing_in_words(obj.subject_label),
        }


def verify_audit(request: HttpRequest) -> HttpResponse:
    """Recompute every chain now and say whether all of them hold."""
    if request.method == "POST":
        found = list(breaks())
        for one in found[:10]:
            where = _("Chain %(chain)s, entry %(entry)s") % {"chain": one.chain_id, "entry": one.sequence}
            messages.error(request, f"{where}: {one.why}")
        if not found:
            messages.success(request, _("Every chain holds: no entry was changed, removed or put in between."))
    return redirect("admin:audit_auditentry_changelist")
