"""When an event is tried again, how long an address rests, when to give up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

#: seconds before the second, third ... attempt; the last one repeats
STEPS_S = (10, 60, 300, 900, 3_600, 7_200, 14_400)
GIVEN_UP_AFTER = timedelta(days=3)
FIRST_REST_S, LONGEST_REST_S = 5, 600
#: an address that has failed for so long is shown on the desk
TROUBLED_AFTER = timedelta(minutes=15)


def next_attempt_at(*, attempt: int, now: datetime, jitter: float, retry_after_s: int | None = None) -> datetime:
    """Give the time of the next try after the attempt-th (1-based) failed; jitter (0 to 1) stretches by a quarter.

    What the receiver asks for is a lower bound.
    """
    step_s = STEPS_S[min(max(attempt, 1), len(STEPS_S)) - 1]
    return now + max(timedelta(seconds=step_s) * (1 + jitter / 4), timedelta(seconds=retry_after_s or 0))


def rests_until(*, failures: int, now: datetime, retry_after_s: int | None = None) -> datetime:
    """Give the time until which nothing is sent to an address after so many failures in a row, or as it asks."""
    rest_s = min(FIRST_REST_S * 2 ** (min(max(failures, 1), 20) - 1), LONGEST_REST_S)
    return now + timedelta(seconds=max(rest_s, retry_after_s or 0))
