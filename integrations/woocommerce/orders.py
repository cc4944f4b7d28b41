"""Make orders as WooCommerce (wc/v3) writes them: for the sandbox, the demo and proofs of many orders.

The same number, random source and day give the same order. People, companies and goods are made up;
organisation numbers have a right check digit and are not looked up anywhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from backoffice.ledger.errors import InvalidIdentifier
from backoffice.ledger.identifiers import parse_organisation_number
from integrations.woocommerce.assembly import OSLO, Wish, assemble, complete, gross_of

FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True)
class Goods:
    """Something for sale. price includes VAT, in øre; rate is a percent."""

    sku: str
    name: str
    price: int
    rate: int


CATALOGUE = (
    Goods("STOL-1", "Stol &#8211; Fjord, eik", 249900, 25),
    Goods("BORD-1", "Bord &#8211; Fjord, 160 cm", 899000, 25),
    Goods("LAMPE-3", "Lampe Nordlys", 64950, 25),
    Goods("PUTE-7", "Pute &amp; trekk, 50 x 50", 29900, 25),
    Goods("KAFFE-1", "Kaffe, hele b&oslash;nner, 250 g", 12990, 15),
    Goods("SJOKO-2", "Sjokolade, m&oslash;rk 70 %", 4990, 15),
    Goods("HONNING-1", "Lynghonning", 11933, 15),
    Goods("KURS-1", "Billett: omvisning i verkstedet", 22000, 12),
    Goods("BOK-4", "Bok: Tre gjennom tusen &aring;r", 34900, 0),
    Goods("BOK-5", "Hefte: Stell av eik", 9900, 0),
)
_FIRST = ("Kari", "Ola", "Ingrid", "Lars", "Nora", "Åse", "Bjørn", "Sunniva", "Mohammed", "Ewa")
_LAST = ("Hansen", "Øygard", "Nilsen", "Dahl", "Strand", "Ås", "Kowalska", "Ali", "Bergli", "Moen")
_COMPANIES = ("Fjelltopp", "Havblikk", "Skogstien", "Bryggekanten", "Tunet")
_PLACES = (
    ("0155", "Oslo"),
    ("5003", "Bergen"),
    ("7011", "Trondheim"),
    ("9008", "Tromsø"),
    ("4836", "Arendal"),
)
_STREETS = ("Storgata", "Kirkeveien", "Strandgata", "Bjørkeveien")
_PAID_METHODS = ("klarna_payments", "stripe", "vipps")
_SHIPPING = (("Pakke i postkassen", 7900), ("Hjemlevering", 14900), ("Gratis frakt", 0))


def generate_orders(count: int, seed: int, day: date) -> Iterator[dict[str, Any]]:
    """Yield orders that count, placed on one day in Oslo, numbered from 1001; same seed, same orders."""
    rng = random.Random(seed)  # noqa: S311  # reproducible samples, no secret
    for number in range(FIRST_NUMBER, FIRST_NUMBER + count):
        yield make_order(number, rng, day=day)


def make_order(number: int, rng: random.Random, *, day: date) -> dict[str, Any]:
    """Make one paid or invoiced order of a Norwegian shop that shows prices with VAT."""
    is_company = rng.randrange(100) < 15
    wishes = [_wish(rng, goods) for goods in rng.sample(CATALOGUE, rng.randrange(1, 5))]
    title, price = rng.choice(_SHIPPING)
    shipping = Wish(title, price, max(wish.rate for wish in wishes))
    fees = [Wish("Gaveinnpakning", 3900, 25)] if rng.randrange(100) < 8 else []
    owed = sum(gross_of(wish) for wish in [*wishes, shipping, *fees])
    if rng.randrange(100) < 4:
        fees.append(Wish(f"Gavekort GK-{number}", -min(owed - 100, rng.randrange(5, 40) * 1000), 0))
    method = "bacs" if is_company and rng.randrange(2) else rng.choice(_PAID_METHODS)
    placed_at = datetime.combine(day, time(), OSLO) + timedelta(seconds=rng.randrange(20 * 3600))
    is_done = rng.randrange(3) > 0
    order = assemble(
        number,
        goods=wishes,
        shipping=[shipping],
        fees=fees,
        placed_at=placed_at,
        billing=_buyer(rng, is_company=is_company),
        method=method,
        is_paid=method != "bacs",
        has_unrounded_taxes=rng.randrange(10) == 0,
    )
    if is_done:
        complete(order, placed_at + timedelta(hours=3))
    order["customer_id"] = 0 if rng.randrange(3) == 0 else 500 + rng.randrange(200)
    if is_company:
        order["meta_data"].append({"id": number * 10, "key": "_billing_org_nr", "value": _organisation_number(rng)})
    return order


def _wish(rng: random.Random, goods: Goods) -> Wish:
    quantity = 1 + rng.randrange(3)
    percent_off = rng.choice((0, 0, 0, 10, 15, 33))
    return Wish(goods.name, goods.price * quantity, goods.rate, quantity, goods.sku, percent_off)


def _buyer(rng: random.Random, *, is_company: bool) -> dict[str, str]:
    first, last, (postcode, city) = rng.choice(_FIRST), rng.choice(_LAST), rng.choice(_PLACES)
    return {
        "first_name": first,
        "last_name": last,
        "company": f"{rng.choice(_COMPANIES)} {rng.randrange(1, 99)} AS" if is_company else "",
        "address_1": f"{rng.choice(_STREETS)} {rng.randrange(1, 120)}",
        "address_2": "",
        "city": city,
        "state": "",
        "postcode": postcode,
        "country": "NO",
        "email": f"kunde{rng.randrange(10_000)}@kunde.example",
        "phone": "",
    }


def _organisation_number(rng: random.Random) -> str:
    while True:
        digits = f"9{rng.randrange(10**7):07}"
        for last in range(10):
            try:
                return parse_organisation_number(f"{digits}{last}")
            except InvalidIdentifier:
                continue
