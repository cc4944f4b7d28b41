"""Kill the worker at any boundary between a recorded sale and its posted batch: each sale stands in the books once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.sales.batch_models import BatchLine
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import ContentChanged, approve
from backoffice.worker import jobs
from backoffice.workflows import batches as batch_days
from backoffice.workflows import services
from backoffice.workflows.services import close_day
from tests.flows.test_batches import batches, lines, sell, shop
from tests.vouchers.test_crash_points import POINTS, Killed, after, before, settle_through_deaths
from tests.world import TESTER, World

__all__ = ["shop"]

#: between recorded and awaiting approval, and what delivering is made of
BOUNDARIES: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "before the sale is placed": (services, "place_sale", before),
    "before the placing commits": (services, "place_sale", after),
    "after a sale is routed": (jobs, "sale_recorded", after),
    "before its payment is placed": (jobs, "payment_recorded", before),
    "after its payment is placed": (jobs, "payment_recorded", after),
    "after the batch is taken for drafting": (services, "rebuild_voucher", before),
    "before the draft commits": (batch_days, "write_draft", after),
    "after the batch is drafted": (services, "rebuild_voucher", after),
    "before what came late is set free": (services, "free_latecomers", before),
    **{name: POINTS[name] for name in ("after the claim", "after the answer", "before the result commits")},
}


def kill_once(monkeypatch: pytest.MonkeyPatch, boundary: str) -> list[bool]:
    """Arrange for one death at a boundary; the list is not empty once it has come."""
    owner, name, when = BOUNDARIES[boundary]
    original = getattr(owner, name)
    deadly, died = when(original), list[bool]()

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if died:
            return original(*args, **kwargs)
        died.append(True)
        return deadly(*args, **kwargs)

    monkeypatch.setattr(owner, name, wrapped)
    return died


def post_through_deaths(world: World) -> None:
    settle_through_deaths(world)
    world.close_days()
    world.approve_all()
    settle_through_deaths(world)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_worker_killed_at_any_boundary_posts_every_sale_of_the_day_once(
    shop: World, monkeypatch: pytest.MonkeyPatch, boundary: str
) -> None:
    sell(shop, "1001", 12_500)
    sell(shop, "1002", 9_900)
    kill_once(monkeypatch, boundary)

    for _ in range(3):
        post_through_deaths(shop)

    [voucher] = batches()
    assert lines(voucher) == [("1903", "0", 22_400), ("3000", "3", -22_400)]
    assert BatchLine.objects.filter(source="sale").count() == 2
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 22_400, "3000": -17_920}) == []


@pytest.mark.parametrize("boundary", ["after the batch is taken for drafting", "before the draft commits"])
def test_a_closed_batch_is_not_approved_without_the_sale_whose_drafting_was_killed(
    shop: World, monkeypatch: pytest.MonkeyPatch, boundary: str
) -> None:
    sell(shop)
    shop.drain()
    voucher = close_day(voucher_id=batches()[0].pk, actor=TESTER)
    sell(shop, "1002", 500)
    kill_once(monkeypatch, boundary)
    with pytest.raises(Killed):
        shop.drain()

    with pytest.raises(ContentChanged):
        approve(voucher_id=voucher.pk, actor=TESTER)
    shop.post_everything()

    assert lines(batches()[0]) == [("1903", "0", 13_000), ("3000", "3", -13_000)]
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 13_000}) == []


def test_a_worker_killed_before_it_sets_late_sales_free_leaves_them_to_the_next(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(shop)
    shop.drain()
    voucher = close_day(voucher_id=batches()[0].pk, actor=TESTER)
    late = sell(shop, "1002", 500)
    approve(voucher_id=voucher.pk, actor=TESTER)
    type(late).objects.filter(pk=late.pk).update(voucher=voucher, state="routed")
    Voucher.objects.filter(pk=voucher.pk).update(is_dirty=True)
    died = kill_once(monkeypatch, "before what came late is set free")

    for _ in range(3):
        post_through_deaths(shop)

    assert died
    assert [lines(one) for one in batches()] == [
        [("1903", "0", 12_500), ("3000", "3", -12_500)], [("1903", "0", 500), ("3000", "3", -500)],
    ]  # fmt: skip
    assert shop.wrong_in_the_books(sales=0, clearing={"1903": 13_000}) == []


def test_a_batch_that_cannot_be_drafted_holds_up_no_other_and_is_not_approved(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = services.rebuild_voucher

    def fail_for_the_first(*, voucher_id: int, **given: Any) -> Voucher:
        if voucher_id == batches()[0].pk:
            raise LookupError("unforeseen")
        return original(voucher_id=voucher_id, **given)

    monkeypatch.setattr(services, "rebuild_voucher", fail_for_the_first)
    sell(shop, "1001")
    sell(shop, "1002", 500, currency="EUR")
    shop.drain()

    first, second = batches()

    assert (first.is_dirty, first.total_minor) == (True, 0)
    assert (second.is_dirty, second.total_minor) == (False, 12_500)
