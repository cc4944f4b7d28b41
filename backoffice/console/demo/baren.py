"""Two evenings of the till in Kaia's bar, as that till exports them: a small SAF-T Cash Register file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backoffice.audit.services import Actor
from backoffice.clients.models import SalesPoint, User
from backoffice.common.blobs import Arriving
from backoffice.console.demo.people import BOOKKEEPER
from backoffice.console.demo.times import moment
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.till_import_models import TillImport
from backoffice.sales.till_imports import SUFFIX, accept_till_file

CLOSES_AT = 23 * 60 + 30
#: id in the file, name, VAT percent
GROUPS = {"1": ("mat", 25), "2": ("drikke", 25), "3": ("ta med", 15)}
METHODS = {"K": "12001", "B": "12002"}  # cash, debit card
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<auditfile xmlns="urn:StandardAuditFile-Taxation-CashRegister:NO"><header><curCode>NOK</curCode></header><company>
<companyIdent>800000068</companyIdent><companyName>Kaia Bar og Kjøkken AS</companyName><basics>
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt: days ago and minute of the day, what it sold (group id, øre with VAT), and how it was paid."""

    days_ago: int
    minute: int
    lines: tuple[tuple[str, int], ...]
    method: str
    is_training: bool = False

    @property
    def total_minor(self) -> int:
        """What was paid."""
        return sum(amount for _, amount in self.lines)


RECEIPTS = (
    Receipt(2, 17 * 60 + 12, (("1", 38_900), ("2", 19_800)), "B"),
    Receipt(2, 18 * 60 + 40, (("3", 21_900),), "K"),
    Receipt(2, 19 * 60 + 5, (("1", 9_900),), "K", is_training=True),
    Receipt(2, 22 * 60 + 51, (("2", 45_600),), "B"),
    Receipt(1, 16 * 60 + 33, (("3", 17_900), ("2", 9_900)), "B"),
    Receipt(1, 20 * 60 + 20, (("1", 76_500), ("2", 58_200)), "B"),
    Receipt(1, 21 * 60 + 47, (("2", 12_400),), "K"),
)


def hand_over(point: SalesPoint, began_at: datetime) -> TillImport:
    """Upload the file as the bookkeeper would; the same moment writes the same file, which is taken once."""
    arriving = Arriving()
    arriving.write(saft_file(began_at).encode())
    return accept_till_file(
        sales_point=point,
        sha256=arriving.keep(SUFFIX),
        size_bytes=arriving.size,
        filename="kaia-baren.xml",
        actor=Actor.person(User.objects.get(username=BOOKKEEPER)),
    ).till_import


def saft_file(began_at: datetime) -> str:
    """Write the file: the Z reports first, then the receipts, as the standard has them."""
    basics = [
        *(_basic("04", key, "04999", name) for key, (name, _) in GROUPS.items()),
        _basic("11", "S", "11001", "Kontantsalg"),
        *(_basic("12", key, standard, key) for key, standard in METHODS.items()),
        _basic("13", "Z", "13009", "Z-rapport"),
    ]
    return "".join(
        [
            HEAD,
            *basics,
            "</basics><location><cashregister><registerID>Baren 1</registerID>\n",
            *(_report(number, days_ago, began_at) for number, days_ago in ((211, 2), (212, 1))),
            *(_receipt(number, one, began_at) for number, one in enumerate(RECEIPTS, 1)),
            "</cashregister></location></company></auditfile>\n",
        ]
    )


def _basic(kind: str, key: str, standard: str, name: str) -> str:
    return (
        f"<basic><basicType>{kind}</basicType><basicID>{key}</basicID><predefinedBasicID>{standard}"
        f"</predefinedBasicID><basicDesc>{name}</basicDesc></basic>\n"
    )


def _text(minor: int) -> str:
    return str(Money(minor, "NOK"))


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for key, amount in pairs:
        sums[key] += amount
    return dict(sorted(sums.items()))


def _report(number: int, days_ago: int, began_at: datetime) -> str:
    sold = [one for one in RECEIPTS if one.days_ago == days_ago and not one.is_training]
    groups = _sums(line for one in sold for line in one.lines)
    rates = _sums((str(GROUPS[group][1]), amount) for group, amount in groups.items())
    at = moment(began_at, days_ago, CLOSES_AT)
    by_group = "".join(
        f"<reportArtGroup><artGroupID>{group}</artGroupID><artGroupAmnt>{_text(amount)}</artGroupAmnt></reportArtGroup>"
        for group, amount in groups.items()
    )
    paid = "".join(
        f"<reportPayment><paymentType>{kind}</paymentType><paymentAmnt>{_text(amount)}</paymentAmnt></reportPayment>"
        for kind, amount in _sums((one.method, one.total_minor) for one in sold).items()
    )
    vat = "".join(_vat(rate, amount) for rate, amount in rates.items())
    return (
        f"<event><eventID>{number}</eventID><eventType>Z</eventType><eventReport><reportID>{number}</reportID>"
        f"<reportDate>{at:%Y-%m-%d}</reportDate><reportTime>{at:%H:%M:%S}</reportTime><registerID>Baren 1</registerID>"
        f"<reportTotalCashSales><totalCashSaleAmnt>{_text(sum(groups.values()))}</totalCashSaleAmnt>"
        f"</reportTotalCashSales><reportArtGroups>{by_group}</reportArtGroups><reportPayments>{paid}</reportPayments>"
        f"<reportCashSalesVat>{vat}</reportCashSalesVat>"
        "<reportOpeningChangeFloat>1000.00</reportOpeningChangeFloat></eventReport></event>\n"
    )


def _vat(rate: str, amount: int) -> str:
    split = split_gross(Money(amount, "NOK"), Decimal(rate))
    return (
        f"<reportCashSaleVat><vatPerc>{rate}.00</vatPerc><cashSaleAmnt>{split.net}</cashSaleAmnt>"
        f"<vatAmnt>{split.vat}</vatAmnt><vatAmntTp>C</vatAmntTp></reportCashSaleVat>"
    )


def _receipt(number: int, one: Receipt, began_at: datetime) -> str:
    at = moment(began_at, one.days_ago, one.minute)
    lines = "".join(
        f"<ctLine><artGroupID>{group}</artGroupID><qnt>1</qnt><lineAmntIn>{_text(amount)}</lineAmntIn><amntTp>C</amntTp>"
        f"<vat><vatPerc>{GROUPS[group][1]}.00</vatPerc></vat></ctLine>"
        for group, amount in one.lines
    )
    return (
        f"<cashtransaction><nr>{number}</nr><transType>S</transType><transAmntIn>{_text(one.total_minor)}</transAmntIn>"
        f"<amntTp>C</amntTp><transDate>{at:%Y-%m-%d}</transDate><transTime>{at:%H:%M:%S}</transTime>{lines}"
        f"<payment><paymentType>{one.method}</paymentType><paidAmnt>{_text(one.total_minor)}</paidAmnt></payment>"
        f"<voidTransaction>false</voidTransaction><trainingID>{str(one.is_training).lower()}</trainingID>"
        "</cashtransaction>\n"
    )
