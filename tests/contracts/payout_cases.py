"""What the shared suite needs to know of each payout source. An adapter is added to CASES with its own stand-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from backoffice.common.codec import to_json
from backoffice.contracts.payouts import PayoutSource
from tests.fakes.payouts import FakePayouts, FakeProvider, paid, row, statement
from tests.integrations.woocommerce.shop import make_runtime


@dataclass(frozen=True)
class Report:
    """A genuine report or file; explained: references of its payouts that follow from its rows alone."""

    body: bytes
    filename: str = ""
    explained: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PayoutCase:
    """One source with a running stand-in, where it has one.

    reports are genuine; the first has a payout. unknown is a report that holds a row of a kind that no adapter can
    know, worth unknown_minor. unreadable are bodies of another shape. since is before all that polling finds.
    """

    source: PayoutSource
    values: dict[str, str]
    reports: tuple[Report, ...]
    unknown: Report
    unknown_minor: int
    unreadable: tuple[bytes, ...] = (b"", b"{}", b"\xff\xfe\x00", b"Dato;Tekst\n2026-11-20;nei\n")
    since: datetime = datetime(2026, 11, 1, tzinfo=UTC)


@contextmanager
def fakepay() -> Iterator[PayoutCase]:
    """Give the fake provider two days, one of them with every kind of row."""
    first = statement(
        row("1", "capture", "1250.00", reference="1001", payout_reference="P1"),
        row("2", "fee", "-18.75", payout_reference="P1"),
        payouts=(paid("P1", "1231.25"),),
        balances={date(2026, 11, 19): "0.00", date(2026, 11, 20): "1231.25"},
    )
    second = statement(
        row("2", "fee", "-18.75", payout_reference="P1"),
        row("3", "payout", "-1231.25", payout_reference="P1"),
        row("4", "refund", "-250.00", reference="1001"),
        row("5", "dispute", "-100.00", reference="1001"),
        row("6", "top_up", "400.00"),
        row("7", "holdback", "-50.00"),
    )
    strange = statement(row("8", "loyalty bonus", "-5.00"))
    FakePayouts.world = FakeProvider()
    FakePayouts.world.report(first, second)
    yield PayoutCase(
        source=FakePayouts.build({"secret": "x"}, make_runtime()),
        values={"secret": "x"},
        reports=(Report(to_json(first), explained=frozenset({"P1"})), Report(to_json(second))),
        unknown=Report(to_json(strange)),
        unknown_minor=-500,
    )


CASES: dict[str, Callable[[], AbstractContextManager[PayoutCase]]] = {"fakepay": fakepay}
