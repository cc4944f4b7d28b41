"""Kill the worker and break the answers while invoices of the shop, credit notes and advances are posted, once each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from backoffice.contracts.sales import IssuedCreditNote, IssuedInvoice, PaymentDetails, RefundDetails
from backoffice.ledger.money import Money
from backoffice.sales.services import record_refund
from backoffice.workflows import advances
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.sandbox import Fault
from tests.vouchers.test_crash_points import FAULTS, POINTS, kill_once, post_everything_through_deaths
from tests.world import SOLD_AT, World, asked

INVOICE = "POST /v2/Vouchers/OutgoingInvoiceJournals"
CREDIT_NOTE = "POST /v2/Vouchers/OutgoingCreditNoteJournals"
ORDER = "POST /v2/SalesOrders/Complete"
SENDING = "POST /v2/SalesOrders/*/createAndSendInvoice"
ADVANCE = "POST /v2/Vouchers/ManualJournals"
SENDS = {
    "outgoing invoice": ("sales_system", INVOICE),
    "credit note": ("sales_system", CREDIT_NOTE),
    "order of a credit note": ("accounting_system", ORDER),
    "sending of a credit note": ("accounting_system", SENDING),
}


def sell(world: World, issuer: str) -> None:
    world.shop.invoice_issuer = issuer
    world.shop.save()
    own: dict[str, Any] = {"invoice": IssuedInvoice("F-1001", date(2026, 11, 20))} if issuer == "sales_system" else {}
    world.sell("1001", 12_500, **own)


def give_back(world: World, issuer: str, gross_minor: int = 5_000) -> None:
    amount = Money(gross_minor, "NOK")
    back_at = SOLD_AT + timedelta(days=1)
    money = PaymentDetails("r1-money", "vipps", -amount, back_at)
    note = IssuedCreditNote("K-1") if issuer == "sales_system" else None
    refund = RefundDetails("r1", "1001", back_at, amount, payments=(money,), credit_note=note)
    record_refund(sales_point=world.shop, refund=refund, event=None)


def is_right(world: World) -> bool:
    wrong = world.wrong_in_the_books(sales=1, clearing={"1903": 7_500, "3000": -6_000, "2900": 0})
    assert wrong == []
    assert next(iter(asked(world.sandbox, "proof").values()))["credit_notes"] == 1
    return True


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(("issuer", "skip"), [("sales_system", 0), ("accounting_system", 0), ("accounting_system", 1)])
def test_a_worker_killed_while_crediting_leaves_the_books_right(
    world: World, monkeypatch: pytest.MonkeyPatch, issuer: str, point: str, skip: int
) -> None:
    sell(world, issuer)
    world.post_everything()
    give_back(world, issuer)
    kill_once(monkeypatch, point, skip)

    post_everything_through_deaths(world)

    assert is_right(world)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_while_the_shops_invoice_is_posted_leaves_the_books_right(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    sell(world, "sales_system")
    kill_once(monkeypatch, point, 0)

    post_everything_through_deaths(world)

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("send", SENDS)
def test_any_broken_answer_leaves_the_books_right(world: World, send: str, fault: str) -> None:
    issuer, endpoint = SENDS[send]
    if endpoint == INVOICE:
        world.sandbox.faults.rules.append(Fault(fault, endpoint))
    sell(world, issuer)
    world.post_everything()
    if endpoint != INVOICE:
        world.sandbox.faults.rules.append(Fault(fault, endpoint))
    give_back(world, issuer)

    world.post_everything()

    assert is_right(world)


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_500"])
@pytest.mark.parametrize("point", ["after the answer", "before the result commits", "while it is looked up"])
@pytest.mark.parametrize("send", ["credit note", "order of a credit note"])
def test_a_broken_answer_and_then_a_killed_worker_leave_the_books_right(
    world: World, monkeypatch: pytest.MonkeyPatch, send: str, point: str, fault: str
) -> None:
    issuer, endpoint = SENDS[send]
    sell(world, issuer)
    world.post_everything()
    give_back(world, issuer)
    world.sandbox.faults.rules.append(Fault(fault, endpoint, count=2))
    kill_once(monkeypatch, point, 0)

    post_everything_through_deaths(world)

    assert is_right(world)


@pytest.mark.parametrize("fault", FAULTS)
def test_an_advance_is_moved_once_whatever_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(advances, "today_of", lambda client: date(2027, 1, 15))
    world.shop.paid_before_delivery = "advance"
    world.shop.save()
    world.sandbox.faults.rules.append(Fault(fault, ADVANCE))
    world.sell("1001", 12_500, delivered_on=date(2026, 12, 2))

    world.post_everything()

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500, "2900": 0}) == []


@pytest.mark.parametrize(("issuer", "endpoint"), [("sales_system", CREDIT_NOTE), ("accounting_system", ORDER)])
def test_the_proof_fails_without_the_look_up(
    world: World, monkeypatch: pytest.MonkeyPatch, issuer: str, endpoint: str
) -> None:
    """Negative control: a proof that cannot fail proves nothing."""
    sell(world, issuer)
    world.post_everything()
    monkeypatch.setattr(PowerOffice, "find", lambda self, request: None)
    give_back(world, issuer)
    world.sandbox.faults.rules.append(Fault("commit_then_drop", endpoint))

    world.drain()
    world.approve_all()
    for _ in range(10):
        world.drain(rounds=5)

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 7_500}) != []
