"""Read Vipps' settlement reports in XML, 2.0 and 3.0. Decimal amounts; fees are positive there, refunds negative.

Net = gross - fee. Under gross settlement the fee is invoiced and the payout is the gross amount.
https://github.com/vippsas/vipps-developers (SettlementReport-2.0.xsd, SettlementReport-3.0.xsd)
"""

from __future__ import annotations

from collections.abc import Iterator

from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import RowKind
from integrations.reading import money, parse_day, refuse
from integrations.report_files import Element, local_name, xml_root
from integrations.statements import Statement

NAMESPACES = {
    "http://vipps.no/xmlschema/SettlementReport-3.0.xsd": 3,
    "http://vipps.dnb.no/XMLSchema/SettlementReport.xsd": 2,
}
GROSS = "Gross"


def read_xml(body: bytes) -> tuple[ProviderStatement, ...]:
    """Read a settlement report: one statement per sales unit."""
    root = xml_root(body)
    namespace = root.tag.removeprefix("{").partition("}")[0]
    if local_name(root) != "SettlementReport" or namespace not in NAMESPACES:
        raise refuse(
            f"This is no settlement report of Vipps: it begins with {root.tag[:80]}. "
            "Choose XML (version 2.0 or 3.0) under Settlements at portal.vippsmobilepay.com."
        )
    statements = tuple(_statement(unit) for unit in _all(root, "SettlementDetailsInfo"))
    if not statements:
        raise refuse("The settlement report holds no sales unit. Download it for a period with settlements.")
    return statements


def _statement(unit: Element) -> ProviderStatement:
    payments = _one(unit, "PaymentsInfo")
    statement = Statement(_text(unit, "SerialNumber"), _text(payments, "SettlementCurrencyCode"))
    settlements = list(_all(payments, "SettlementInfo"))
    for settlement in settlements:
        _settlement(statement, settlement)
    statement.control("Number of settlements", int(_text(payments, "NumOfSettlements")), len(settlements))
    charged = [_money(fee, "FeeAmount", statement) for fees in _all(payments, "FeeDetailsInfo")
               for fee in _all(fees, "FeeInfo")]  # fmt: skip
    if charged:
        statement.note(
            f"Fees of {total(charged, statement.currency)} {statement.currency} are charged to the fee account, "
            "not kept back."
        )
    return statement.done()


def _settlement(statement: Statement, settlement: Element) -> None:
    number = _text(settlement, "SettlementID")
    paid_on = parse_day(_text(settlement, "SettlementDate", _text(settlement, "SettlementBatchDate", "")), number)
    is_gross = _text(settlement, "SettlementType", "") == GROSS
    transactions = list(_all(settlement, "TransactionInfo"))
    fees = [_transaction(statement, one, number, is_gross=is_gross) for one in transactions]
    fee_sum = total(fees, statement.currency)
    statement.control(
        f"Number of rows of settlement {number}", int(_text(settlement, "NumOfTransactions")), len(transactions)
    )
    statement.control(f"Fees of settlement {number}", _money(settlement, "FeeSettlementAmount", statement), fee_sum)
    gross = total((_money(one, "TransactionGrossAmount", statement) for one in transactions), statement.currency)
    statement.control(f"Gross of settlement {number}", _money(settlement, "GrossSettlementAmount", statement), gross)
    if is_gross and fee_sum:
        statement.note(f"Fees of {fee_sum} {statement.currency} are invoiced (gross settlement), not kept back.")
    settled = "SettledAmount" if _text(settlement, "SettledAmount", "") else "NetSettlementAmount"
    statement.pay(number, _money(settlement, settled, statement), paid_on)


def _transaction(statement: Statement, one: Element, number: str, *, is_gross: bool) -> Money:
    """Keep a transaction's capture, refund and fee as rows; give the fee."""
    identity, order = _text(one, "TransactionID"), _text(one, "OrderID", "")
    booked_on = parse_day(_text(one, "TransactionTime", _text(one, "TransactionDate", "")), identity)
    gross, fee = _money(one, "TransactionGrossAmount", statement), _money(one, "TransactionFeeAmount", statement)
    nothing = Money.zero(statement.currency)
    if _text(one, "TransactionCaptureAmount", ""):
        capture, refund = (
            _money(one, "TransactionCaptureAmount", statement),
            _money(one, "TransactionRefundAmount", statement),
        )
    else:
        capture, refund = (gross, nothing) if gross.minor >= 0 else (nothing, gross)
    statement.control(f"Gross of transaction {identity}", gross, capture + refund)
    statement.control(f"Net of transaction {identity}", _money(one, "TransactionNetAmount", statement), gross - fee)
    for kind, native, amount in ((RowKind.CAPTURE, "capture", capture), (RowKind.REFUND, "refund", refund)):
        if amount:
            statement.add(
                kind,
                amount,
                key=f"{native}:{identity}",
                booked_on=booked_on,
                native_kind=native,
                reference=order,
                provider_reference=identity,
                payout_reference=number,
            )
    if not is_gross:
        statement.fee(
            -fee,
            key=f"fee:{identity}",
            booked_on=booked_on,
            native_kind="capture-fee",
            reference=order,
            provider_reference=identity,
            payout_reference=number,
        )
    return fee


def _all(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element.iterchildren() if local_name(child) == name)


def _one(element: Element, name: str) -> Element:
    found = next(_all(element, name), None)
    if found is None:
        raise refuse(f"{local_name(element)} (line {element.sourceline}) holds no {name}. Download the report again.")
    return found


def _text(element: Element, name: str, default: str | None = None) -> str:
    found = next(_all(element, name), None)
    if found is None or not (found.text or "").strip():
        if default is not None:
            return default
        raise refuse(f"{local_name(element)} (line {element.sourceline}) holds no {name}. Download the report again.")
    return (found.text or "").strip()


def _money(element: Element, name: str, statement: Statement) -> Money:
    return money(_text(element, name), statement.currency, f"line {element.sourceline} {name}")
