"""When to try again. One function decides; it is pure, monotone, capped, and honours Retry-After."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

FIRST_DELAY_S = 2
MAX_DELAY_S = 3_600
MAX_RETRY_AFTER_S = 900
#: after this many attempts that certainly did not run, a person is asked
MAX_ATTEMPTS = 12


def next_attempt_at(*, attempt: int, now: datetime, jitter: float, retry_after_s: int | None = None) -> datetime:
    """Give the time of the next try after the attempt-th one (1-based) did not run.

    The delay doubles from FIRST_DELAY_S up to MAX_DELAY_S; jitter (0 to 1) stretches it by up to a quarter, so
    that many rows do not come back at once. A provider's Retry-After is a lower bound, itself capped.
    """
    delay_s = min(FIRST_DELAY_S * 2 ** (max(attempt, 1) - 1), MAX_DELAY_S)
    delay = timedelta(seconds=delay_s) * (1 + jitter / 4)
    if retry_after_s:
        delay = max(delay, timedelta(seconds=min(retry_after_s, MAX_RETRY_AFTER_S)))
    return now + delay


def jitter() -> float:
    """Draw a number from 0 to 1. It only spreads load, so it need not be unguessable."""
    return random.random()  # noqa: S311  # spreads load, guards nothing


def is_exhausted(attempt: int) -> bool:
    """Whether so many attempts were refused before running that a person should look."""
    return attempt >= MAX_ATTEMPTS


def next_look_up_at(*, look_ups: int, now: datetime, wait_s: int) -> datetime:
    """Give the time of the next look-up of a delivery in doubt: after wait_s, then twice as long each time, capped."""
    return now + timedelta(seconds=min(wait_s * 2 ** min(look_ups, 10), MAX_RETRY_AFTER_S))
