"""For those who run it: is the process alive, is everything there that it needs, and how is the work going."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST
from redis.exceptions import RedisError

from backoffice.api.metrics import exposition
from backoffice.connections.queue import redis

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers. Asks nobody else, so a database that is away restarts no process."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether work can be taken: 200, or 503 with what is missing and what to do."""
    missing = {name: text for name, check in CHECKS.items() if (text := check())}
    status = 503 if missing else 200
    return JsonResponse({"status": "not ready" if missing else "ready", "missing": missing}, status=status)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the figures in Prometheus' format. With METRICS_TOKEN set it must come as a bearer token."""
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN and not hmac.compare_digest(given.encode(), wanted.encode()):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.\n", status=401, content_type="text/plain")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        logger.warning("The database does not answer: %s", error)
        return "The database does not answer; see DATABASE_URL."
    return ""


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "Not known while the database does not answer."
    return f"{len(waiting)} migrations wait; run `manage.py migrate`." if waiting else ""


def _redis() -> str:
    try:
        redis().ping()
    except RedisError as error:
        logger.warning("Redis does not answer: %s", error)
        return "Redis does not answer; see REDIS_URL. What arrives is stored and goes on when it is back."
    return ""


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "migrations": _migrations, "redis": _redis}
