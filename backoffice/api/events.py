"""What happened at a sales point, as a feed: the same bodies that webhooks carry, for those who cannot take them."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.fields import TimeField
from backoffice.api.outgoing import Out, text, word
from backoffice.api.problems import EVENTS_GONE, INVALID_QUERY, Error, Problem
from backoffice.clients.models import SalesPoint
from backoffice.webhooks.forgetting import kept_days
from backoffice.webhooks.models import EventType, OutgoingEvent
from backoffice.webhooks.selectors import events_of, forgotten_after
from backoffice.webhooks.services import publish

PAGE_SIZE = 100
MAX_PAGE_SIZE = 500


class EventOutput(Out):
    """An event, exactly as webhooks carry it. data depends on the type; docs/api.md lists it."""

    id = text()
    type = word(EventType)
    occurred_at = TimeField()
    client = text()
    sales_point = text(null=True)
    data = serializers.DictField(child=serializers.JSONField(allow_null=True))  # type: ignore[assignment]  # its name in the body


class EventsOutput(Out):
    """Events after the one asked for, oldest first; has_more says whether there are more now."""

    results = EventOutput(many=True)
    has_more = serializers.BooleanField()


def _wrong(name: str, detail: str) -> Problem:
    return Problem(INVALID_QUERY, f"{name}: {detail}", [Error("invalid_parameter", detail, parameter=name)])


def _after(point: SalesPoint, given: str) -> int:
    """Give the number behind which to begin; 0 without `after`."""
    if not given:
        return 0
    try:
        uid = UUID(given)
    except ValueError as error:
        raise _wrong("after", "Write the id of the last event that you have seen.") from error
    event = OutgoingEvent.objects.filter(uid=uid, sales_point=point).first()
    if event is None or event.sequence is None:
        raise _wrong("after", "No event of this sales point has that id; begin without `after`.")
    if forgotten_after(point, event.sequence):
        raise Problem(
            EVENTS_GONE,
            f"Events are kept for {kept_days()} days, and some after this one are gone. Begin without `after`, and "
            "`GET` the sales that you have not heard of since.",
        )
    return event.sequence


def _size(given: str) -> int:
    if not given:
        return PAGE_SIZE
    if not (given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= MAX_PAGE_SIZE):
        raise _wrong("page_size", f"Write a whole number from 1 to {MAX_PAGE_SIZE}.")
    return int(given)


class EventsView(ApiView):
    """The events of the key's sales point. problems: what the API page says beside what all operations have."""

    problems: ClassVar = {"410": "Events after the one you name are kept no longer; begin without `after`."}

    @extend_schema(
        operation_id="list_events",
        summary="Follow what happens",
        tags=["Events"],
        parameters=[
            OpenApiParameter("after", str, description="The id of the last event you saw; empty: from the first."),
            OpenApiParameter("page_size", int, description=f"At most {MAX_PAGE_SIZE}; {PAGE_SIZE} by default."),
        ],
        responses={200: EventsOutput},
    )
    def get(self, request: Request) -> Response:
        """Give events oldest first. No event that shows up later stands before one that was given already."""
        point = key_holder(request).sales_point
        given: dict[str, Any] = request.query_params.dict()
        if unknown := next((name for name in given if name not in ("after", "page_size")), None):
            raise _wrong(unknown[:40], "This parameter is not known; there are `after` and `page_size`.")
        size, after = _size(given.get("page_size", "")), _after(point, given.get("after", ""))
        publish(point.client)
        found = list(events_of(point).filter(sequence__gt=after)[: size + 1])
        return Response({"results": [event.content for event in found[:size]], "has_more": len(found) > size})
