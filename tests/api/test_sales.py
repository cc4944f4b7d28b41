"""Sales through the API: stored durably, once, and readable afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backoffice.clients.models import SalesPoint
from backoffice.connections.models import InboundEvent
from backoffice.connections.states import EventState
from backoffice.sales.models import Payment, Sale
from backoffice.vouchers.models import Voucher
from tests.api.conftest import Api, api_for, cash_body, errors_of, kind_of, make_sales_point, sale_body


def test_a_sale_is_stored_with_its_raw_body_and_answered_with_its_address(api: Api) -> None:
    body = sale_body()
    raw = json.dumps(body, indent=3).encode()
    answer = api.post("/sales", raw)
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == "http://testserver/api/v1/sales/1001"
    event = InboundEvent.objects.get()
    assert bytes(event.body) == raw
    assert (event.source, event.topic, event.state) == ("api", "sales", EventState.PROCESSED)
    assert Sale.objects.get().event == event
    assert Payment.objects.get().event == event


def test_the_answer_is_the_sale_as_it_was_sent_with_what_became_of_it(api: Api) -> None:
    body = sale_body()
    answer = api.post("/sales", body).json()
    for name in ("reference", "revision", "kind", "sold_at", "delivered_on", "currency", "total", "payments"):
        shown = answer[name]
        if name == "payments":
            shown = [{key: value for key, value in payment.items() if value is not None} for payment in shown]
        assert shown == body[name], name
    assert answer["lines"][0] == body["lines"][0] | {"kind": "goods", "vat_amount": "2500.00"}
    assert answer["customer"]["organisation_number"] == "923609016"
    assert answer["state"] == "recorded"
    assert answer["matching_reference"] == "nettbutikk/1001"
    assert answer["voucher"] is None
    assert answer["invoice_number"] is None
    assert answer["rounding"] == answer["tip"] == "0.00"
    assert api.get("/sales/1001").json() == answer


def test_the_same_body_again_is_the_same_sale(api: Api) -> None:
    first = api.post("/sales", sale_body())
    again = api.post("/sales", sale_body())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Sale.objects.count() == Payment.objects.count() == 1


def test_another_body_under_a_used_reference_is_refused_with_the_fields_that_differ(api: Api) -> None:
    api.post("/sales", sale_body())
    changed = sale_body(sold_at="2026-11-20T12:30:00+01:00")
    changed["lines"][0] |= {"description": "Armchair", "amount": "12400.00"}
    changed["total"] = "12400.00"
    answer = api.post("/sales", changed)
    assert answer.status_code == 409
    assert kind_of(answer) == "reference_used"
    assert errors_of(answer) == [
        ("/sold_at", "differs"),
        ("/lines/0/description", "differs"),
        ("/lines/0/amount", "differs"),
        ("/total", "differs"),
    ]
    assert "Recorded is 12500.00, sent was 12400.00." in answer.content.decode()
    assert InboundEvent.objects.count() == 1


def test_a_used_payment_reference_is_named_at_its_place(api: Api) -> None:
    api.post("/sales", sale_body())
    second = sale_body("1002")
    second["payments"][0]["reference"] = "vipps-1001"
    answer = api.post("/sales", second)
    assert answer.status_code == 409
    assert errors_of(answer) == [("/payments/0/sale", "differs")]
    assert Sale.objects.count() == 1


def test_a_higher_revision_replaces_the_sale(api: Api) -> None:
    api.post("/sales", sale_body())
    changed = sale_body(revision=2)
    changed["lines"][0]["description"] = "Armchair"
    answer = api.post("/sales", changed)
    assert answer.status_code == 200
    assert answer.json()["revision"] == 2
    assert api.get("/sales/1001").json()["lines"][0]["description"] == "Armchair"
    assert Sale.objects.get().event == InboundEvent.objects.latest("id")


def test_a_higher_revision_of_the_same_content_is_the_same_sale(api: Api) -> None:
    api.post("/sales", sale_body())
    answer = api.post("/sales", sale_body(revision=2))
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)


def test_an_earlier_revision_that_comes_late_changes_nothing(api: Api) -> None:
    api.post("/sales", sale_body(revision=3))
    late = sale_body(revision=2, delivered_on="2026-11-19")
    answer = api.post("/sales", late)
    assert answer.status_code == 200
    assert (answer.json()["revision"], answer.json()["delivered_on"]) == (3, "2026-11-20")


def test_a_sale_that_is_on_its_way_keeps_the_change_for_a_person(api: Api, sales_point: SalesPoint) -> None:
    api.post("/sales", sale_body())
    voucher = Voucher.objects.create(
        client=sales_point.client,
        kind="sales_order",
        source_type="sale",
        source_key="1",
        state="approved",
        dated_on="2026-11-20",
        currency="NOK",
        approved_at="2026-11-20T12:00:00Z",
    )
    Sale.objects.update(voucher=voucher, state="routed")
    answer = api.post("/sales", sale_body(revision=2, delivered_on="2026-11-21"))
    assert answer.status_code == 200
    assert answer.json()["state"] == "needs_person"
    assert "delivered_on" in answer.json()["needs_person_because"]
    assert answer.json()["voucher"] == {"id": voucher.pk, "state": "approved", "number": None}


def test_prices_without_vat_get_it_added_line_by_line(api: Api) -> None:
    line = {"description": "Screw", "vat_rate": "25.00", "amount": "0.10"}
    lines = [line, line | {"vat_amount": "0.02"}]
    answer = api.post("/sales", cash_body(prices_include_vat=False, lines=lines, total="0.25", payments=[]))
    assert answer.status_code == 201, answer.content
    shown = answer.json()["lines"]
    assert [(one["reference"], one["amount"], one["vat_amount"]) for one in shown] == [
        ("1", "0.10", "0.03"),
        ("2", "0.10", "0.02"),
    ]
    assert [line.gross_minor for line in Sale.objects.get().lines.all()] == [13, 12]


def test_a_returned_line_has_a_negative_quantity_and_amount(api: Api) -> None:
    lines = [
        {"description": "Coffee", "quantity": "1", "vat_rate": "15.00", "amount": "45.00"},
        {"description": "Cup", "quantity": "-1", "vat_rate": "25.00", "amount": "-20.00"},
    ]
    answer = api.post("/sales", cash_body(lines=lines, total="25.00", payments=[]))
    assert answer.status_code == 201, answer.content
    assert answer.json()["lines"][1]["vat_amount"] == "-4.00"


def test_charges_are_named_by_their_kind_and_the_second_by_its_place(api: Api) -> None:
    charge = {"kind": "fee", "vat_rate": "25.00", "amount": "10.00"}
    answer = api.post("/sales", cash_body(charges=[charge, charge], total="65.00", payments=[]))
    assert [one["reference"] for one in answer.json()["charges"]] == ["fee", "fee-2"]


def test_a_currency_without_decimals_takes_amounts_without_decimals(api: Api) -> None:
    lines = [{"description": "Tea", "vat_rate": "10.00", "amount": "450"}]
    answer = api.post("/sales", cash_body(currency="JPY", lines=lines, total="450", payments=[]))
    assert answer.status_code == 201, answer.content
    assert answer.json()["total"] == "450"


def test_a_blank_organisation_number_is_stored_in_its_one_form(api: Api) -> None:
    body = sale_body()
    body["customer"]["organisation_number"] = " 923 609 016 "
    assert api.post("/sales", body).json()["customer"]["organisation_number"] == "923609016"


def test_two_sales_cannot_share_a_matching_reference(api: Api) -> None:
    api.post("/sales", sale_body("1001", matching_reference="R1"))
    answer = api.post("/sales", sale_body("1002", matching_reference="R1"))
    assert answer.status_code == 409
    assert errors_of(answer) == [("/matching_reference", "not_unique")]


@pytest.mark.parametrize("reference", ["#1001", "2026/11/1", "a b", "ø?&=", "batch"])
def test_any_printable_reference_is_found_at_the_address_that_was_given(api: Api, reference: str) -> None:
    answer = api.post("/sales", sale_body(reference))
    assert answer.status_code == 201, answer.content
    path = answer["Location"].removeprefix("http://testserver/api/v1")
    assert api.get(path).json()["reference"] == reference if reference != "batch" else True
    listed = api.browser.get(
        "/api/v1/sales", {"reference": reference}, headers={"Authorization": f"Bearer {api.key}"}
    ).json()
    assert [one["reference"] for one in listed["results"]] == [reference]


def test_a_sales_point_sees_only_its_own_sales(api: Api) -> None:
    api.post("/sales", sale_body())
    for other in (make_sales_point("nordlys", "kasse"), make_sales_point("annen", "butikk")):
        stranger = api_for(other)
        assert kind_of(stranger.get("/sales/1001")) == "not_found"
        assert stranger.get("/sales").json()["results"] == []
        assert stranger.post("/sales", sale_body()).status_code == 201


def test_nothing_is_stored_when_the_parts_do_not_add_up(api: Api) -> None:
    answer = api.post("/sales", sale_body(total="12500.01"))
    assert answer.status_code == 400
    assert kind_of(answer) == "totals_differ"
    assert errors_of(answer) == [("/total", "totals_differ")]
    assert "12500.00" in answer.json()["detail"]
    assert "12500.01" in answer.json()["detail"]
    assert InboundEvent.objects.count() == Sale.objects.count() == 0


def test_the_body_of_a_big_sale_is_taken(api: Api) -> None:
    lines = [{"description": f"Thing {n}", "vat_rate": "25.00", "amount": "1.00"} for n in range(1_000)]
    answer = api.post("/sales", cash_body(lines=lines, total="1000.00", payments=[]))
    assert answer.status_code == 201, answer.content
    too_many: dict[str, Any] = cash_body("2002", lines=[*lines, lines[0]], total="1001.00", payments=[])
    assert errors_of(api.post("/sales", too_many)) == [("/lines", "max_length")]
