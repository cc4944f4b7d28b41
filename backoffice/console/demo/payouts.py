"""What Vipps paid out in the demo: one payout posted, one with a row of unknown kind, one with a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backoffice.clients.models import Client
from backoffice.console.demo.times import day_of
from backoffice.workflows.payout_files import take_in_file

PROVIDER, METHOD = "vipps", "vipps"
EXPLAINED, UNKNOWN_KIND, DIFFERS = "2000411", "2000412", "3000118"
COLUMNS = (
    "Salgsdato;Salgssted;Vippsnummer;Transaksjons-ID;Ordre-ID;Brutto;Gebyr;Netto;Transaksjonstype;Oppgjørs-ID;"
    "Oppgjørsdato;Oppgjørssum;Oppgjørskonto;Fornavn;Etternavn;Melding"
)
ACCOUNT = "15062000000"


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction as the portal lists it; amounts in kroner, the fee negative."""

    order: str
    kind: str
    gross: str
    fee: str = "0.00"


@dataclass(frozen=True, slots=True)
class Settlement:
    """A payout of the sales of one day, paid on the next. paid is what the portal states as its sum, in kroner."""

    reference: str
    sold_days_ago: int
    paid: str
    rows: Sequence[Row]


NORDLYS = (
    "Nettbutikken", "123456",
    (
        Settlement(EXPLAINED, 2, "1934.54", (Row("4711", "Salg", "1969.00", "-34.46"),)),
        Settlement(
            UNKNOWN_KIND, 1, "379.18", (Row("4713", "Salg", "486.70", "-8.52"), Row("", "Terminalleie", "-99.00"))
        ),
    ),
)  # fmt: skip
KAIA = (
    "Bestilling på nett",
    "654321",
    (Settlement(DIFFERS, 1, "370.53", (Row("K-2041", "Salg", "427.00", "-7.47"),)),),
)


def pay_out(nordlys: Client, kaia: Client, began_at: datetime) -> None:
    """Take in Vipps' file of either company, as it is downloaded from its portal; the same again changes nothing."""
    for client, (place, number, settlements) in ((nordlys, NORDLYS), (kaia, KAIA)):
        body = _file(place, number, settlements, began_at)
        take_in_file(client=client, provider=PROVIDER, body=body, filename=f"vipps-{number}.csv", method=METHOD)


def _file(place: str, number: str, settlements: Sequence[Settlement], began_at: datetime) -> bytes:
    lines = [COLUMNS]
    for one in settlements:
        sold_on, paid_on = (
            day_of(began_at, days).strftime("%d.%m.%Y") for days in (one.sold_days_ago, one.sold_days_ago - 1)
        )
        for at, row in enumerate(one.rows, start=1):
            net = Decimal(row.gross) + Decimal(row.fee)
            cells = (
                sold_on, place, number, f"{one.reference}{at:02}", row.order, row.gross, row.fee, str(net), row.kind,
                one.reference, paid_on, one.paid, ACCOUNT, "", "", "",
            )  # fmt: skip
            lines.append(";".join(cells))
    return "\n".join([*lines, ""]).encode()
