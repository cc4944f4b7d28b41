"""A batch: each sale answered on its own, the body kept as it came."""

from __future__ import annotations

import json

from backoffice.connections.models import InboundEvent
from backoffice.sales.models import Sale
from tests.api.conftest import Api, cash_body, errors_of, kind_of, sale_body


def test_each_sale_is_answered_on_its_own_and_in_order(api: Api) -> None:
    api.post("/sales", sale_body("1"))
    sales = [sale_body("1"), sale_body("2"), sale_body("3", total="1.00"), sale_body("1", total="x"), "nonsense"]
    sales.append(sale_body("1", delivered_on="2026-11-21"))
    answer = api.post("/sales/batch", {"sales": sales})
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["accepted"], body["refused"]) == (2, 4)
    assert [item["index"] for item in body["results"]] == list(range(6))
    assert [item["status"] for item in body["results"]] == [200, 201, 400, 400, 400, 409]
    assert [item["reference"] for item in body["results"]] == ["1", "2", "3", "1", None, "1"]
    assert body["results"][1]["sale"] == api.get("/sales/2").json()
    assert body["results"][2]["problem"]["type"].endswith("totals_differ")
    assert body["results"][5]["problem"]["errors"][0]["pointer"] == "/delivered_on"


def test_the_body_is_one_event_from_which_all_its_sales_come(api: Api) -> None:
    raw = json.dumps({"sales": [cash_body("1"), cash_body("2")]}).encode()
    api.post("/sales/batch", raw)
    event = InboundEvent.objects.get()
    assert bytes(event.body) == raw
    assert event.topic == "sales/batch"
    assert set(Sale.objects.values_list("event_id", flat=True)) == {event.pk}


def test_a_batch_in_which_nothing_can_be_read_stores_nothing(api: Api) -> None:
    answer = api.post("/sales/batch", {"sales": [{}, {}]})
    assert [item["status"] for item in answer.json()["results"]] == [400, 400]
    assert InboundEvent.objects.count() == 0


def test_the_same_batch_again_changes_nothing(api: Api) -> None:
    batch = {"sales": [cash_body(str(n)) for n in range(20)]}
    first = api.post("/sales/batch", batch).json()
    again = api.post("/sales/batch", batch).json()
    assert {item["status"] for item in first["results"]} == {201}
    assert {item["status"] for item in again["results"]} == {200}
    assert [item["sale"] for item in again["results"]] == [item["sale"] for item in first["results"]]
    assert Sale.objects.count() == 20


def test_a_sale_twice_in_one_batch_is_one_sale(api: Api) -> None:
    answer = api.post("/sales/batch", {"sales": [cash_body("1"), cash_body("1")]}).json()
    assert [item["status"] for item in answer["results"]] == [201, 200]


def test_500_sales_are_taken_and_501_are_not(api: Api) -> None:
    answer = api.post("/sales/batch", {"sales": [cash_body(str(n)) for n in range(500)]})
    assert answer.json()["accepted"] == 500
    too_many = api.post("/sales/batch", {"sales": [{}] * 501})
    assert kind_of(too_many) == "invalid_body"
    assert errors_of(too_many) == [("/sales", "max_length")]


def test_the_envelope_is_as_strict_as_a_sale(api: Api) -> None:
    assert errors_of(api.post("/sales/batch", {"sale": []})) == [("/sales", "required"), ("/sale", "unknown_field")]
    assert errors_of(api.post("/sales/batch", {"sales": []})) == [("/sales", "min_length")]
    assert errors_of(api.post("/sales/batch", {"sales": {}})) == [("/sales", "not_a_list")]


def test_a_batch_under_a_key_is_answered_again_as_a_whole(api: Api) -> None:
    batch = {"sales": [cash_body("1"), cash_body("2", total="1.00")]}
    first = api.post("/sales/batch", batch, Idempotency_Key="b1")
    again = api.post("/sales/batch", batch, Idempotency_Key="b1")
    assert again.content == first.content
    assert InboundEvent.objects.count() == 1


def test_two_sales_with_one_matching_reference_do_not_stop_the_others(api: Api) -> None:
    sales = [cash_body("1", matching_reference="R"), cash_body("2", matching_reference="R"), cash_body("3")]
    answer = api.post("/sales/batch", {"sales": sales}).json()
    assert [item["status"] for item in answer["results"]] == [201, 409, 201]
    assert Sale.objects.count() == 2
