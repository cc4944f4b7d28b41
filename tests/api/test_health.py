"""Health, readiness and figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from backoffice.api import health, metrics
from backoffice.clients.models import SalesPoint
from backoffice.connections.models import Connection, Delivery, DeliveryAttempt
from backoffice.vouchers.models import Voucher
from tests.api.conftest import Api, sale_body


class Answering:
    """Redis, when all is well."""

    def ping(self) -> bool:
        """Answer."""
        return True


def refusing() -> Any:
    """Redis, when it is away."""
    raise RedisConnectionError("refused")


def test_the_process_answers_without_asking_anybody() -> None:
    answer = Browser().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_database_migrations_and_redis_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "redis", Answering)
    answer = Browser().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "missing": {}})


@pytest.mark.django_db
def test_not_ready_says_what_is_missing_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "redis", refusing)
    answer = Browser().get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["redis"]
    assert "REDIS_URL" in answer.json()["missing"]["redis"]


@pytest.mark.django_db
def test_not_ready_while_migrations_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "redis", Answering)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'api'")
    answer = Browser().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == {"migrations": "1 migrations wait; run `manage.py migrate`."}


def test_not_ready_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(health, "redis", Answering)
    monkeypatch.setattr("backoffice.api.health.connection.cursor", away)
    monkeypatch.setattr(health, "MigrationExecutor", lambda _: away())
    answer = Browser().get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json()["missing"]) == {"database", "migrations"}


def lines_of(**headers: str) -> list[str]:
    """Give the lines of /metrics that hold figures."""
    answer = Browser().get("/metrics", headers=headers)
    assert answer.status_code == 200
    return [line for line in answer.content.decode().splitlines() if not line.startswith("#")]


def test_the_figures_tell_how_the_work_is_going(
    api: Api, sales_point: SalesPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "queue_depth", lambda: 7)
    api.post("/sales", sale_body())
    now = timezone.now()
    books = Connection.objects.create(client=sales_point.client, key="books", provider="poweroffice", paused_at=now)
    posted = Voucher.objects.create(
        client=sales_point.client,
        kind="sales_order",
        source_type="sale",
        source_key="1",
        state="posted",
        dated_on=now.date(),
        currency="NOK",
        approved_at=now,
        posted_at=now,
        occurred_at=now - timedelta(seconds=40),
        external_id="1",
    )
    delivery = Delivery.objects.create(
        client=sales_point.client,
        connection=books,
        kind="sales_order",
        subject_type="voucher",
        subject_id=posted.pk,
        reference="0b8a5d3c-6f0e-5b86-9d52-3a5f6c2f1a11",
        document={},
        document_sha256="",
        total_minor=1,
        currency="NOK",
        dated_on=now.date(),
        next_attempt_at=now,
    )
    Delivery.objects.update(created_at=now - timedelta(minutes=10))
    DeliveryAttempt.objects.create(delivery=delivery, at=now, operation="send", outcome="retryable", http_status=429)
    lines = lines_of()
    assert "backoffice_queue_depth 7.0" in lines
    assert "backoffice_redis_up 1.0" in lines
    assert 'backoffice_deliveries{state="waiting"} 1.0' in lines
    assert 'backoffice_deliveries{state="in_doubt"} 0.0' in lines
    assert 'backoffice_vouchers{state="posted"} 1.0' in lines
    assert 'backoffice_inbound_events{state="processed"} 1.0' in lines
    assert 'backoffice_event_to_posted_seconds_bucket{le="30"} 0.0' in lines
    assert 'backoffice_event_to_posted_seconds_bucket{le="60"} 1.0' in lines
    assert 'backoffice_event_to_posted_seconds_bucket{le="+Inf"} 1.0' in lines
    assert "backoffice_connections_paused 1.0" in lines
    talk = f'connection="{books.pk}",http_status="429",outcome="retryable",provider="poweroffice"'
    assert f"backoffice_provider_calls_last_hour{{{talk}}} 1.0" in sorted_labels(lines)
    age = next(float(line.split()[1]) for line in lines if line.startswith("backoffice_oldest_delivery_age_seconds"))
    assert 600 <= age < 660
    assert "ordlys" not in "\n".join(lines)


def sorted_labels(lines: list[str]) -> list[str]:
    """Bring the labels of each line into one order."""
    found = []
    for line in lines:
        name, brace, rest = line.partition("{")
        labels, _, value = rest.partition("}")
        found.append(f"{name}{{{','.join(sorted(labels.split(',')))}}}{value}" if brace else line)
    return found


@pytest.mark.django_db
def test_without_redis_the_figures_of_the_database_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "queue_depth", refusing)
    lines = lines_of()
    assert "backoffice_redis_up 0.0" in lines
    assert not [line for line in lines if line.startswith("backoffice_queue_depth")]


@pytest.mark.django_db
def test_a_token_keeps_the_figures_to_those_who_have_it(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "queue_depth", lambda: 0)
    settings.METRICS_TOKEN = "figures"
    assert Browser().get("/metrics").status_code == 401
    assert Browser().get("/metrics", headers={"Authorization": "Bearer figure\u00f8"}).status_code == 401
    assert lines_of(Authorization="Bearer figures")
