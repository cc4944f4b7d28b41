"""Inbox and outbox as lists; their rows open pages that only read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, SalesPointFilter, days_of, select_of
from backoffice.common.display import money_cell, page_address
from backoffice.common.sentences import told_step
from backoffice.connections.models import Delivery, EventSource, InboundEvent
from backoffice.connections.words import DELIVERY_KINDS, DELIVERY_STATES, EVENT_STATES, delivery_badge, event_badge

#: a body is shown up to here; the whole of it is downloaded through the API
MAX_BODY_CHARACTERS = 200_000


class InboundEventAdmin(PageAdmin):
    """What arrived, newest first. The body is shown as text, never run or rendered."""

    list_display = ("state_cell", "received_at", "client", "sales_point", "source", "topic", "note_cell")
    list_display_links = ("received_at",)
    list_select_related = ("client", "sales_point")
    list_filter = (
        select_of("state", _("state"), [(state, label) for state, (label, _t) in EVENT_STATES.items()]),
        select_of("source", _("source"), list(EventSource.choices)),
        ClientFilter,
        SalesPointFilter,
        days_of("received_at__date"),
    )
    search_fields = ("=event_key", "=body_sha256")
    search_help_text = _("Their id or the body's fingerprint")
    change_list_template = "console/list.html"
    page_template = "console/inbound_event.html"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the bodies out of lists."""
        return super().get_queryset(request).defer("body")

    def page_context(self, request: HttpRequest, obj: InboundEvent) -> dict[str, Any]:
        """Show the body as text; bytes that are no text as replacement characters."""
        body = bytes(obj.body)
        text = body[:MAX_BODY_CHARACTERS].decode("utf-8", "replace")
        return {"event": obj, "body": text, "size": len(body), "is_cut": len(body) > MAX_BODY_CHARACTERS}

    @admin.display(description=_("state"), ordering="state")
    def state_cell(self, event: InboundEvent) -> SafeString:
        """Show the state as a label."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(event), event_badge(event.state))

    @admin.display(description=_("what became of it"))
    def note_cell(self, event: InboundEvent) -> str:
        """Show the beginning of the note."""
        return told_step(event.note)[:120]


class DeliveryAdmin(PageAdmin):
    """What was or will be sent, newest first."""

    list_display = (
        "state_cell",
        "kind_cell",
        "client",
        "dated_on",
        "total_cell",
        "attempts",
        "next_cell",
        "external_id",
    )
    list_display_links = None
    list_select_related = ("client",)
    list_filter = (
        select_of("state", _("state"), [(state, label) for state, (label, _t) in DELIVERY_STATES.items()]),
        select_of("kind", _("kind"), list(DELIVERY_KINDS.items())),
        ClientFilter,
        days_of("dated_on"),
    )
    search_fields = ("=reference", "=external_id")
    search_help_text = _("Our reference or their id")
    change_list_template = "console/list.html"
    page_template = "console/delivery.html"
    ordering = ("-id",)

    def page_context(self, request: HttpRequest, obj: Delivery) -> dict[str, Any]:
        """Give the conversations too."""
        return {"delivery": obj, "attempts": list(obj.attempt_log.order_by("-id")[:200])}

    @admin.display(description=_("state"), ordering="state")
    def state_cell(self, delivery: Delivery) -> SafeString:
        """Show the state, leading to the page."""
        return format_html(
            '<a class="bo-link" href="{}">{}</a>', page_address(delivery), delivery_badge(delivery.state)
        )

    @admin.display(description=_("kind"), ordering="kind")
    def kind_cell(self, delivery: Delivery) -> Any:
        """Name the kind of document."""
        return DELIVERY_KINDS.get(delivery.kind, delivery.kind)

    @admin.display(description=_("total"))
    def total_cell(self, delivery: Delivery) -> SafeString:
        """Show the document's total."""
        return money_cell(delivery.total_minor, delivery.currency)

    @admin.display(description=_("next attempt"))
    def next_cell(self, delivery: Delivery) -> Any:
        """Show when it is tried or asked about again, while it is open."""
        return delivery.next_attempt_at if delivery.state in ("waiting", "in_doubt", "accepted") else ""
