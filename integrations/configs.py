"""What the configurations of all providers have in common: read from stored text, wrong in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backoffice.contracts.errors import Misconfigured
from backoffice.contracts.provider import config_problems


class StoredConfig:
    """Stored values of a connection, all text. Subclasses are frozen dataclasses and name their provider.

    A method `problems()` of theirs lists what cannot work together.
    """

    __slots__ = ()
    provider: ClassVar[str]

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """Check stored values and take them; raise Misconfigured with every problem in words."""
        problems = config_problems(cls, values)
        if problems:
            raise Misconfigured(" ".join(problems), provider=cls.provider, operation="configure")
        return cls(**values)


def time_zone_problems(name: str) -> list[str]:
    """Say what is wrong with the name of a time zone; empty when nothing is.

    >>> time_zone_problems("Europe/Oslo"), time_zone_problems("Oslo")
    ([], ["'Oslo' is not a time zone; write it like Europe/Oslo."])
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return [f"{name!r} is not a time zone; write it like Europe/Oslo."]
    return []
