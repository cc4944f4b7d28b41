"""The bad input table: every wrong body gets a problem that says where and what to write, and nothing is stored."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import RequestFactory

from backoffice.connections.models import InboundEvent
from backoffice.sales.models import Sale
from tests.api.conftest import Api, cash_body, errors_of, kind_of, sale_body

LINE = {"description": "Coffee", "quantity": "1", "vat_rate": "15.00", "amount": "45.00"}
PAID = {"reference": "p1", "method": "card", "amount": "45.00", "paid_at": "2026-11-20T13:05:10+01:00"}


def line(**changes: Any) -> dict[str, Any]:
    """Change the one line of a cup of coffee."""
    return {"lines": [LINE | changes]}


def buyer(**changes: Any) -> dict[str, Any]:
    """Change the buyer."""
    return {"customer": {"name": "Kunde AS", **changes}}


WRONG_SALES: dict[str, tuple[dict[str, Any], str, str]] = {
    "amount as a JSON number": (line(amount=45.00), "/lines/0/amount", "amount_as_number"),
    "amount as a whole number": ({"total": 45}, "/total", "amount_as_number"),
    "too few decimals": ({"total": "45"}, "/total", "wrong_decimals"),
    "too many decimals": (line(amount="45.000"), "/lines/0/amount", "wrong_decimals"),
    "decimals for yen": ({"currency": "JPY"}, "/total", "wrong_decimals"),
    "amount with a comma": ({"total": "45,00"}, "/total", "not_an_amount"),
    "amount with an exponent": ({"total": "4.5E1"}, "/total", "not_an_amount"),
    "amount with thousands": ({"total": "1 045.00"}, "/total", "not_an_amount"),
    "amount in full-width digits": ({"total": "\uff14\uff15.00"}, "/total", "not_an_amount"),
    "amount beyond any voucher": ({"total": "99999999999999.00"}, "/total", "not_an_amount"),
    "unknown currency": ({"currency": "NKR"}, "/currency", "unknown_currency"),
    "currency in small letters": ({"currency": "nok"}, "/currency", "unknown_currency"),
    "currency as a list": ({"currency": ["NOK"]}, "/currency", "not_a_string"),
    "local time": ({"sold_at": "2026-11-20T13:05:00"}, "/sold_at", "time_without_offset"),
    "no such time": ({"sold_at": "2026-02-30T13:05:00+01:00"}, "/sold_at", "not_a_time"),
    "time as a number": ({"sold_at": 1795176300}, "/sold_at", "not_a_time"),
    "a far year": ({"sold_at": "9999-12-31T23:59:59-12:00"}, "/sold_at", "not_a_time"),
    "date without dashes": ({"delivered_on": "20261120"}, "/delivered_on", "not_a_day"),
    "no such date": ({"delivered_on": "2026-02-30"}, "/delivered_on", "not_a_day"),
    "unknown kind": ({"kind": "cash_sales"}, "/kind", "not_a_choice"),
    "reference as a number": ({"reference": 1001}, "/reference", "not_a_string"),
    "empty reference": ({"reference": "  "}, "/reference", "blank"),
    "long reference": ({"reference": "x" * 101}, "/reference", "max_length"),
    "control character": ({"reference": "a\u0007b"}, "/reference", "control_character"),
    "NUL": (line(description="a\u0000b"), "/lines/0/description", "control_character"),
    "revision zero": ({"revision": 0}, "/revision", "min_value"),
    "revision as text": ({"revision": "2"}, "/revision", "not_a_whole_number"),
    "revision true": ({"revision": True}, "/revision", "not_a_whole_number"),
    "flag as text": ({"prices_include_vat": "true"}, "/prices_include_vat", "not_a_flag"),
    "no lines": ({"lines": []}, "/lines", "empty"),
    "lines as an object": ({"lines": {}}, "/lines", "not_a_list"),
    "a line that is text": ({"lines": ["Coffee"]}, "/lines/0", "not_an_object"),
    "unknown field": ({"refrence": "x"}, "/refrence", "unknown_field"),
    "unknown field deep down": (line(vatrate="15.00"), "/lines/0/vatrate", "unknown_field"),
    "unknown field with a slash": ({"a/b~c": 1}, "/a~1b~0c", "unknown_field"),
    "rate as a fraction of one": (line(vat_rate=0.15), "/lines/0/vat_rate", "not_a_rate"),
    "rate above a hundred": (line(vat_rate="250.00"), "/lines/0/vat_rate", "not_a_rate"),
    "negative rate": (line(vat_rate="-15.00"), "/lines/0/vat_rate", "not_a_rate"),
    "quantity as a number": (line(quantity=1), "/lines/0/quantity", "not_a_decimal"),
    "quantity of nothing": (line(quantity="0"), "/lines/0/quantity", "quantity_zero"),
    "quantity too fine": (line(quantity="1.00001"), "/lines/0/quantity", "too_many_decimals"),
    "a return with a positive amount": (line(quantity="-1"), "/lines/0/amount", "wrong_sign"),
    "unknown kind of line": (line(kind="shipping"), "/lines/0/kind", "not_a_choice"),
    "negative tip": ({"tip": "-1.00"}, "/tip", "wrong_sign"),
    "VAT that cannot come from the rate": (line(vat_amount="15.00"), "/lines", "vat_differs"),
    "two lines of one name": ({"lines": [LINE | {"reference": "a"}] * 2}, "/lines/1/reference", "not_unique"),
    "unknown kind of charge": (
        {"charges": [{"kind": "freight", "vat_rate": "25.00", "amount": "0.00"}]},
        "/charges/0/kind",
        "not_a_choice",
    ),
    "payment of nothing": ({"payments": [PAID | {"amount": "0.00"}]}, "/payments/0/amount", "wrong_sign"),
    "payment without a method": ({"payments": [PAID | {"method": None}]}, "/payments/0/method", "null"),
    "two payments of one name": ({"payments": [PAID, PAID]}, "/payments/1/reference", "not_unique"),
    "organisation number": (
        buyer(organisation_number="923609017"),
        "/customer/organisation_number",
        "invalid_identifier",
    ),
    "NIP": (
        buyer(tax_number="8567346216", address={"country": "PL"}),
        "/customer/tax_number",
        "invalid_identifier",
    ),
    "e-mail": (buyer(email="kari(at)example.no"), "/customer/email", "not_an_email"),
    "country": (buyer(address={"country": "NOR"}), "/customer/address/country", "unknown_country"),
    "nameless customer": ({"customer": {"email": "a@b.example"}}, "/customer/name", "required"),
    "KID": (
        {"invoice": {"number": "1", "issued_on": "2026-11-20", "kid": "1234567"}},
        "/invoice/kid",
        "invalid_identifier",
    ),
    "SAF-T reference too long": ({"saft": {"batch_id": "x" * 36, "source_id": "1"}}, "/saft/batch_id", "max_length"),
    "half a SAF-T reference": ({"saft": {"batch_id": "x"}}, "/saft/source_id", "required"),
    "unknown dimension": ({"dimensions": {"avdeling": "10"}}, "/dimensions/avdeling", "unknown_field"),
    "matching reference too long": ({"matching_reference": "x" * 51}, "/matching_reference", "max_length"),
    "wrong total": ({"total": "46.00"}, "/total", "totals_differ"),
}


@pytest.mark.parametrize("name", WRONG_SALES)
def test_a_wrong_sale_is_refused_at_the_place_where_it_is_wrong(api: Api, name: str) -> None:
    change, pointer, code = WRONG_SALES[name]
    answer = api.post("/sales", cash_body(**change))
    assert answer.status_code == 400, answer.content
    assert (pointer, code) in errors_of(answer)
    assert Sale.objects.count() == InboundEvent.objects.count() == 0


def test_everything_that_is_wrong_is_said_at_once(api: Api) -> None:
    body = cash_body(total=45, kind="cash", sold_at="2026-11-20")
    body["lines"][0]["vat_rate"] = "25 %"
    assert errors_of(api.post("/sales", body)) == [
        ("/kind", "not_a_choice"),
        ("/sold_at", "not_a_time"),
        ("/lines/0/vat_rate", "not_a_rate"),
        ("/total", "amount_as_number"),
    ]


def test_a_thousand_errors_are_cut_short(api: Api) -> None:
    unknown: dict[str, Any] = {f"field{n}": 1 for n in range(1_000)}
    answer = api.post("/sales", cash_body(**unknown))
    assert len(errors_of(answer)) == 51
    assert errors_of(answer)[-1] == ("", "more_errors")


def test_the_advice_says_what_to_write_instead(api: Api) -> None:
    details = {
        error["pointer"]: error["detail"]
        for error in api.post("/sales", cash_body(total=45, refrence="x", kind="cash")).json()["errors"]
    }
    assert '"125.00"' in details["/total"]
    assert details["/refrence"] == "There is no such field. Did you mean `reference`?"
    assert "cash_sale" in details["/kind"]


def test_an_invoice_needs_somebody_to_send_it_to(api: Api) -> None:
    assert errors_of(api.post("/sales", sale_body(customer=None))) == [("/customer", "required")]


def test_errors_are_in_english_whatever_the_browser_speaks(api: Api) -> None:
    answer = api.post("/sales", {}, Accept_Language="nb,pl;q=0.5")
    assert {error["detail"] for error in answer.json()["errors"]} == {"This field is required."}


MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b" ", "syntax"),
    "cut off": (b'{"reference": "1', "syntax"),
    "a trailing comma": (b'{"reference": "1",}', "syntax"),
    "single quotes": (b"{'reference': '1'}", "syntax"),
    "two values": (b"{} {}", "syntax"),
    "a raw control character": (b'{"reference": "a\nb"}', "syntax"),
    "NaN": (b'{"total": NaN}', "not_accepted"),
    "Infinity": (b'{"total": -Infinity}', "not_accepted"),
    "a key twice": (b'{"total": "1.00", "total": "2.00"}', "not_accepted"),
    "a key twice by an escape": (b'{"total": "1.00", "t\\u006ftal": "2.00"}', "not_accepted"),
    "Latin-1": ('{"reference": "ø"}'.encode("latin-1"), "not_utf8"),
    "UTF-16": ('{"reference": "1"}'.encode("utf-16"), "not_utf8"),
    "half a character": (b'{"reference": "\\ud83d"}', "half_a_character"),
    "half a character in a key": (b'{"\\ud83d": 1}', "half_a_character"),
    "deep": (b'{"a":' * 30 + b"1" + b"}" * 30, "too_deep"),
    "very deep": (b"[" * 300_000, "too_deep"),
    "a number of many digits": (b'{"revision": ' + b"9" * 10_000 + b"}", "number_too_long"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_strictly_json_is_refused(api: Api, name: str) -> None:
    body, code = MALFORMED[name]
    answer = api.post("/sales", body)
    assert answer.status_code == 400
    assert kind_of(answer) == "invalid_json"
    assert errors_of(answer) == [("", code)]


def test_a_syntax_error_names_its_place(api: Api) -> None:
    answer = api.post("/sales", b'{"reference": "1",\n "total" "2"}')
    assert "line 2, column 10" in answer.json()["detail"]


def test_a_byte_order_mark_is_forgiven(api: Api) -> None:
    assert errors_of(api.post("/sales", b"\xef\xbb\xbf{}"))[0] == ("/reference", "required")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1"])
def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    for path in ("/sales", "/sales/batch", "/payments", "/refunds"):
        answer = api.post(path, body)
        assert answer.status_code == 400, (path, answer.content)
        assert kind_of(answer) == "invalid_body"


def test_a_body_of_ten_mebibytes_is_too_large(api: Api) -> None:
    answer = api.post("/sales", b'{"reference": "' + b"x" * 10_485_760 + b'"}')
    assert answer.status_code == 413
    assert kind_of(answer) == "too_large"
    assert "1,048,576" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["", "right"])
def test_a_refused_body_is_read_to_its_end_so_that_the_sender_hears_the_answer(api: Api, wsgi: Any, key: str) -> None:
    body = io.BytesIO(b"x" * 3_000_000)
    environ = RequestFactory().post("/api/v1/sales", HTTP_AUTHORIZATION=f"Bearer {api.key if key else ''}").environ
    environ |= {"CONTENT_LENGTH": "3000000", "CONTENT_TYPE": "application/json", "wsgi.input": body}
    statuses: list[str] = []
    list(wsgi(environ, lambda status, headers: statuses.append(status)))
    assert statuses == ["413 Request Entity Too Large" if key else "401 Unauthorized"]
    assert body.tell() == 3_000_000


def test_a_body_of_one_mebibyte_is_read(api: Api) -> None:
    body = b'{"reference": "' + b"x" * (1_048_576 - 17) + b'"}'
    assert len(body) == 1_048_576
    assert ("/reference", "max_length") in errors_of(api.post("/sales", body))


def test_a_body_in_pieces_without_a_length_is_asked_for_its_length(api: Api) -> None:
    answer = api.browser.generic(
        "POST",
        "/api/v1/sales",
        b"",
        content_type="application/json",
        headers={"Authorization": f"Bearer {api.key}", "Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )
    assert answer.status_code == 411
    assert kind_of(answer) == "length_required"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "json"]
)
def test_only_json_is_read(api: Api, content_type: str) -> None:
    answer = api.post("/sales", b'{"reference": "1"}', Content_Type=content_type)
    assert answer.status_code == 415
    assert kind_of(answer) == "unsupported_media_type"


def test_json_in_another_character_set_is_refused(api: Api) -> None:
    answer = api.post("/sales", b"{}", Content_Type="application/json; charset=iso-8859-1")
    assert answer.status_code == 415
    assert api.post("/sales", b"{}", Content_Type="Application/JSON; charset=UTF-8").status_code == 400


def test_any_accept_header_gets_json(api: Api) -> None:
    answer = api.get("/sales", Accept="text/html")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("path", ["/sales/", "/nothing", "/vouchers/x", "/inbound/"])
def test_an_unknown_address_is_a_problem_too(api: Api, path: str) -> None:
    for answer in (api.get(path), api.post(path, {})):
        assert answer.status_code == 404
        assert kind_of(answer) == "not_found"


def test_an_unknown_address_needs_no_csrf_token(api: Api) -> None:
    strict = Api(api.key, type(api.browser)(enforce_csrf_checks=True))
    for path in ("/sale", "/vouchers/-1/hold", "/sales/%0a"):
        assert strict.post(path, {}).status_code == 404
        assert kind_of(strict.post(path, {})) == "not_found"


def test_a_wrong_method_is_told_the_right_ones(api: Api) -> None:
    answer = api.send("DELETE", "/sales/1")
    assert answer.status_code == 405
    assert kind_of(answer) == "method_not_allowed"
    assert "GET" in answer["Allow"]


def test_what_breaks_is_logged_and_told_under_its_request_id(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **keywords: Any) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("backoffice.api.sales.record_sale", broken)
    answer = api.post("/sales", sale_body())
    assert answer.status_code == 500
    assert kind_of(answer) == "internal"
    assert "secret" not in answer.content.decode()
    assert "the secret inside" in caplog.text
    assert InboundEvent.objects.count() == 0
