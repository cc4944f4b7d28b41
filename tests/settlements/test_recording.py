"""What a provider reports is one row and one payout each, however often and in whatever order it comes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.services import breaks
from backoffice.clients.models import Client
from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.settlement import RowKind
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount, ProviderBalance
from backoffice.settlements.services import RecordedStatement, record_statement
from tests.factories import make_client
from tests.fakes.payouts import DAY, paid, row, statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return make_client()


def take(client: Client, one: ProviderStatement) -> RecordedStatement:
    """Record a statement of Vipps."""
    return record_statement(client=client, provider="vipps", statement=one, event=None)


def the_payout() -> Payout:
    return Payout.objects.select_related("client", "account", "voucher").get()


def facts() -> list[Any]:
    """Give all that was recorded, without ids and times."""
    left_out = {"id", "created_at", "updated_at", "payout_id", "account_id", "client_id", "event_id"}
    found: list[Any] = []
    for model in (ProviderAccount, Payout, PayoutEntry, ProviderBalance):
        for each in model._default_manager.all():
            found.append(sorted((n, str(v)) for n, v in vars(each).items() if n not in left_out and n[0] != "_"))
            if isinstance(each, PayoutEntry):
                found[-1].append(("payout", str(each.payout)))
    return sorted(found)


CAPTURE = row("1", "capture", "1250.00", reference="1001", payout_reference="P1")
FEE = row("2", "fee", "-18.75", payout_reference="P1")
PAID = paid("P1", "1231.25")


def test_a_payout_that_follows_from_its_rows_is_explained(client: Client) -> None:
    recorded = take(client, statement(CAPTURE, FEE, payouts=(PAID,)))

    assert (recorded.new_rows, recorded.new_payouts) == (2, 1)
    assert recorded.note == "vipps M-1 NOK: 2 new rows, 1 new payouts."
    assert (the_payout().state, the_payout().because) == ("explained", "")
    assert recorded.account.method == "vipps"


def test_a_payout_without_rows_waits_for_them(client: Client) -> None:
    take(client, statement(payouts=(PAID,)))
    assert (the_payout().state, the_payout().because) == ("received", "Its rows have not arrived yet.")

    take(client, statement(CAPTURE, FEE))
    assert the_payout().state == "explained"


def test_a_payout_that_differs_names_the_exact_difference(client: Client) -> None:
    take(client, statement(CAPTURE, payouts=(PAID,)))

    assert the_payout().state == "discrepancy"
    assert the_payout().because == (
        "Paid out 1231.25 NOK, but its rows add to 1250.00 (capture 1250.00): a difference of -18.75. Fetch the "
        "missing rows, or accept the difference with a reason."
    )
    take(client, statement(FEE))
    assert (the_payout().state, the_payout().because) == ("explained", "")


def test_a_kind_that_nobody_knows_keeps_its_amount_and_stops_the_payout(client: Client) -> None:
    strange = row("3", "loyalty", "-5.00", payout_reference="P1")
    take(client, statement(CAPTURE, FEE, strange, payouts=(paid("P1", "1226.25"),)))

    entry = PayoutEntry.objects.get(key="3")
    assert (entry.kind, entry.native_kind, entry.amount_minor) == ("other", "loyalty", -500)
    assert the_payout().state == "discrepancy"
    assert "Nobody knows yet what “loyalty” is: row 3, -5.00 NOK." in the_payout().because


def test_a_row_that_goes_the_wrong_way_round_is_parked(client: Client) -> None:
    take(client, statement(row("1", "refund", "20.00")))
    assert "goes the wrong way round" in PayoutEntry.objects.get().needs_person_because


def test_a_reader_that_knows_more_fills_in_the_kind(client: Client) -> None:
    strange = row("3", "loyalty", "-5.00")
    take(client, statement(strange))
    take(client, statement(replace(strange, kind=RowKind.FEE)))
    take(client, statement(strange))

    entry = PayoutEntry.objects.get()
    assert (entry.kind, entry.needs_person_because, entry.differing) == ("fee", "", None)


def test_a_later_report_fills_in_what_the_first_left_empty(client: Client) -> None:
    bare = replace(CAPTURE, reference="", payout_reference="")
    take(client, statement(bare))
    recorded = take(client, statement(CAPTURE, FEE, payouts=(PAID,)))
    take(client, statement(bare))

    assert (recorded.new_rows, recorded.filled_rows) == (1, 1)
    entry = PayoutEntry.objects.get(key="1")
    assert (entry.reference, entry.payout_reference, entry.payout) == ("1001", "P1", the_payout())
    assert the_payout().state == "explained"


def test_other_content_under_a_key_is_kept_beside_the_first_and_shown(client: Client) -> None:
    take(client, statement(CAPTURE, FEE, payouts=(PAID,)))
    other = statement(replace(FEE, amount=-CAPTURE.amount))
    assert take(client, other).differing_rows == 1
    assert take(client, other).differing_rows == 0

    entry = PayoutEntry.objects.get(key="2")
    assert entry.amount_minor == -1875
    assert (entry.differing or {})["fields"] == [["amount", "-18.75 NOK", "-1250.00 NOK"]]
    assert the_payout().state == "discrepancy"
    assert "Row 2 was reported twice with different content: amount -18.75 NOK or -1250.00 NOK" in the_payout().because


def test_other_content_under_a_payouts_reference_is_shown(client: Client) -> None:
    take(client, statement(CAPTURE, FEE, payouts=(PAID,)))
    take(client, statement(payouts=(replace(PAID, paid_on=DAY),)))

    assert the_payout().state == "discrepancy"
    assert (
        "Payout P1 was reported twice with different content: paid_on 2026-11-23 or 2026-11-20" in the_payout().because
    )


@pytest.mark.parametrize("seed", range(12))
def test_any_order_and_any_number_of_times_gives_the_same(client: Client, seed: int) -> None:
    rows = [
        CAPTURE,
        FEE,
        row("3", "capture", "400.00", reference="1002", payout_reference="P2"),
        row("4", "refund", "-250.00", reference="1001", payout_reference="P2"),
        row("5", "payout", "-150.00", payout_reference="P2"),
        row("6", "loyalty", "-1.00"),
        replace(row("7", "capture", "70.00"), booked_on=DAY + timedelta(days=1)),
    ]
    whole = statement(*rows, payouts=(PAID, paid("P2", "150.00")), balances={DAY: "69.00"})
    take(client, whole)
    wanted = facts()
    PayoutEntry.objects.all().delete()
    Payout.objects.all().delete()
    ProviderBalance.objects.all().delete()

    pieces: list[ProviderStatement] = [statement(each) for each in rows] * 2
    pieces += [statement(payouts=(payout,)) for payout in whole.payouts] * 2
    pieces += [statement(replace(CAPTURE, reference="", payout_reference="")), replace(whole, rows=(), payouts=())]
    random.Random(seed).shuffle(pieces)
    for piece in pieces:
        take(client, piece)
    assert facts() == wanted
    assert list(breaks()) == []


def stated_wrong() -> Sequence[ProviderStatement]:
    """Give statements that no reader may hand over."""
    return (
        statement(row("", "capture", "1.00")),
        statement(row("x" * 201, "capture", "1.00")),
        statement(row("1", "capture", "1.00", currency="EUR")),
        statement(payouts=(paid("p" * 101, "1.00"),)),
    )


@pytest.mark.parametrize("number", range(4))
def test_a_row_that_cannot_be_kept_is_refused_with_all_of_its_statement(client: Client, number: int) -> None:
    with pytest.raises(UnreadablePayload):
        take(client, stated_wrong()[number])
    assert not ProviderAccount.objects.exists()


def test_two_currencies_are_two_accounts(client: Client) -> None:
    take(client, statement(row("1", "capture", "1.00")))
    take(client, statement(row("1", "capture", "1.00", currency="EUR"), currency="EUR"))
    assert ProviderAccount.objects.count() == PayoutEntry.objects.count() == 2


def test_the_database_itself_refuses_what_a_state_does_not_allow(client: Client) -> None:
    take(client, statement(CAPTURE, FEE, payouts=(PAID,)))
    for wrong in ({"state": "posted"}, {"state": "lost"}, {"state": "discrepancy"}, {"difference_minor": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payout.objects.update(**wrong)
