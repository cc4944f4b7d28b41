"""Read the transaction list, version 1 and 2, in XML or as the sheet of an XLSX. Decimal amounts, a refund is negative.

One list is one payout, named by its accounting number. The list has no fees: where they are kept back, they stand in
the balance report (PDF), and the bank receives that much less. VATAmount is the VAT of what the customer bought.
https://developer.swedbankpay.com/ (transaction list)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import RowKind
from integrations.reading import money, parse_day, refuse
from integrations.report_files import Element, by_name, fold, local_name, sheet_day, sheet_rows, xml_root
from integrations.statements import Statement

VERSION_1 = "http://www.payex.com/xml/SalesAccountedTransactions.xsd"
VERSION_2 = "http://www.payex.com/xml/SalesAccountedTransactions%5B2.0%5D.xsd"
ROOTS = {f"{{{VERSION_1}}}SALES", f"{{{VERSION_2}}}SalesAccountedTransactions"}
WRONG = (
    "This is no transaction list of Swedbank Pay (SalesAccountedTransactions). Order it as XML or XLSX from their "
    "customer service; the PDF balance report is not read."
)
NO_FEES = (
    "The list has no fees. Where Swedbank Pay keeps them back, the bank receives less by what the balance report says."
)
#: where a row's own element name is kept; what is no transaction is kept for a person
ELEMENT = "<element>"
TRANSACTIONS = frozenset({"TRAN", "Transaction"})
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """What the summary says of one means of payment."""

    name: str
    debits: int
    credits: int
    amount: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A transaction list, whatever file it came in. sums are what it states per currency."""

    number: str
    accounted_on: str
    count: int | None
    sums: Mapping[str, str]
    services: Mapping[str, Sequence[Service]]
    rows: Sequence[tuple[str, Row]]


def read_xml(body: bytes) -> Listing:
    """Take the list out of the XML."""
    root = xml_root(body)
    if root.tag not in ROOTS:
        raise refuse(WRONG)
    sums: dict[str, str] = {}
    services: dict[str, list[Service]] = {}
    rows: list[tuple[str, Row]] = []
    for currency in (one for one in root.iter() if local_name(one).upper() == "CURRENCY"):
        given = _attributes(currency)
        name = given.get("currency") or given.get("name", "")
        if "sum" in given:
            sums[name] = given["sum"]
            rows += [(name, {**_attributes(one), ELEMENT: local_name(one)}) for one in currency.iterchildren()]
        else:
            found = [_service(_attributes(one)) for one in currency.iter() if local_name(one).upper() == "SERVICE"]
            services.setdefault(name, []).extend(found)
    given = _attributes(root)
    return Listing(
        given.get("accountingno", ""),
        given.get("accountingdate", ""),
        _count(given["totalnooftransactions"]) if given.get("totalnooftransactions") else None,
        sums,
        services,
        rows,
    )


def read_sheet(body: bytes) -> Listing:
    """Take the list out of the XLSX: three tables under one another, each begun by its columns' names."""
    number, accounted_on, count = "", "", None
    services: dict[str, list[Service]] = {}
    rows: list[tuple[str, Row]] = []
    header: Sequence[str] = ()
    for cells in sheet_rows(body):
        names = {fold(cell) for cell in cells}
        if {"accountingno", "accountingdate"} <= names or {"servicename", "amount"} <= names:
            header = cells
            continue
        row = by_name(header, cells) if header else {}
        if row.get("accountingno"):
            number, accounted_on = row["accountingno"], sheet_day(row.get("accountingdate", ""))
            count = _count(row["totalnooftransactions"]) if row.get("totalnooftransactions") else None
        elif "payexbatchno" in row and row.get("amount"):
            rows.append((row.get("currency", ""), row))
        elif "noofdebit" in row and row.get("servicename"):
            services.setdefault(row.get("currency", ""), []).append(_service(row))
    if not number or not rows:
        raise refuse(WRONG)
    return Listing(number, accounted_on, count, {}, services, rows)


def statements_of(listing: Listing) -> tuple[ProviderStatement, ...]:
    """Make a statement per currency: a payout is what the list states, held against its rows."""
    if not listing.number:
        raise refuse("The transaction list has no AccountingNo, which names the payout. Order it again.")
    if not listing.rows and not listing.sums:
        raise refuse("The transaction list has no transactions. Order it for a period with sales.")
    statements: dict[str, Statement] = {}
    by_service: dict[tuple[str, str], list[Money]] = {}
    for number, (stated_currency, row) in enumerate(listing.rows, start=1):
        currency = row.get("currency") or stated_currency
        if currency not in statements:
            statements[currency] = Statement(account_of(listing.number), currency)
        name = row.get("servicename") or row.get("type", "")
        amount = _keep(statements[currency], row, name, listing.number, number)
        by_service.setdefault((currency, name), []).append(amount)
    for currency, statement in statements.items():
        found = total((row.amount for row in statement.rows), currency)
        stated = money(listing.sums[currency], currency, "Sum") if currency in listing.sums else found
        for service in listing.services.get(currency, ()):
            _check_service(statement, service, by_service.get((currency, service.name), []))
        paid_on = (
            parse_day(listing.accounted_on) if listing.accounted_on else max(one.booked_on for one in statement.rows)
        )
        if not listing.accounted_on:
            statement.note("The list has no accounting date; the day of its last row is taken.")
        statement.pay(listing.number, stated, paid_on, native_kind="accounting")
        statement.note(NO_FEES)
        if listing.count is not None:
            statement.control("Number of transactions", listing.count, len(listing.rows))
    return tuple(statement.done() for statement in statements.values())


def account_of(number: str) -> str:
    """Give the agreement, which the accounting number begins with.

    >>> account_of("R1234-0001")
    'R1234'
    """
    return number.rpartition("-")[0] or number


def _keep(statement: Statement, row: Row, service: str, payout: str, number: int) -> Money:
    pointer = f"transaction {number}"
    identity = row.get("payextransactionno") or row.get("transactionno") or ""
    if not identity:
        raise refuse("A transaction has no number (PayexTransactionNo). Order the list again.", pointer)
    amount = money(row.get("amount", ""), statement.currency, pointer)
    original = row.get("referencedtransaction", "")
    told = [f"batch {row['payexbatchno']}"] if row.get("payexbatchno") else []
    kind = RowKind.CAPTURE if amount.minor >= 0 else RowKind.REFUND
    element = row.get(ELEMENT, "Transaction")
    is_known = element in TRANSACTIONS
    statement.add(
        kind if is_known else RowKind.OTHER,
        amount,
        key=identity,
        booked_on=parse_day(sheet_day(row.get("datemodified") or row.get("datecreated", "")), pointer),
        native_kind=service if is_known else element,
        reference=row.get("orderidentity") or row.get("orderid") or row.get("transactionidentity", ""),
        provider_reference=identity,
        payout_reference=payout,
        description=", ".join([*told, f"refers to {original}"] if original else told),
    )
    return amount


def _check_service(statement: Statement, service: Service, amounts: Sequence[Money]) -> None:
    """Hold the summary of one means of payment against its rows."""
    statement.control(f"{service.name}, payments", service.debits, sum(1 for one in amounts if one.minor >= 0))
    statement.control(f"{service.name}, refunds", service.credits, sum(1 for one in amounts if one.minor < 0))
    found = total(amounts, statement.currency)
    statement.control(f"{service.name}, sum", money(service.amount, statement.currency, service.name), found)


def _service(given: Row) -> Service:
    """Read a line of the summary; files write NoOfDebit, the vendor's own description NoOfDebet."""
    debits = given.get("noofdebit") or given.get("noofdebet") or "0"
    name = given.get("servicename") or given.get("name", "")
    return Service(name, _count(debits), _count(given.get("noofcredit") or "0"), given.get("amount", "0"))


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise refuse(f"Expected a number of transactions, found {text[:40]!r}.")
    return int(text)


def _attributes(element: Element) -> dict[str, str]:
    return {fold(str(name)): str(value).strip() for name, value in element.attrib.items()}
