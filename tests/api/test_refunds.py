"""Refunds: with lines, and amounts alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from backoffice.api.examples import REFUND_BODY
from backoffice.connections.models import InboundEvent
from backoffice.sales.models import Payment, Refund
from tests.api.conftest import Api, errors_of, kind_of, sale_body


def refund_body(**changes: Any) -> dict[str, Any]:
    """Give one chair back."""
    return {**copy.deepcopy(REFUND_BODY), **changes}


def test_a_refund_is_stored_and_its_money_goes_back(api: Api) -> None:
    api.post("/sales", sale_body())
    answer = api.post("/refunds", refund_body())
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["currency"], body["amount"], body["sale"]) == ("NOK", "6250.00", "1001")
    assert body["lines"] == REFUND_BODY["lines"]
    assert body["payments"][0]["amount"] == "6250.00"
    assert Payment.objects.get(reference="vipps-79").amount_minor == -625_000
    assert api.get("/refunds/R-1001-1").json() == body
    assert [one["reference"] for one in api.get("/refunds?sale=1001").json()["results"]] == ["R-1001-1"]


def test_a_refund_again_is_the_same_and_another_body_is_refused(api: Api) -> None:
    api.post("/sales", sale_body())
    api.post("/refunds", refund_body())
    assert api.post("/refunds", refund_body()).status_code == 200
    answer = api.post("/refunds", refund_body(reason="Another reason"))
    assert answer.status_code == 409
    assert kind_of(answer) == "reference_used"
    assert errors_of(answer) == [("/reason", "differs")]
    other_payment = copy.deepcopy(REFUND_BODY["payments"][0]) | {"amount": "6200.00"}
    answer = api.post("/refunds", refund_body(payments=[other_payment]))
    assert ("/payments/0/amount", "differs") in errors_of(answer)
    assert Refund.objects.count() == 1


def test_an_amount_alone_is_a_refund(api: Api) -> None:
    api.post("/sales", sale_body())
    answer = api.post("/refunds", refund_body(lines=None, payments=None, amount="100.00"))
    assert answer.status_code == 201, answer.content
    assert answer.json()["lines"] == answer.json()["charges"] == []


def test_a_refund_whose_sale_has_not_arrived_must_say_its_currency(api: Api) -> None:
    answer = api.post("/refunds", refund_body())
    assert errors_of(answer) == [("/currency", "required")]
    assert InboundEvent.objects.count() == 0
    assert api.post("/refunds", refund_body(currency="NOK")).status_code == 201


@pytest.mark.parametrize("currency", [["NOK"], {"code": "NOK"}, 578, True])
def test_a_currency_that_is_no_text_is_refused_where_the_sale_is_not_known(api: Api, currency: Any) -> None:
    answer = api.post("/refunds", refund_body(sale="later", currency=currency))
    assert answer.status_code == 400
    assert "/currency" in [pointer for pointer, _code in errors_of(answer)]


def test_a_refund_is_in_the_currency_of_its_sale(api: Api) -> None:
    api.post("/sales", sale_body())
    assert errors_of(api.post("/refunds", refund_body(currency="SEK"))) == [("/currency", "another_currency")]


def test_parts_that_do_not_add_up_are_refused_with_both_sums(api: Api) -> None:
    api.post("/sales", sale_body())
    answer = api.post("/refunds", refund_body(charges=[{"kind": "shipping", "amount": "49.00"}]))
    assert errors_of(answer) == [("/amount", "totals_differ")]
    assert "6299.00" in answer.content.decode()
    assert "6250.00" in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"amount": "-6250.00"}, "/amount", "wrong_sign"),
        ({"lines": [{"reference": "1", "quantity": "-1", "amount": "6250.00"}]}, "/lines/0/quantity", "wrong_sign"),
        ({"lines": [{"reference": "1", "quantity": "1", "amount": "-6250.00"}]}, "/lines/0/amount", "wrong_sign"),
        ({"sale": None}, "/sale", "null"),
        ({"sale": "10\x0001"}, "/sale", "control_character"),
        ({"refunded_at": "2026-11-25T10:00:00"}, "/refunded_at", "time_without_offset"),
        ({"charges": [{"kind": "goods", "amount": "1.00"}]}, "/charges/0/kind", "not_a_choice"),
    ],
)
def test_a_wrong_refund_is_refused_at_its_place(api: Api, change: dict[str, Any], pointer: str, code: str) -> None:
    api.post("/sales", sale_body())
    assert (pointer, code) in errors_of(api.post("/refunds", refund_body(**change)))
    assert Refund.objects.count() == 0


def test_a_credit_note_number_may_come_later_but_never_change(api: Api) -> None:
    api.post("/sales", sale_body())
    assert api.post("/refunds", refund_body()).json()["credit_note"] is None
    numbered = refund_body(credit_note={"number": "K-17", "issued_on": "2026-11-25"})
    answer = api.post("/refunds", numbered)
    assert answer.status_code == 200, answer.content
    assert answer.json()["credit_note"] == {"number": "K-17", "issued_on": "2026-11-25"}
    assert Refund.objects.get().credit_note_number == "K-17"
    answer = api.post("/refunds", refund_body(credit_note={"number": "K-18", "issued_on": "2026-11-25"}))
    assert answer.status_code == 409
    assert errors_of(answer) == [("/credit_note/number", "differs")]


@pytest.mark.parametrize(
    ("note", "pointer"),
    [
        ({}, "/credit_note/number"),
        ({"number": "K" * 31}, "/credit_note/number"),
        ({"number": "K", "day": 1}, "/credit_note/day"),
    ],
)
def test_a_credit_note_that_cannot_be_is_refused_at_its_place(api: Api, note: dict[str, Any], pointer: str) -> None:
    api.post("/sales", sale_body())
    assert [where for where, _ in errors_of(api.post("/refunds", refund_body(credit_note=note)))] == [pointer]


def test_money_back_shows_the_refunds_matching_reference(api: Api) -> None:
    api.post("/sales", sale_body())
    refund = api.post("/refunds", refund_body()).json()
    payment = api.get("/payments/vipps-79").json()
    assert payment["matching_reference"] == refund["matching_reference"]
    assert refund["matching_reference"].endswith("-rR-1001-1")
