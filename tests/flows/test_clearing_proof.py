"""A clearing account is proved, or every difference has a name and the sum of the names is the difference."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from backoffice.contracts.closings import ClosingPayment, ClosingSales, DayClosingDetails
from backoffice.ledger.money import Money
from backoffice.sales.closings import record_day_closing
from backoffice.settlements.clearing import AccountProof, CannotProve, clearing_proof
from backoffice.settlements.models import ProviderAccount
from backoffice.settlements.services import accept_difference, choose_method, leave_entry
from backoffice.workflows.payouts import post_withheld
from tests.fakes.payouts import DAY, paid, row
from tests.flows.paying_out import entry, map_payouts, payout, report
from tests.world import SOLD_AT, TESTER, World

SINCE, THROUGH = date(2026, 11, 1), date(2026, 11, 30)


@pytest.fixture
def shop(world: World) -> World:
    map_payouts(world)
    return world


def prove(since: date = SINCE, through: date = THROUGH) -> AccountProof:
    account = ProviderAccount.objects.select_related("client", "sales_point").earliest("pk")
    return clearing_proof(account, since, through)


def named(proof: AccountProof) -> dict[str, tuple[str, int]]:
    """Give each open item with its reason and what books and provider differ by."""
    return {item.reference: (item.reason.value, item.difference.minor) for item in proof.proof.items}


def test_a_month_that_agrees_has_no_open_item(shop: World) -> None:
    shop.sell()
    report(
        shop,
        row("1", "capture", "125.00", reference="1001", payout_reference="P1"),
        row("2", "fee", "-1.88", payout_reference="P1"),
        payouts=(paid("P1", "123.12"),),
        balances={date(2026, 10, 31): "0.00", THROUGH: "0.00"},
    )
    shop.post_everything()
    found = prove()

    assert named(found) == {}
    assert found.proof.is_proved
    assert (found.is_opening_stated, found.is_closing_stated) == (True, True)
    assert (found.proof.books_closing.minor, found.books_posted.minor, found.ledger_account) == (0, 0, "1903")
    assert found.proof.movements["payout"].minor == -12_312  # type: ignore[index]  # a StrEnum


def test_each_difference_is_named_after_what_it_belongs_to(shop: World) -> None:
    for number in range(1001, 1007):
        shop.sell(str(number), 10_000)
    report(
        shop,
        row("1", "capture", "100.00", reference="vipps-1001"),
        row("2", "capture", "100.00", reference="1002"),
        row("3", "capture", "100.00", reference="1002"),
        row("4", "capture", "99.00", reference="1003"),
        row("5", "capture", "50.00", reference="4711"),
        row("6", "fee", "-1.50"),
        row("7", "loyalty", "-3.00", reference="bonus"),
        row("8", "capture", "60.00", reference="1004"),
        row("9", "capture", "40.00", reference="1004"),
        row("10", "capture", "100.00", reference="1005", booked_on=THROUGH + timedelta(days=2)),
        row("11", "refund", "-20.00", reference="1001"),
        balances={SINCE - timedelta(days=1): "0.00", THROUGH: "524.50"},
    )
    shop.post_everything()
    found = prove()

    assert named(found) == {
        "": ("awaiting_payout", 150),
        "1001 refund": ("not_in_books", 2_000),
        "1002": ("captured_twice", -10_000),
        "1003": ("amount_differs", 100),
        "1005": ("in_transit", 10_000),
        "1006": ("not_at_provider", 10_000),
        "4711": ("not_in_books", -5_000),
        "bonus": ("parked", 300),
    }
    assert found.proof.is_proved
    assert found.proof.books_closing.minor == 60_000
    assert found.proof.closing.minor == 52_450


def test_rows_that_are_missing_are_unexplained_to_the_ore(shop: World) -> None:
    report(shop, row("1", "capture", "1.00"), balances={SINCE - timedelta(days=1): "5.00", THROUGH: "6.01"})
    found = prove()
    assert found.proof.unexplained.minor == 1
    assert not found.proof.is_proved


def test_a_balance_that_nobody_states_follows_from_the_nearest_one(shop: World) -> None:
    report(shop, row("1", "capture", "1.00"), balances={DAY + timedelta(days=2): "8.00"})
    found = prove()
    assert (found.proof.opening.minor, found.proof.closing_stated.minor) == (700, 800)
    assert (found.is_opening_stated, found.is_closing_stated) == (False, False)


def test_two_balances_of_one_day_are_told(shop: World) -> None:
    for figure in ("1.00", "2.00"):
        report(shop, balances={THROUGH: figure})
    assert "states two balances for 2026-11-30: 2.00 and 1.00" in prove().notes[0]


def test_what_is_on_its_way_counts_and_is_told_apart_from_what_is_posted(shop: World) -> None:
    shop.sell()
    report(shop, row("1", "capture", "125.00", reference="1001"))
    shop.drain()
    found = prove()
    assert (found.proof.books_closing.minor, found.books_posted.minor, named(found)) == (12_500, 0, {})


def test_vouchers_without_a_payout_and_accepted_differences_are_compared_too(shop: World) -> None:
    report(
        shop,
        row("1", "fee", "-99.00"),
        row("2", "capture", "10.00", reference="77", payout_reference="P1"),
        row("3", "payout", "-9.99", payout_reference="P1"),
        row("4", "loyalty", "-1.00", reference="bonus"),
        payouts=(paid("P1", "9.99"),),
    )
    post_withheld(entry_ids=[entry("1").pk], actor=TESTER)
    leave_entry(entry_id=entry("4").pk, actor=TESTER, note="Not ours")
    accept_difference(payout_id=payout().pk, ledger_account="7740", reason="Rounding", actor=TESTER)
    shop.drain()
    assert named(prove()) == {
        "77": ("not_in_books", -1_000),
        "P1": ("amount_differs", -1),
        "bonus": ("not_in_books", 100),
    }


def test_a_till_is_compared_day_by_day(shop: World) -> None:
    shop.shop.kind = "pos"
    shop.shop.save()
    shop.map_group("*", "25.00", "3000", "3")
    for number in (1, 2):
        amount = Money(30_000 * number, "NOK")
        closing = DayClosingDetails(
            number=number,
            register="kasse-1",
            closed_at=SOLD_AT + timedelta(days=number - 1),
            currency="NOK",
            sales=(ClosingSales("food", Decimal(25), amount, Decimal(1)),),
            payments=(ClosingPayment("vipps", amount),),
            rounding=Money.zero("NOK"),
            tips=Money.zero("NOK"),
            gift_cards_sold=Money.zero("NOK"),
        )
        record_day_closing(sales_point=shop.shop, closing=closing, event=None)
    report(
        shop,
        row("1", "capture", "100.00", reference="x"),
        row("2", "capture", "200.00", reference="y"),
        row("3", "capture", "599.00", reference="z", booked_on=DAY + timedelta(days=1)),
    )
    shop.drain()
    assert named(prove()) == {"2026-11-21": ("amount_differs", 100)}


def test_accounts_that_share_a_clearing_account_are_proved_together(shop: World) -> None:
    shop.sell("1001", 10_000)
    shop.sell("1002", 10_000)
    for account, key in (("M-1", "1001"), ("M-2", "1002")):
        report(shop, row("1", "capture", "100.00", reference=key), account=account, balances={THROUGH: "100.00"})
    shop.drain()
    found = prove()
    assert [one.external_id for one in found.accounts] == ["M-1", "M-2"]
    assert (named(found), found.proof.is_proved, found.proof.closing.minor) == ({}, True, 20_000)


def test_an_account_without_a_mapping_says_what_to_do(shop: World) -> None:
    report(shop, row("1", "capture", "1.00"))
    choose_method(account_id=entry("1").account_id, method="unknown", actor=TESTER)
    with pytest.raises(CannotProve, match="Map the payment method"):
        prove()
