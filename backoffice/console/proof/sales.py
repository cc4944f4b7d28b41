"""Sales for a proof, posted through the REST API as a shop would: mixed rates, discounts, companies, split payments."""

from __future__ import annotations

import json
import random
import urllib.request
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice.ledger.money import Money, total

GOODS = (("Chair", "furniture", 25, 124_900), ("Coffee", "food", 15, 8_990), ("Ticket", "culture", 12, 22_000),
         ("Book", "books", 0, 34_900), ("Cushion", "furniture", 25, 29_933))  # fmt: skip
METHODS = ("vipps", "klarna", "stripe")
#: companies with valid organisation numbers that exist in no register known to us
COMPANIES = ("923609016", "974760673", "995525828")
BATCH = 100


def make_sale(number: int, rng: random.Random, *, sold_at: datetime, customers: int) -> dict[str, Any]:
    """Make one sale of 1 to 4 lines, paid in full by one or two methods. The customer is one of `customers`."""
    lines = [_line(position, rng) for position in range(1, rng.randint(1, 4) + 1)]
    amount = total((Money.parse(line["amount"], "NOK") for line in lines), "NOK")
    shipping = rng.choice((0, 7_900, 14_900))
    owed = amount + Money(shipping, "NOK")
    return {
        "reference": f"P{number}",
        "kind": "invoice_sale",
        "sold_at": sold_at.isoformat(),
        "currency": "NOK",
        "prices_include_vat": True,
        "customer": _customer(number % customers),
        "lines": lines,
        "charges": _shipping(shipping),
        "total": str(owed),
        "payments": _payments(number, owed, rng, sold_at),
    }


def _line(position: int, rng: random.Random) -> dict[str, Any]:
    name, group, rate, price = rng.choice(GOODS)
    quantity = rng.randint(1, 3)
    discount = rng.choice((0, 0, 0, 1_000, 333))
    gross = Money(price * quantity - discount, "NOK")
    return {
        "reference": str(position),
        "description": name,
        "group": group,
        "quantity": str(quantity),
        "unit": "EA",
        "unit_price": str(Money(price, "NOK")),
        "discount": str(Money(discount, "NOK")),
        "vat_rate": f"{rate}.00",
        "amount": str(gross),
    }


def _shipping(minor: int) -> list[dict[str, Any]]:
    if not minor:
        return []
    return [{"kind": "shipping", "description": "Parcel", "vat_rate": "25.00", "amount": str(Money(minor, "NOK"))}]


def _customer(number: int) -> dict[str, Any]:
    address = {"line1": f"Storgata {number}", "postal_code": "0155", "city": "Oslo", "country": "NO"}
    if number < len(COMPANIES):
        return {
            "reference": f"C{number}",
            "name": f"Fjell {number} AS",
            "is_company": True,
            "organisation_number": COMPANIES[number],
            "email": f"faktura{number}@fjell.example",
            "address": address,
        }
    return {
        "reference": f"C{number}",
        "name": f"Kari Nordmann-{number}",
        "is_company": False,
        "email": f"kari{number}@example.no",
        "address": address,
    }


def _payments(number: int, owed: Money, rng: random.Random, sold_at: datetime) -> list[dict[str, Any]]:
    method = rng.choice(METHODS)
    first = owed if rng.random() < Decimal("0.9") else Money(owed.minor // 3, "NOK")
    parts = [(method, first)]
    if first != owed:
        parts.append((rng.choice(METHODS), owed - first))
    paid_at = (sold_at + timedelta(seconds=5)).isoformat()
    return [
        {"reference": f"P{number}-{part}", "method": how, "amount": str(amount), "paid_at": paid_at}
        for part, (how, amount) in enumerate(parts, 1)
    ]


def post_sales(url: str, api_key: str, sales: list[dict[str, Any]]) -> None:
    """Hand sales over in batches; raises when one is not taken in."""
    for start in range(0, len(sales), BATCH):
        body = json.dumps({"sales": sales[start : start + BATCH]}).encode()
        request = urllib.request.Request(  # noqa: S310  # loopback
            f"{url}/api/v1/sales/batch",
            data=body,
            method="POST",
            headers={"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  # loopback
            text = answer.read().decode()
            if answer.status not in (200, 201, 207):
                raise RuntimeError(f"The API answered {answer.status}: {text[:500]}")


def clearing_of(sales: list[dict[str, Any]]) -> dict[str, int]:
    """Add up what each payment method must have on its account, in øre."""
    sums: dict[str, int] = dict.fromkeys(METHODS, 0)
    for sale in sales:
        for payment in sale["payments"]:
            sums[payment["method"]] += Money.parse(payment["amount"], "NOK").minor
    return sums
