"""A payment provider in memory: reports are statements as JSON, and it can be asked what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Self

import msgspec

from backoffice.common.codec import from_builtins, to_json
from backoffice.contracts.errors import Misconfigured, ProviderError, UnreadablePayload, Unsupported
from backoffice.contracts.payouts import (
    PayoutSource,
    ProviderBalance,
    ProviderRow,
    ProviderStatement,
    ReportedPayout,
)
from backoffice.contracts.provider import config_problems, setting
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import FetchedPayload
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import RowKind

DAY = date(2026, 11, 20)
STARTED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def row(key: str, kind: str, amount: str, **changes: Any) -> ProviderRow:
    """Give a row of the account; amount as it moves the provider's balance."""
    currency = changes.pop("currency", "NOK")
    values: dict[str, Any] = {"booked_on": DAY, "native_kind": kind, **changes}
    known = RowKind(kind) if kind in set(RowKind) else RowKind.OTHER
    return ProviderRow(key=key, kind=known, amount=Money.parse(amount, currency), **values)


def paid(reference: str, amount: str, **changes: Any) -> ReportedPayout:
    """Give a payout."""
    currency = changes.pop("currency", "NOK")
    return ReportedPayout(reference, Money.parse(amount, currency), **{"paid_on": DAY + timedelta(days=3), **changes})


def statement(
    *rows: ProviderRow, payouts: tuple[ReportedPayout, ...] = (), balances: Mapping[date, str] = {}, **changes: Any
) -> ProviderStatement:
    """Give a statement of account M-1."""
    values: dict[str, Any] = {"account": "M-1", "currency": "NOK", **changes}
    stated = tuple(ProviderBalance(on, Money.parse(amount, values["currency"])) for on, amount in balances.items())
    return ProviderStatement(rows=rows, payouts=payouts, balances=stated, **values)


@dataclass(frozen=True)
class FakeConfig:
    """What the fake asks for."""

    secret: str = field(metadata=setting("Secret", help_text="Any word.", is_secret=True))


@dataclass
class FakeProvider:
    """The provider's side: what it would report, and an error it answers with instead."""

    reports: list[tuple[datetime, ProviderStatement]] = field(default_factory=list)
    error: ProviderError | None = None
    asked_since: list[datetime] = field(default_factory=list)

    def report(self, *statements: ProviderStatement) -> None:
        """Have statements ready, a minute apart."""
        for one in statements:
            self.reports.append((STARTED_AT + timedelta(minutes=len(self.reports)), one))


class FakePayouts(PayoutSource):
    """The adapter of the fake; `world` stands for the network."""

    name = "fakepay"
    label = "Fakepay"
    Config: ClassVar[type] = FakeConfig
    capabilities = frozenset({"polling", "files", "fees", "disputes", "balances", "gross_settlement", "exchange"})
    world: ClassVar[FakeProvider] = FakeProvider()

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make it; raise Misconfigured when something is missing."""
        if problems := config_problems(cls.Config, values):
            raise Misconfigured(" ".join(problems), provider=cls.name)
        return cls()

    def parse(self, body: bytes, *, filename: str = "") -> tuple[ProviderStatement, ...]:
        """Read a report."""
        try:
            return (from_builtins(msgspec.json.decode(body), ProviderStatement),)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UnreadablePayload(f"This is no report of Fakepay: {error}. Send it as it was downloaded.") from error

    def statements_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Yield what changed since."""
        self.world.asked_since.append(since)
        if self.world.error is not None:
            raise self.world.error
        if "polling" not in self.capabilities:
            raise Unsupported("Fakepay is not asked.")
        for at, report in self.world.reports:
            if at >= since:
                yield FetchedPayload(f"report-{at.isoformat()}", to_json(report), at)


@dataclass(frozen=True)
class FileConfig:
    """A provider whose files need no credentials."""


class FakeFiles(FakePayouts):
    """The fake, for files that a person downloaded."""

    name = "fakefiles"
    Config = FileConfig
    capabilities = frozenset({"files"})
