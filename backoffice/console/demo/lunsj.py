"""What Kaia sells over a lunch service with books of its own: it reports SAF-T itself, so its days are batches."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backoffice.console.demo.times import day_of, moment
from backoffice.ledger.money import Money

POINT = "lunsj"
#: minute of yesterday, who, øre with VAT at 15 %
LUNCHES = ((9 * 60 + 5, "Nordsjø Maling", 189_000), (9 * 60 + 20, "Haugaland Arkitekter", 126_000),
           (10 * 60 + 2, "Sildegata Frisør", 47_250))  # fmt: skip


def sales(began_at: datetime) -> list[dict[str, Any]]:
    """Give the bodies for POST /api/v1/sales, in the order in which they happened."""
    batch = {"batch_id": f"LUNSJ-{day_of(began_at, 1)}", "source_id": "lunsj-kasse"}
    return [
        _sale(f"L-{100 + place}", moment(began_at, 1, minute), name, minor, batch)
        for place, (minute, name, minor) in enumerate(LUNCHES, 1)
    ]


def _sale(reference: str, sold_at: datetime, name: str, minor: int, batch: dict[str, str]) -> dict[str, Any]:
    amount = str(Money(minor, "NOK"))
    paid_at = (sold_at + timedelta(seconds=30)).isoformat()
    return {
        "reference": reference,
        "kind": "invoice_sale",
        "sold_at": sold_at.isoformat(),
        "currency": "NOK",
        "customer": {"name": name},
        "lines": [
            {"reference": "1", "description": "Lunsj, levert", "group": "mat", "quantity": "1", "vat_rate": "15.00",
             "amount": amount},
        ],
        "total": amount,
        "payments": [{"reference": f"stripe-{reference}", "method": "stripe", "amount": amount, "paid_at": paid_at}],
        "saft": batch,
    }  # fmt: skip
