"""A month of three shops and four tills with planted faults: each is named by its reference, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest

from backoffice.clients.models import Approval
from backoffice.console.proof.month_books import hand_over_sales, hand_over_statements, open_books
from backoffice.console.proof.month_findings import find, wrong
from backoffice.console.proof.month_story import make_month
from backoffice.workflows.services import close_days
from tests.world import TESTER, World

SALES = 400


@pytest.fixture
def month_end(world: World) -> World:
    """Give a client that posts by itself, with the month's shops, tills and accounts."""
    world.client.approval = Approval.AUTOMATIC
    world.client.save()
    open_books(world.client)
    return world


def test_every_planted_fault_is_named_and_nothing_else(month_end: World) -> None:
    month = make_month(sales=SALES)
    hand_over_sales(month_end.client, month)
    month_end.drain(rounds=500)
    close_days(client=month_end.client, through=date(2026, 11, 10), actor=TESTER)
    month_end.settle(within_s=120)
    hand_over_statements(month_end.client, month)
    month_end.drain(rounds=500)
    month_end.settle(within_s=60)
    assert len(month.planted) == 7
    assert wrong(month_end.client, month.planted) == []
    assert sum(item.difference.minor for proof in find(month_end.client).proofs for item in proof.proof.items) != 0
