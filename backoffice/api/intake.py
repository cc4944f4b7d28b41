"""Take in what was sent: raw body and what was read from it are one transaction, or nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.parsers import read_body
from backoffice.connections.inbox import accept
from backoffice.connections.models import EventSource, InboundEvent

T = TypeVar("T")


def take_in(request: Request, topic: str, record: Callable[[InboundEvent], T]) -> T:
    """Store the raw body as one inbound event and record what it holds, durably, before the answer goes out.

    A batch is one event too: the body as it came, in which each sale is found by its reference.
    """
    holder = key_holder(request)
    with transaction.atomic():
        accepted = accept(
            client=holder.sales_point.client,
            sales_point=holder.sales_point,
            api_key=holder.api_key,
            source=EventSource.API,
            topic=topic,
            body=read_body(request._request),
            headers=request.headers,
            is_processed=True,
        )
        return record(accepted.event)


def once_more(record: Callable[[], T]) -> T:
    """Run a service again when a unique index refused it: somebody brought the same reference at the same moment.

    The second time it finds that row. What is refused twice is not a race; IntegrityError goes on to the caller.
    """
    try:
        return record()
    except IntegrityError:
        return record()


def recorded(request: Request, shown: dict[str, Any], *, is_new: bool, path: str) -> Response:
    """Answer 201 for what is new and 200 for what was there, with its address."""
    headers = {"Location": request.build_absolute_uri(path)}
    return Response(shown, status=201 if is_new else 200, headers=headers)
