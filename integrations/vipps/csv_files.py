"""Read Vipps' settlement files as tables: the older CSV in sections, and the portal's CSV or XLSX in Norwegian.

Fees and refunds are negative in both. Names and messages of customers are not taken over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import RowKind
from integrations.reading import money, parse_day, refuse
from integrations.report_files import by_name, csv_rows, fold, is_sheet, sheet_day, sheet_rows
from integrations.statements import Statement

SECTIONS = frozenset({"SettlementInfo", "FeeInfo", "TransactionInfo"})
PORTAL_COLUMNS = (
    "Salgsdato", "Vippsnummer", "Transaksjons-ID", "Ordre-ID", "Brutto", "Gebyr", "Transaksjonstype",
    "Oppgjørs-ID", "Oppgjørsdato", "Oppgjørssum",
)  # fmt: skip
PORTAL_KINDS = {"salg": RowKind.CAPTURE, "sale": RowKind.CAPTURE, "refundering": RowKind.REFUND}
NATIVE = {RowKind.CAPTURE: "capture", RowKind.REFUND: "refund"}
CURRENCY = "NOK"
_WHOLE = re.compile(r"-?\d+")
_CENTS = re.compile(r"\d{2}")
Row = Mapping[str, str]


def read_table(body: bytes) -> tuple[ProviderStatement, ...]:
    """Read a settlement file: one statement per sales unit. Raises UnreadablePayload for any other table."""
    rows = sheet_rows(body) if is_sheet(body) else csv_rows(body)
    names = {fold(name) for name in PORTAL_COLUMNS}
    for index, cells in enumerate(rows):
        if names <= {fold(cell) for cell in cells}:
            return _read_portal(cells, rows[index + 1 :])
    if any(cells and cells[0] in SECTIONS for cells in rows):
        return _read_sections(rows)
    raise refuse(
        "This is no settlement file of Vipps. Choose Settlements at portal.vippsmobilepay.com and download CSV, XLSX "
        f"or XML; its columns are {', '.join(PORTAL_COLUMNS)}."
    )


class _Units:
    """The statements of a file by sales unit, in the order in which they occur."""

    def __init__(self) -> None:
        self.statements: dict[tuple[str, str], Statement] = {}

    def of(self, unit: str, currency: str) -> Statement:
        """Give the statement of a sales unit."""
        return self.statements.setdefault((unit, currency), Statement(unit, currency))

    def done(self) -> tuple[ProviderStatement, ...]:
        """Give the statements; there must be one."""
        if not self.statements:
            raise refuse("The settlement file has no rows. Download it for a period with settlements.")
        return tuple(one.done() for one in self.statements.values())


def _read_portal(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[ProviderStatement, ...]:
    units = _Units()
    for number, cells in enumerate(rows, start=2):
        row = by_name(header, cells)
        if not _of(row, "Transaksjons-ID"):
            continue  # a blank row, or one with totals
        statement = units.of(_must(row, "Vippsnummer", number), CURRENCY)
        _portal_row(statement, row, number)
        settlement = _of(row, "Oppgjørs-ID")
        if settlement and all(one.reference != settlement for one in statement.payouts):
            amount = money(_must(row, "Oppgjørssum", number), CURRENCY, f"row {number}")
            statement.pay(settlement, amount, _day(row, "Oppgjørsdato", number))
    return units.done()


def _portal_row(statement: Statement, row: Row, number: int) -> None:
    identity, native = _must(row, "Transaksjons-ID", number), _must(row, "Transaksjonstype", number)
    kind = PORTAL_KINDS.get(native.casefold(), RowKind.OTHER)
    _keep(
        statement,
        kind,
        money(_must(row, "Brutto", number), CURRENCY, f"row {number}"),
        money(_of(row, "Gebyr") or "0", CURRENCY, f"row {number}"),
        identity=identity,
        native=NATIVE.get(kind, native),
        booked_on=_day(row, "Salgsdato", number),
        order=_of(row, "Ordre-ID"),
        settlement=_of(row, "Oppgjørs-ID"),
    )


def _keep(
    statement: Statement, kind: RowKind, amount: Money, fee: Money, *, identity: str, native: str, booked_on: date,
    order: str, settlement: str,
) -> None:  # fmt: skip
    """Keep a transaction and its fee as rows of their own."""
    if amount:
        statement.add(
            kind,
            amount,
            key=f"{native}:{identity}",
            booked_on=booked_on,
            native_kind=native,
            reference=order,
            provider_reference=identity,
            payout_reference=settlement,
        )
    statement.fee(
        fee,
        key=f"fee:{identity}",
        booked_on=booked_on,
        native_kind="capture-fee",
        reference=order,
        provider_reference=identity,
        payout_reference=settlement,
    )


def _read_sections(rows: Sequence[Sequence[str]]) -> tuple[ProviderStatement, ...]:
    """Read the CSV in sections; the first row of each names its columns. Net there leaves out refunds."""
    units, headers = _Units(), dict[str, Sequence[str]]()
    for number, cells in enumerate(rows, start=1):
        section = cells[0] if cells else ""
        if section not in SECTIONS:
            continue
        if section not in headers:
            headers[section] = cells
            continue
        row = by_name(headers[section], _mended(cells, len(headers[section]), number))
        if section == "SettlementInfo":
            _section_settlement(units, row, number)
        elif section == "TransactionInfo":
            _section_transaction(units, row, number)
        else:
            statement = units.of(_must(row, "SaleUnitNumber", number), _must(row, "Currency", number))
            statement.note(f"A fee of {_of(row, 'Fee')} {statement.currency} is charged to the fee account.")
    return units.done()


def _section_settlement(units: _Units, row: Row, number: int) -> None:
    currency = _must(row, "Currency", number)
    statement = units.of(_must(row, "SaleUnitNumber", number), currency)
    gross, fee, refund, net = (
        money(_must(row, name, number), currency, f"row {number} {name}") for name in ("Gross", "Fee", "Refund", "Net")
    )
    settlement = _must(row, "SettlementID", number)
    if net == gross + fee and refund:
        statement.note(f"Net of settlement {settlement} leaves out refunds of {refund}; they are in the payout here.")
        net = net + refund
    statement.control(f"Net of settlement {settlement}", net, gross + fee + refund)
    statement.pay(settlement, net, _day(row, "SettlementDate", number))


def _section_transaction(units: _Units, row: Row, number: int) -> None:
    currency = _must(row, "Currency", number)
    statement = units.of(_must(row, "SaleUnitNumber", number), currency)
    gross, fee, refund = (
        money(_must(row, name, number), currency, f"row {number} {name}") for name in ("Gross", "Fee", "Refund")
    )
    for kind, amount, its_fee in (
        (RowKind.CAPTURE, gross, fee if gross else Money.zero(currency)),
        (RowKind.REFUND, refund, Money.zero(currency) if gross else fee),
    ):
        if amount or its_fee:
            _keep(
                statement,
                kind,
                amount,
                its_fee,
                identity=_must(row, "TransactionId", number),
                native=NATIVE[kind],
                booked_on=_day(row, "SalesDate", number),
                order=_of(row, "OrderID"),
                settlement=_of(row, "SettlementId"),
            )


def _mended(cells: Sequence[str], columns: int, number: int) -> list[str]:
    """Put amounts together again that an unquoted decimal comma has cut in two, when there is one way to do it."""
    mended, surplus = list(cells), len(cells) - columns
    places = [
        index
        for index in range(1, len(cells) - 1)
        if _WHOLE.fullmatch(cells[index]) and _CENTS.fullmatch(cells[index + 1])
    ]
    if surplus > 0 and len(places) != surplus:
        raise refuse(f"Row {number} has {len(cells)} cells under {columns} columns. Download the report as XML.")
    if surplus > 0:
        for index in reversed(places):
            mended[index : index + 2] = [f"{mended[index]}.{mended[index + 1]}"]
    return mended


def _of(row: Row, name: str) -> str:
    return row.get(fold(name), "")


def _must(row: Row, name: str, number: int) -> str:
    found = _of(row, name)
    if not found:
        raise refuse(f"Row {number} has no {name}. Download the report again.")
    return found


def _day(row: Row, name: str, number: int) -> date:
    return parse_day(sheet_day(_must(row, name, number)), f"row {number} {name}")
