"""A shop downloads the document of a sale or refund; what is missing for it is said in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from backoffice.api.examples import SALE_BODY
from backoffice.api.models import IdempotencyKey
from backoffice.clients.models import SalesPoint
from backoffice.invoices.models import SellerProfile
from tests.api.conftest import Api, api_for, errors_of, kind_of, make_sales_point
from tests.invoices.conftest import give_profile, pango
from tests.invoices.ehf_rules import broken
from tests.invoices.reading import text_of

__all__ = ["pango"]
pytestmark = pytest.mark.usefixtures("pango")
INVOICE = {"number": "F-77", "issued_on": "2026-11-20", "due_on": None, "kid": None}


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Keep the files of a test in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "documents"


def test_the_paid_invoice_comes_as_pdf_and_is_the_same_the_second_time(api: Api, sales_point: SalesPoint) -> None:
    give_profile(sales_point.client)
    api.post("/sales", SALE_BODY | {"invoice": INVOICE})

    first, second = (api.get(f"/documents/sales/{SALE_BODY['reference']}") for _ in range(2))

    assert (first.status_code, first["Content-Type"]) == (200, "application/pdf")
    assert first["Content-Disposition"] == 'attachment; filename="paid-invoice-F-77.pdf"'
    assert "F-77" in text_of(first.content)
    assert (first.content, first["ETag"]) == (second.content, second["ETag"])


def test_what_is_missing_is_a_problem_with_what_to_do(api: Api, sales_point: SalesPoint) -> None:
    api.post("/sales", SALE_BODY | {"invoice": INVOICE})

    answer = api.get(f"/documents/sales/{SALE_BODY['reference']}")

    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (409, "document_incomplete")
    assert "no seller details yet" in answer.json()["detail"]
    assert SellerProfile.objects.count() == 0


def test_unknown_sales_and_refunds_are_not_found_and_refunds_wait_for_their_sale(api: Api) -> None:
    assert api.get("/documents/sales/none").status_code == 404
    assert api.get("/documents/refunds/none").status_code == 404
    body = {
        "reference": "R-1", "sale": "later", "refunded_at": "2026-11-21T12:00:00+01:00", "amount": "10.00",
        "currency": "NOK",
    }  # fmt: skip
    assert api.post("/refunds", body).status_code == 201

    assert "has not arrived yet" in api.get("/documents/refunds/R-1").json()["detail"]


def test_a_key_is_needed(api: Api) -> None:
    assert api.get("/documents/sales/1", Authorization="").status_code == 401


def test_the_ehf_of_a_stored_invoice_is_linked_and_downloaded(api: Api, sales_point: SalesPoint) -> None:
    give_profile(sales_point.client)
    api.post("/sales", SALE_BODY | {"invoice": INVOICE})
    api.get(f"/documents/sales/{SALE_BODY['reference']}")

    shown = api.get(f"/sales/{SALE_BODY['reference']}").json()["documents"][0]
    answer = api.get(shown["ehf_url"].removeprefix("/api/v1"))

    assert shown["ehf_url"].endswith(shown["sha256"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    assert broken(answer.content, is_sent=False) == []
    assert b"<cbc:ID>F-77</cbc:ID>" in answer.content
    assert api.get(f"/documents/ehf/{'0' * 64}").status_code == 404


def test_a_link_for_the_customer_is_made_by_the_hash_of_a_document_of_this_sales_point(
    api: Api, sales_point: SalesPoint
) -> None:
    give_profile(sales_point.client)
    api.post("/sales", SALE_BODY | {"invoice": INVOICE})
    pdf = api.get(f"/documents/sales/{SALE_BODY['reference']}")
    body = {"sha256": pdf["ETag"].strip('"')}

    first, second = (api.post("/documents/links", body, Idempotency_Key="same") for _ in range(2))

    assert (first.status_code, set(first.json())) == (201, {"url", "expires_at"})
    assert first.json()["url"] != second.json()["url"]
    assert first.json()["url"].startswith("http://127.0.0.1:8000/d/")
    assert Browser().get(first.json()["url"].removeprefix("http://127.0.0.1:8000")).content == pdf.content
    assert IdempotencyKey.objects.count() == 0
    for point in (make_sales_point("nordlys", "other"), make_sales_point("stranger", "other")):
        assert kind_of(api_for(point).post("/documents/links", body)) == "not_found"
    assert kind_of(api.post("/documents/links", {"sha256": "0" * 64})) == "not_found"
    assert errors_of(api.post("/documents/links", {"sha256": "0"}))[0][0] == "/sha256"
    assert errors_of(api.post("/documents/links", {}))[0] == ("/sha256", "required")
    assert api.post("/documents/links", body, Authorization="").status_code == 401
