"""Worked cases of tills, sent through the API, come out in the books line by line."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser

from backoffice.api import counting
from backoffice.chart.mapping import set_payment_rule
from backoffice.clients.services import create_api_key
from backoffice.ledger.money import Money
from backoffice.vouchers.models import Voucher
from tests.api.conftest import Api
from tests.world import TESTER, World, asked

CASES = Path(settings.BASE_DIR).parent / "shared" / "data" / "norway" / "worked_examples.json"
needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the shared examples are not here")
Line = tuple[str, str, str]


@pytest.fixture
def api(world: World, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Give a till with a key."""
    monkeypatch.setitem(counting._resting, "until", float("inf"))
    world.shop.kind = "pos"
    world.shop.save()
    return Api(create_api_key(sales_point=world.shop, name="test")[1], Browser())


def send(api: Api, number: int, day: str, **parts: Any) -> None:
    body = {"number": number, "register": "1", "closed_at": f"{day}T22:00:00+01:00", "currency": "NOK", "sales": [],
            "payments": [], **parts}  # fmt: skip
    answer = api.post("/day-closings", body)
    assert answer.status_code == 201, answer.content


def sold(group: str, rate: str, amount: str) -> dict[str, str]:
    return {"group": group, "vat_rate": rate, "amount": amount}


def paid(method: str, amount: str) -> dict[str, str]:
    return {"method": method, "amount": amount}


def posted(world: World) -> dict[date, list[Line]]:
    """Post everything and give the lines by day."""
    world.post_everything()
    assert set(world.states) == {"posted"}
    return {
        voucher.dated_on: sorted(
            (p.ledger_account, p.vat_code, str(Money(p.amount_minor, "NOK"))) for p in voucher.postings.all()
        )
        for voucher in Voucher.objects.all()
    }


def wanted(name: str) -> dict[date, list[Line]]:
    case = next(one for one in json.loads(CASES.read_text())["examples"] if one["id"] == name)
    return {
        date.fromisoformat(voucher["date"]): sorted(
            (line["account"], line["vat_code"], f"{Decimal(line['amount']):.2f}") for line in voucher["lines"]
        )
        for voucher in case["vouchers"]
    }


def map_accounts(world: World) -> None:
    """Map as the worked cases do."""
    set_payment_rule(
        client=world.client, sales_point=None, method="cash", ledger_account="1900", bank_ledger_account="1920",
        actor=TESTER,
    )  # fmt: skip
    world.map_method("card", "1592")
    world.map_method("gift_card", "2901")
    world.map_group("*", "15.00", "3030", "31")
    world.map_group("tip", "0.00", "2910", "0")
    world.map_group("gift_card", "0.00", "2901", "0")


def only(cases: dict[date, list[Line]], *days: str) -> dict[date, list[Line]]:
    return {day: lines for day, lines in cases.items() if day.isoformat() in days}


@needs_cases
def test_the_z_report(world: World, api: Api) -> None:
    map_accounts(world)
    send(api, 1, "2020-01-01", sales=[sold("food", "15.00", "102.80"), sold("goods", "25.00", "411.40")],
         payments=[paid("cash", "295.00"), paid("card", "218.80")], rounding="-0.40")  # fmt: skip

    assert posted(world) == wanted("z-report")


@needs_cases
def test_the_cash_count_and_the_deposit(world: World, api: Api) -> None:
    map_accounts(world)
    send(api, 1, "2026-11-02", cash={"opening": "295.00", "counted": "292.00"})
    send(api, 2, "2026-11-03", cash={"opening": "292.00", "counted": "2.00", "banked": "290.00"})

    assert posted(world) == only(wanted("cash-count"), "2026-11-02", "2026-11-03")


@needs_cases
def test_the_tip(world: World, api: Api) -> None:
    map_accounts(world)
    send(api, 1, "2026-11-03", sales=[sold("food", "25.00", "500.00")], payments=[paid("card", "550.00")], tips="50.00")

    assert posted(world) == only(wanted("tips"), "2026-11-03")


@needs_cases
def test_the_gift_card_sold_and_used(world: World, api: Api) -> None:
    map_accounts(world)
    send(api, 1, "2026-11-02", payments=[paid("card", "500.00")], gift_cards_sold="500.00")
    send(api, 2, "2026-12-01", sales=[sold("goods", "25.00", "425.00")],
         payments=[paid("gift_card", "300.00"), paid("card", "125.00")])  # fmt: skip

    assert posted(world) == only(wanted("gift-card"), "2026-11-02", "2026-12-01")


def test_the_restaurant(world: World, api: Api) -> None:
    groups = (("house", "25.00", "3000", "3"), ("takeaway", "15.00", "3001", "31"), ("beer", "25.00", "3002", "3"),
              ("soda", "25.00", "3003", "3"))  # fmt: skip
    for group, rate, account, code in groups:
        world.map_group(group, rate, account, code)
    world.map_method("cash", "1901")
    world.map_method("visa", "1910")
    amounts = ("12500.00", "1150.00", "2500.00", "2500.00")
    sales = [sold(group, rate, amount) for (group, rate, _, _), amount in zip(groups, amounts, strict=True)]
    send(api, 1, "2026-11-20", sales=sales, payments=[paid("cash", "5000.00"), paid("visa", "13650.00")])

    assert posted(world)[date(2026, 11, 20)] == [
        ("1901", "0", "5000.00"), ("1910", "0", "13650.00"), ("3000", "3", "-12500.00"), ("3001", "31", "-1150.00"),
        ("3002", "3", "-2500.00"), ("3003", "3", "-2500.00"),
    ]  # fmt: skip
    balances = next(iter(asked(world.sandbox, "proof").values()))["balances"]
    vat = sum(Decimal(amount) for account, amount in balances.items() if account.startswith("27"))
    assert vat == -3650
