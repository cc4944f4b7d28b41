"""W1: a webshop that reports SAF-T itself is posted in batches, to the øre, and never twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from backoffice.chart.models import BookLimits
from backoffice.contracts.sales import PaymentDetails, RefundDetails, RefundLineDetails, SaftBatch
from backoffice.ledger.money import Money
from backoffice.sales.batch_models import BatchLine
from backoffice.sales.models import Payment, Refund, Sale
from backoffice.sales.services import record_payment, record_refund
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import approve
from backoffice.worker.jobs import drain_once
from backoffice.workflows.batch_keys import BatchKey
from backoffice.workflows.batch_lists import csv_of
from backoffice.workflows.services import accept_split, close_day
from tests.flows.refunding import line, part, proof
from tests.world import SOLD_AT, TESTER, World

BATCH = SaftBatch("B-20", "nettbutikk-saft")
DAY = timedelta(days=1)


@pytest.fixture
def shop(world: World) -> World:
    """Give a shop that posts batches into the manual journal."""
    point = world.shop
    point.invoice_issuer = point.saft_reporter = "sales_system"
    point.batch_journal, point.unpaid_ledger_account = "manual", "1530"
    point.save()
    world.map_group("*", "15.00", "3030", "31")
    return world


def sell(world: World, reference: str = "1001", minor: int = 12_500, **changes: Any) -> Sale:
    return world.sell(reference, minor, **{"saft": BATCH, **changes})


def pay(world: World, reference: str, minor: int, at: datetime, **changes: Any) -> Payment:
    given = PaymentDetails(f"p-{reference}-{at:%d}", "vipps", Money(minor, "NOK"), at, sale_reference=reference)
    return record_payment(sales_point=world.shop, payment=replace(given, **changes), event=None).payment


def give_back(
    world: World, minor: int, at: datetime, lines: tuple[RefundLineDetails, ...] = (), reference: str = "r1"
) -> Refund:
    amount = Money(minor, "NOK")
    money = (PaymentDetails(f"{reference}-money", "vipps", -amount, at),)
    refund = RefundDetails(reference, "1001", at, amount, lines, payments=money)
    return record_refund(sales_point=world.shop, refund=refund, event=None).refund


def lines(voucher: Voucher) -> list[tuple[str, str, int]]:
    return [(p.ledger_account, p.vat_code, p.amount_minor) for p in voucher.postings.order_by("position")]


def batches() -> list[Voucher]:
    return list(Voucher.objects.filter(source_type="sales_day").order_by("source_key"))


def behind(voucher: Voucher) -> int:
    return sum(BatchLine.objects.filter(voucher=voucher).values_list("amount_minor", flat=True))


@pytest.mark.parametrize("journal", ["bank", "cash", "manual"])
def test_a_day_of_sales_is_one_journal_with_its_saft_batch(shop: World, journal: str) -> None:
    shop.shop.batch_journal = journal
    shop.shop.save()
    both = (line("1", "25.00", 10_000), line("2", "15.00", 2_300))
    sell(shop, "1001", 12_300, lines=both)
    sell(shop, "1002", 12_460, lines=(line("1", "25.00", 12_500),), rounding=Money(-40, "NOK"))
    shop.drain()
    [growing] = batches()
    assert growing.state == "draft"

    shop.post_everything()

    [voucher] = batches()
    assert (voucher.kind, voucher.state) == (f"{journal}_journal", "posted")
    assert lines(voucher) == [
        ("1903", "0", 24_760), ("3000", "3", -22_500), ("3030", "31", -2_300), ("7740", "0", 40),
    ]  # fmt: skip
    assert all(posting.why for posting in voucher.postings.all())
    assert behind(voucher) == 0
    request = voucher.deliveries.get().request
    assert request is not None
    sent = json.loads(request["body"])
    assert (sent["SaftBatchId"], sent["SaftSourceId"]) == ("B-20", "nettbutikk-saft")
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 24_760, "3000": -18_000, "3030": -2_000}) == []


def test_a_sale_that_comes_twice_and_a_payment_before_its_sale_are_one_each(shop: World) -> None:
    pay(shop, "1001", 12_500, SOLD_AT)
    shop.drain()
    assert not Voucher.objects.exists()
    sell(shop, paid=False)
    sell(shop, paid=False)

    shop.post_everything()

    assert lines(batches()[0]) == [("1903", "0", 12_500), ("3000", "3", -12_500)]
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 12_500}) == []


@pytest.mark.parametrize("paid_on", [-2, 3])
def test_a_payment_of_another_day_meets_its_sale_on_the_unpaid_account(shop: World, paid_on: int) -> None:
    sell(shop, paid=False)
    pay(shop, "1001", 12_500, SOLD_AT + paid_on * DAY)

    shop.post_everything()

    by_day = {BatchKey.read(one.source_key).day: lines(one) for one in batches()}
    sold_on = SOLD_AT.date()
    assert by_day == {
        sold_on: [("1530", "0", 12_500), ("3000", "3", -12_500)],
        sold_on + paid_on * DAY: [("1530", "0", -12_500), ("1903", "0", 12_500)],
    }
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 12_500, "1530": 0}) == []


def test_without_that_account_the_batch_stops_and_says_what_to_choose(shop: World) -> None:
    shop.shop.unpaid_ledger_account = ""
    shop.shop.save()
    sell(shop, paid=False)
    shop.drain()
    [voucher] = batches()
    assert [reason["code"] for reason in voucher.reasons] == ["unpaid_account_missing"]


def test_two_batch_ids_and_two_currencies_of_a_day_are_vouchers_of_their_own(shop: World) -> None:
    sell(shop, "1001")
    sell(shop, "1002", saft=SaftBatch("a/b", "c"))
    sell(shop, "1003", currency="EUR")

    shop.post_everything()

    assert {BatchKey.read(one.source_key).saft.batch_id for one in batches()} == {"B-20", "a/b"}
    assert [one.currency for one in batches()].count("EUR") == 1
    assert shop.states == {"posted": 3}


def test_what_comes_late_goes_into_a_supplement_and_the_posted_voucher_stays(shop: World) -> None:
    sell(shop)
    shop.post_everything()
    first = batches()[0]
    sell(shop, "1002", 500)
    sell(shop, "1003", 700)

    shop.post_everything()

    late = batches()[1]
    assert lines(first) == [("1903", "0", 12_500), ("3000", "3", -12_500)]
    assert "supplement 1" in late.description
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 13_700}) == []


def test_what_comes_while_it_is_approved_is_not_lost(shop: World) -> None:
    sell(shop)
    shop.drain()
    voucher = close_day(voucher_id=batches()[0].pk, actor=TESTER)
    late = sell(shop, "1002", 500)
    approve(voucher_id=voucher.pk, actor=TESTER)
    Sale.objects.filter(pk=late.pk).update(voucher=voucher, state="routed")
    Voucher.objects.filter(pk=voucher.pk).update(is_dirty=True)

    for _ in range(2):
        shop.post_everything()

    assert len(batches()) == 2
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 13_000}) == []


def test_a_batch_without_both_references_is_never_sent(shop: World) -> None:
    sell(shop, saft=SaftBatch("B-20", ""))
    sale = sell(shop, "1002", saft=None)
    shop.post_everything()

    [voucher] = batches()
    assert (voucher.state, voucher.reasons[0]["code"]) == ("blocked", "saft_reference_missing")
    sale.refresh_from_db()
    assert (sale.state, Payment.objects.get(sale=sale).voucher_id) == ("needs_person", None)
    assert drain_once(shop.client) == 0


def test_a_refund_of_the_day_is_a_negative_line_and_the_next_month_has_its_own(shop: World) -> None:
    both = (line("1", "25.00", 10_000), line("2", "15.00", 2_300))
    sell(shop, "1001", 12_300, lines=both)
    give_back(shop, 2_300, SOLD_AT, (part("2", 2_300),))
    shop.drain()
    assert lines(Refund.objects.get().voucher or Voucher()) == [
        ("1903", "0", 12_300), ("1903", "0", -2_300), ("3000", "3", -10_000), ("3030", "31", -2_300),
        ("3030", "31", 2_300),
    ]  # fmt: skip
    shop.post_everything()
    shop.map_group("*", "25.00", "3020", "3")
    give_back(shop, 10_000, datetime(2026, 12, 3, 9, tzinfo=UTC), reference="r2")

    shop.post_everything()

    later = Refund.objects.get(reference="r2").voucher
    assert later is not None
    assert (later.dated_on, lines(later)) == (date(2026, 12, 3), [("1903", "0", -10_000), ("3000", "3", 10_000)])
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 0, "3000": 0, "3030": 0}) == []


def test_an_amount_over_two_rates_waits_for_a_person_and_more_than_is_left_is_refused(shop: World) -> None:
    sell(shop, "1001", 12_300, lines=(line("1", "25.00", 10_000), line("2", "15.00", 2_300)))
    first = give_back(shop, 1_230, SOLD_AT)
    shop.drain()
    first.refresh_from_db()
    assert first.state == "needs_person"

    accept_split(refund_id=first.pk, actor=TESTER)
    second = give_back(shop, 12_000, SOLD_AT, reference="r2")
    shop.post_everything()

    second.refresh_from_db()
    assert second.state == "needs_person"
    assert Decimal(str(proof(shop)["balances"]["3030"])) == Decimal("-18.00")


def test_a_sale_that_changes_before_closing_moves_and_after_posting_goes_to_a_person(shop: World) -> None:
    sell(shop)
    shop.drain()
    changed = sell(shop, "1001", 20_000, revision=2, saft=SaftBatch("B-21", "nettbutikk-saft"), paid=False)
    shop.post_everything()

    assert [(one.state, BatchKey.read(one.source_key).saft.batch_id) for one in batches()] == [
        ("withdrawn", "B-20"), ("posted", "B-21"),
    ]  # fmt: skip
    assert lines(batches()[1]) == [("1530", "0", 7_500), ("1903", "0", 12_500), ("3000", "3", -20_000)]
    sell(shop, "1001", 30_000, revision=3, paid=False)
    changed.refresh_from_db()
    assert changed.state == "needs_person"


@pytest.mark.parametrize(("policy", "state"), [("hold", "blocked"), ("move", "posted")])
def test_a_locked_day_is_held_or_moved(shop: World, policy: str, state: str) -> None:
    shop.client.locked_period = policy
    shop.client.save()
    BookLimits.objects.filter(client=shop.client).update(locked_through=SOLD_AT.date())
    sell(shop)

    shop.post_everything()

    [voucher] = batches()
    assert voucher.state == state
    assert (voucher.original_dated_on is not None) == (policy == "move")


def test_the_order_of_arrival_does_not_matter(shop: World) -> None:
    found = []
    for turned in (False, True):
        acts: list[Callable[[], object]] = [
            lambda: sell(shop, "1001", 5_000, paid=False),
            lambda: sell(shop, "1002", 7_000),
            lambda: pay(shop, "1001", 5_000, SOLD_AT + timedelta(hours=1)),
            lambda: give_back(shop, 1_000, SOLD_AT + timedelta(hours=2)),
        ]
        for act in reversed(acts) if turned else acts:
            act()
            shop.drain()
        shop.close_days()
        found.append(Voucher.objects.get().content_sha256)
        for model in (BatchLine, Payment, Refund, Sale, Voucher):
            model.objects.all().delete()

    assert found[0] == found[1]


def test_the_list_behind_a_batch_adds_up_to_the_voucher_and_never_changes(shop: World) -> None:
    sell(shop, "=1001", 12_300, lines=(line("1", "25.00", 10_000), line("2", "15.00", 2_300)))
    sell(shop, "1002", 500, paid=False)
    shop.drain()
    growing = csv_of(batches()[0])
    shop.post_everything()
    [voucher] = batches()
    posted = csv_of(voucher)

    shop.map_group("*", "25.00", "3020", "3")

    assert csv_of(voucher) == posted
    assert growing.decode("utf-8-sig").count("\r\n") == posted.decode("utf-8-sig").count("\r\n") == 6
    rows = list(csv.reader(io.StringIO(posted.decode("utf-8-sig")), delimiter=";"))
    assert [row[:2] for row in rows[1:-1]] == [
        ["Sale", "1002"], ["Sale", "'=1001"], ["Payment", "vipps-=1001"], ["Paid on another day", "1002"],
    ]  # fmt: skip
    sums = {name.split()[0]: int(cell.replace(",", "")) for name, cell in zip(rows[0][10:], rows[-1][10:], strict=True)}
    assert sums == {account: minor for account, _, minor in lines(voucher)}
