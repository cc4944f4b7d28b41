"""Sales orders and their invoices on the wire."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.contracts.accounting import CustomerLink, OrderLine, ProductLink, Receipt
from backoffice.contracts.errors import Misunderstood, Rejected
from integrations.exact_json import dumps, loads
from integrations.poweroffice import wire_orders as wire

from .books import DAY, ROUNDING, SALES, make_order, make_sending, nok

CUSTOMER = CustomerLink("500", "10001", "501", "Kari Nordmann")
PRODUCTS = {"3000-3": ProductLink("700", "3000-3", "3000")}
ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_an_order_is_written_as_it_will_be_sent() -> None:
    line = replace(make_order().lines[0], unit="stk", dimensions={"department": "10"})
    document = make_order(
        lines=(line,),
        delivered_on=DAY,
        branding_theme="PAID",
        customer_reference="Ola",
        dimensions={"dim1": "WEB"},
    )
    assert dumps(wire.order_body(document, CUSTOMER, PRODUCTS)) == (
        '{"CustomerId":500,"ExternalImportReference":"order-1","CustomMatchingReference":"R-1001",'
        '"CurrencyCode":"NOK","SalesOrderDate":"2026-11-02","DeliveryDate":"2026-11-02","BrandingThemeCode":"PAID",'
        '"ImportedOrderNo":1001,"CustomerReference":"Ola","SalesOrderStatus":"Draft","Dim1Code":"WEB",'
        '"SalesOrderLines":[{"ProductId":700,"Description":"Vinterjakke","Quantity":1,"ProductUnitPrice":10000.00,'
        '"Allowance":0,"UseStandardSalesAccount":true,"UnitOfMeasureCode":"EA","ExternalImportReference":"line-1",'
        '"SortOrder":0,"DepartmentCode":"10"}]}'
    )


@given(
    st.decimals("-1000", "1000", places=3, allow_nan=False),
    st.decimals("0", "100000", places=6, allow_nan=False),
)
def test_quantity_and_price_lose_no_digit(quantity: Decimal, price: Decimal) -> None:
    line = OrderLine("line-1", SALES, "Vare", quantity, price)
    body = loads(dumps(wire.line_body(line, PRODUCTS["3000-3"], 3)))
    assert (Decimal(body["Quantity"]), Decimal(body["ProductUnitPrice"])) == (quantity, price)
    assert body["SortOrder"] == 3


@pytest.mark.parametrize(("unit", "sent"), [("EA", "EA"), ("KGM", "KGM"), ("stk", "EA"), ("", "EA")])
def test_a_unit_they_do_not_know_is_each(unit: str, sent: str) -> None:
    line = replace(make_order().lines[0], unit=unit)
    assert wire.line_body(line, PRODUCTS["3000-3"], 0)["UnitOfMeasureCode"] == sent


def test_an_order_number_with_letters_is_not_sent_as_a_number() -> None:
    body = wire.order_body(make_order(order_number="WEB-7"), CUSTOMER, PRODUCTS)
    assert "ImportedOrderNo" not in body


@pytest.mark.parametrize("name", ["reference", "line"])
def test_a_reference_that_would_be_cut_stops_the_order(name: str) -> None:
    document = make_order()
    long = "x" * 51
    document = (
        replace(document, reference=long)
        if name == "reference"
        else replace(document, lines=(replace(document.lines[0], reference=long),))
    )
    with pytest.raises(Rejected) as caught:
        wire.order_body(document, CUSTOMER, PRODUCTS)
    assert caught.value.reasons[0].code == "reference_too_long"


def test_the_rounding_line_has_one_reference_per_order() -> None:
    document, product = make_order(), ProductLink("701", "7740-0", "7740")
    body = wire.rounding_body(document, product, nok("-0.02"))
    assert body["ProductUnitPrice"] == Decimal("-0.02")
    assert body["Description"] == ROUNDING.name
    assert body["ExternalImportReference"] == wire.rounding_reference("order-1") != wire.rounding_reference("order-2")
    assert wire.rounding_line({"SalesOrderLines": [body]}, document) == body
    assert wire.rounding_line({"SalesOrderLines": None}, document) is None


def order_row(**values: Any) -> dict[str, Any]:
    """Make what they answer for an order."""
    base = {"Id": ID, "SalesOrderNo": 1001, "TotalAmount": Decimal("12500.00"), "CurrencyCode": "NOK"}
    return {**base, "SalesOrderDate": "2026-11-02T00:00:00Z", **values}


def test_an_order_is_read_with_its_number_total_and_date() -> None:
    assert wire.order_receipt(order_row(), "NOK") == Receipt(ID, "1001", total=nok("12500"), dated_on=DAY)


def test_an_order_says_its_currency_and_else_keeps_ours() -> None:
    euro = wire.order_receipt(order_row(CurrencyCode="EUR"), "NOK").total
    assert euro is not None
    assert euro.currency == "EUR"
    ours = wire.order_receipt(order_row(CurrencyCode=None), "NOK").total
    assert ours == nok("12500")


@pytest.mark.parametrize("missing", ["Id", "TotalAmount"])
def test_an_order_without_an_id_or_a_total_is_not_understood(missing: str) -> None:
    with pytest.raises(Misunderstood):
        wire.order_receipt(order_row(**{missing: None}), "NOK")


@pytest.mark.parametrize(
    ("kind", "amount", "total"),
    [
        ("OutgoingInvoice", "1250", "1250"),
        ("OutgoingCreditNote", "1250", "-1250"),
        ("OutgoingCreditNote", "-1250", "-1250"),
    ],
)
def test_a_credit_note_is_negative_however_they_write_it(kind: str, amount: str, total: str) -> None:
    row = {"Id": ID, "InvoiceNo": 10001, "VoucherNo": 7, "TotalAmount": Decimal(amount), "VoucherType": kind}
    receipt = wire.invoice_receipt({**row, "VoucherDate": "2026-11-02", "CurrencyCode": "NOK"}, "NOK")
    assert receipt == Receipt(ID, "7", "10001", total=nok(total), dated_on=DAY)


@pytest.mark.parametrize(
    ("by_ehf", "email", "body"),
    [
        (True, "a@b.no", {"DeliveryType": "Auto", "EmailAddress": "a@b.no", "VoucherDate": "2026-11-02"}),
        (False, "a@b.no", {"DeliveryType": "PdfByEmail", "EmailAddress": "a@b.no", "VoucherDate": "2026-11-02"}),
        (True, "", {"DeliveryType": "Auto", "VoucherDate": "2026-11-02"}),
    ],
)
def test_a_sending_says_how_and_where(by_ehf: bool, email: str, body: dict[str, str]) -> None:
    assert wire.sending_body(make_sending("s", ID, by_ehf=by_ehf, email=email)) == body


def state(**values: Any) -> Receipt | Rejected | None:
    """Read a sentState."""
    base = {"Id": ID, "IsInvoiceBeingProcessed": False, "SentDateTimeOffset": None, "InvoiceNo": None}
    return wire.sending_receipt({**base, "LastErrorMessage": None, **values})


def test_a_sending_passes_from_nothing_over_work_to_a_number() -> None:
    assert state() is None
    assert state(IsInvoiceBeingProcessed=True) == Receipt(ID, is_final=False)
    assert state(InvoiceNo=10001, SentDateTimeOffset="2026-11-02T10:00:00Z") == Receipt(ID, invoice_number="10001")


def test_a_failed_sending_is_refused_in_their_words() -> None:
    found = state(LastErrorMessage="Fjell AS no longer support the receival of EHF invoice")
    assert isinstance(found, Rejected)
    assert found.reasons[0].code == "send_failed"
    assert "no longer support" in found.reasons[0].detail


def test_work_that_goes_on_counts_more_than_an_old_error() -> None:
    assert state(IsInvoiceBeingProcessed=True, LastErrorMessage="old") == Receipt(ID, is_final=False)


def test_an_invoice_that_stands_is_never_made_again_because_its_delivery_failed() -> None:
    found = state(InvoiceNo=10001, LastErrorMessage="mailbox full")
    assert isinstance(found, Receipt)
    assert found.is_final
    assert found.details == {"delivery_error": "mailbox full"}


def test_a_sent_invoice_without_a_number_is_not_final() -> None:
    assert state(SentDateTimeOffset="2026-11-02T10:00:00Z") == Receipt(ID, is_final=False)
