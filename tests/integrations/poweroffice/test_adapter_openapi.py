"""Every request of the adapter against the vendor's OpenAPI document, where a copy of it is at hand."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from backoffice.contracts.accounting import (
    CustomerLink,
    DocumentKind,
    OrderLine,
    Party,
    ProductLink,
    ReversalDocument,
)
from backoffice.contracts.sales import Address, CustomerDetails
from integrations.exact_json import dumps
from integrations.poweroffice import wire_customers, wire_orders

from .books import (
    COMPANY,
    DAY,
    FOOD,
    PERSON,
    SALES,
    Office,
    make_invoice,
    make_journal,
    make_line,
    make_order,
    make_sending,
    nok,
    run_office,
)
from .openapi import SPECIFICATION, find_call

pytestmark = pytest.mark.skipif(not SPECIFICATION.exists(), reason="the vendor's OpenAPI document is not at hand")

#: Newer than the document of March 2025; each was seen in other integrators' sources of 2026.
NEWER_PARAMETERS = {
    ("/Customers", "organizationNumbers"),
    ("/Customers", "emailAddresses"),
    ("/SalesOrders", "externalImportReferences"),
    ("/OutgoingInvoices", "externalImportReferences"),
}
NEWER_CALLS = {
    ("POST", "/Vouchers/OutgoingInvoiceJournals"),
    ("POST", "/Vouchers/OutgoingCreditNoteJournals"),
    ("GET", "/Vouchers/OutgoingCreditNoteJournals/"),
}
PAGING = {"Fields", "OrderBy", "PageNumber", "PageSize"}


@functools.cache
def registry() -> Registry[Any]:
    """Give the document as something that references are followed in."""
    document = json.loads(SPECIFICATION.read_text())
    resource: Resource[Any] = Resource.from_contents(document, default_specification=DRAFT4)
    found: Registry[Any] = Registry().with_resource("urn:poweroffice", resource)
    return found


def problems(schema: str, body: Any) -> list[str]:
    """List what is wrong with a body, by a component's name."""
    validator = OAS30Validator(
        {"$ref": f"urn:poweroffice#/components/schemas/{schema}"},
        registry=registry(),
        format_checker=oas30_format_checker,
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def schema_of(call: dict[str, Any]) -> str:
    """Give the component that a call takes as its body."""
    schema = call["requestBody"]["content"]["application/json"]["schema"]
    return str(schema.get("$ref") or schema["allOf"][0]["$ref"]).rpartition("/")[2]


def everything(office: Office) -> None:
    """Make the adapter do all it can, with every field it knows filled at least once."""
    system, directory = office.system, office.directory
    system.identify()
    dimensions = {"department": "10", "location": "OSL", "project": "100", "dim1": "WEB", "dim2": "B2C", "dim3": "A"}
    line = OrderLine("line-1", SALES, "Jakke", Decimal(3), Decimal("33.33"), "KGM", dimensions)
    order = make_order(
        lines=(line, replace(line, reference="line-2", product=FOOD, quantity=Decimal("-0.5"))),
        total=nok("105.84"),
        delivered_on=DAY,
        branding_theme="PAID",
        customer_reference="Kari",
        dimensions=dimensions,
        customer=Party("webshop:C-8", replace(COMPANY, phone="+47 22 22 22 22", address=PERSON.address)),
    )
    request = system.prepare(order, directory)
    receipt = system.mend_total(order, system.send(request), directory)
    sending = system.prepare(make_sending("s-1", receipt.external_id, by_ehf=True), directory)
    system.send(sending)
    system.outcomes([sending], overdue=["s-1"])
    system.find(sending)
    system.find(request)
    withdrawn = system.send(system.prepare(make_order("order-2", total=nok("1")), directory))
    with pytest.raises(Exception, match="withdrawn"):
        system.mend_total(make_order("order-2", total=nok("1")), withdrawn, directory)
    buyer = Party("webshop:C-7", PERSON)
    lines = (
        make_line("10", "1903", dimensions=dimensions, description="Vipps", line_reference="L-1"),
        make_line("-10", customer=buyer, matching_reference="R", invoice_number="1", kid="1234567"),
    )
    for kind in (DocumentKind.BANK_JOURNAL, DocumentKind.CASH_JOURNAL, DocumentKind.MANUAL_JOURNAL):
        document = make_journal(f"j-{kind}", kind, *lines, saft_batch_id="B", saft_source_id="S")
        journal = system.prepare(document, directory)
        posted = system.send(journal)
        system.find(journal)
        reversal = ReversalDocument(f"r-{kind}", posted.external_id, kind, DAY)
        system.send(system.prepare(reversal, directory))
    for kind in (DocumentKind.OUTGOING_INVOICE, DocumentKind.OUTGOING_CREDIT_NOTE):
        invoice = system.prepare(make_invoice(f"i-{kind}", kind=kind, invoice_number=f"F-{kind}"), directory)
        system.send(invoice)
        system.find(invoice)
    system.open_items(DAY)
    system.account_balances(DAY)


@pytest.fixture(scope="module")
def requests() -> Iterator[list[dict[str, Any]]]:
    """Give every request of `everything`."""
    with run_office() as office:
        everything(office)
        yield [seen for seen in office.server.app.requests if seen["path"].startswith("/v2/")]


def test_every_address_exists_in_the_vendors_document(requests: list[dict[str, Any]]) -> None:
    for seen in requests:
        path = seen["path"].removeprefix("/v2")
        is_newer = any(seen["method"] == method and path.startswith(start) for method, start in NEWER_CALLS)
        assert find_call(seen["method"], path) or is_newer, f"{seen['method']} {path}"


def test_every_query_parameter_exists_in_the_vendors_document(requests: list[dict[str, Any]]) -> None:
    for seen in requests:
        path = seen["path"].removeprefix("/v2")
        found = find_call(seen["method"], path)
        if found is None:
            continue
        known = {one["name"] for one in found[1].get("parameters", [])} | PAGING
        for name in parse_qs(seen["query"], keep_blank_values=True):
            assert name in known or (path, name) in NEWER_PARAMETERS, f"{path}?{name}"


def test_every_body_is_what_the_vendors_document_describes(requests: list[dict[str, Any]]) -> None:
    checked = set()
    for seen in requests:
        found = find_call(seen["method"], seen["path"].removeprefix("/v2"))
        if found is None or not seen["body"]:
            continue
        name = schema_of(found[1])
        assert problems(name, json.loads(seen["body"])) == [], f"{seen['path']} {seen['body']}"
        checked.add(name)
    assert checked == {
        "BankVoucherPostDto",
        "CashVoucherPostDto",
        "CustomerPostDto",
        "ManualVoucherPostDto",
        "ProductPostDto",
        "SalesOrderCompletePostDto",
        "SalesOrderLinePostDto",
        "SendInvoiceRequestPostDto",
    }


def test_an_inferred_invoice_has_only_fields_that_its_answer_has_too(requests: list[dict[str, Any]]) -> None:
    bodies = [
        json.loads(seen["body"])
        for seen in requests
        if seen["path"].startswith("/v2/Vouchers/Outgoing") and seen["body"]
    ]
    assert len(bodies) == 2
    for body in bodies:
        assert problems("OutgoingInvoiceVoucherDto", body) == []


def test_no_address_is_too_long(requests: list[dict[str, Any]]) -> None:
    assert max(len(seen["path"]) + len(seen["query"]) for seen in requests) < 1900


TEXT = st.text(max_size=60)
ADDRESSES = st.builds(Address, TEXT, TEXT, TEXT.map(lambda text: text[:50]), TEXT, st.sampled_from(["NO", "SE", "gb"]))
DETAILS = st.builds(
    CustomerDetails,
    name=st.text(min_size=1, max_size=60).filter(str.strip),
    is_company=st.booleans(),
    organisation_number=st.sampled_from(["", "312000008", "SE556677889901"]),
    email=st.sampled_from(["", "kari@example.com"]),
    phone=TEXT,
    address=ADDRESSES,
    first_name=TEXT,
    last_name=TEXT,
)
QUANTITIES = st.decimals("-10000", "10000", places=3, allow_nan=False)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(TEXT, DETAILS)
def test_any_customer_is_written_as_they_describe(key: str, details: CustomerDetails) -> None:
    body = wire_customers.customer_body(Party(key, details), by=wire_customers.delivery_type(details))
    assert problems("CustomerPostDto", json.loads(dumps(body))) == []


@settings(deadline=None, max_examples=50)
@given(QUANTITIES, QUANTITIES, TEXT, TEXT, st.dates(date(2020, 1, 1), date(2040, 1, 1)), TEXT)
def test_any_order_is_written_as_they_describe(
    quantity: Decimal, price: Decimal, text: str, number: str, day: date, unit: str
) -> None:
    line = OrderLine("line-1", SALES, text, quantity, price, unit)
    document = make_order(lines=(line,), order_number=number, ordered_on=day, customer_reference=text)
    link, products = CustomerLink("500", "10001", "501"), {SALES.code: ProductLink("700", SALES.code, "3000")}
    body = wire_orders.order_body(document, link, products)
    assert problems("SalesOrderCompletePostDto", json.loads(dumps(body))) == []
