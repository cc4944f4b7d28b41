"""Which batch a sale belongs to: sales point, day, currency, and the batch of the sales system's own SAF-T report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from backoffice.contracts.sales import SaftBatch
from backoffice.sales.models import Sale


@dataclass(frozen=True, slots=True)
class BatchKey:
    """Names a batch as a voucher's source: the first voucher of a batch is number 0, its supplements count on."""

    point: str
    day: date
    currency: str
    saft: SaftBatch
    number: int = 0

    @property
    def prefix(self) -> str:
        """What all vouchers of one batch begin with."""
        batch, source = self.saft.batch_id, self.saft.source_id
        # a slash inside would make two batches look like one
        length = f"{len(batch)}:" if "/" in batch + source else ""
        return f"{self.point}/{self.day.isoformat()}/{self.currency}/{length}{batch}/{source}/"

    def __str__(self) -> str:
        return f"{self.prefix}{self.number}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key that `str` gave."""
        point, day, currency, rest = text.split("/", 3)
        both, number = rest.rsplit("/", 1)
        if both.count("/") == 1:
            batch, source = both.split("/")
        else:
            length, _, both = both.partition(":")
            batch, source = both[: int(length)], both[int(length) + 1 :]
        return cls(point, date.fromisoformat(day), currency, SaftBatch(batch, source), int(number))

    def numbered(self, number: int) -> Self:
        """Give the key of another voucher of the same batch."""
        return replace(self, number=number)


def saft_of(sale: Sale) -> SaftBatch | None:
    """Give the batch in which the sales system reports a sale."""
    found = sale.details.get("saft")
    return SaftBatch(found["batch_id"], found["source_id"]) if found else None


def sale_day(sale: Sale) -> date:
    """Give the day of a sale in the books: on which its invoice was issued, else on which it was sold."""
    invoice = sale.details.get("invoice")
    return date.fromisoformat(invoice["issued_on"]) if invoice else sale.sold_on


def batch_key(sale: Sale, day: date, currency: str) -> BatchKey:
    """Give the key of a sale's batch on a day, as its first voucher has it."""
    return BatchKey(sale.sales_point.key, day, currency, saft_of(sale) or SaftBatch("", ""))
