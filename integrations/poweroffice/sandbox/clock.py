"""Time in the sandbox: microseconds that never stand still, written as the API writes timestamps."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,7}))? ?(Z|[+-]\d{2}:\d{2})?")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Give times that grow with every request, so that "greater than" filters miss nothing."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self.now_us = now_us()

    def tick(self) -> None:
        """Move to the present, at least one microsecond on."""
        self.now_us = max(self._now_us(), self.now_us + 1)

    @property
    def now(self) -> str:
        """Give the present as a timestamp."""
        return stamp(self.now_us)

    @property
    def today(self) -> str:
        """Give today's date (UTC)."""
        return self.now[:10]

    def before(self, milliseconds: int) -> str:
        """Give the timestamp that lies so long ago."""
        return stamp(self.now_us - milliseconds * 1000)


def stamp(now_us: int) -> str:
    """Write microseconds since 1970 as the API does: seven decimals and Z. Such texts sort by time."""
    moment = EPOCH + timedelta(microseconds=now_us)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}0Z"


def read_stamp(text: str) -> str:
    """Read a timestamp filter in any of the vendor's spellings; raise ValueError."""
    found = _STAMP.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is not a timestamp")
    day, time, fraction, offset = found.groups()
    digits = (fraction or "").ljust(7, "0")
    zone = "+00:00" if offset in (None, "Z", "-00:00") else offset
    moment = datetime.fromisoformat(f"{day}T{time}{zone}").astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{digits}Z"


def plus_ms(now_us: int, milliseconds: int) -> str:
    """Give the timestamp so many milliseconds later."""
    return stamp(now_us + milliseconds * 1000)
