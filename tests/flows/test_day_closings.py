"""A till's day becomes one cash journal, to the øre; gaps, differences and invoices paid at the till are seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from backoffice.chart.mapping import set_payment_rule
from backoffice.clients.models import SalesPoint
from backoffice.contracts.closings import (
    CashCount,
    ClosingInvoicePayment,
    ClosingPayment,
    ClosingSales,
    DayClosingDetails,
)
from backoffice.contracts.sales import CustomerDetails, SaleKind
from backoffice.ledger.errors import TotalsDiffer
from backoffice.ledger.money import Money
from backoffice.sales.closings import accept_missing_numbers, record_day_closing
from backoffice.sales.models import DayClosing
from backoffice.sales.payments import ReferenceUsed
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed
from tests.world import TESTER, World, asked

CLOSED_AT = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
RESTAURANT = (("house", "25.00", 1_250_000), ("takeaway", "15.00", 115_000), ("beer", "25.00", 250_000),
              ("soda", "25.00", 250_000))  # fmt: skip


def nok(minor: int) -> Money:
    return Money(minor, "NOK")


def closing(number: int = 1, **changes: Any) -> DayClosingDetails:
    """Give the restaurant's Friday."""
    values: dict[str, Any] = {
        "register": "kasse-1",
        "number": number,
        "closed_at": CLOSED_AT + timedelta(minutes=number),
        "currency": "NOK",
        "sales": tuple(ClosingSales(group, Decimal(rate), nok(minor)) for group, rate, minor in RESTAURANT),
        "payments": (ClosingPayment("cash", nok(500_000)), ClosingPayment("visa", nok(1_365_000))),
        "rounding": nok(0),
        "tips": nok(0),
        "gift_cards_sold": nok(0),
    }
    return DayClosingDetails(**{**values, **changes})


def simple(number: int = 1, minor: int = 10_000, **changes: Any) -> DayClosingDetails:
    """Give a day of one group paid in cash."""
    parts = {
        "sales": (ClosingSales("house", Decimal("25.00"), nok(minor)),),
        "payments": (ClosingPayment("cash", nok(minor)),),
    }
    return closing(number, **{**parts, **changes})


@pytest.fixture
def till(world: World) -> World:
    """Give a restaurant with the accounts of the worked case."""
    there = {row["AccountNo"] for row in world.sandbox.books.accounts.all()}
    assert {1900, 1909, 1920, 2901, 2910, 3000, 3030, 7740} <= there
    set_payment_rule(
        client=world.client, sales_point=None, method="cash", ledger_account="1900", bank_ledger_account="1920",
        actor=TESTER,
    )  # fmt: skip
    world.map_method("visa", "1910")
    world.map_group("*", "15.00", "3030", "31")
    world.map_group("tip", "0.00", "2910", "0")
    world.map_group("gift_card", "0.00", "2901", "0")
    world.shop.kind = "pos"
    world.shop.save()
    return world


def report(world: World, details: DayClosingDetails, point: SalesPoint | None = None) -> DayClosing:
    """Record a closing and draft what follows."""
    found = record_day_closing(sales_point=point or world.shop, closing=details, event=None).closing
    world.drain()
    found.refresh_from_db()
    return found


def lines(voucher: Voucher) -> list[tuple[str, str, int]]:
    return [(p.ledger_account, p.vat_code, p.amount_minor) for p in voucher.postings.order_by("position")]


def post(world: World) -> None:
    world.close_days()
    world.approve_all()
    world.settle()


def balance(world: World, account: str) -> str:
    return str(next(iter(asked(world.sandbox, "proof").values()))["balances"].get(account, "0"))


def test_a_day_is_one_cash_journal_and_every_posting_says_why(till: World) -> None:
    row = report(till, closing())

    assert row.voucher is not None
    assert (row.voucher.kind, row.voucher.state, row.closed_on) == (
        "cash_journal", "awaiting_approval", date(2026, 11, 20),
    )  # fmt: skip
    assert lines(row.voucher) == [
        ("1900", "0", 500_000), ("1910", "0", 1_365_000), ("3000", "3", -1_750_000), ("3030", "31", -115_000),
    ]  # fmt: skip
    assert all(posting.why for posting in row.voucher.postings.all())
    post(till)
    assert till.wrong_in_the_books(sales=0, clearing={"1900": 500_000, "1910": 1_365_000, "3000": -1_400_000}) == []


def test_rounding_tips_gift_cards_and_the_drawer_stand_on_their_own_accounts(till: World) -> None:
    row = report(
        till,
        simple(
            minor=50_040,
            payments=(ClosingPayment("cash", nok(55_000)), ClosingPayment("visa", nok(50_000))),
            rounding=nok(-40),
            tips=nok(5_000),
            gift_cards_sold=nok(50_000),
            cash=CashCount(nok(100_000), nok(124_700), nok(30_000)),
        ),
    )

    assert row.voucher is not None
    assert lines(row.voucher) == [
        ("1900", "0", 55_000), ("1910", "0", 50_000), ("1900", "0", -300), ("1900", "0", -30_000), ("1909", "0", 300),
        ("1920", "0", 30_000), ("3000", "3", -50_040), ("7740", "0", 40), ("2910", "0", -5_000), ("2901", "0", -50_000),
    ]  # fmt: skip
    post(till)
    assert till.wrong_in_the_books(sales=0, clearing={"1900": 24_700, "1909": 300, "2910": -5_000}) == []


def test_more_returns_than_sales_post_the_other_way(till: World) -> None:
    row = report(till, simple(minor=-12_500))

    assert row.voucher is not None
    assert lines(row.voucher) == [("1900", "0", -12_500), ("3000", "3", 12_500)]
    post(till)
    assert till.wrong_in_the_books(sales=0, clearing={"1900": -12_500}) == []


@pytest.mark.parametrize("included", [True, False])
def test_an_invoice_paid_at_the_till_credits_its_customer_and_matches(till: World, *, included: bool) -> None:
    """A till may count its invoice payments among its payments or not: only one reading adds up."""
    till.sell("1001", 12_500, paid=False)
    payments = (ClosingPayment("cash", nok(10_000)), *((ClosingPayment("visa", nok(12_500)),) if included else ()))
    paid = ClosingInvoicePayment("nettbutikk/1001", "visa", nok(12_500))
    row = report(till, simple(payments=payments, invoice_payments=(paid,)))

    assert row.voucher is not None
    assert lines(row.voucher) == [
        ("1900", "0", 10_000), ("1910", "0", 12_500), ("3000", "3", -10_000), ("1500", "0", -12_500),
    ]  # fmt: skip
    till.approve_all()
    till.settle()
    assert till.wrong_in_the_books(sales=1, clearing={"1900": 10_000, "1910": 12_500}) == []


def test_an_unknown_invoice_stops_the_day_until_its_sale_comes(till: World) -> None:
    paid = ClosingInvoicePayment("nettbutikk/1001", "cash", nok(12_500))
    row = report(till, simple(invoice_payments=(paid,)))
    assert row.voucher is not None
    assert [reason["code"] for reason in row.voucher.reasons] == ["invoice_payment_unknown"]

    till.sell("1001", 12_500, paid=False)
    till.drain()

    row.voucher.refresh_from_db()
    assert row.voucher.state == "awaiting_approval"


def test_a_gap_stops_the_closing_after_it_until_the_missing_one_comes(till: World) -> None:
    report(till, simple(1))
    third = report(till, simple(3))
    assert third.voucher is not None
    assert [(r["code"], r["subject"]) for r in third.voucher.reasons] == [("z_number_gap", "kasse-1 Z 3")]

    second = report(till, simple(2))

    third.voucher.refresh_from_db()
    assert second.voucher is not None
    assert {second.voucher.state, third.voucher.state} == {"awaiting_approval"}


def test_a_person_may_say_that_a_missing_number_does_not_exist(till: World) -> None:
    first, third = report(till, simple(1)), report(till, simple(3))
    with pytest.raises(NotAllowed):
        accept_missing_numbers(closing_id=first.pk, actor=TESTER)

    accept_missing_numbers(closing_id=third.pk, actor=TESTER)
    till.drain()

    third.refresh_from_db()
    assert third.voucher is not None
    assert third.voucher.state == "awaiting_approval"


def test_the_same_closing_again_is_the_same_and_another_under_its_number_is_refused(till: World) -> None:
    first = record_day_closing(sales_point=till.shop, closing=closing(), event=None)
    again = record_day_closing(sales_point=till.shop, closing=replace(closing(), notes=("x",)), event=None)
    assert (first.outcome, again.outcome) == ("created", "same")
    with pytest.raises(ReferenceUsed, match=r"payments, sales"):
        record_day_closing(sales_point=till.shop, closing=simple(1, closed_at=closing().closed_at), event=None)
    assert DayClosing.objects.count() == 1


def test_a_closing_that_does_not_add_up_is_refused_with_the_difference(till: World) -> None:
    with pytest.raises(TotalsDiffer, match=r"The difference is 0.01"):
        record_day_closing(sales_point=till.shop, closing=simple(rounding=nok(-1)), event=None)


def test_consolidated_tills_share_one_voucher_split_by_dimension_and_late_ones_a_supplement(till: World) -> None:
    other = SalesPoint.objects.create(
        client=till.client, key="bar", name="Bar", kind="pos", invoice_issuer="accounting_system",
        day_posting="consolidated", dimensions={"department": "20"},
    )  # fmt: skip
    till.shop.day_posting, till.shop.dimensions = "consolidated", {"department": "10"}
    till.shop.save()
    today = timezone.now()
    report(till, simple(1, 10_000, closed_at=today))
    report(till, simple(1, 20_000, closed_at=today), other)
    voucher = Voucher.objects.get(kind="cash_journal")
    assert voucher.state == "draft"

    till.close_days()
    voucher.refresh_from_db()
    assert voucher.state == "awaiting_approval"
    split = [(p.ledger_account, p.dimensions["department"], p.amount_minor) for p in voucher.postings.all()]
    assert split == [("1900", "10", 10_000), ("1900", "20", 20_000), ("3000", "10", -10_000), ("3000", "20", -20_000)]
    till.approve_all()
    till.settle()
    late = report(till, simple(2, 500, closed_at=today), other)
    assert late.voucher is not None
    assert late.voucher.description == f"Tills {late.closed_on}, supplement 1"
    post(till)
    assert till.wrong_in_the_books(sales=0, clearing={"1900": 30_500}) == []


@pytest.mark.parametrize(
    ("closed_at", "day"),
    [
        (datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_the_day_is_the_clients_own_over_midnight_and_daylight_saving(till: World, closed_at: Any, day: Any) -> None:
    assert report(till, simple(closed_at=closed_at)).closed_on == day


def test_a_cash_sale_at_the_till_and_its_payment_are_left_to_the_closing(till: World) -> None:
    sale = till.sell("9", 4_500, kind=SaleKind.CASH_SALE, customer=CustomerDetails(name=""))
    till.drain()

    sale.refresh_from_db()
    assert (sale.state, sale.voucher_id) == ("routed", None)
    assert not Voucher.objects.exists()


def test_a_day_of_nothing_needs_no_voucher(till: World) -> None:
    row = report(till, simple(minor=0))
    assert (row.state, row.voucher_id) == ("routed", None)
