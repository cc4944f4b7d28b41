"""When to try again: later each time, within bounds, never before the provider's own wish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backoffice.connections.retry import (
    FIRST_DELAY_S,
    MAX_DELAY_S,
    MAX_RETRY_AFTER_S,
    next_attempt_at,
    next_look_up_at,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
jitters = st.floats(0, 1)


@given(st.integers(1, 60), jitters)
def test_a_delay_is_never_shorter_than_the_first_nor_longer_than_the_last(attempt: int, jitter: float) -> None:
    delay = next_attempt_at(attempt=attempt, now=NOW, jitter=jitter) - NOW

    assert timedelta(seconds=FIRST_DELAY_S) <= delay <= timedelta(seconds=MAX_DELAY_S * 1.25)


@given(st.integers(1, 60), jitters)
def test_each_delay_is_at_least_as_long_as_the_one_before(attempt: int, jitter: float) -> None:
    earlier = next_attempt_at(attempt=attempt, now=NOW, jitter=jitter)

    assert next_attempt_at(attempt=attempt + 1, now=NOW, jitter=jitter) >= earlier


@given(st.integers(1, 60), jitters, st.integers(1, 10_000))
def test_retry_after_is_a_lower_bound_up_to_its_cap(attempt: int, jitter: float, retry_after_s: int) -> None:
    at = next_attempt_at(attempt=attempt, now=NOW, jitter=jitter, retry_after_s=retry_after_s)

    assert at - NOW >= timedelta(seconds=min(retry_after_s, MAX_RETRY_AFTER_S))


@given(st.integers(0, 40))
def test_look_ups_grow_apart_and_stay_bounded(look_ups: int) -> None:
    delay = next_look_up_at(look_ups=look_ups, now=NOW, wait_s=5) - NOW

    assert timedelta(seconds=5) <= delay <= timedelta(seconds=MAX_RETRY_AFTER_S)
