"""Kill whoever takes in, matches, explains or drafts a payout, between any two steps: the books come out the same.

A kill is an exception that no handler of ours catches: what was not committed is rolled back, what was is kept, just
as with SIGKILL. The next process finds only the database, and the provider's file again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backoffice.audit.services import breaks
from backoffice.connections.models import InboundEvent
from backoffice.settlements import explaining, recording
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.vouchers.models import Voucher
from backoffice.workflows import payout_files, payouts
from tests.flows.paying_out import balances, map_payouts
from tests.vouchers.test_crash_points import Killed, after, before
from tests.world import World

FILE = b"""\
Salgsdato;Vippsnummer;Transaksjons-ID;Ordre-ID;Brutto;Gebyr;Transaksjonstype;Oppgj\xc3\xb8rs-ID;Oppgj\xc3\xb8rsdato;Oppgj\xc3\xb8rssum
20.11.2026;123455;90001;1001;125,00;-2,19;Salg;2000023;23.11.2026;220,08
20.11.2026;123455;90002;1002;99,00;-1,73;Salg;2000023;23.11.2026;220,08
"""
Call = Callable[..., Any]
#: every boundary between the file and the payout that shows as posted: where, what, before or after
POINTS: dict[str, tuple[Any, str, Callable[[Call], Call]]] = {
    "before the file is stored": (payout_files, "accept", before),
    "after the file is stored": (payout_files, "accept", after),
    "after the account is made": (recording, "account_for", after),
    "after the payouts are recorded": (recording, "_record_payouts", after),
    "after the rows are recorded": (recording, "_record_rows", after),
    "before the rows are matched": (recording, "match_entries", before),
    "after the rows are matched": (recording, "match_entries", after),
    "after the rows are looked at": (recording, "refresh_entries", after),
    "before it is explained": (recording, "explain", before),
    "while it moves to explained": (explaining, "advance_payout", after),
    "after it is explained": (recording, "explain", after),
    "before the workers are rung": (recording, "ring", before),
    "before it is drafted": (payouts, "draft_payout", before),
    "after it is drafted": (payouts, "draft_payout", after),
    "before its voucher is written": (payouts, "write_draft", before),
    "after its voucher is written": (payouts, "write_draft", after),
    "before it has its voucher": (payouts, "advance_payout", before),
    "after it has its voucher": (payouts, "advance_payout", after),
}


@pytest.fixture
def shop(world: World) -> World:
    """Two sales, posted; both were paid with Vipps."""
    map_payouts(world)
    world.sell("1001", 12_500)
    world.sell("1002", 9_900)
    world.post_everything()
    return world


def kill(monkeypatch: pytest.MonkeyPatch, point: str, skip: int = 0) -> Iterator[int]:
    """Die at a point the next time it is passed, or after it was passed `skip` times; give how often it was passed."""
    owner, name, when = POINTS[point]
    original = getattr(owner, name)
    deadly, passed = when(original), [0]

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        passed[0] += 1
        return (deadly if passed[0] == skip + 1 else original)(*args, **kwargs)

    monkeypatch.setattr(owner, name, wrapped)
    while True:
        yield passed[0]


def through_deaths(act: Callable[[], object]) -> int:
    """Start again until it comes to its end; give how often it died."""
    deaths = 0
    while True:
        try:
            act()
        except Killed:
            deaths += 1
            assert deaths < 3, "it keeps dying"
        else:
            return deaths


def pay_out(shop: World) -> int:
    """Take the file in, let the payout be drafted, approve and post it; give how many processes died."""

    def take_in() -> None:
        payout_files.take_in_file(client=shop.client, provider="vipps", body=FILE)

    deaths = through_deaths(take_in) + through_deaths(shop.drain)
    shop.approve_all()
    return deaths + through_deaths(shop.settle) + through_deaths(shop.drain)


def outcome(shop: World) -> dict[str, object]:
    """Everything that must be the same, whatever happened on the way."""
    rows = PayoutEntry.objects.order_by("key").values_list("key", "payout__reference", "payment__sale__reference")
    vouchers = Voucher.objects.filter(source_type="payout")
    return {
        "books": balances(shop, "1903", "1920", "7770"),
        "rows": list(rows),
        "payouts": list(Payout.objects.values_list("reference", "state", "because")),
        "vouchers": list(vouchers.values_list("state", "generation", "is_dirty")),
        "files": InboundEvent.objects.filter(topic="payouts").count(),
        "wrong": shop.wrong_in_the_books(sales=2, clearing={"1903": 0}),
        "audit": list(breaks()),
    }


RIGHT: dict[str, object] = {
    "books": [0, 22_008, 392],
    "rows": [
        ("capture:90001", "2000023", "1001"),
        ("capture:90002", "2000023", "1002"),
        ("fee:90001", "2000023", None),
        ("fee:90002", "2000023", None),
        ("payout:2000023", "2000023", None),
    ],
    "payouts": [("2000023", "posted", "")],
    "vouchers": [("posted", 0, False)],
    "files": 1,
    "wrong": [],
    "audit": [],
}


def test_without_a_death_it_comes_out_right(shop: World) -> None:
    assert pay_out(shop) == 0
    assert outcome(shop) == RIGHT


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_any_point_leaves_the_books_right(
    shop: World, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    passed = kill(monkeypatch, point)
    next(passed)

    assert pay_out(shop) == 1, "the point was passed, and somebody died there"

    assert outcome(shop) == RIGHT


@pytest.mark.parametrize("point", ["before it has its voucher", "after it has its voucher"])
def test_a_worker_killed_while_the_payout_becomes_posted_says_so_later(
    shop: World, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    passed = kill(monkeypatch, point, skip=1)  # the first time it gets its voucher, the second it is posted
    next(passed)

    assert pay_out(shop) == 1

    assert outcome(shop) == RIGHT
