"""Read payloads of the payout adapters' tests."""

from __future__ import annotations

from pathlib import Path

from backoffice.contracts.payouts import PayoutSource, ProviderRow, ProviderStatement
from tests.integrations.woocommerce.shop import make_runtime

HERE = Path(__file__).parent


def names(source: type[PayoutSource], ending: str = ".json") -> list[str]:
    """List the payloads of a source."""
    return sorted(path.name for path in (HERE / source.name / "payloads").glob(f"*{ending}"))


def read(source: type[PayoutSource], name: str, **values: str) -> ProviderStatement:
    """Read a payload that is of one account."""
    (statement,) = source.build(values, make_runtime()).parse((HERE / source.name / "payloads" / name).read_bytes())
    return statement


def shown(rows: tuple[ProviderRow, ...]) -> list[tuple[str, int]]:
    """Give kind and amount of each row."""
    return [(row.kind.value, row.amount.minor) for row in rows]
