"""Filters above a list, drawn as plain form fields that are always in sight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import SalesPoint
from backoffice.clients.scope import chosen_client, clients_shown, person
from backoffice.clients.selectors import clients_of

#: more clients or sales points than this are found by search, not in a drop-down
MAX_CHOICES = 300


class SelectFilter(SimpleListFilter):
    """A drop-down. `field` is the look-up that the chosen value must equal."""

    template = "console/filter_select.html"
    field = ""

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: type[Model], model_admin: ModelAdmin[Any]
    ) -> None:
        self.field = self.field or str(self.parameter_name)
        super().__init__(request, params, model, model_admin)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Give value, label and whether it is chosen."""
        for value, label in self.lookup_choices:
            yield {"value": str(value), "display": label, "selected": self.value() == str(value)}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows with the chosen value; an unknown value gives no rows."""
        value = self.value()
        if not value:
            return queryset
        if value not in {str(known) for known, _label in self.lookup_choices}:
            return queryset.none()
        return queryset.filter(**{self.field: value})


class TextFilter(SimpleListFilter):
    """A text field; a subclass says what it means for the rows."""

    template = "console/filter_text.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Always show the field."""
        return [("text", "text")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Give what was typed."""
        yield {"value": self.value() or "", "selected": bool(self.value())}


class ClientFilter(SelectFilter):
    """One of the person's clients; hidden while the pages are narrowed to one anyway."""

    title = _("client")
    parameter_name = "client"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """List the person's clients."""
        if chosen_client(request):
            return []
        names = list(clients_of(person(request)).values_list("pk", "name")[: MAX_CHOICES + 1])
        return [(str(pk), name) for pk, name in names] if 1 < len(names) <= MAX_CHOICES else []


class SalesPointFilter(SelectFilter):
    """One of the sales points of the clients shown."""

    title = _("sales point")
    parameter_name = "sales_point"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """List the sales points; with several clients the client's name stands before."""
        shown = clients_shown(request)
        rows = list(SalesPoint.objects.filter(client__in=shown).select_related("client")[: MAX_CHOICES + 1])
        several = len({row.client_id for row in rows}) > 1
        labels = [(str(row.pk), f"{row.client} · {row}" if several else str(row)) for row in rows]
        return labels if 1 < len(rows) <= MAX_CHOICES else []


class DaysFilter(SimpleListFilter):
    """From one day to another, both included. `field` is a date column."""

    template = "console/filter_days.html"
    title = _("date")
    parameter_name = "from"
    until_name = "until"
    field = "dated_on"

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: type[Model], model_admin: ModelAdmin[Any]
    ) -> None:
        self.until = (params.pop(self.until_name, None) or [""])[-1]
        super().__init__(request, params, model, model_admin)

    def expected_parameters(self) -> list[str | None]:
        """Name both ends, so that paging keeps them."""
        return [self.parameter_name, self.until_name]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Always show the fields."""
        return [("day", "day")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Give the two ends as the form shows them."""
        yield {"from": self.value() or "", "until": self.until, "selected": bool(self.value() or self.until)}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows between the two days; what is no date is left aside."""
        for text, end in ((self.value(), "gte"), (self.until, "lte")):
            day = _date(text)
            if day is not None:
                queryset = queryset.filter(**{f"{self.field}__{end}": day})
        return queryset


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def days_of(field_name: str) -> type[DaysFilter]:
    """Make the filter for a date column."""
    return type("DaysFilter", (DaysFilter,), {"field": field_name})


def select_of(name: str, label: Any, choices: list[tuple[str, Any]], field_name: str = "") -> type[SelectFilter]:
    """Make a drop-down with fixed choices."""

    def lookups(self: SelectFilter, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return choices

    columns = {"title": label, "parameter_name": name, "field": field_name or name, "lookups": lookups}
    return type("SelectFilter", (SelectFilter,), columns)
