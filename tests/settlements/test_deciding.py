"""A person's way out of everything that stops a payout."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from backoffice.clients.models import Client
from backoffice.contracts.payouts import ProviderRow, ReportedPayout
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import RowKind
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.settlements.selectors import (
    entries_needing_person,
    entries_without_payout,
    explanation_of,
    payouts_needing_person,
)
from backoffice.settlements.services import (
    accept_difference,
    assign_entry,
    choose_content,
    choose_method,
    choose_payout_content,
    classify_entry,
    enter_exchange,
    leave_entry,
    post_by_hand,
    record_statement,
    take_back_difference,
)
from backoffice.vouchers.services import NotAllowed
from tests.factories import TESTER, make_chart, make_client
from tests.fakes.payouts import DAY, paid, row, statement

pytestmark = pytest.mark.django_db
CAPTURE = row("1", "capture", "100.00", reference="1001", payout_reference="P1")
STRANGE = row("2", "loyalty", "-5.00", payout_reference="P1")


@pytest.fixture
def client() -> Client:
    client = make_client()
    make_chart(client)
    return client


def take(client: Client, *rows: ProviderRow, payouts: tuple[ReportedPayout, ...] = ()) -> None:
    record_statement(client=client, provider="vipps", statement=statement(*rows, payouts=payouts), event=None)


def entry(key: str) -> PayoutEntry:
    return PayoutEntry.objects.select_related("account", "payout").get(key=key)


def payout(reference: str = "P1") -> Payout:
    return Payout.objects.select_related("client", "account", "voucher").get(reference=reference)


def test_a_person_says_what_a_parked_row_is(client: Client) -> None:
    take(client, CAPTURE, STRANGE, payouts=(paid("P1", "95.00"),))
    assert [e.key for e in entries_needing_person([client])] == ["2"]

    classify_entry(entry_id=entry("2").pk, kind="fee", actor=TESTER)

    assert payout().state == "explained"
    assert not entries_needing_person([client]).exists()
    assert entry("2").decided_by == TESTER.label
    assert explanation_of(payout()).check.sums[RowKind.FEE] == Money(-500, "NOK")
    assert entry("2").kind == "other", "what the provider said stays"


def test_a_row_of_no_known_kind_needs_an_account_of_the_books(client: Client) -> None:
    take(client, STRANGE)
    for kind, account in (("other", ""), ("other", "9999"), ("gift", "")):
        with pytest.raises(NotAllowed):
            classify_entry(entry_id=entry("2").pk, kind=kind, ledger_account=account, actor=TESTER)
    decided = classify_entry(entry_id=entry("2").pk, kind="other", ledger_account="7770", vat_code="1", actor=TESTER)
    assert decided.needs_person_because == ""
    assert [e.key for e in entries_without_payout(client)] == ["2"]


def test_a_row_that_is_not_ours_stays_on_the_clearing_account(client: Client) -> None:
    take(client, CAPTURE, STRANGE, payouts=(paid("P1", "95.00"),))
    with pytest.raises(NotAllowed, match="Say why"):
        leave_entry(entry_id=entry("2").pk, actor=TESTER, note=" ")
    leave_entry(entry_id=entry("2").pk, actor=TESTER, note="Asked Vipps, they will take it back.")
    assert payout().state == "explained"
    assert not entries_without_payout(client).exists()


def test_a_row_without_a_payouts_name_is_put_into_its_payout(client: Client) -> None:
    take(client, CAPTURE, row("2", "fee", "-5.00"), payouts=(paid("P1", "95.00"), paid("P2", "0.00")))
    assert payout().state == "discrepancy"

    assign_entry(entry_id=entry("2").pk, payout_id=payout().pk, actor=TESTER)
    assert payout().state == "explained"

    assign_entry(entry_id=entry("2").pk, payout_id=None, actor=TESTER)
    assert payout().state == "discrepancy"
    take(client, replace(row("2", "fee", "-5.00"), payout_reference="P1"))
    assert entry("2").payout is None, "what a person said stays"


def test_a_difference_is_accepted_with_an_account_and_a_reason(client: Client) -> None:
    take(client, CAPTURE, payouts=(paid("P1", "99.99"),))
    for account, reason in (("7740", ""), ("9999", "Rounding")):
        with pytest.raises(NotAllowed):
            accept_difference(payout_id=payout().pk, ledger_account=account, reason=reason, actor=TESTER)

    accept_difference(payout_id=payout().pk, ledger_account="7740", reason="Rounding", actor=TESTER)
    assert (payout().state, payout().difference_minor) == ("explained", -1)
    with pytest.raises(NotAllowed, match="no difference"):
        accept_difference(payout_id=payout().pk, ledger_account="7740", reason="Again", actor=TESTER)

    take(client, row("2", "fee", "-0.01", payout_reference="P1"))
    assert payout().state == "discrepancy", "the missing row came after all"
    take_back_difference(payout_id=payout().pk, actor=TESTER)
    assert payout().state == "explained"


def test_a_payout_that_nobody_itemises_is_left_on_the_clearing_account(client: Client) -> None:
    take(client, payouts=(paid("P1", "500.00"),))
    accept_difference(payout_id=payout().pk, ledger_account="", reason="Instant payout without rows.", actor=TESTER)
    assert payout().state == "explained"


@pytest.mark.parametrize("take_other", [True, False])
def test_a_person_chooses_between_two_contents_and_the_other_never_asks_again(client: Client, take_other: bool) -> None:
    fee, dearer = row("2", "fee", "-5.00", payout_reference="P1"), row("2", "fee", "-6.00", payout_reference="P1")
    take(client, CAPTURE, fee, payouts=(paid("P1", "94.00" if take_other else "95.00"),))
    take(client, dearer)
    assert payout().state == "discrepancy"

    choose_content(entry_id=entry("2").pk, take_other=take_other, actor=TESTER)
    assert entry("2").amount_minor == (-600 if take_other else -500)
    take(client, fee)
    take(client, dearer)
    assert (payout().state, payout().because) == ("explained", "")
    with pytest.raises(NotAllowed):
        choose_content(entry_id=entry("2").pk, take_other=take_other, actor=TESTER)


def test_a_person_chooses_between_two_days_of_a_payout(client: Client) -> None:
    first, other = paid("P1", "100.00"), paid("P1", "100.00", paid_on=DAY)
    take(client, CAPTURE, payouts=(first,))
    take(client, payouts=(other,))
    assert payouts_needing_person([client]).get() == payout()

    choose_payout_content(payout_id=payout().pk, take_other=True, actor=TESTER)
    take(client, payouts=(first,))
    take(client, payouts=(other,))
    assert (payout().state, payout().paid_on) == ("explained", DAY)


def test_a_payout_that_was_posted_by_hand_changes_no_more(client: Client) -> None:
    take(client, CAPTURE, payouts=(paid("P1", "95.00"),))
    post_by_hand(payout_id=payout().pk, actor=TESTER, note="Voucher 4711 by Kari.")
    assert (payout().state, payout().because) == ("posted", "")
    for act in (
        lambda: classify_entry(entry_id=entry("1").pk, kind="fee", actor=TESTER),
        lambda: post_by_hand(payout_id=payout().pk, actor=TESTER, note="Again"),
        lambda: accept_difference(payout_id=payout().pk, ledger_account="", reason="x", actor=TESTER),
    ):
        with pytest.raises(NotAllowed, match="approved or posted"):
            act()

    take(client, row("9", "fee", "-5.00", payout_reference="P1"))
    late = entry("9")
    assert late.payout is None
    assert "came after payout P1 was approved" in late.needs_person_because
    classify_entry(entry_id=late.pk, kind="fee", actor=TESTER)
    assert [e.key for e in entries_without_payout(client)] == ["9"]


def test_what_a_payout_in_another_currency_lacks_is_entered(client: Client) -> None:
    take(client, CAPTURE, payouts=(paid("P1", "100.00"),))
    with pytest.raises(NotAllowed):
        enter_exchange(payout_id=payout().pk, actor=TESTER, exchange_rate=Decimal(0))
    with pytest.raises(NotAllowed, match="in NOK"):
        enter_exchange(payout_id=payout().pk, actor=TESTER, cleared=Money(1, "EUR"))
    enter_exchange(payout_id=payout().pk, actor=TESTER, exchange_rate=Decimal("11.4"), cleared=Money(115_000, "NOK"))
    assert (payout().exchange_rate, payout().cleared_minor, payout().bank_amount_minor) == (
        Decimal("11.4"),
        115_000,
        None,
    )


def test_the_payment_method_of_an_account_can_be_chosen(client: Client) -> None:
    take(client, CAPTURE)
    account = entry("1").account
    with pytest.raises(NotAllowed):
        choose_method(account_id=account.pk, method=" ", actor=TESTER)
    assert choose_method(account_id=account.pk, method="vipps_checkout", actor=TESTER).method == "vipps_checkout"
