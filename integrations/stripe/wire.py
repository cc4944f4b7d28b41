"""Read a payout with its balance transactions, or balance transactions alone. Signed whole numbers; net = amount - fee.

The fee of a transaction becomes a row of its own, its tax the VAT in it. A failed payout comes back as a payout that
adds to the balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import RowKind
from integrations.reading import Node, refuse
from integrations.statements import Statement
from integrations.stripe.kinds import PAYOUT_REVERSALS, TEXTS, TYPES, amount_of, kind_of

COMPLETED = "completed"
TAX, WITHHELD_TAX = "tax", "withheld_tax"
#: seconds since 1970 that a datetime can hold
MAX_SECONDS = 250_000_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """How a connection reads: its account, the zone of its days, where the order's reference stands, fees' VAT code."""

    account: str
    zone: ZoneInfo
    reference_keys: tuple[str, ...]
    fee_vat_code: str = ""


def read_payout(payout: Node, transactions: Sequence[Node], rules: Rules) -> ProviderStatement:
    """Read a payout and what it consists of."""
    identity = payout.text("id")
    own = next((one for one in transactions if _is_own(one, payout)), None)
    currency = _currency(own or payout)
    statement = Statement(rules.account, currency)
    for one in transactions:
        if one is not own:
            _keep(statement, one, identity, rules)
    _keep_payout(statement, payout, own, rules)
    if not is_itemised(payout):
        statement.note(f"Stripe does not say what {identity} consists of: it was made by hand or is still prepared.")
    return statement.done()


def read_transactions(transactions: Sequence[Node], rules: Rules) -> tuple[ProviderStatement, ...]:
    """Read balance transactions of any time: rows that no payout settles yet, one statement per currency."""
    if not transactions:
        raise refuse("The report has no balance transactions.")
    statements: dict[str, Statement] = {}
    for one in transactions:
        statement = statements.setdefault(_currency(one), Statement(rules.account, _currency(one)))
        _keep(statement, one, "", rules)
    return tuple(statement.done() for statement in statements.values())


def is_itemised(payout: Node) -> bool:
    """Say whether Stripe lists what a payout consists of: it does for automatic ones, once they are reconciled."""
    status = payout.text("reconciliation_status", COMPLETED)
    return payout.child("automatic").value is not False and status == COMPLETED


def _is_own(transaction: Node, payout: Node) -> bool:
    is_named = transaction.text("id") == _id_of(payout.child("balance_transaction"))
    return is_named or (_category(transaction) == "payout" and _source_id(transaction) == payout.text("id"))


def _keep_payout(statement: Statement, payout: Node, own: Node | None, rules: Rules) -> None:
    """Keep the payout; in another currency than the account's it was exchanged, and the bank got the other amount."""
    identity, paid_out = payout.text("id"), amount_of(payout.whole("amount"), _currency(payout), payout.pointer)
    amount = paid_out if own is None else -_money(own, "amount")
    is_exchanged = paid_out.currency != statement.currency
    statement.pay(
        identity,
        amount,
        _day(payout, "arrival_date" if payout.has("arrival_date") else "created", rules),
        bank_text=payout.text("statement_descriptor", ""),
        exchange_rate=_rate(own),
        bank_amount=paid_out if is_exchanged else None,
        has_row=False,
    )
    key = _id_of(payout.child("balance_transaction")) or (own.text("id") if own else f"payout:{identity}")
    statement.add(
        RowKind.PAYOUT,
        -amount,
        key=key,
        booked_on=_day(own or payout, "created", rules),
        native_kind="payout",
        provider_reference=identity,
        payout_reference=identity,
    )
    if own is not None and own.whole("fee", 0):
        _keep_fees(statement, own, identity, rules, "", identity)
    if payout.text("status", "") in ("failed", "canceled"):
        why = payout.text("failure_message", "") or payout.text("failure_code", "") or "no reason given"
        statement.note(f"Payout {identity} did not reach the bank: {why}.")


def _keep(statement: Statement, one: Node, payout_reference: str, rules: Rules) -> None:
    amount, fee, net = _money(one, "amount"), _money(one, "fee"), _money(one, "net")
    category, identity = _category(one), one.text("id")
    kind = kind_of(category, amount.minor)
    reference, provider_reference = _references(one, rules)
    if category in PAYOUT_REVERSALS or kind is RowKind.PAYOUT:
        reference, payout_reference = "", _source_id(one) or payout_reference
    statement.control(f"Net of {identity}", net, amount - fee)
    if amount or not fee:
        is_tax = category == TAX
        statement.add(
            kind,
            amount,
            key=identity,
            booked_on=_day(one, "created", rules),
            native_kind=category,
            reference=reference,
            provider_reference=provider_reference,
            payout_reference=payout_reference,
            vat_code=rules.fee_vat_code if is_tax else "",
            fee_vat=amount if is_tax else None,
            description=TEXTS.get(category, ""),
        )
    _keep_fees(statement, one, payout_reference, rules, reference, provider_reference)


def _keep_fees(
    statement: Statement, one: Node, payout_reference: str, rules: Rules, reference: str, provider_reference: str
) -> None:
    """Keep the fee of a transaction as a row; tax withheld from us is none of Stripe's income and stands apart."""
    fee, identity, currency = _money(one, "fee"), one.text("id"), statement.currency
    details = one.items("fee_details")
    stated = total((_money(detail, "amount", currency) for detail in details), currency)
    if details and stated != fee:
        statement.control(f"Fee of {identity}", fee, stated)
        details = []
    vat, withheld = (
        total((_money(d, "amount", currency) for d in details if d.text("type") == name), currency)
        for name in (TAX, WITHHELD_TAX)
    )
    statement.fee(
        withheld - fee,
        key=f"{identity}:fee",
        booked_on=_day(one, "created", rules),
        native_kind="fee",
        reference=reference,
        provider_reference=provider_reference,
        payout_reference=payout_reference,
        vat_code=rules.fee_vat_code if vat else "",
        fee_vat=-vat,
    )
    if withheld:
        statement.add(
            RowKind.OTHER,
            -withheld,
            key=f"{identity}:{WITHHELD_TAX}",
            booked_on=_day(one, "created", rules),
            native_kind=WITHHELD_TAX,
            reference=reference,
            provider_reference=provider_reference,
            payout_reference=payout_reference,
        )


def _references(one: Node, rules: Rules) -> tuple[str, str]:
    """Give the order's reference, else the payment intent's, and the charge's id."""
    source = one.child("source")
    if not isinstance(source.value, dict):
        return "", _id_of(source)
    metadata = source.child("metadata")
    order = next((metadata.text(key) for key in rules.reference_keys if metadata.has(key)), "")
    charge = _id_of(source.child("charge")) or source.text("id", "")
    return order or _id_of(source.child("payment_intent")), charge


def _category(one: Node) -> str:
    native = one.text("type", "")
    return one.text("reporting_category", "") or TYPES.get(native, native) or "unknown"


def _source_id(one: Node) -> str:
    return _id_of(one.child("source"))


def _id_of(node: Node) -> str:
    """Give an id that may be expanded to its object."""
    if isinstance(node.value, dict):
        return node.text("id", "")
    return str(node.value) if isinstance(node.value, str) else ""


def _currency(one: Node) -> str:
    return one.text("currency").upper()


def _money(one: Node, name: str, currency: str = "") -> Money:
    return amount_of(one.whole(name), currency or _currency(one), f"{one.pointer}/{name}")


def moment_of(one: Node, name: str) -> datetime:
    """Give a time, which is in seconds since 1970."""
    seconds = one.whole(name)
    if not 0 <= seconds < MAX_SECONDS:
        raise one.child(name).wrong("a time in seconds since 1970")
    return datetime.fromtimestamp(seconds, UTC)


def _day(one: Node, name: str, rules: Rules) -> date:
    return moment_of(one, name).astimezone(rules.zone).date()


def _rate(own: Node | None) -> Decimal | None:
    found = own.child("exchange_rate").value if own else None
    if isinstance(found, bool) or not isinstance(found, Decimal | int):
        return None
    return Decimal(found)
