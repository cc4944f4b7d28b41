"""W5: a payout empties the clearing account, whatever the provider kept, and whatever came first."""

from __future__ import annotations

from decimal import Decimal

import pytest

from backoffice.clients.models import Client
from backoffice.ledger.money import Money
from backoffice.settlements.selectors import explanation_of
from backoffice.settlements.services import choose_exchange_accounts, classify_entry, enter_exchange, post_by_hand
from backoffice.vouchers.models import Posting, Voucher
from backoffice.vouchers.reversing import reverse
from backoffice.vouchers.services import NotAllowed, withdraw
from backoffice.workflows.drafting_anew import draft_anew
from backoffice.workflows.payout_values import Proposal, proposed_value
from backoffice.workflows.payouts import post_withheld
from backoffice.workflows.services import move_to_first_open_day, rebuild_voucher, release_cause
from tests.fakes.payouts import paid, row
from tests.flows.paying_out import (
    BANK,
    CLEARING,
    DEPOSIT,
    DISPUTE,
    FEE,
    balance,
    balances,
    entry,
    map_payouts,
    payout,
    report,
)
from tests.world import TESTER, World

CAPTURE = row("1", "capture", "125.00", reference="1001", provider_reference="vipps-1001", payout_reference="P1")
FEE_ROW = row("2", "fee", "-1.88", payout_reference="P1")
PAID = paid("P1", "123.12")


@pytest.fixture
def shop(world: World) -> World:
    """Give a world whose Vipps payouts are mapped."""
    map_payouts(world)
    return world


def lines() -> list[tuple[str, str, str]]:
    """Give the lines of the payout's voucher."""
    return [
        (p.ledger_account, p.vat_code, str(Money(p.amount_minor, p.currency)))
        for p in Posting.objects.filter(voucher__source_type="payout").order_by("voucher_id", "position")
    ]


@pytest.mark.parametrize("first", ["payment", "payout"])
def test_the_clearing_account_returns_to_zero_whatever_comes_first(shop: World, first: str) -> None:
    if first == "payment":
        shop.sell()
        shop.post_everything()
        assert balance(shop, CLEARING) == 12_500
    report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
    shop.post_everything()
    if first == "payout":
        shop.sell()
        shop.post_everything()

    assert lines() == [(BANK, "0", "123.12"), (FEE, "0", "1.88"), (CLEARING, "0", "-125.00")]
    assert balances(shop, BANK, FEE, CLEARING) == [12_312, 188, 0]
    assert shop.wrong_in_the_books(sales=1, clearing={CLEARING: 0}) == []
    assert payout().state == Voucher.objects.get(source_type="payout").state == "posted"


def test_a_payout_reported_over_and_over_is_posted_once(shop: World) -> None:
    for _ in range(3):
        report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
        shop.post_everything()
    assert balances(shop, BANK, FEE, CLEARING) == [12_312, 188, -12_500]
    assert Voucher.objects.count() == 1


def test_every_line_tells_which_rows_it_comes_from(shop: World) -> None:
    report(shop, CAPTURE, FEE_ROW, payouts=(paid("P1", "123.12", bank_text="Utb. 2000810 Vippsnr 117703"),))
    shop.drain()
    bank, fee, clearing = Posting.objects.order_by("position")
    assert "Utb. 2000810 Vippsnr 117703" in bank.why[1]["text"]
    assert (fee.why[1]["text"], fee.why[1]["amount"]) == ("fee 2, 2026-11-20", "-1.88")
    assert clearing.why[1]["text"] == "capture 1001, 2026-11-20"
    assert clearing.why[0]["rule"]["kind"] == "paymentmethodmapping"


def test_a_kind_that_nobody_knew_is_posted_once_a_person_has_said_what_it_is(shop: World) -> None:
    strange = row("3", "loyalty", "-2.00", payout_reference="P1")
    report(shop, CAPTURE, FEE_ROW, strange, payouts=(paid("P1", "121.12"),))
    shop.post_everything()
    assert not Voucher.objects.exists()

    classify_entry(entry_id=entry("3").pk, kind="other", ledger_account="6800", vat_code="1", actor=TESTER)
    shop.post_everything()
    assert ("6800", "1", "2.00") in lines()
    assert payout().state == "posted"
    with pytest.raises(NotAllowed, match="approved or posted"):
        classify_entry(entry_id=entry("3").pk, kind="fee", actor=TESTER)


def test_a_row_that_comes_while_the_voucher_waits_for_approval_blocks_it(shop: World) -> None:
    report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
    shop.drain()
    report(shop, row("3", "fee", "-1.00", payout_reference="P1"))
    shop.drain()
    voucher = Voucher.objects.get()
    assert voucher.state == "blocked"
    assert voucher.reasons[0]["code"] == "payout_discrepancy"
    assert "a difference of 1.00" in voucher.reasons[0]["detail"]

    report(shop, row("4", "fee_refund", "1.00", payout_reference="P1"))
    shop.post_everything()
    assert balances(shop, BANK, FEE, CLEARING) == [12_312, 188, -12_500]


def test_a_dispute_goes_to_its_account_and_comes_back(shop: World) -> None:
    dispute = row("3", "dispute", "-125.00", reference="1001", payout_reference="P1")
    report(shop, CAPTURE, dispute, row("4", "fee", "-15.00", payout_reference="P1"), payouts=(paid("P1", "-15.00"),))
    shop.post_everything()
    assert balances(shop, BANK, DISPUTE, FEE, CLEARING) == [-1_500, 12_500, 1_500, -12_500]

    won = row("5", "dispute_return", "125.00", reference="1001", payout_reference="P2")
    report(shop, won, payouts=(paid("P2", "125.00"),))
    shop.post_everything()
    assert balances(shop, BANK, DISPUTE, CLEARING) == [11_000, 0, -12_500]


def test_what_is_held_back_rests_on_the_deposit_account_until_it_is_released(shop: World) -> None:
    report(shop, CAPTURE, row("2", "holdback", "-25.00", payout_reference="P1"), payouts=(paid("P1", "100.00"),))
    report(shop, row("3", "release", "25.00", payout_reference="P2"), payouts=(paid("P2", "25.00"),))
    shop.drain()
    first = Voucher.objects.get(description__contains="P1")
    assert sorted(first.postings.values_list("ledger_account", "amount_minor")) == [
        (DEPOSIT, 2_500), (CLEARING, -12_500), (BANK, 10_000),
    ]  # fmt: skip
    shop.post_everything()
    assert balances(shop, BANK, DEPOSIT, CLEARING) == [12_500, 0, -12_500]


def test_gross_settlement_has_no_fee_and_needs_no_fee_account(world: World) -> None:
    map_payouts(world, fee_ledger_account="")
    report(world, CAPTURE, payouts=(paid("P1", "125.00"),))
    world.post_everything()
    assert balances(world, BANK, CLEARING) == [12_500, -12_500]


def test_refunds_make_a_payout_that_we_owe(shop: World) -> None:
    refund = row("3", "refund", "-300.00", reference="900", payout_reference="P1")
    own = row("4", "payout", "301.00", payout_reference="P1")
    report(shop, refund, row("5", "fee", "-1.00", payout_reference="P1"), own, payouts=(paid("P1", "-301.00"),))
    shop.post_everything()
    assert balances(shop, BANK, FEE, CLEARING) == [-30_100, 100, 30_000]


def test_a_payout_that_came_back_leaves_the_bank_and_is_paid_again(shop: World) -> None:
    report(shop, CAPTURE, FEE_ROW, row("3", "payout", "-123.12", payout_reference="P1"), payouts=(PAID,))
    shop.post_everything()
    report(shop, row("4", "payout", "123.12", reference="P1"))
    shop.post_everything()
    assert balances(shop, BANK, FEE, CLEARING) == [0, 188, -188]

    again = row("4", "payout", "123.12", reference="P1", payout_reference="P2")
    report(shop, again, payouts=(paid("P2", "123.12"),))
    shop.post_everything()
    assert balances(shop, BANK, FEE, CLEARING) == [12_312, 188, -12_500]
    assert payout("P2").state == "posted"


def test_a_payout_that_came_back_inside_the_next_one_is_one_voucher(shop: World) -> None:
    report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
    shop.post_everything()
    more = row("5", "capture", "10.00", payout_reference="P2")
    back = row("4", "payout", "123.12", reference="P1", payout_reference="P2")
    report(shop, back, more, payouts=(paid("P2", "133.12"),))
    shop.post_everything()
    assert balances(shop, BANK, FEE, CLEARING) == [12_312 + 1_000, 188, -13_500]
    assert Voucher.objects.count() == 2


def test_a_monthly_fee_without_a_payout_has_a_voucher_of_its_own(shop: World) -> None:
    report(shop, row("9", "fee", "-99.00"), CAPTURE)
    with pytest.raises(NotAllowed, match="stays on the clearing account"):
        post_withheld(entry_ids=[entry("1").pk], actor=TESTER)
    post_withheld(entry_ids=[entry("9").pk], actor=TESTER)
    with pytest.raises(NotAllowed, match="has a voucher already"):
        post_withheld(entry_ids=[entry("9").pk], actor=TESTER)
    shop.post_everything()
    assert balances(shop, FEE, CLEARING) == [9_900, -9_900]

    fee = row("9", "fee", "-99.00", payout_reference="P1")
    report(shop, fee, CAPTURE, payouts=(paid("P1", "26.00"),))
    shop.post_everything()
    assert balances(shop, BANK, FEE, CLEARING) == [2_600, 9_900, -12_500], "the payout does not post the fee again"


def test_a_payout_in_euro_meets_payments_in_the_books_currency(shop: World) -> None:
    map_payouts(shop, "stripe", "1907")
    shop.sell(gross_minor=115_000, method="stripe")
    shop.post_everything()
    captured = row("1", "capture", "100.00", reference="stripe-1001", payout_reference="P1", currency="EUR")
    fee = row("2", "fee", "-1.50", payout_reference="P1", currency="EUR")
    bank = Money(112_290, "NOK")
    out = paid("P1", "98.50", currency="EUR", exchange_rate=Decimal("11.40"), bank_amount=bank)
    report(shop, captured, fee, payouts=(out,), currency="EUR", provider="stripe")
    shop.post_everything()
    assert balances(shop, "1920", "7770", "8160", "1907") == [112_290, 1_710, 1_000, 0]


def test_a_payout_in_euro_that_came_before_its_payment_is_posted_once_that_has_come(shop: World) -> None:
    map_payouts(shop, "stripe", "1907")
    captured = row("1", "capture", "100.00", reference="stripe-1001", payout_reference="P1", currency="EUR")
    out = paid("P1", "100.00", currency="EUR", exchange_rate=Decimal("11.50"))
    report(shop, captured, payouts=(out,), currency="EUR", provider="stripe")
    shop.drain()
    waiting = Voucher.objects.get()
    assert waiting.reasons[0]["code"] == "payout_exchange_unknown"
    shop.sell(gross_minor=115_000, method="stripe")
    rebuild_voucher(voucher_id=waiting.pk, actor=TESTER)
    shop.post_everything()
    assert balances(shop, "1920", "1907") == [115_000, 0]


def test_a_payout_in_euro_says_what_it_lacks_until_a_person_enters_it(shop: World) -> None:
    captured = row("1", "capture", "100.00", reference="x", payout_reference="P1", currency="EUR")
    report(shop, captured, payouts=(paid("P1", "100.00", currency="EUR"),), currency="EUR")
    shop.drain()
    reason = Voucher.objects.get().reasons[0]
    assert reason["code"] == "payout_exchange_unknown"
    assert reason["detail"].count("NOK") == 3

    at_bank, cleared = Money(116_000, "NOK"), Money(115_000, "NOK")
    enter_exchange(payout_id=payout().pk, actor=TESTER, bank_amount=at_bank, cleared=cleared)
    shop.post_everything()
    assert balances(shop, BANK, "8060", CLEARING) == [116_000, -1_000, -115_000]


def test_the_value_of_a_euro_payout_is_proposed_from_what_is_known(shop: World) -> None:
    map_payouts(shop, "stripe", "1907")
    shop.sell(gross_minor=115_000, method="stripe")
    shop.post_everything()
    rows = (
        row("1", "capture", "60.00", reference="stripe-1001", payout_reference="P1", currency="EUR"),
        row("2", "capture", "30.00", reference="stripe-1001", payout_reference="P1", currency="EUR"),
        row("3", "capture", "10.00", reference="stripe-1001", payout_reference="P2", currency="EUR"),
        row("4", "capture", "20.00", reference="unknown", payout_reference="P1", currency="EUR"),
    )
    report(shop, *rows, payouts=(paid("P1", "110.00", currency="EUR"),), currency="EUR", provider="stripe")
    assert proposed_value(payout(), explanation_of(payout())) is None, "no rate for what is not known"

    enter_exchange(payout_id=payout().pk, actor=TESTER, exchange_rate=Decimal("11.40"))
    found = proposed_value(payout(), explanation_of(payout()))

    assert found == Proposal(Money(103_500 + 22_800, "NOK"), known=2, rest=1)
    enter_exchange(payout_id=payout().pk, actor=TESTER, cleared=found.value)
    assert proposed_value(payout(), explanation_of(payout())) is None, "a person has confirmed it"
    shop.post_everything()
    assert balances(shop, BANK, "8160", "1907") == [125_400, 900, 115_000 - 126_300]


def test_exchange_differences_go_where_the_bookkeeper_says(shop: World) -> None:
    captured = row("1", "capture", "100.00", reference="x", payout_reference="P1", currency="EUR")
    report(shop, captured, payouts=(paid("P1", "100.00", currency="EUR"),), currency="EUR")
    at_bank, cleared = Money(116_000, "NOK"), Money(115_000, "NOK")
    enter_exchange(payout_id=payout().pk, actor=TESTER, bank_amount=at_bank, cleared=cleared)
    shop.drain()
    account = payout().account_id
    with pytest.raises(NotAllowed, match="active ledger accounts for both"):
        choose_exchange_accounts(account_id=account, gain="8060", loss="9999", actor=TESTER)
    choose_exchange_accounts(account_id=account, gain="7770", loss="8160", actor=TESTER)
    shop.post_everything()
    assert balances(shop, "7770", "8060") == [-1_000, 0], "a voucher that was drafted before is drafted again"


def test_a_missing_account_is_named_and_one_fix_releases_the_payout(world: World) -> None:
    report(world, CAPTURE, FEE_ROW, payouts=(PAID,))
    world.drain()
    reasons = Voucher.objects.get().reasons
    assert [(one["code"], one["subject"]) for one in reasons] == [
        ("payout_account_missing", "vipps|bank account"),
        ("payout_account_missing", "vipps|fee account"),
    ]
    map_payouts(world)
    release_cause(client=world.client, code="payout_account_missing", subject="vipps|bank account", actor=TESTER)
    world.post_everything()
    assert payout().state == "posted"


def test_a_locked_period_holds_or_moves_a_payout(shop: World) -> None:
    limits = shop.client.book_limits
    limits.locked_through = PAID.paid_on
    limits.save()
    report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
    shop.drain()
    voucher = Voucher.objects.get()
    assert [one["code"] for one in voucher.reasons] == ["locked_period"]

    moved = move_to_first_open_day(voucher_id=voucher.pk, actor=TESTER)
    assert (moved.original_dated_on, str(moved.dated_on)) == (PAID.paid_on, "2026-11-24")
    assert "paid 2026-11-23" in moved.description


def test_the_clients_policy_approves_payouts_up_to_its_limit(shop: World) -> None:
    Client.objects.filter(pk=shop.client.pk).update(approval="automatic_up_to", automatic_up_to_minor=12_500)
    report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
    shop.settle()
    shop.drain()
    assert payout().state == "posted"


def test_what_was_reversed_or_withdrawn_is_posted_by_another_voucher(shop: World) -> None:
    report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
    shop.drain()
    first = Voucher.objects.get()
    withdraw(voucher_id=first.pk, actor=TESTER, reason="Wrong bank account")
    map_payouts(shop, bank_ledger_account="1960")
    draft_anew(voucher_id=first.pk, actor=TESTER)
    shop.post_everything()
    assert balance(shop, "1960") == 12_312

    second = Voucher.objects.get(state="posted")
    reverse(voucher_id=second.pk, actor=TESTER, reason="Wrong again")
    shop.settle()
    shop.drain()
    assert (payout().state, payout().because) == ("explained", "Its voucher was reversed in the books.")
    map_payouts(shop)
    draft_anew(voucher_id=second.pk, actor=TESTER)
    shop.post_everything()
    assert balances(shop, "1960", BANK, FEE, CLEARING) == [0, 12_312, 188, -12_500]
    assert Voucher.objects.get(state="posted").generation == 2


def test_a_payout_posted_by_hand_has_its_open_voucher_drawn_back(shop: World) -> None:
    report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
    shop.drain()
    post_by_hand(payout_id=payout().pk, actor=TESTER, note="Voucher 17 in the books")
    shop.post_everything()
    assert shop.states == {"withdrawn": 1}
    assert balance(shop, BANK) == 0


def test_a_rebuilt_voucher_follows_todays_mapping(shop: World) -> None:
    report(shop, CAPTURE, FEE_ROW, payouts=(PAID,))
    shop.drain()
    map_payouts(shop, fee_ledger_account="7775")
    rebuild_voucher(voucher_id=Voucher.objects.get().pk, actor=TESTER)
    assert ("7775", "0", "1.88") in lines()
