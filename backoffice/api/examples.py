"""Worked bodies for the OpenAPI document. docs/api.md tells their story."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

SALE_BODY: dict[str, Any] = {
    "reference": "1001",
    "revision": 1,
    "kind": "invoice_sale",
    "sold_at": "2026-11-20T12:00:00+01:00",
    "delivered_on": "2026-11-20",
    "currency": "NOK",
    "prices_include_vat": True,
    "customer": {
        "reference": "C-7",
        "name": "Kunde AS",
        "is_company": True,
        "organisation_number": "923609016",
        "email": "faktura@kunde.example",
        "address": {"line1": "Storgata 1", "postal_code": "0155", "city": "Oslo", "country": "NO"},
    },
    "lines": [
        {
            "reference": "1",
            "sku": "A-1",
            "description": "Chair",
            "group": "furniture",
            "quantity": "2",
            "unit": "EA",
            "unit_price": "6250.00",
            "discount": "0.00",
            "vat_rate": "25.00",
            "amount": "12500.00",
        }
    ],
    "charges": [{"kind": "shipping", "description": "Parcel", "vat_rate": "25.00", "amount": "0.00"}],
    "total": "12500.00",
    "payments": [
        {"reference": "vipps-77", "method": "vipps", "amount": "12500.00", "paid_at": "2026-11-20T12:00:05+01:00"}
    ],
    "dimensions": {"department": "10"},
}
CASH_BODY: dict[str, Any] = {
    "reference": "1002",
    "kind": "cash_sale",
    "sold_at": "2026-11-20T13:05:00+01:00",
    "currency": "NOK",
    "lines": [{"description": "Coffee", "group": "takeaway", "quantity": "1", "vat_rate": "15.00", "amount": "45.00"}],
    "total": "45.00",
    "payments": [{"reference": "card-91", "method": "card", "amount": "45.00", "paid_at": "2026-11-20T13:05:10+01:00"}],
}
PAYMENT_BODY: dict[str, Any] = {
    "reference": "vipps-78",
    "method": "vipps",
    "amount": "250.00",
    "currency": "NOK",
    "paid_at": "2026-11-21T09:00:00+01:00",
    "sale": "1001",
}
REFUND_BODY: dict[str, Any] = {
    "reference": "R-1001-1",
    "sale": "1001",
    "refunded_at": "2026-11-25T10:00:00+01:00",
    "reason": "One chair came back",
    "lines": [{"reference": "1", "quantity": "1", "amount": "6250.00"}],
    "amount": "6250.00",
    "payments": [
        {"reference": "vipps-79", "method": "vipps", "amount": "6250.00", "paid_at": "2026-11-25T10:00:00+01:00"}
    ],
}


def _example(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


SALE = [_example("A webshop's order", SALE_BODY), _example("A cup of coffee", CASH_BODY)]
BATCH = [_example("Two sales", {"sales": [SALE_BODY, CASH_BODY]})]
PAYMENT = [_example("A later payment", PAYMENT_BODY)]
CREDIT_NOTE = {"number": "K-17", "issued_on": "2026-11-25"}
REFUND = [
    _example("One of two chairs", REFUND_BODY),
    _example("With the shop's own credit note", REFUND_BODY | {"credit_note": CREDIT_NOTE}),
]
LOOKED_AT = "9f86d081884c7d659a2feaa0c55ad015" * 2
DOCUMENT_LINK = [_example("A stored document", {"sha256": LOOKED_AT})]
APPROVE = [_example("What was looked at", {"content_sha256": LOOKED_AT})]
BULK = [
    _example("Approve one", {"action": "approve", "vouchers": [{"id": 1, "content_sha256": LOOKED_AT}]}),
    _example("Hold one", {"action": "hold", "reason": "Ask the shop", "vouchers": [{"id": 3}]}),
]
