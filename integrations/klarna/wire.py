"""Read a payout with its transactions, from the API or the CSV report. Amounts there have no sign: the type gives it.

settlement = sales - returns - (reversals - protection) - fees - tax + fee refunds + corrections + commission - charges
+ credits - holdback + release - repaid debt + debt carried on. Tax is the VAT on Klarna's fees; it has no row of its
own and is told per fee as vat_amount. https://docs.klarna.com/payments/after-payments/settlements/settlement-files/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import RowKind
from integrations.reading import Node, minor, refuse
from integrations.statements import Statement

GROSS = "GROSS"
#: kind and sign of each type; a commission is income from Klarna, which no kind here is
TYPES: Mapping[str, tuple[RowKind, int]] = {
    "SALE": (RowKind.CAPTURE, 1),
    "RETURN": (RowKind.REFUND, -1),
    "REVERSAL": (RowKind.DISPUTE, -1),
    "REVERSAL_MERCHANT_PROTECTION": (RowKind.DISPUTE_RETURN, 1),
    "FEE": (RowKind.FEE, -1),
    "FEE_REFUND": (RowKind.FEE_REFUND, 1),
    "TAX": (RowKind.FEE, -1),
    "CORRECTION": (RowKind.CORRECTION, 1),
    "COMMISSION": (RowKind.OTHER, 1),
    "CHARGE": (RowKind.OTHER, -1),
    "CREDIT": (RowKind.OTHER, 1),
    "HOLDBACK": (RowKind.HOLDBACK, -1),
    "RELEASE": (RowKind.RELEASE, 1),
}
#: what the details say more clearly than the type
DETAILS: Mapping[str, tuple[RowKind, int]] = {
    "DISPUTE_FEE": (RowKind.FEE, -1),
    "DISPUTE_FEE_REFUND": (RowKind.FEE_REFUND, 1),
    "COMMISSION_RETURN": (RowKind.OTHER, -1),
    "COMMISSION_RETURN_GROSS": (RowKind.OTHER, -1),
    "ROLLING_RESERVE": (RowKind.HOLDBACK, -1),
    "CREDITED_CORRECTION": (RowKind.CORRECTION, 1),
    "CORRECTION": (RowKind.CORRECTION, 1),
}
FEE_KINDS = frozenset({RowKind.FEE, RowKind.FEE_REFUND})


@dataclass(frozen=True, slots=True)
class Rules:
    """How a connection reads: the zone of its days and the VAT code of fees on which VAT is stated."""

    zone: ZoneInfo
    fee_vat_code: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction with its sign, VAT of a fee with the same sign."""

    node: Node
    kind: RowKind
    amount: Money
    vat: Money

    @property
    def is_fee(self) -> bool:
        """Say whether this is Klarna's own charge."""
        return self.kind in FEE_KINDS


def read_report(payout: Node, transactions: Sequence[Node], rules: Rules) -> ProviderStatement:
    """Read a payout (with totals) and its transactions, amounts in minor units."""
    currency = payout.text("currency_code")
    statement = Statement(payout.text("merchant_id"), currency)
    reference, totals = payout.text("payment_reference"), payout.child("totals")
    amount = minor(totals.whole("settlement_amount"), currency, totals.pointer)
    paid_on = _day(payout.moment("payout_date"), rules.zone)
    rows = [_row(one, currency) for one in transactions]
    tax = minor(totals.whole("tax_amount", 0), currency) - minor(totals.whole("tax_refund_amount", 0), currency)
    stated_vat = -total((row.vat for row in rows), currency)
    is_vat_on_top = bool(tax) and stated_vat == tax and not any(row.node.text("type") == "TAX" for row in rows)
    if payout.text("merchant_settlement_type", "") == GROSS:
        rows = _without_invoiced_fees(statement, rows)
        is_vat_on_top, tax = False, Money.zero(currency)
    for row in rows:
        _keep(statement, row, reference, rules, is_vat_on_top=is_vat_on_top)
    has_tax_rows = any(row.node.text("type") == "TAX" for row in rows)
    if tax and not is_vat_on_top and not has_tax_rows:
        _keep_tax(statement, tax, reference, paid_on, rules)
    _keep_debt(statement, totals, reference, paid_on)
    _keep_fee_corrections(statement, totals, rows, reference, paid_on)
    statement.pay(reference, amount, paid_on, bank_text=reference)
    return statement.done()


def read_transactions(transactions: Sequence[Node], account: str, rules: Rules) -> tuple[ProviderStatement, ...]:
    """Read transactions alone ({"transactions": [...]}), as somebody saved them: rows without the payout."""
    statements: dict[str, Statement] = {}
    for one in transactions:
        currency = one.text("currency_code")
        statement = statements.setdefault(currency, Statement(account, currency))
        _keep(statement, _row(one, currency), one.text("payment_reference", ""), rules, is_vat_on_top=False)
    for statement in statements.values():
        statement.note("The report has transactions and no payout; fetch the payout as well.")
    return tuple(statement.done() for statement in statements.values())


def signed(native: str, detail: str, amount: Money) -> tuple[RowKind, Money]:
    """Give kind and signed amount; the CSV may write what is taken with a minus of its own.

    >>> signed("RETURN", "", Money(100, "NOK"))[1].minor, signed("FEE", "", Money(-100, "NOK"))[1].minor
    (-100, -100)
    """
    kind, sign = TYPES.get(native, (RowKind.OTHER, 1))
    if kind in (RowKind.OTHER, RowKind.CORRECTION) and detail in DETAILS:
        kind, sign = DETAILS[detail]
    return kind, (amount if sign > 0 or amount.minor < 0 else -amount)


def _row(one: Node, currency: str) -> Row:
    if one.text("currency_code", currency) != currency:
        raise refuse(f"A transaction is in another currency than its payout, {currency}.", one.pointer)
    stated = minor(one.whole("amount"), currency, one.pointer)
    kind, amount = signed(one.text("type"), one.text("detailed_type", ""), stated)
    vat = minor(abs(one.whole("vat_amount", 0)), currency, one.pointer)
    if kind not in FEE_KINDS:
        vat = Money.zero(currency)
    return Row(one, kind, amount, vat if amount.minor > 0 else -vat)


def _keep(statement: Statement, row: Row, reference: str, rules: Rules, *, is_vat_on_top: bool) -> None:
    node = row.node
    amount = row.amount + row.vat if is_vat_on_top else row.amount
    vat = amount if node.text("type") == "TAX" else row.vat
    if not row.is_fee:
        vat = Money.zero(statement.currency)
    detail = node.text("detailed_type", "")
    statement.add(
        row.kind,
        amount,
        key=_key(node, reference),
        booked_on=_day(node.moment("capture_date"), rules.zone),
        native_kind=" ".join(filter(None, (node.text("type"), detail))),
        reference=_merchant_reference(node),
        provider_reference=node.text("order_id", ""),
        payout_reference=reference,
        vat_code=rules.fee_vat_code if vat else "",
        fee_vat=vat,
        description=node.text("klarna_comment", "") or node.text("reversal_reference", ""),
    )


def _merchant_reference(node: Node) -> str:
    """Give the shop's reference: of the refund or the capture where it gave one, else of the order."""
    if node.text("type") == "RETURN" and node.has("merchant_refund_reference"):
        return node.text("merchant_refund_reference")
    return node.text("merchant_reference1", "") or node.text("merchant_reference2", "")


def _key(node: Node, payout_reference: str) -> str:
    """Give a key; a transaction has no id of its own, only those of what it belongs to, and its details."""
    identity = next((node.text(name) for name in ("refund_id", "capture_id", "order_id") if node.has(name)), "")
    parts = (payout_reference, node.text("type"), node.text("detailed_type", ""), identity)
    return ":".join(part for part in parts if part)


def _without_invoiced_fees(statement: Statement, rows: list[Row]) -> list[Row]:
    """Leave out fees under gross settlement: they are invoiced and never touch this account."""
    fees = [row for row in rows if row.is_fee]
    if fees:
        invoiced = -total((row.amount for row in fees), statement.currency)
        statement.note(f"Fees of {invoiced} {statement.currency} are invoiced (gross settlement), not kept back.")
    return [row for row in rows if not row.is_fee]


def _keep_tax(statement: Statement, tax: Money, reference: str, paid_on: date, rules: Rules) -> None:
    """Keep the VAT on fees as one row, where the transactions do not say what it is for."""
    statement.fee(
        -tax,
        key=f"{reference}:tax",
        booked_on=paid_on,
        native_kind="tax_amount",
        payout_reference=reference,
        vat_code=rules.fee_vat_code,
        fee_vat=-tax,
    )


def _keep_debt(statement: Statement, totals: Node, reference: str, paid_on: date) -> None:
    """Keep what was withheld for earlier debt, and what could not be and is carried on; neither has a transaction."""
    for name, kind, sign in (("repay_amount", RowKind.HOLDBACK, -1), ("deposit_amount", RowKind.RELEASE, 1)):
        amount = minor(sign * totals.whole(name, 0), statement.currency, totals.pointer)
        if amount:
            statement.add(
                kind,
                amount,
                key=f"{reference}:{name}",
                booked_on=paid_on,
                native_kind=name,
                payout_reference=reference,
                description="Debt to Klarna, see opening and closing debt balance.",
            )


def _keep_fee_corrections(
    statement: Statement, totals: Node, rows: Sequence[Row], reference: str, paid_on: date
) -> None:
    """Keep corrected fees that are only in the totals."""
    corrected = minor(totals.whole("fee_correction_amount", 0), statement.currency, totals.pointer)
    has_rows = any("FEE_CORRECTION" in row.node.text("detailed_type", "") for row in rows)
    if corrected and not has_rows:
        statement.fee(
            corrected,
            key=f"{reference}:fee_correction",
            booked_on=paid_on,
            native_kind="fee_correction_amount",
            payout_reference=reference,
        )


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
