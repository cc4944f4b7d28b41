"""What was posted wrong is reversed in the books and drafted again; nothing posted changes, nothing is there twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from backoffice.chart.models import BookLimits
from backoffice.contracts.accounting import DocumentKind
from backoffice.contracts.sales import IssuedInvoice
from backoffice.sales.models import Payment
from backoffice.vouchers.models import Posting, Voucher
from backoffice.vouchers.reversing import reversal_of, reverse
from backoffice.vouchers.services import NotAllowed, withdraw
from backoffice.workflows.drafting_anew import draft_anew
from tests.flows.paying_out import balance, proof
from tests.world import TESTER, World


def posted_day(world: World) -> Voucher:
    """Post a sale and the bank journal with its payment; give the journal."""
    world.sell()
    world.post_everything()
    return Voucher.objects.get(kind=DocumentKind.BANK_JOURNAL)


def lock(world: World, through: date | None) -> None:
    """Say that the books were just read as locked through a day."""
    BookLimits.objects.filter(client=world.client).update(locked_through=through, fetched_at=timezone.now())


def undo(world: World, voucher: Voucher, *faults: str) -> Voucher:
    """Reverse a voucher and let it arrive."""
    for fault in faults:
        world.sandbox.faults.add(fault, "POST /v2/Vouchers/Reverse/*")
    reverse(voucher_id=voucher.pk, actor=TESTER, reason="wrong account")
    for _ in range(5):
        world.drain()
    voucher.refresh_from_db()
    return voucher


def test_a_day_posted_to_the_wrong_account_is_reversed_and_posted_right(world: World) -> None:
    world.map_method("vipps", "1910")
    wrong = posted_day(world)
    world.map_method("vipps", "1903")
    undo(world, wrong)
    assert wrong.state == "reversed"
    assert Payment.objects.get().voucher_id == wrong.pk
    draft_anew(voucher_id=wrong.pk, actor=TESTER)
    world.post_everything()
    right = Voucher.objects.get(kind=DocumentKind.BANK_JOURNAL, state="posted")
    assert right.pk != wrong.pk
    assert list(Posting.objects.filter(voucher=right, amount_minor__gt=0).values_list("ledger_account", flat=True)) == [
        "1903"
    ]
    assert not proof(world)["duplicates"]
    assert not proof(world)["open_items"]
    assert (balance(world, "1903"), balance(world, "1910")) == (12_500, 0)


@pytest.mark.parametrize("fault", ["commit_then_drop", "drop_before", "commit_then_500", "error_500"])
def test_a_reversal_whose_answer_is_lost_takes_effect_once(world: World, fault: str) -> None:
    voucher = undo(world, posted_day(world), fault)
    assert voucher.state == "reversed"
    delivery = reversal_of(voucher)
    assert delivery is not None
    assert delivery.state == "delivered"
    assert balance(world, "1903") == 0


def test_an_invoice_of_the_shop_is_reversed_and_its_number_is_used_again(world: World) -> None:
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    sale = world.sell(invoice=IssuedInvoice("F-1", date(2026, 11, 20)))
    world.post_everything()
    sale.refresh_from_db()
    first = sale.voucher
    assert first is not None
    undo(world, first)
    draft_anew(voucher_id=first.pk, actor=TESTER)
    world.post_everything()
    sale.refresh_from_db()
    assert sale.voucher is not None
    assert sale.voucher.pk != first.pk
    assert (sale.voucher.state, sale.voucher.generation, sale.voucher.invoice_number) == ("posted", 1, "F-1")


def test_a_refused_reversal_leaves_the_voucher_posted_and_can_be_asked_again(world: World) -> None:
    voucher = posted_day(world)
    reverse(voucher_id=voucher.pk, actor=TESTER, reason="wrong")
    lock(world, voucher.dated_on)
    world.drain()
    voucher.refresh_from_db()
    delivery = reversal_of(voucher)
    assert delivery is not None
    assert (voucher.state, delivery.state, delivery.reasons[0]["code"]) == ("posted", "failed", "locked_period")
    lock(world, None)
    assert undo(world, voucher).state == "reversed"


def test_an_invoice_that_went_to_the_customer_is_credited_instead(world: World) -> None:
    world.sell()
    world.post_everything()
    order = Voucher.objects.get(kind=DocumentKind.SALES_ORDER)
    with pytest.raises(NotAllowed, match="credit note"):
        reverse(voucher_id=order.pk, actor=TESTER, reason="wrong")


def test_a_voucher_in_a_locked_period_is_not_reversed(world: World) -> None:
    voucher = posted_day(world)
    lock(world, voucher.dated_on + timedelta(days=3))
    with pytest.raises(NotAllowed, match="locked through"):
        reverse(voucher_id=voucher.pk, actor=TESTER, reason="wrong")


def test_nothing_is_reversed_twice_at_a_time(world: World) -> None:
    voucher = posted_day(world)
    reverse(voucher_id=voucher.pk, actor=TESTER, reason="wrong")
    with pytest.raises(NotAllowed, match="already"):
        reverse(voucher_id=voucher.pk, actor=TESTER, reason="wrong")


def test_a_sale_withdrawn_by_mistake_is_drafted_again(world: World) -> None:
    sale = world.sell()
    world.drain()
    sale.refresh_from_db()
    withdraw(voucher_id=sale.voucher_id or 0, actor=TESTER, reason="by hand")
    draft_anew(voucher_id=sale.voucher_id or 0, actor=TESTER)
    world.post_everything()
    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == ["not posted: {'withdrawn': 1}"]
    with pytest.raises(NotAllowed, match="another voucher"):
        draft_anew(voucher_id=sale.voucher_id or 0, actor=TESTER)
