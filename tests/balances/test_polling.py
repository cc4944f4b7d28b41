"""Balances are read from real books, kept on the voucher, and told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.balances import services
from backoffice.balances.models import BalancePoll, InvoiceBalance
from backoffice.balances.services import is_due, poll_balances, record_balances
from backoffice.connections.models import Connection
from backoffice.contracts.accounting import InvoiceBalance as Told
from backoffice.contracts.errors import Misconfigured
from backoffice.contracts.sales import PaymentDetails
from backoffice.ledger.money import Money
from backoffice.sales.services import record_payment
from backoffice.vouchers.models import Voucher
from backoffice.webhooks.models import OutgoingEvent
from backoffice.worker.balances import poll_all_balances
from tests.world import World, requests_to

QUESTION = "GET /v2/OutgoingInvoices"


def types() -> list[str]:
    """The types of all events, in their order."""
    return list(OutgoingEvent.objects.order_by("id").values_list("type", flat=True))


def pay(world: World, reference: str, minor: int, number: str) -> None:
    """Report a payment of a sale and let it be posted."""
    details = PaymentDetails(number, "vipps", Money(minor, "NOK"), timezone.now(), sale_reference=reference)
    record_payment(sales_point=world.shop, payment=details, event=None)
    world.post_everything()


def test_an_invoice_is_numbered_then_paid_and_both_are_told_once(world: World) -> None:
    sale = world.sell("1001", paid=False)
    world.post_everything()
    assert types()[:2] == ["voucher.posted", "invoice.numbered"], "the PDF of the invoice follows, and is told too"
    assert is_due(world.connection)
    assert poll_all_balances() == 1
    row = InvoiceBalance.objects.get()
    assert (row.standing, row.balance_minor, row.total_minor) == ("unpaid", 12_500, 12_500)
    pay(world, "1001", 12_500, "p-1")
    assert poll_all_balances() == 1
    row.refresh_from_db()
    assert (row.standing, row.balance_minor, row.closed_by) == ("paid", 0, "payment")
    assert types().count("invoice.paid") == 1
    told = OutgoingEvent.objects.get(type="invoice.paid").content["data"]
    assert told["sale"] == "1001"
    assert told["revision"] == sale.revision
    assert (told["total"], told["balance"], told["currency"]) == ("125.00", "0.00", "NOK")
    assert told["invoice_number"] == row.invoice_number
    assert poll_balances(connection=world.connection) == 0, "the overlap reads it again and changes nothing"
    assert types().count("invoice.paid") == 1


def test_asking_costs_one_call_for_all_and_none_while_nothing_is_open(world: World) -> None:
    for number in range(3):
        world.sell(str(number))
    world.post_everything()
    before = requests_to(world.sandbox, QUESTION)
    assert poll_all_balances() == 3
    assert requests_to(world.sandbox, QUESTION) == before + 1
    assert not is_due(world.connection)
    assert poll_all_balances() == 0
    assert requests_to(world.sandbox, QUESTION) == before + 1
    assert is_due(world.connection, timezone.now() + timedelta(days=1, minutes=1)), "once a day all the same"
    poll = BalancePoll.objects.get()
    assert (poll.polls, poll.rows) == (1, 3)


def test_a_client_without_invoices_is_not_asked_about(world: World) -> None:
    before = requests_to(world.sandbox, QUESTION)
    assert poll_all_balances() == 0
    assert requests_to(world.sandbox, QUESTION) == before


@pytest.fixture
def posted(world: World) -> tuple[World, Voucher]:
    """Give a posted invoice of 125.00."""
    world.sell("1001", paid=False)
    world.post_everything()
    return world, Voucher.objects.get(kind="sales_order")


def told(voucher: Voucher, balance: int, *, minute: int = 0, **changes: Any) -> Told:
    """Say what the books would."""
    values: dict[str, Any] = {
        "external_id": voucher.external_id,
        "invoice_number": voucher.invoice_number,
        "reference": "",
        "total": Money(12_500, "NOK"),
        "balance": Money(balance, "NOK"),
        "due_on": None,
        "changed_at": datetime(2026, 11, 25, 12, minute, tzinfo=UTC),
        "match": "77",
    }
    return Told(**{**values, **changes})


def test_a_part_payment_is_seen_and_not_told_as_paid(posted: tuple[World, Voucher]) -> None:
    world, voucher = posted
    record_balances(client=world.client, balances=[told(voucher, 5_000)], credited={})
    assert InvoiceBalance.objects.get().standing == "partly_paid"
    assert "invoice.paid" not in types()


def test_paid_is_told_once_even_when_the_match_is_taken_apart_and_made_again(posted: tuple[World, Voucher]) -> None:
    world, voucher = posted
    for minute, balance in enumerate((0, 12_500, 0)):
        record_balances(client=world.client, balances=[told(voucher, balance, minute=minute)], credited={})
    assert InvoiceBalance.objects.get().standing == "paid"
    assert types().count("invoice.paid") == 1


def test_an_older_report_changes_nothing(posted: tuple[World, Voucher]) -> None:
    world, voucher = posted
    record_balances(client=world.client, balances=[told(voucher, 0, minute=5)], credited={})
    assert record_balances(client=world.client, balances=[told(voucher, 12_500, minute=4)], credited={}) == 0
    assert InvoiceBalance.objects.get().balance_minor == 0


@pytest.mark.parametrize(
    ("credited", "standing", "event"), [(12_500, "credited", "invoice.credited"), (4_000, "paid", "invoice.paid")]
)
def test_a_credit_note_that_closes_an_invoice_is_told_apart(
    posted: tuple[World, Voucher], credited: int, standing: str, event: str
) -> None:
    world, voucher = posted
    by_match = {"77": Money(credited, "NOK")}
    record_balances(client=world.client, balances=[told(voucher, 0)], credited=by_match)
    assert InvoiceBalance.objects.get().standing == standing
    assert types()[-1] == event


def test_invoices_that_are_not_ours_and_numbers_that_two_have_are_left_alone(posted: tuple[World, Voucher]) -> None:
    world, voucher = posted
    stranger = told(voucher, 0, external_id="5a4d8c10-0000-4000-8000-00000000ffff", invoice_number="77001")
    assert record_balances(client=world.client, balances=[stranger], credited={}) == 0
    assert not InvoiceBalance.objects.exists()


def test_missing_privilege_pauses_the_connection(
    posted: tuple[World, Voucher], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(connection: Connection) -> Any:
        raise Misconfigured("PowerOffice does not allow us to list changed balances.")

    monkeypatch.setattr(services, "accounting_system", refused)
    assert poll_all_balances() == 0
    assert Connection.objects.get().paused_at is not None
