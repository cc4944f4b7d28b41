"""What every list and page of the admin stands on: only the person's own clients, and rights by role."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin

from backoffice.clients.models import Client
from backoffice.clients.scope import chosen_client, clients_shown, person, rights_anywhere
from backoffice.clients.selectors import Right, clients_of

#: a list counts no further than this, so that it is as quick over a million rows as over a thousand
MAX_COUNTED_ROWS = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic for mypy only
    """Count at most MAX_COUNTED_ROWS rows; what lies beyond is found by filters and search."""

    @cached_property
    def count(self) -> int:
        """How many rows the pages show, at most MAX_COUNTED_ROWS."""
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return int(rows.order_by()[: MAX_COUNTED_ROWS + 1].count())

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count > MAX_COUNTED_ROWS


class ClientAdmin(ModelAdmin):  # type: ignore[misc]  # unfold carries no types
    """A list of things that belong to clients, read-only unless a subclass says which right edits them.

    client_path is the look-up from the model to its client. Rows of clients that the person may not read do not
    exist for them (404). A list is narrowed to the chosen client; a page that is named by its address is not.
    """

    client_path = "client"
    edit_right: Right | None = None
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_fullwidth = True
    list_filter_sheet = True
    list_disable_select_all = True
    actions_selection_counter = True
    page_template = "console/thing.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Only what belongs to the person's clients."""
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("_changelist")
        mine = clients_shown(request) if is_list else clients_of(person(request))
        rows: QuerySet[Any] = super().get_queryset(request)
        if person(request).is_superuser and not (is_list and chosen_client(request)):
            return rows
        if is_list and self.client_path == "client" and set(request.GET) <= {"p", "o"}:
            return _walked(rows, list(mine.values_list("pk", flat=True)))
        return rows.filter(**{f"{self.client_path}__in": mine})

    def client_of(self, obj: Model) -> Client:
        """Follow client_path from a row to its client."""
        value: Any = obj
        for name in self.client_path.split("__"):
            value = getattr(value, name) if name != "pk" else value
        if not isinstance(value, Client):
            raise TypeError(f"{self.client_path} does not lead from {obj!r} to a client.")
        return value

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Everybody who may enter sees that the list exists."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may read at the row's client, or anywhere for a list."""
        return self._has(request, Right.READ, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may edit here, by `edit_right`."""
        return self.edit_right is not None and self._has(request, self.edit_right, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may add here, by `edit_right`."""
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is deleted from the browser."""
        return False

    def _has(self, request: HttpRequest, right: Right, obj: Model | None) -> bool:
        if obj is None:
            return right in rights_anywhere(request)
        return clients_of(request.user, right).filter(pk=self.client_of(obj).pk).exists()

    def require(self, request: HttpRequest, obj: Model, right: Right) -> None:
        """Raise PermissionDenied unless the person has the right at the row's client."""
        if not self._has(request, right, obj):
            raise PermissionDenied

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """Give the row, or 404 when there is none among the person's clients."""
        try:
            obj = self.get_queryset(request).filter(pk=object_id).first()
        except ValueError:
            obj = None
        if obj is None:
            raise Http404(f"{self.opts.verbose_name} {object_id}")
        return obj


def _walked(rows: QuerySet[Any], clients: list[int]) -> QuerySet[Any]:
    """Keep the clients' rows of an unfiltered list, read in the list's own order.

    For one client an index serves order and client together. For several, a plain IN makes SQLite gather all their
    rows and sort them, a second over a million; client + 0 keeps it on the index of the order.
    """
    if len(clients) == 1:
        return rows.filter(client=clients[0])
    walked: QuerySet[Any] = rows.alias(of_client=F("client_id") + 0).filter(of_client__in=clients)
    return walked


class PageAdmin(ClientAdmin):
    """A list whose rows open a page of our own instead of a form. `page_context` gives what the page shows."""

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Give the names that page_template uses."""
        return {}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one row on its page; the page only reads."""
        obj = self.found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": str(obj),
            **self.page_context(request, obj),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.page_template, context)
