"""On which day a voucher is dated, given what the books still take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backoffice.clients.models import Client, LockedPeriod
from backoffice.contracts.errors import Reason


@dataclass(frozen=True, slots=True)
class DatedOn:
    """The day, the day it would have been when it was moved, and why it cannot be dated at all."""

    day: date
    moved_from: date | None = None
    reason: Reason | None = None


def date_voucher(
    client: Client, wanted: date, *, locked_through: date | None, converted_on: date | None, may_move: bool = False
) -> DatedOn:
    """Date a voucher by the client's policy for locked periods.

    hold: the reason blocks it until a person decides. move (or may_move, a person's decision for this one): the first
    open day, the original day kept. A day before the books begin is never moved: that is a question for a person.
    """
    if converted_on and wanted < converted_on:
        text = f"The books begin on {converted_on}; {wanted} lies before. Keep it by hand in the old books."
        return DatedOn(wanted, reason=Reason("before_conversion", text, str(converted_on)))
    if not locked_through or wanted > locked_through:
        return DatedOn(wanted)
    if may_move or client.locked_period == LockedPeriod.MOVE:
        return DatedOn(locked_through + timedelta(days=1), moved_from=wanted)
    text = (
        f"The books are locked through {locked_through}, and this belongs on {wanted}. "
        "Ask the accountant to open the period, or move it to the first open day."
    )
    return DatedOn(wanted, reason=Reason("locked_period", text, str(locked_through)))


def closing_time(client: Client, day: date) -> datetime:
    """Give the moment when a client's day closes by itself: its cut-off, the next morning, in its own zone."""
    return datetime.combine(day + timedelta(days=1), client.daily_cutoff, tzinfo=client.zone)
