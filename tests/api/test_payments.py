"""Payments on their own, before and after the sale they pay."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.connections.models import InboundEvent
from backoffice.sales.models import Payment
from tests.api.conftest import Api, errors_of, kind_of, sale_body


def payment_body(reference: str = "vipps-78", **changes: Any) -> dict[str, Any]:
    """Give a later payment of sale 1001."""
    return {
        "reference": reference,
        "method": "vipps",
        "amount": "250.00",
        "currency": "NOK",
        "paid_at": "2026-11-21T00:30:00+01:00",
        "sale": "1001",
        **changes,
    }


def test_a_payment_is_stored_and_found_again(api: Api) -> None:
    api.post("/sales", sale_body())
    answer = api.post("/payments", payment_body(provider_reference="pi_1"))
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == "http://testserver/api/v1/payments/vipps-78"
    body = answer.json()
    assert body["amount"] == "250.00"
    assert body["paid_at"] == "2026-11-21T00:30:00+01:00"
    assert (body["sale"], body["matching_reference"]) == ("1001", "nettbutikk/1001")
    assert body["provider_reference"] == "pi_1"
    assert api.get("/payments/vipps-78").json() == body
    assert str(Payment.objects.get(reference="vipps-78").paid_on) == "2026-11-21"
    assert [one["reference"] for one in api.get("/sales/1001").json()["payments"]] == ["vipps-1001", "vipps-78"]


def test_a_payment_may_come_before_its_sale(api: Api) -> None:
    first = api.post("/payments", payment_body()).json()
    assert (first["sale"], first["matching_reference"]) == ("1001", None)
    api.post("/sales", sale_body())
    assert api.get("/payments/vipps-78").json()["matching_reference"] == "nettbutikk/1001"


def test_money_back_is_negative(api: Api) -> None:
    assert api.post("/payments", payment_body(amount="-250.00")).json()["amount"] == "-250.00"


def test_the_same_payment_again_is_the_same_payment(api: Api) -> None:
    api.post("/payments", payment_body())
    assert api.post("/payments", payment_body()).status_code == 200
    assert Payment.objects.count() == 1


def test_a_payment_that_came_inside_its_sale_is_the_same_payment(api: Api) -> None:
    api.post("/sales", sale_body())
    inside = payment_body("vipps-1001", amount="12500.00", paid_at="2026-11-20T12:00:05+01:00")
    assert api.post("/payments", inside).status_code == 200


def test_another_payment_under_a_used_reference_is_refused_with_the_fields_that_differ(api: Api) -> None:
    api.post("/payments", payment_body())
    answer = api.post("/payments", payment_body(amount="251.00", method="card"))
    assert answer.status_code == 409
    assert kind_of(answer) == "reference_used"
    assert errors_of(answer) == [("/method", "differs"), ("/amount", "differs")]
    assert InboundEvent.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sale": None},
        {"sale": ""},
        {"matching_reference": "nettbutikk/1001"},
        {"sale": None, "matching_reference": "a", "invoice_number": "b"},
    ],
)
def test_exactly_one_thing_is_paid(api: Api, change: dict[str, Any]) -> None:
    assert errors_of(api.post("/payments", payment_body(**change))) == [("/sale", "exactly_one")]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"amount": "0.00"}, "/amount", "wrong_sign"),
        ({"amount": 250}, "/amount", "amount_as_number"),
        ({"currency": None}, "/currency", "null"),
        ({"paid_at": "2026-11-21"}, "/paid_at", "not_a_time"),
        ({"sales": "1001"}, "/sales", "unknown_field"),
    ],
)
def test_a_wrong_payment_is_refused_at_its_place(api: Api, change: dict[str, Any], pointer: str, code: str) -> None:
    assert (pointer, code) in errors_of(api.post("/payments", payment_body(**change)))
    assert Payment.objects.count() == 0


def test_payments_are_listed_by_sale_method_and_day(api: Api) -> None:
    api.post("/sales", sale_body())
    api.post("/payments", payment_body())
    api.post("/payments", payment_body("card-1", method="card", sale="9"))

    def listed(query: str) -> list[str]:
        return [one["reference"] for one in api.get(f"/payments?{query}").json()["results"]]

    assert listed("") == ["card-1", "vipps-78", "vipps-1001"]
    assert listed("sale=1001") == ["vipps-78", "vipps-1001"]
    assert listed("method=card") == ["card-1"]
    assert listed("paid_on_to=2026-11-20") == ["vipps-1001"]
    assert listed("reference=card-1&paid_on_from=2026-11-21") == ["card-1"]
