"""What Kaia Bar og Kjøkken sells over its own ordering page in the demo, as that page hands it to our REST API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backoffice.console.demo.times import moment
from backoffice.ledger.money import Money, total

Line = tuple[str, str, int, int, int]  # name, group, quantity, VAT percent, øre for all of them with VAT
Paid = tuple[str, int]  # method, øre


def sales(began_at: datetime) -> list[dict[str, Any]]:
    """Give the bodies for POST /api/v1/sales, in the order in which they happened."""
    return [
        _sale(
            "K-2041", moment(began_at, 1, 12 * 60 + 8), _person("Tuva Haugen", "tuva.haugen@post.example"),
            [("Fiskesuppe, ta med", "mat", 2, 15, 35_800), ("Surdeigsbrød", "mat", 1, 15, 6_900)],
            [("vipps", 42_700)],
        ),
        _sale(
            "K-2042", moment(began_at, 1, 15 * 60 + 40),
            _company("Brygga Regnskap AS", "800000122", "post@brygga.example"),
            [("Tapasbord for tolv, servert", "selskap", 1, 25, 478_800), ("Mineralvann", "drikke", 12, 25, 58_800)],
            [("stripe", 537_600)],
        ),
        _sale(
            "K-2043", moment(began_at, 1, 18 * 60 + 22), _person("Jonas Eide", "jonas.eide@post.example"),
            [("Reinburger, ta med", "mat", 3, 15, 65_700), ("Søtpotet, ta med", "mat", 3, 15, 20_700)],
            [("gift_card", 50_000), ("vipps", 45_300)],
            delivery=8_900,
        ),
        _sale(
            "K-2044", moment(began_at, 0, 75), _person("Sunniva Berg", "sunniva.berg@post.example"),
            [("Kaias julekasse", "mat", 1, 15, 89_000), ("Dekketøy til leie", "utleie", 1, 25, 14_900)],
            [("vipps", 103_900)],
        ),
    ]  # fmt: skip


def _sale(
    reference: str,
    sold_at: datetime,
    customer: dict[str, Any],
    lines: list[Line],
    paid: list[Paid],
    *,
    delivery: int = 0,
) -> dict[str, Any]:
    charges = []
    if delivery:
        charges = [{"kind": "shipping", "description": "Levering", "vat_rate": "15.00", "amount": _text(delivery)}]
    return {
        "reference": reference,
        "revision": 1,
        "kind": "invoice_sale",
        "sold_at": sold_at.isoformat(),
        "delivered_on": sold_at.date().isoformat(),
        "currency": "NOK",
        "customer": customer,
        "lines": [
            {
                "reference": str(place),
                "description": name,
                "group": group,
                "quantity": str(quantity),
                "vat_rate": f"{rate}.00",
                "amount": _text(amount),
            }
            for place, (name, group, quantity, rate, amount) in enumerate(lines, 1)
        ],
        "charges": charges,
        "total": str(total((Money(line[4], "NOK") for line in lines), "NOK") + Money(delivery, "NOK")),
        "payments": [
            {
                "reference": f"{method}-{reference}",
                "method": method,
                "amount": _text(amount),
                "paid_at": (sold_at + timedelta(seconds=20)).isoformat(),
            }
            for method, amount in paid
        ],
    }


def _text(minor: int) -> str:
    return str(Money(minor, "NOK"))


def _person(name: str, email: str) -> dict[str, Any]:
    return {"name": name, "email": email, "is_company": False, "address": _address("Sildegata 3")}


def _company(name: str, number: str, email: str) -> dict[str, Any]:
    address = _address("Bryggen 11")
    return {"name": name, "email": email, "is_company": True, "organisation_number": number, "address": address}


def _address(street: str) -> dict[str, str]:
    return {"line1": street, "postal_code": "5525", "city": "Haugesund", "country": "NO"}
