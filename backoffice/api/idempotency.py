"""The same write twice under one Idempotency-Key happens once and is answered twice.

Key, effect and answer are one transaction. A second request with the key, sent while the first still runs, waits for
it in the database (the unique index on PostgreSQL, the write lock on SQLite) and then gets the first one's answer.
Refused requests leave nothing behind: after a 4xx or 5xx the key is free for the mended request.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import caller_of
from backoffice.api.models import IdempotencyKey
from backoffice.api.problems import IDEMPOTENCY_KEY_REUSED, INVALID_HEADER, Error, Problem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,200}")
KEPT_FOR = timedelta(days=7)
DELETED_AT_ONCE = 5_000

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Callable[..., Response | HttpResponse]:
    """Let a view's post method take an Idempotency-Key."""

    @wraps(handler)
    def post(view: Any, request: Request, *args: Any, **keywords: Any) -> Response | HttpResponse:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **keywords)
        if not KEY.fullmatch(key):
            detail = f"{HEADER} has 1 to 200 visible ASCII characters; a UUID is a good one."
            raise Problem(INVALID_HEADER, detail, [Error("invalid_key", detail, parameter=HEADER)])
        with transaction.atomic():
            row, is_new = _claim(request, key)
            if not is_new:
                return _replay(row, request)
            response = handler(view, request, *args, **keywords)
            _remember(row, response)
        return response

    return post


def _route(request: Request) -> str:
    return f"{request.method} {request.path}"[:200]


def _fingerprint(request: Request) -> str:
    content = json.dumps(request.data, sort_keys=True, default=_as_text).encode()
    return hashlib.sha256(content).hexdigest()


def _as_text(value: Any) -> str:
    """Give a value as it is told from another one: a file by what is in it, not by its name."""
    if not isinstance(value, UploadedFile):
        return str(value)
    found = hashlib.sha256()
    for piece in value.chunks():
        found.update(piece)
    value.seek(0)
    return found.hexdigest()


def _claim(request: Request, key: str) -> tuple[IdempotencyKey, bool]:
    now = timezone.now()
    mine = IdempotencyKey.objects.filter(caller=caller_of(request), key=key)
    mine.filter(created_at__lt=now - KEPT_FOR).delete()
    if found := mine.first():
        return found, False
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(
                caller=caller_of(request),
                key=key,
                route=_route(request),
                request_sha256=_fingerprint(request),
                created_at=now,
            )
    except IntegrityError:
        return mine.get(), False
    return row, True


def _replay(row: IdempotencyKey, request: Request) -> HttpResponse:
    if row.route != _route(request) or row.request_sha256 != _fingerprint(request):
        raise Problem(
            IDEMPOTENCY_KEY_REUSED,
            f"The key stands for another request ({row.route}, {row.created_at:%Y-%m-%d %H:%M} UTC). "
            "Make a new key for every new request; repeat a key only with the same body.",
        )
    response = HttpResponse(row.answer, status=row.status, content_type="application/json")
    response[REPLAYED] = "true"
    if row.location:
        response["Location"] = row.location
    return response


def _remember(row: IdempotencyKey, response: Response) -> None:
    row.status = response.status_code
    row.location = response.get("Location", "")
    row.answer = JSONRenderer().render(response.data).decode()
    row.save(update_fields=["status", "location", "answer"])


def forget_old(*, now: datetime | None = None) -> int:
    """Delete answers older than seven days, a part at a time; give how many. For the schedule, once a day."""
    limit = (now or timezone.now()) - KEPT_FOR
    deleted = 0
    old = IdempotencyKey.objects.filter(created_at__lt=limit).values_list("pk", flat=True)
    while ids := list(old[:DELETED_AT_ONCE]):
        deleted += IdempotencyKey.objects.filter(pk__in=ids).delete()[0]
    return deleted
