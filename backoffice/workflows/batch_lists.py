"""The list of the sales behind a batch: a row per sale, refund and payment, a column per ledger account and VAT code.

CSV as Norwegian and Polish spreadsheets open it: UTF-8 with its mark, semicolons, decimal commas. Debit > 0,
credit < 0, VAT included; the last row is what the voucher posts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from backoffice.common.csv_cells import decimal_cell, plain_cell
from backoffice.ledger.money import Money
from backoffice.sales.batch_models import BatchLine, BatchSource
from backoffice.vouchers.models import Voucher
from backoffice.workflows.batch_drafts import draft_batch
from backoffice.workflows.batch_entries import Sources
from backoffice.workflows.batch_keys import BatchKey
from backoffice.workflows.batches import line_of
from backoffice.workflows.books import Books

HEAD = (
    "Type", "Reference", "Sale", "Time", "Day", "Invoice or credit note", "Payment method", "Provider's reference",
    "SAF-T batch", "SAF-T source",
)  # fmt: skip
TYPES = {
    BatchSource.SALE: "Sale",
    BatchSource.REFUND: "Refund",
    BatchSource.PAYMENT: "Payment",
    BatchSource.BALANCE: "Paid on another day",
}


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A sale, refund or payment: what is told of it, and its amounts by column; debit > 0, credit < 0, VAT included."""

    kind: BatchSource
    told: Sequence[str]
    amounts: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class SalesList:
    """The list behind a batch. columns: (ledger account, VAT code); names: of the accounts; totals: per column."""

    columns: Sequence[tuple[str, str]]
    names: Mapping[str, str]
    rows: Sequence[ListedRow]
    totals: Mapping[tuple[str, str], int]


def list_of(voucher: Voucher) -> SalesList:
    """Read the list behind a batch, a growing one as it stands now."""
    lines = _lines(voucher)
    behind: dict[tuple[str, int], list[BatchLine]] = {}
    for line in lines:
        behind.setdefault((line.source, line.payment_id or line.refund_id or line.sale_id), []).append(line)
    return SalesList(
        columns=sorted({(line.ledger_account, line.vat_code) for line in lines}),
        names={line.ledger_account: line.account_name for line in lines},
        rows=[
            ListedRow(BatchSource(mine[0].source), [str(cell) for cell in _told(mine[0], voucher)], _sums(mine))
            for mine in behind.values()
        ],
        totals=_sums(lines),
    )


def csv_of(voucher: Voucher) -> bytes:
    """Write the list behind a batch; the same voucher gives the same bytes. A growing one as it stands now."""
    found = list_of(voucher)
    columns, names = found.columns, found.names
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([*HEAD, *(f"{number} {names[number]} (VAT {code})" for number, code in columns)])
    key = BatchKey.read(voucher.source_key)
    saft = (key.saft.batch_id, key.saft.source_id)
    for row in found.rows:
        told = [plain_cell(cell) for cell in (TYPES[row.kind], *row.told, *saft)]
        writer.writerow([*told, *_amounts(row.amounts, columns, voucher.currency)])
    label = ["Total", voucher.number or "", *[""] * (len(HEAD) - 2)]
    writer.writerow([*label, *_amounts(found.totals, columns, voucher.currency)])
    return text.getvalue().encode("utf-8-sig")


def _lines(voucher: Voucher) -> list[BatchLine]:
    """Give the amounts that were kept with a complete voucher, else those of today."""
    kept = list(voucher.batch_lines.select_related("sale__client", "refund", "payment").order_by("id"))
    if kept or voucher.sales_point is None:
        return kept
    books, key = Books.load(voucher.client), BatchKey.read(voucher.source_key)
    _, entries = draft_batch(voucher.client, key, voucher.sales_point, Sources.of(voucher), books, is_growing=True)
    lines = [line_of(voucher, entry) for entry in entries]
    prefetch_related_objects([line.sale for line in lines], "client")
    return lines


def _told(line: BatchLine, voucher: Voucher) -> Sequence[Any]:
    """Give reference, sale, time, day, number, payment method and the provider's reference."""
    sale = line.sale
    if line.payment is not None:
        row: Any = line.payment
        at, day, of = row.paid_at, row.paid_on, ("", row.method, row.provider_reference)
    elif line.refund is not None:
        row = line.refund
        at, day, of = row.refunded_at, row.refunded_on, (row.credit_note_number, "", "")
    else:
        row = sale
        at, day, of = sale.sold_at, sale.sold_on, (sale.invoice_number, "", "")
    local = at.astimezone(voucher.client.zone)
    return (row.reference, sale.reference, f"{local:%H:%M:%S}", day.isoformat(), *of)


def _sums(lines: Iterable[BatchLine]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for line in lines:
        column = (line.ledger_account, line.vat_code)
        sums[column] = sums.get(column, 0) + line.amount_minor
    return sums


def _amounts(sums: Mapping[tuple[str, str], int], columns: Sequence[tuple[str, str]], currency: str) -> list[str]:
    return [decimal_cell(Money(sums[column], currency).to_decimal()) if column in sums else "" for column in columns]
