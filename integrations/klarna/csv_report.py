"""Read Klarna's CSV report: a line of totals per payout, then its transactions. It is turned into the API's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backoffice.contracts.payouts import ProviderStatement
from integrations.klarna.wire import Rules, read_report
from integrations.reading import Node, money, refuse
from integrations.report_files import by_name, csv_rows, fold

PAYOUT_COLUMN, TYPE_COLUMN = "total_settlement_amount", "type"
TOTALS = (
    "settlement", "sale", "return", "reversal", "fee", "fee_correction", "fee_refund", "commission", "tax",
    "tax_refund", "charge", "credit", "holdback", "release", "repay", "deposit",
)  # fmt: skip
TEXTS = (
    "type", "detailed_type", "order_id", "short_order_id", "capture_id", "refund_id", "merchant_reference1",
    "merchant_reference2", "merchant_refund_reference", "merchant_capture_reference", "capture_date", "sale_date",
    "payment_reference", "klarna_comment", "reversal_reference",
)  # fmt: skip
Row = Mapping[str, str]


def read_csv(body: bytes, rules: Rules) -> tuple[ProviderStatement, ...]:
    """Read a report of one or several payouts; a row of names begins each part."""
    payouts: list[tuple[int, Row]] = []
    transactions: dict[str, list[tuple[int, Row]]] = {}
    header: Sequence[str] = ()
    for number, cells in enumerate(csv_rows(body), start=1):
        names = {fold(cell) for cell in cells}
        if PAYOUT_COLUMN in names or {TYPE_COLUMN, "amount"} <= names:
            header = cells
        elif header and any(cells):
            row = by_name(header, cells)
            if PAYOUT_COLUMN in row:
                payouts.append((number, row))
            else:
                reference = row.get("payment_reference", "") or (
                    payouts[-1][1].get("payment_reference", "") if payouts else ""
                )
                transactions.setdefault(reference, []).append((number, row))
    if not payouts:
        raise refuse(
            "This is no settlement report of Klarna: no line names total_settlement_amount. "
            "Download the CSV of a payout under Settlements in the merchant portal."
        )
    known = {row.get("payment_reference", "") for _, row in payouts}
    if set(transactions) - known:
        raise refuse(f"Transactions of payout {min(set(transactions) - known)!r} are here without the payout's line.")
    return tuple(
        read_report(
            _payout(row, number),
            [_transaction(one, line, _currency(row, number)) for line, one in transactions.get(reference, [])],
            rules,
        )
        for number, row in payouts
        for reference in [row.get("payment_reference", "")]
    )


def _payout(row: Row, number: int) -> Node:
    currency = _currency(row, number)
    totals = {f"{name}_amount": _minor(row.get(f"total_{name}_amount", ""), currency, number) for name in TOTALS}
    return Node(
        {
            "payment_reference": row.get("payment_reference", ""),
            "payout_date": row.get("payout_date", ""),
            "currency_code": currency,
            "merchant_id": row.get("merchant_id", ""),
            "merchant_settlement_type": row.get("merchant_settlement_type", "").upper(),
            "totals": totals,
        },
        f"row {number}",
    )


def _transaction(row: Row, number: int, currency: str) -> Node:
    given = row.get("posting_currency", "") or row.get("currency_code", "") or currency
    vat = row.get("vat_amount", "") or row.get("tax_amount", "")
    value: dict[str, object] = {name: row.get(name, "") for name in TEXTS}
    value |= {
        "type": row.get("type", "").upper(),
        "detailed_type": row.get("detailed_type", "").upper(),
        "currency_code": given,
        "amount": _minor(row.get("amount", ""), currency, number, is_needed=True),
        "vat_amount": _minor(vat, currency, number),
    }
    return Node(value, f"row {number}")


def _currency(row: Row, number: int) -> str:
    found = row.get("settlement_currency", "") or row.get("currency_code", "")
    if not found:
        raise refuse(f"Row {number} names no settlement_currency. Download the report again.")
    return found


def _minor(text: str, currency: str, number: int, *, is_needed: bool = False) -> int:
    if not text and not is_needed:
        return 0
    return money(text, currency, f"row {number}").minor
