"""On which day a voucher is dated."""

from __future__ import annotations

from datetime import date

import pytest

from backoffice.clients.models import Client
from backoffice.workflows.dates import date_voucher

HOLD, MOVE = Client(locked_period="hold"), Client(locked_period="move")
LOCKED = date(2026, 10, 31)
BEGIN = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("client", "wanted", "may_move", "day", "moved_from", "code"),
    [
        (HOLD, date(2026, 11, 1), False, date(2026, 11, 1), None, None),
        (HOLD, LOCKED, False, LOCKED, None, "locked_period"),
        (HOLD, LOCKED, True, date(2026, 11, 1), LOCKED, None),
        (MOVE, LOCKED, False, date(2026, 11, 1), LOCKED, None),
        (MOVE, date(2025, 12, 31), False, date(2025, 12, 31), None, "before_conversion"),
        (MOVE, BEGIN, False, date(2026, 11, 1), BEGIN, None),
    ],
)
def test_the_lock_date_and_the_policy_decide(
    client: Client, wanted: date, may_move: bool, day: date, moved_from: date | None, code: str | None
) -> None:
    dated = date_voucher(client, wanted, locked_through=LOCKED, converted_on=BEGIN, may_move=may_move)

    assert (dated.day, dated.moved_from, dated.reason and dated.reason.code) == (day, moved_from, code)


def test_without_limits_any_day_is_open() -> None:
    assert date_voucher(HOLD, LOCKED, locked_through=None, converted_on=None).day == LOCKED
