"""What moves a till's drawer without a sale stands on the accounts the client named for it, or stops the day."""

from __future__ import annotations

import pytest

from backoffice.contracts.closings import CashCount, ClosingPayment
from backoffice.sales.closings import details_of, record_day_closing
from backoffice.workflows.services import rebuild_voucher
from tests.flows.test_day_closings import closing, lines, nok, post, report, simple, till
from tests.world import TESTER, World

__all__ = ["till"]
pytestmark = pytest.mark.django_db(transaction=True)


def with_accounts(till: World) -> None:
    till.client.drawer_in_ledger_account, till.client.drawer_out_ledger_account = "1920", "1909"
    till.client.save()


def test_cash_put_in_and_taken_out_is_expected_in_the_drawer_when_it_is_counted(till: World) -> None:
    with_accounts(till)
    count = CashCount(nok(100_000), nok(144_700), nok(0), paid_in=nok(50_000), paid_out=nok(15_000))
    row = report(till, simple(minor=10_000, cash=count))

    assert row.voucher is not None
    assert lines(row.voucher) == [
        ("1900", "0", 10_000), ("1900", "0", -300), ("1900", "0", 50_000), ("1900", "0", -15_000), ("1909", "0", 300),
        ("1909", "0", 15_000), ("1920", "0", -50_000), ("3000", "3", -10_000),
    ]  # fmt: skip
    post(till)
    assert till.wrong_in_the_books(sales=0, clearing={"1900": 44_700, "1909": 15_300, "1920": -50_000}) == []


def test_without_an_account_the_day_stops_and_goes_on_when_it_is_named(till: World) -> None:
    row = report(till, simple(cash=CashCount(nok(0), None, nok(0), paid_out=nok(2_500))))

    assert row.voucher is not None
    assert (row.voucher.state, [reason["code"] for reason in row.voucher.reasons]) == (
        "blocked", ["drawer_account_missing"],
    )  # fmt: skip
    assert "25.00 was paid out" in row.voucher.reasons[0]["detail"]

    with_accounts(till)
    rebuild_voucher(voucher_id=row.voucher.pk, actor=TESTER)
    post(till)
    assert till.wrong_in_the_books(sales=0, clearing={"1900": 7_500, "1909": 2_500}) == []


def test_a_difference_that_the_till_states_itself_is_posted_unless_the_drawer_was_counted(till: World) -> None:
    stated = CashCount(nok(0), None, nok(0), stated_difference=nok(-700))
    row = report(till, simple(1, cash=stated))
    assert row.voucher is not None
    assert ("1909", "0", 700) in lines(row.voucher)

    counted = CashCount(nok(0), nok(9_900), nok(0), stated_difference=nok(-700))
    row = report(till, simple(2, cash=counted))
    assert row.voucher is not None
    assert ("1909", "0", 100) in lines(row.voucher)


def test_a_closing_recorded_before_these_fields_were_known_is_the_same_closing(till: World) -> None:
    row = report(till, simple(cash=CashCount(nok(0), None, nok(0))))
    details = {**row.details, "cash": {name: row.details["cash"][name] for name in ("opening", "counted", "banked")}}
    type(row).objects.filter(pk=row.pk).update(details=details)

    again = record_day_closing(sales_point=till.shop, closing=details_of(row), event=None)

    assert again.outcome == "same"


def test_a_day_is_split_by_product_group_where_the_sales_point_says_so(till: World) -> None:
    till.shop.day_lines = "group"
    till.shop.save()
    row = report(till, closing())

    assert row.voucher is not None
    sold = [(p.description, p.ledger_account, p.amount_minor) for p in row.voucher.postings.order_by("position")]
    assert sold[2:] == [
        ("beer, 25 %", "3000", -250_000),
        ("house, 25 %", "3000", -1_250_000),
        ("soda, 25 %", "3000", -250_000),
        ("takeaway, 15 %", "3030", -115_000),
    ]
    post(till)
    assert till.wrong_in_the_books(sales=0, clearing={"1900": 500_000, "1910": 1_365_000, "3000": -1_400_000}) == []


def test_payments_of_several_kinds_stay_what_they_are(till: World) -> None:
    with_accounts(till)
    parts = (ClosingPayment("cash", nok(4_000)), ClosingPayment("visa", nok(6_000)))
    row = report(till, simple(payments=parts, cash=CashCount(nok(0), None, nok(0), paid_in=nok(1_000))))
    assert row.voucher is not None
    assert ("1900", "0", 4_000) in lines(row.voucher)
    assert ("1920", "0", -1_000) in lines(row.voucher)
