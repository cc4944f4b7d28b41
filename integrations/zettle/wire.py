"""Read transactions of the liquid account: signed minor units, no currency, a payout settles all since the one before.

A refund is a PAYMENT that is negative, its fee given back a PAYMENT_FEE that is positive. Cash, Vipps and other
payments that Zettle does not handle are not in this account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import RowKind
from integrations.reading import Node, minor, refuse
from integrations.statements import Statement

PAYOUT, FAILED_PAYOUT, PAYMENT_PAYOUT = "PAYOUT", "FAILED_PAYOUT", "PAYMENT_PAYOUT"
#: what it is when it lessens the balance, and when it adds to it; advances are loans, which a person says
KINDS: Mapping[str, tuple[RowKind, RowKind]] = {
    "PAYMENT": (RowKind.REFUND, RowKind.CAPTURE),
    "PAYMENT_FEE": (RowKind.FEE, RowKind.FEE_REFUND),
    "INVOICE_PAYMENT": (RowKind.REFUND, RowKind.CAPTURE),
    "INVOICE_PAYMENT_FEE": (RowKind.FEE, RowKind.FEE_REFUND),
    PAYOUT: (RowKind.PAYOUT, RowKind.PAYOUT),
    PAYMENT_PAYOUT: (RowKind.PAYOUT, RowKind.PAYOUT),
    FAILED_PAYOUT: (RowKind.PAYOUT, RowKind.PAYOUT),
    "FROZEN_FUNDS": (RowKind.DISPUTE, RowKind.DISPUTE_RETURN),
    "ADJUSTMENT": (RowKind.CORRECTION, RowKind.CORRECTION),
    # the fee rate made good afterwards
    "CASHBACK": (RowKind.FEE, RowKind.FEE_REFUND),
}
TEXTS = {
    FAILED_PAYOUT: "A payout failed and came back.",
    PAYMENT_PAYOUT: "Moved to or from a PayPal wallet.",
    "ADVANCE": "A cash advance: a loan from Zettle.",
    "ADVANCE_DOWNPAYMENT": "Paid back of a cash advance.",
    "ADVANCE_FEE_DOWNPAYMENT": "Fee of a cash advance.",
}


def read_transactions(
    transactions: Sequence[Node], balances: Sequence[Node], *, account: str, currency: str, zone: ZoneInfo
) -> ProviderStatement:
    """Read transactions in any order, and balances ({"on", "totalBalance"})."""
    if not transactions and not balances:
        raise refuse("The report has no transactions. Fetch a period with sales.")
    statement = Statement(account, currency)
    open_keys: set[str] = set()
    for one in sorted(transactions, key=lambda one: one.moment("timestamp")):
        native, made_at = one.text("originatorTransactionType"), one.moment("timestamp")
        amount = minor(one.whole("amount"), currency, one.pointer)
        identity, key = uuid_of(one), _key(one, made_at)
        booked_on = made_at.astimezone(zone).date()
        if native == PAYOUT:
            statement.settle(open_keys, identity or key)
            open_keys = set()
            _pay(statement, identity or key, amount, booked_on, key, native)
        elif native == PAYMENT_PAYOUT:
            _settle_single(statement, open_keys, identity or key, amount, booked_on, key)
        else:
            _keep(statement, native, amount, booked_on, key, identity)
            if native != FAILED_PAYOUT:
                open_keys.add(statement.rows[-1].key)
    for one in balances:
        statement.balances[one.day("on")] = minor(one.whole("totalBalance"), currency, one.pointer)
    return statement.done()


def uuid_of(one: Node) -> str:
    """Give the id of what a transaction is for; the answers name it otherwise than the vendor's specification."""
    return one.text("originatingTransactionUuid", "") or one.text("originatorTransactionUuid", "")


def _pay(statement: Statement, reference: str, amount: Money, booked_on: date, key: str, native: str) -> None:
    statement.pay(reference, -amount, booked_on, has_row=False)
    statement.add(
        RowKind.PAYOUT,
        amount,
        key=key,
        booked_on=booked_on,
        native_kind=native,
        provider_reference=reference,
        payout_reference=reference,
        description=TEXTS.get(native, ""),
    )


def _settle_single(
    statement: Statement, open_keys: set[str], reference: str, amount: Money, booked_on: date, key: str
) -> None:
    """Let the payout of a single payment settle that payment and its fee."""
    single = {row.key for row in statement.rows if row.key in open_keys and row.provider_reference == reference}
    statement.settle(single, reference)
    open_keys -= single
    _pay(statement, reference, amount, booked_on, key, PAYMENT_PAYOUT)


def _keep(statement: Statement, native: str, amount: Money, booked_on: date, key: str, identity: str) -> None:
    taken, given = KINDS.get(native, (RowKind.OTHER, RowKind.OTHER))
    is_failed = native == FAILED_PAYOUT
    statement.add(
        taken if amount.minor < 0 else given,
        amount,
        key=key,
        booked_on=booked_on,
        native_kind=native,
        reference="" if is_failed else identity,
        provider_reference=identity,
        payout_reference=identity if is_failed else "",
        description=TEXTS.get(native, ""),
    )


def _key(one: Node, made_at: datetime) -> str:
    """Give a key: type, id and time, since funds are frozen and released under one id."""
    stamp = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return f"{one.text('originatorTransactionType')}:{uuid_of(one)}:{stamp}"
