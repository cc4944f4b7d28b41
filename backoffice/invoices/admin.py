"""Lists of documents and themes. What can be done with them stands in the console, a floor higher."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.clients.admin_base import PageAdmin
from backoffice.clients.filters import ClientFilter, SalesPointFilter, days_of, select_of
from backoffice.common.display import badge, link, page_address
from backoffice.invoices.models import DocumentTheme, IssuedDocument
from backoffice.invoices.words_of_states import DOCUMENT_STATES, document_badge, sending_badge

KINDS: list[tuple[str, Any]] = list(IssuedDocument._meta.get_field("kind").choices or ())


class DocumentListAdmin(PageAdmin):
    """Documents for customers, newest first."""

    list_display = ("state_cell", "name_cell", "sale_cell", "customer_cell", "sent_cell", "rendered_at", "client")
    list_display_links = None
    list_select_related = ("client", "sale")
    list_filter = (
        select_of("state", _("state"), [(state, label) for state, (label, _tone) in DOCUMENT_STATES.items()]),
        select_of("kind", _("kind"), KINDS),
        ClientFilter,
        SalesPointFilter,
        days_of("sale__sold_on"),
    )
    search_fields = ("=number", "=sale__reference")
    search_help_text = _("Number or sale")
    change_list_template = "console/documents.html"
    page_template = "console/document_page.html"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the sendings along."""
        return super().get_queryset(request).prefetch_related("sendings")

    @admin.display(description=_("state"), ordering="state")
    def state_cell(self, row: IssuedDocument) -> SafeString:
        """Show where it stands."""
        return document_badge(row.state)

    @admin.display(description=_("document"), ordering="number")
    def name_cell(self, row: IssuedDocument) -> SafeString:
        """Name it, leading to its page."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), str(row))

    @admin.display(description=_("sale"))
    def sale_cell(self, row: IssuedDocument) -> SafeString | str:
        """Lead to the sale."""
        return link(row.sale)

    @admin.display(description=_("customer"))
    def customer_cell(self, row: IssuedDocument) -> str:
        """Name the customer."""
        return row.sale.customer_name

    @admin.display(description=_("e-mail"))
    def sent_cell(self, row: IssuedDocument) -> SafeString | str:
        """Show where the newest sending stands."""
        newest = next(iter(row.sendings.all()), None)
        return sending_badge(newest.state) if newest else "–"


class ThemeListAdmin(PageAdmin):
    """The themes in force."""

    list_display = ("name_cell", "code", "design", "font", "language", "default_cell", "version", "client")
    list_display_links = None
    list_select_related = ("client",)
    list_filter = (ClientFilter,)
    search_fields = ("name", "code")
    search_help_text = _("Name or code")
    change_list_template = "console/list.html"
    ordering = ("client__name", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave superseded versions out."""
        return super().get_queryset(request).filter(superseded_at=None)

    @admin.display(description=_("name"), ordering="name")
    def name_cell(self, theme: DocumentTheme) -> SafeString:
        """Lead to the theme."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(theme), theme.name)

    @admin.display(description=_("default"))
    def default_cell(self, theme: DocumentTheme) -> SafeString | str:
        """Mark the default."""
        return badge(_("Default"), "good") if theme.is_default else "–"
