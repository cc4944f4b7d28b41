"""The OpenAPI document tells the truth: answers fit it, and what it allows never breaks us."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client as Browser
from openapi_schema_validator import OAS31Validator

from backoffice.api.examples import BATCH, PAYMENT, REFUND, SALE
from backoffice.api.problems import KINDS
from backoffice.clients.models import SalesPoint
from backoffice.webhooks.models import OutgoingEvent
from backoffice.webhooks.services import announce
from tests.api.conftest import Api, cash_body, sale_body
from tests.api.test_payments import payment_body
from tests.api.test_refunds import refund_body
from tests.api.test_vouchers import act, make_voucher, person

METHODS = {"get", "post"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Give the document as it is served."""
    answer = Browser().get("/api/schema/?format=json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """List (path, method, operation)."""
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def assert_fits(document: dict[str, Any], path: str, method: str, answer: Any) -> None:
    """Check an answer against the document, to the last key."""
    response = document["paths"][path][method]["responses"][str(answer.status_code)]
    schema = response["content"][answer["Content-Type"]]["schema"]
    whole = {**copy.deepcopy(schema), "components": closed(document["components"])}
    errors = sorted(OAS31Validator(whole).iter_errors(answer.json()), key=str)
    assert not errors, [f"{list(error.absolute_path)}: {error.message[:200]}" for error in errors]


def closed(value: Any) -> Any:
    """Forbid keys that the document does not name."""
    if isinstance(value, dict):
        inner = {key: closed(one) for key, one in value.items()}
        if inner.get("type") == "object" and "properties" in inner:
            inner.setdefault("additionalProperties", False)
        return inner
    return [closed(one) for one in value] if isinstance(value, list) else value


def tell(point: SalesPoint) -> None:
    """Let something have happened at a sales point."""
    data = {"sale": "1", "revision": 1, "voucher": {"id": 1, "kind": "sales_order", "number": None}}
    announce(client=point.client, sales_point=point, type="voucher.posted", fact="1", data=data)


def test_every_answer_fits_the_document(api: Api, sales_point: SalesPoint, document: dict[str, Any]) -> None:
    invoice = {"number": "F-1", "issued_on": "2026-11-20", "due_on": "2026-12-04", "kid": None}
    full = sale_body("2", invoice=invoice, saft={"batch_id": "b", "source_id": "s"})
    for body in (sale_body("1"), full, cash_body("3")):
        assert_fits(document, "/api/v1/sales", "post", api.post("/sales", body))
    assert_fits(document, "/api/v1/sales", "post", api.post("/sales", sale_body("1")))
    assert_fits(document, "/api/v1/sales", "post", api.post("/sales", {}))
    assert_fits(document, "/api/v1/sales", "post", api.post("/sales", sale_body("1", delivered_on=None)))
    assert_fits(document, "/api/v1/sales/{reference}", "get", api.get("/sales/2"))
    assert_fits(document, "/api/v1/sales/{reference}", "get", api.get("/sales/none"))
    tell(sales_point)
    assert_fits(document, "/api/v1/events", "get", api.get("/events"))
    assert_fits(document, "/api/v1/events", "get", api.get("/events?after=x"))
    assert_fits(document, "/api/v1/sales", "get", api.get("/sales?page_size=1"))
    assert_fits(document, "/api/v1/sales", "get", api.get("/sales?page_size=x"))
    batch = {"sales": [cash_body("4"), {}]}
    assert_fits(document, "/api/v1/sales/batch", "post", api.post("/sales/batch", batch))
    assert_fits(document, "/api/v1/payments", "post", api.post("/payments", payment_body()))
    assert_fits(document, "/api/v1/payments/{reference}", "get", api.get("/payments/vipps-78"))
    assert_fits(document, "/api/v1/payments", "get", api.get("/payments"))
    refund = refund_body(charges=[{"kind": "fee", "amount": "1.00"}], amount="6251.00")
    assert_fits(document, "/api/v1/refunds", "post", api.post("/refunds", refund))
    assert_fits(document, "/api/v1/refunds/{reference}", "get", api.get("/refunds/R-1001-1"))
    assert_fits(document, "/api/v1/refunds", "get", api.get("/refunds"))


def test_every_answer_about_vouchers_fits_the_document(
    api: Api, sales_point: SalesPoint, document: dict[str, Any]
) -> None:
    reasons = [{"code": "account_missing", "detail": "Account 3000 is missing.", "subject": "3000"}]
    voucher = make_voucher(sales_point, reasons=reasons, original_dated_on="2026-11-19")
    somebody = person(sales_point)
    assert_fits(document, "/api/v1/vouchers", "get", api.get("/vouchers"))
    one = "/api/v1/vouchers/{voucher_id}"
    assert_fits(document, f"{one}/hold", "post", act(somebody, voucher, "hold", {"reason": "x"}))
    assert_fits(document, f"{one}/approve", "post", act(somebody, voucher, "approve", {"content_sha256": "ab" * 32}))
    assert_fits(document, one, "get", somebody.get(f"/vouchers/{voucher.pk}", Authorization=""))
    bulk = {"action": "release", "vouchers": [{"id": voucher.pk}, {"id": 0x7FFFFFFF}]}
    assert_fits(document, "/api/v1/vouchers/bulk", "post", somebody.post("/vouchers/bulk", bulk, Authorization=""))


def test_the_document_is_complete(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names)) == 39
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        problem = operation["responses"]["400"]["content"]["application/problem+json"]["schema"]
        assert problem == {"$ref": "#/components/schemas/ProblemOutput"}
        if method == "post" and "inbound" not in path and not path.endswith("/documents/links"):
            assert "Idempotency-Key" in [one["name"] for one in operation["parameters"]]
            assert {"409", "413", "415", "422"} <= set(operation["responses"])


def test_the_answer_to_a_late_reader_fits_the_document(
    api: Api, sales_point: SalesPoint, document: dict[str, Any]
) -> None:
    tell(sales_point)
    seen = api.get("/events").json()["results"][0]["id"]
    announce(client=sales_point.client, sales_point=sales_point, type="voucher.posted", fact="2", data={})
    api.get("/events")
    OutgoingEvent.objects.exclude(uid=seen).update(body="")
    gone = api.get(f"/events?after={seen}")
    assert gone.status_code == 410
    assert_fits(document, "/api/v1/events", "get", gone)


def test_the_examples_of_the_document_are_accepted(api: Api) -> None:
    for path, examples in {"/sales": SALE, "/sales/batch": BATCH, "/payments": PAYMENT, "/refunds": REFUND}.items():
        for example in examples:
            answer = api.post(path, example.value)
            assert answer.status_code in (200, 201), answer.content
            assert answer.json().get("refused", 0) == 0


def test_kinds_of_problems_have_names_of_their_own() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS) == 22


def test_the_docs_page_runs_no_inline_script() -> None:
    page = Browser().get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    scripts = [part.partition(">")[0] for part in text.split("<script")[1:]]
    assert scripts
    assert all("src=" in script for script in scripts)
    assert "'unsafe-inline'" not in page["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    assert "http://" not in text.replace("http://testserver", "")
    assert Browser().get("/api/docs/?script=").status_code == 200
