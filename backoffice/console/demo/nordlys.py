"""What Nordlys Butikk's webshop sells in the demo: eight orders over three days."""

from __future__ import annotations

from collections.abc import Mapping

from backoffice.console.demo.orders import Goods, Item, Order

PLAIN = str.maketrans("æøåé ", "aoae-")


def _buyer(name: str, street: str, postcode: str, city: str, *, company: str = "") -> Mapping[str, str]:
    first, _, last = name.rpartition(" ")
    own = f"{first}.{last}@post.example"
    email = f"faktura@{company.partition(' ')[0]}.example" if company else own
    return {
        "first_name": first,
        "last_name": last,
        "company": company,
        "address_1": street,
        "address_2": "",
        "city": city,
        "state": "",
        "postcode": postcode,
        "country": "NO",
        "email": email.lower().translate(PLAIN),
        "phone": "",
    }


SWEATER = Goods("Ullgenser «Polarnatt»", 189_000, 25, "GENS-ULL", "klær")
MITTENS = Goods("Votter i ull", 44_900, 25, "VOTT-2", "klær")
BLANKET = Goods("Ullpledd, grått", 89_900, 25, "PLEDD-1", "interiør")
CANDLES = Goods("Stearinlys, 6 stk", 12_950, 25, "LYS-6", "interiør")
BOOK = Goods("Bok: Vinter i Lofoten", 34_900, 0, "BOK-LOFOT", "bøker")
JAM = Goods("Multesyltetøy, 350 g", 12_900, 15, "SYLT-MULT", "mat")
CHOCOLATE = Goods("Mørk sjokolade 70 %", 4_990, 15, "SJOKO-70", "mat")
TRIP = Goods("Buss til nordlyset, voksen", 59_000, 12, "TUR-NORD", "opplevelser")
WRAPPING = Goods("Gaveinnpakning", 3_900, 25)
#: sending follows the rate of what is sent
PARCEL, FOOD_PARCEL = Goods("Pakke i postkassen", 7_900, 25), Goods("Pakke i postkassen", 7_900, 15)
HOME_DELIVERY, FREE = Goods("Hjemlevering", 14_900, 25), Goods("Gratis frakt", 0, 25)

ORDERS = (
    Order(
        4711, 2, 9 * 60 + 12, _buyer("Ingrid Solbakken", "Bakkehaugveien 4", "0873", "Oslo"), "vipps",
        (Item(SWEATER),), shipping=Item(PARCEL),
    ),
    Order(
        4712, 2, 19 * 60 + 47, _buyer("Pål Rustad", "Elvegata 21", "2609", "Lillehammer"), "klarna_payments",
        (Item(BLANKET, 2, percent_off=10), Item(CANDLES)), shipping=Item(HOME_DELIVERY),
    ),
    Order(
        4713, 1, 8 * 60 + 3, _buyer("Lars Myhre", "Sjøgata 8", "9008", "Tromsø"), "vipps",
        (Item(JAM, 2), Item(CHOCOLATE, 3)), shipping=Item(FOOD_PARCEL),
    ),
    Order(
        4714, 1, 10 * 60 + 31,
        _buyer("Signe Aas", "Strandveien 102", "6856", "Sogndal", company="Fjordgløtt Hotell AS"), "klarna_payments",
        (Item(BLANKET, 6, percent_off=15), Item(CANDLES, 20, percent_off=15)),
        coupon="BEDRIFT15", organisation_number="800000114", reference="PO-20117",
    ),
    Order(
        4715, 1, 13 * 60 + 20, _buyer("Aisha Rahman", "Kong Oscars gate 33", "5017", "Bergen"), "stripe",
        (Item(TRIP, 2),),
    ),
    Order(
        4716, 1, 21 * 60 + 5, _buyer("Henrik Moe", "Rosenborg gate 2", "7014", "Trondheim"), "svea_checkout",
        (Item(BOOK), Item(MITTENS), Item(CHOCOLATE, 2)), shipping=Item(PARCEL),
    ),
    Order(
        4717, 0, 190, _buyer("Nils Anders Utsi", "Markveien 17", "9730", "Karasjok"), "vipps",
        (Item(SWEATER),), shipping=Item(PARCEL), fee=Item(WRAPPING),
    ),
    Order(
        4718, 0, 35, _buyer("Marte Lindqvist", "Torggata 5", "4611", "Kristiansand"), "klarna_payments",
        (Item(BOOK, 2, percent_off=20), Item(JAM, percent_off=20), Item(CANDLES, 2, percent_off=20)),
        shipping=Item(FREE), coupon="VINTER20",
    ),
)  # fmt: skip
