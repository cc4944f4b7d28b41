"""The audit trail as a list that nobody can change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.audit.models import AuditEntry
from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, days_of


class AuditEntryAdmin(PageAdmin):
    """Who did what, newest first; by client, action, person and thing."""

    list_display: tuple[str, ...] = ("at", "what_cell", "subject_label", "actor", "client", "note")
    list_display_links = ("at",)
    list_select_related = ("client",)
    list_filter: tuple[Any, ...] = (ClientFilter, days_of("at__date"))
    search_fields = ("subject_label", "actor", "action", "=subject_id")
    search_help_text = _("Thing, person or action")
    change_list_template = "console/list.html"
    page_template = "console/audit_entry.html"
    ordering = ("-id",)

    @admin.display(description=_("action"), ordering="action")
    def what_cell(self, entry: AuditEntry) -> Any:
        """Name the act by its code; the console shows it in words."""
        return entry.action
