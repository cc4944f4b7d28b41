"""Stored documents as one zip, written while it is sent: one document in memory at a time, whatever their number.

The same run gives the same bytes: order, names and times follow from the documents. Each file is exactly what is
stored; one that is gone or differs from its hash is left out, and the index says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from backoffice.common.codec import from_builtins
from backoffice.common.csv_cells import decimal_cell, plain_cell
from backoffice.invoices.document import Document
from backoffice.invoices.models import DocumentRun, IssuedDocument
from backoffice.invoices.models.run import Outcome
from backoffice.invoices.services import FileMissing, file_of

INDEX = "index.csv"
INDEX_HEAD = (
    "file", "kind", "number", "date", "customer", "currency", "total", "vat", "due", "sale", "refund", "size_bytes",
    "sha256", "problem",
)  # fmt: skip
ROWS_AT_ONCE = 100
LONGEST_NAME = 60


class _Outlet:
    """What ZipFile writes to. What is taken is gone; only the entry that is being written can still be gone back to."""

    def __init__(self) -> None:
        self.taken, self.kept = 0, io.BytesIO()

    def write(self, data: Any) -> int:
        return self.kept.write(data)

    def tell(self) -> int:
        return self.taken + self.kept.tell()

    def seek(self, place: int, whence: int = 0) -> int:
        if whence or place < self.taken:
            raise OSError("Only the entry that is being written can be gone back to.")
        self.kept.seek(place - self.taken)
        return place

    def flush(self) -> None:
        """Nothing lies between."""

    def take(self) -> bytes:
        data = self.kept.getvalue()
        self.taken, self.kept = self.taken + len(data), io.BytesIO()
        return data


def pack(run: DocumentRun) -> Iterator[bytes]:
    """Give the zip of a run's documents piece by piece, the index last."""
    outlet = _Outlet()
    names: set[str] = set()
    index = io.StringIO()
    rows = csv.writer(index, delimiter=";", lineterminator="\r\n")
    rows.writerow(INDEX_HEAD)
    items = run.items.exclude(outcome=Outcome.OPEN).select_related("document__sale", "document__refund")
    with ZipFile(outlet, "w", ZIP_STORED) as archive:  # type: ignore[call-overload]  # it needs no more than these
        for item in items.order_by("id").iterator(chunk_size=ROWS_AT_ONCE):
            row = item.document
            if row is None or row.rendered_at is None:
                continue
            name, problem = _free_name(row, names), ""
            try:
                data = file_of(row)
                archive.writestr(_entry(name, row.rendered_at), data)
                yield outlet.take()
            except FileMissing as error:
                problem = str(error)
            rows.writerow(_index_row("" if problem else name, row, problem))
        archive.writestr(
            _entry(INDEX, run.created_at), "\N{BYTE ORDER MARK}" + index.getvalue(), compress_type=ZIP_DEFLATED
        )
    yield outlet.take()


def _entry(name: str, at: datetime) -> ZipInfo:
    entry = ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    return entry


def _free_name(row: IssuedDocument, names: set[str]) -> str:
    """Name a file number_customer.pdf; the second of a name says its kind, or counts."""
    stem = f"{_plain(row.number)}_{_plain(row.sale.customer_name)}".strip("_") or str(row.pk)
    choices = (stem, f"{stem}_{row.kind.replace('_', '-')}", f"{stem}_{row.pk}")
    found = next(name for name in choices if name.casefold() not in names or name.endswith(f"_{row.pk}"))
    names.add(found.casefold())
    return f"{found}.pdf"


def _plain(text: str) -> str:
    """Keep what every system takes in a file name."""
    kept = "".join(sign if sign.isalnum() or sign in "-" else " " for sign in text)
    return "-".join(kept.split())[:LONGEST_NAME].strip("-")


def _index_row(name: str, row: IssuedDocument, problem: str) -> list[str]:
    source = from_builtins(row.source, Document)
    refund = row.refund.reference if row.refund else ""
    before = (name, row.kind, row.number, source.issued_on.isoformat(), source.buyer.name, source.currency)
    amounts = [decimal_cell(money.to_decimal()) for money in (source.total, source.vat_sum, source.due)]
    after = (row.sale.reference, refund, str(row.size_bytes), row.sha256, problem)
    return [*map(plain_cell, before), *amounts, *map(plain_cell, after)]
