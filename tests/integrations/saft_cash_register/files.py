"""Write SAF-T Cash Register files of our own, small or of any size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<auditfile xmlns="urn:StandardAuditFile-Taxation-CashRegister:NO"><header><curCode>NOK</curCode></header><company>
<basics>
<basic><basicType>04</basicType><basicID>10</basicID><predefinedBasicID>04006</predefinedBasicID><basicDesc>Food</basicDesc></basic>
<basic><basicType>11</basicType><basicID>S</basicID><predefinedBasicID>11001</predefinedBasicID></basic>
<basic><basicType>11</basicType><basicID>K</basicID><predefinedBasicID>11002</predefinedBasicID></basic>
<basic><basicType>11</basicType><basicID>UT</basicID><predefinedBasicID>11010</predefinedBasicID></basic>
<basic><basicType>11</basicType><basicID>VEKSEL</basicID><predefinedBasicID>11007</predefinedBasicID></basic>
<basic><basicType>12</basicType><basicID>C</basicID><predefinedBasicID>12001</predefinedBasicID></basic>
<basic><basicType>12</basicType><basicID>BONG</basicID><predefinedBasicID>12999</predefinedBasicID></basic>
<basic><basicType>13</basicType><basicID>Z</basicID><predefinedBasicID>13009</predefinedBasicID></basic>
</basics><location><cashregister><registerID>R1</registerID>
"""
TAIL = "</cashregister></location></company></auditfile>\n"
FIRST = datetime(2026, 3, 2, 22, 0)  # noqa: DTZ001  # a till's local time


def report(
    number: int, sales: str = "125.00", net: str = "100.00", vat: str = "25.00", cash: str = "125.00", **more: str
) -> str:
    """Write the Z report of a day that sold food at 25 %."""
    at = more.get("at") or (FIRST + timedelta(days=number - 1)).isoformat()
    day, time = at.split("T")
    tip = f"<reportTip><tipNum>1</tipNum><tipAmnt>{more['tip']}</tipAmnt></reportTip>" if "tip" in more else ""
    return (
        f"<event><eventID>{number}</eventID><eventType>Z</eventType><eventReport><reportID>{number}</reportID>"
        f"<reportDate>{day}</reportDate><reportTime>{time}</reportTime><registerID>R1</registerID>"
        f"<reportTotalCashSales><totalCashSaleAmnt>{sales}</totalCashSaleAmnt></reportTotalCashSales>"
        f"<reportArtGroups><reportArtGroup><artGroupID>10</artGroupID><artGroupAmnt>{sales}</artGroupAmnt>"
        "</reportArtGroup></reportArtGroups><reportPayments><reportPayment><paymentType>C</paymentType>"
        f"<paymentAmnt>{cash}</paymentAmnt></reportPayment></reportPayments>{tip}<reportCashSalesVat><reportCashSaleVat>"
        f"<vatCode>3</vatCode><vatPerc>25.00</vatPerc><cashSaleAmnt>{net}</cashSaleAmnt><vatAmnt>{vat}</vatAmnt>"
        f"<vatAmntTp>{more.get('vat_tp', 'C')}</vatAmntTp></reportCashSaleVat></reportCashSalesVat>"
        "<reportOpeningChangeFloat>0.00</reportOpeningChangeFloat></eventReport></event>\n"
    )


def receipt(amount: str = "125.00", *, at: str = "2026-03-02T12:00:00", rounding: str = "0.00", **more: str) -> str:
    """Write a receipt of one line of food at 25 %, paid in cash."""
    day, time = at.split("T")
    tp = more.get("tp", "C")
    return (
        f"<cashtransaction><nr>1</nr><transType>{more.get('kind', 'S')}</transType><transAmntIn>{amount}</transAmntIn>"
        f"<amntTp>{tp}</amntTp><transDate>{day}</transDate><transTime>{time}</transTime><ctLine>"
        f"<artGroupID>10</artGroupID><qnt>1</qnt><lineAmntIn>{amount}</lineAmntIn><amntTp>{tp}</amntTp><vat>"
        "<vatPerc>25.00</vatPerc></vat></ctLine>"
        f"<rounding><roundingAmnt>{rounding}</roundingAmnt></rounding><payment><paymentType>C</paymentType>"
        f"<paidAmnt>{more.get('paid', amount)}</paidAmnt></payment>"
        f"<voidTransaction>{more.get('void', 'false')}</voidTransaction><trainingID>{more.get('training', 'false')}"
        "</trainingID></cashtransaction>\n"
    )


def text_of(*parts: str) -> str:
    """Put a file together."""
    return HEAD + "".join(parts) + TAIL


def write_large(path: Path, megabytes: int) -> int:
    """Write a month's file of about so many megabytes; give the number of receipts."""
    one = len(receipt())
    a_day = max(megabytes * 1_000_000 // (one * 30), 1)
    with path.open("w") as file:
        file.writelines(_large(a_day))
    return a_day * 30


def _large(a_day: int) -> Iterator[str]:
    yield HEAD
    for day in range(1, 31):
        yield report(day, f"{a_day * 125}.00", f"{a_day * 100}.00", f"{a_day * 25}.00", f"{a_day * 125}.00")
    for day in range(30):
        at = (FIRST + timedelta(days=day, hours=-3)).isoformat()
        yield from _repeated(receipt(at=at), a_day)
    yield TAIL


def _repeated(text: str, times: int) -> Iterable[str]:
    return (text for _ in range(times))
