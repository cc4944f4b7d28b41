"""Every instant of the days on which clocks change belongs to one business day, which closes once, after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.clients.models import Client
from backoffice.sales.closings import record_day_closing
from backoffice.workflows.dates import closing_time
from tests.factories import make_client, make_sales_point
from tests.flows.test_day_closings import simple

ZONES = ("Europe/Oslo", "Europe/Warsaw")
#: day, its first instant, and the first instant of the next one: 23 and 25 hours
CHANGES = (
    (date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),
    (date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)),
)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)


def instants(begin: datetime, end: datetime) -> list[datetime]:
    """Give both ends to the second, and every quarter of an hour from an hour before to an hour after."""
    around = [begin + QUARTER * step for step in range(-4, (end - begin) // QUARTER + 4)]
    return sorted({*around, begin - timedelta(seconds=1), end - timedelta(seconds=1)})


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("day", "begin", "end"), CHANGES)
def test_a_till_closed_at_any_instant_is_posted_on_exactly_one_day(
    zone: str, day: date, begin: datetime, end: datetime
) -> None:
    point = make_sales_point(make_client(time_zone=zone))
    for number, at in enumerate(instants(begin, end), 1):
        closing = replace(simple(number), closed_at=at)
        row = record_day_closing(sales_point=point, closing=closing, event=None).closing
        wanted = day - DAY if at < begin else day if at < end else day + DAY
        assert (row.closed_on, at) == (wanted, at)


@given(
    zone=st.sampled_from(ZONES),
    change=st.sampled_from(CHANGES),
    cut_off=st.times(max_value=time(12)),
    seconds=st.integers(-7_200, 25 * 3_600),
)
def test_a_day_with_a_closing_hour_is_open_for_every_sale_of_it_and_closes_before_the_next_one(
    zone: str, change: tuple[date, datetime, datetime], cut_off: time, seconds: int
) -> None:
    client = Client(time_zone=zone, daily_cutoff=cut_off)
    sold_at = change[1] + timedelta(seconds=seconds)
    day = sold_at.astimezone(client.zone).date()
    closes = closing_time(client, day).astimezone(UTC)

    assert sold_at < closes
    assert closing_time(client, day - DAY).astimezone(UTC) < closes
    assert (closes - sold_at) <= timedelta(hours=25 + 13)
