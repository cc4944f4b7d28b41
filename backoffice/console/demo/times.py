"""When things happened in the demo: always the same distance from the moment at which it was first made."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


def day_of(began_at: datetime, days_ago: int) -> date:
    """Give the day so many days before the demo was made, in Oslo.

    >>> day_of(datetime.fromisoformat("2026-11-25T23:30:00+00:00"), 1)
    datetime.date(2026, 11, 25)
    """
    return began_at.astimezone(OSLO).date() - timedelta(days=days_ago)


def moment(began_at: datetime, days_ago: int, minute: int) -> datetime:
    """Give a minute of an earlier day; for today (0) so many minutes ago, but never before midnight.

    >>> moment(datetime.fromisoformat("2026-11-25T11:00:00+00:00"), 1, 605).isoformat()
    '2026-11-24T10:05:00+01:00'
    >>> moment(datetime.fromisoformat("2026-11-24T23:30:00+00:00"), 0, 45).isoformat()
    '2026-11-25T00:00:00+01:00'
    """
    midnight = datetime.combine(day_of(began_at, days_ago), time(), OSLO)
    if days_ago:
        return midnight.replace(hour=minute // 60, minute=minute % 60)
    return max(midnight, began_at.astimezone(OSLO) - timedelta(minutes=minute)).replace(microsecond=0)
