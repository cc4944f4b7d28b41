"""What a bank publishes about exchange rates: what one unit of a foreign currency is worth in its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import ClassVar, Self

from backoffice.contracts.runtime import Runtime


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """One unit of `currency` is `rate` of the bank's currency, as published for a day.

    A bank that quotes 100 units has been divided by 100. table is the bank's own name for it, may be empty.
    """

    currency: str
    rate: Decimal
    on: date
    table: str = ""


class RateSource(ABC):
    """A bank whose rates may be used for VAT in its currency. label is its name as documents print it."""

    name: ClassVar[str]
    label: ClassVar[str]
    home: ClassVar[str]
    time_zone: ClassVar[str]
    #: when the rates of a working day are out, by the bank's clock
    published_at: ClassVar[time]
    #: whether VAT is counted by the rate of the day itself (0), or of the last day before it (1)
    days_before: ClassVar[int] = 0

    @classmethod
    @abstractmethod
    def build(cls, runtime: Runtime) -> Self:
        """Make the adapter; no keys are needed."""

    @abstractmethod
    def published(self, since: date, until: date) -> tuple[PublishedRate, ...]:
        """Give all rates published for these days, both included, by day; none for days off.

        Raises the ProviderError tree.
        """
