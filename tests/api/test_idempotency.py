"""One Idempotency-Key, one effect, one answer."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from backoffice.api.idempotency import forget_old
from backoffice.api.models import IdempotencyKey
from backoffice.connections.models import InboundEvent
from backoffice.sales.models import Payment, Sale
from tests.api.conftest import Api, api_for, errors_of, kind_of, make_sales_point, sale_body

KEY = "6f1c2c1e-8f6e-4a0a-9a0e-0f3c6f1f2a11"
PAYMENT = {
    "reference": "vipps-78",
    "method": "vipps",
    "amount": "250.00",
    "currency": "NOK",
    "paid_at": "2026-11-21T09:00:00+01:00",
    "sale": "1001",
}


def test_the_same_request_again_gets_the_same_answer_byte_for_byte(api: Api) -> None:
    first = api.post("/sales", sale_body(), Idempotency_Key=KEY)
    again = api.post("/sales", sale_body(), Idempotency_Key=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert InboundEvent.objects.count() == 1


def test_the_order_of_keys_and_blanks_do_not_make_another_request(api: Api) -> None:
    body = sale_body()
    api.post("/sales", body, Idempotency_Key=KEY)
    assert api.post("/sales", dict(reversed(body.items())), Idempotency_Key=KEY).status_code == 201


def test_a_key_that_stands_for_another_request_is_refused(api: Api) -> None:
    api.post("/sales", sale_body(), Idempotency_Key=KEY)
    for path, body in (("/sales", sale_body("1002")), ("/payments", PAYMENT)):
        answer = api.post(path, body, Idempotency_Key=KEY)
        assert answer.status_code == 422
        assert kind_of(answer) == "idempotency_key_reused"
    assert Sale.objects.count() == 1
    assert Payment.objects.count() == 1


def test_keys_of_different_sales_points_do_not_meet(api: Api) -> None:
    api.post("/sales", sale_body(), Idempotency_Key=KEY)
    other = api_for(make_sales_point("nordlys", "kasse"))
    assert other.post("/sales", sale_body("1002"), Idempotency_Key=KEY).status_code == 201


def test_a_refused_request_leaves_its_key_free(api: Api) -> None:
    assert api.post("/sales", sale_body(total="1.00"), Idempotency_Key=KEY).status_code == 400
    assert IdempotencyKey.objects.count() == 0
    assert api.post("/sales", sale_body(), Idempotency_Key=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a b", "n\u00f8kkel"])
def test_a_key_is_visible_ascii(api: Api, key: str) -> None:
    answer = api.post("/sales", sale_body(), Idempotency_Key=key)
    assert answer.status_code == 400
    assert kind_of(answer) == "invalid_header"
    assert errors_of(answer) == [("", "invalid_key")]
    assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_a_key_of_200_characters_is_taken(api: Api) -> None:
    assert api.post("/sales", sale_body(), Idempotency_Key="x" * 200).status_code == 201


def test_answers_are_forgotten_after_seven_days(api: Api) -> None:
    api.post("/sales", sale_body(), Idempotency_Key=KEY)
    assert forget_old(now=timezone.now() + timedelta(days=6)) == 0
    assert forget_old(now=timezone.now() + timedelta(days=8)) == 1
    assert IdempotencyKey.objects.count() == 0


def test_an_old_key_may_be_used_anew_before_it_is_cleaned_away(api: Api) -> None:
    api.post("/sales", sale_body(), Idempotency_Key=KEY)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=8))
    answer = api.post("/sales", sale_body("1002"), Idempotency_Key=KEY)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", [KEY, None])
def test_two_requests_at_the_same_moment_have_one_effect(transactional_db: None, key: str | None) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]  # SQLite only
        pytest.skip("An in-memory database has one connection; PostgreSQL runs this.")
    apis = [api_for(make_sales_point("nordlys", "nettbutikk"))]
    apis.append(Api(apis[0].key, type(apis[0].browser)(raise_request_exception=False)))
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def send(one: Api) -> None:
        barrier.wait()
        headers = {"Idempotency_Key": key} if key else {}
        statuses.append(one.post("/sales", sale_body(), **headers).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send, args=(one,)) for one in apis]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(statuses) == ([201, 201] if key else [200, 201])
    assert Sale.objects.count() == Payment.objects.count() == 1
