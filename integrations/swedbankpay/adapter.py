"""Swedbank Pay as a PayoutSource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar, Self

from backoffice.contracts.errors import Unsupported
from backoffice.contracts.payouts import PayoutSource, ProviderStatement
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import FetchedPayload
from integrations.reading import check_size, looks_like_xml, refuse
from integrations.report_files import is_sheet
from integrations.swedbankpay.config import PROVIDER
from integrations.swedbankpay.config import Config as SwedbankPayConfig
from integrations.swedbankpay.wire import WRONG, account_of, read_sheet, read_xml, statements_of


class SwedbankPay(PayoutSource):
    """The transaction lists of Swedbank Pay, read from files."""

    name: ClassVar[str] = PROVIDER
    label: ClassVar[str] = "Swedbank Pay"
    Config: ClassVar[type] = SwedbankPayConfig
    capabilities: ClassVar[frozenset[str]] = frozenset({"files"})

    def __init__(self, config: SwedbankPayConfig) -> None:
        self.config = config

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make the adapter; raise Misconfigured with all problems in words."""
        return cls(SwedbankPayConfig.read(values))

    def parse(self, body: bytes, *, filename: str = "") -> tuple[ProviderStatement, ...]:
        """Read a transaction list in XML or XLSX; one of another agreement is refused."""
        check_size(body)
        if looks_like_xml(body):
            listing = read_xml(body)
        elif is_sheet(body):
            listing = read_sheet(body)
        else:
            raise refuse(WRONG)
        wanted = self.config.agreement.strip()
        if wanted and account_of(listing.number) != wanted:
            raise refuse(f"The list is of agreement {account_of(listing.number)}, the connection of {wanted}.")
        return statements_of(listing)

    def statements_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Raise Unsupported: Swedbank Pay has no API for settlements."""
        raise Unsupported(
            "Swedbank Pay gives its transaction lists as files only; upload them.",
            provider=PROVIDER,
            operation="list payouts",
        )
