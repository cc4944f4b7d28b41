"""Read reports of the Report API v2: the funds ledger, its fees one by one, whether rows chain.

Amounts are signed minor units. A payout settles everything since the payout before, in whole ledger days.
https://developer.vippsmobilepay.com/docs/APIs/report-api/api-guide/
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import RowKind
from integrations.reading import Node, minor, refuse
from integrations.statements import Statement

PAYOUTS = frozenset({"payout-scheduled", "scheduled-for-payout"})
ABORTED = "payout-aborted"
RETAINED, INVOICED = "fees-retained", "fees-invoiced"
CAPTURE_FEE = "capture-fee"
KINDS = {
    "capture": RowKind.CAPTURE,
    "refund": RowKind.REFUND,
    RETAINED: RowKind.FEE,
    "credit-note": RowKind.FEE_REFUND,
    "retained-disputed-capture": RowKind.DISPUTE,
    "returned-disputed-capture": RowKind.DISPUTE_RETURN,
    "correction": RowKind.CORRECTION,
    "top-up": RowKind.TOP_UP,
    ABORTED: RowKind.PAYOUT,
    **dict.fromkeys(PAYOUTS, RowKind.PAYOUT),
}
_NUMBER_IN_ID = re.compile(r"-(\d{4,})$")
_NUMBER_IN_TEXT = re.compile(r"(?i)\but\w*\.?\s*(\d{4,})")


@dataclass(slots=True)
class Ledger:
    """A ledger's days being read: rows that no payout settles yet, the balance after the last row."""

    statement: Statement
    open_keys: set[str] = field(default_factory=set)
    balance: int | None = None


def account_of(ledger: Node) -> str:
    """Give the account: the one sales unit that a ledger settles, as files name it, else the ledger's id.

    >>> account_of(Node({"ledgerId": "302321", "settlesForRecipientHandles": ["api:123455"]}))
    '123455'
    """
    handles = [str(one.value) for one in ledger.items("settlesForRecipientHandles")]
    return handles[0].rpartition(":")[2] if len(handles) == 1 else ledger.text("ledgerId")


def read_period(report: Node) -> ProviderStatement:
    """Read days of a ledger, as the adapter puts them together: {"ledger": {...}, "days": [{funds, fees}]}."""
    days = report.items("days")
    currency = report.child("ledger").text("currency", "") or _first_currency(days)
    ledger = Ledger(Statement(account_of(report.child("ledger")), currency))
    for day in days:
        _read_day(ledger, day.items("funds"), day.items("fees"))
    return ledger.statement.done()


def read_page(page: Node, account: str) -> ProviderStatement:
    """Read one answer of the API ({"items": [...]}), of a date or of the feed, as somebody saved it."""
    rows = page.items("items")
    if not rows:
        raise refuse("The report has no rows. Fetch the date again once it is closed.", "/items")
    ledger = Ledger(Statement(account, rows[0].text("currency")))
    has_fees_only = all(row.text("entryType") in (CAPTURE_FEE, RETAINED, INVOICED) for row in rows)
    if has_fees_only and any(row.text("entryType") == CAPTURE_FEE for row in rows):
        raise refuse("This is the report of the fees alone. Give the one of the funds, which the payout follows from.")
    if page.child("hasMore").value is True:
        ledger.statement.note("This is one page of a report that has more; the rest is missing.")
    _read_day(ledger, rows, [])
    return ledger.statement.done()


def _first_currency(days: Sequence[Node]) -> str:
    rows = [row for day in days for row in day.items("funds")]
    if not rows:
        raise refuse("The report has no rows and no currency.", "/days")
    return rows[0].text("currency")


def _read_day(ledger: Ledger, funds: Sequence[Node], fees: Sequence[Node]) -> None:
    has_fee_rows = _fees_one_by_one(ledger, funds, fees)
    for row in funds:
        _check_chain(ledger, row)
        if row.text("entryType") != RETAINED or not has_fee_rows:
            _keep(ledger, row)
    if funds and ledger.balance is not None:
        ledger.statement.balances[_day(funds[-1])] = Money(ledger.balance, ledger.statement.currency)


def _keep(ledger: Ledger, row: Node) -> None:
    """Keep a row of the funds; a payout settles what is open and is a row of its own."""
    statement, native = ledger.statement, row.text("entryType")
    amount = _amount(row)
    if native in PAYOUTS:
        _pay(ledger, row, amount)
        return
    kind = KINDS.get(native, RowKind.OTHER)
    if native == RETAINED and amount.minor > 0:
        kind = RowKind.FEE_REFUND
    is_back = native == ABORTED
    before = len(statement.rows)
    statement.add(
        kind,
        amount,
        key=_key(row),
        booked_on=_day(row),
        native_kind=native,
        reference="" if is_back else row.text("reference", ""),
        provider_reference=row.text("pspReference", ""),
        payout_reference=_payout_number(row) if is_back else "",
        description=row.text("reference", "") if is_back else "",
    )
    if not is_back:
        ledger.open_keys |= {one.key for one in statement.rows[before:]}


def _pay(ledger: Ledger, row: Node, amount: Money) -> None:
    number, statement = _payout_number(row), ledger.statement
    statement.settle(ledger.open_keys, number)
    ledger.open_keys = set()
    statement.pay(number, -amount, _day(row), native_kind=row.text("entryType"), bank_text=row.text("reference", ""))


def _fees_one_by_one(ledger: Ledger, funds: Sequence[Node], fees: Sequence[Node]) -> bool:
    """Keep the day's fees payment by payment when they add to what was kept back; say whether that was done.

    Under gross settlement fees never touch this account: what is invoiced is only told.
    """
    statement = ledger.statement
    invoiced = [_amount(row) for row in fees if row.text("entryType") == INVOICED]
    if invoiced:
        sum_invoiced = total(invoiced, statement.currency)
        statement.note(f"Fees of {sum_invoiced} {statement.currency} are invoiced (gross settlement), not kept back.")
    retained = [row for row in funds if row.text("entryType") == RETAINED]
    details = [row for row in fees if row.text("entryType") not in (RETAINED, INVOICED)]
    if not retained or not details:
        return False
    kept_back = total((_amount(row) for row in retained), statement.currency)
    if total((_amount(row) for row in details), statement.currency) != kept_back:
        statement.note(f"The fees of {_day(retained[0])} do not add to the {kept_back} kept back; their sum is taken.")
        return False
    sums: dict[str, int] = defaultdict(int)
    first: dict[str, Node] = {}
    for row in details:
        key = f"fee:{row.text('pspReference')}" if row.text("entryType") == CAPTURE_FEE else _key(row)
        sums[key] += _amount(row).minor
        first.setdefault(key, row)
    before = len(statement.rows)
    for key, row in first.items():
        statement.fee(
            Money(sums[key], statement.currency),
            key=key,
            booked_on=_day(retained[-1]),
            native_kind=row.text("entryType"),
            reference=row.text("reference", ""),
            provider_reference=row.text("pspReference", ""),
        )
    ledger.open_keys |= {one.key for one in statement.rows[before:]}
    return True


def _check_chain(ledger: Ledger, row: Node) -> None:
    """Hold the balance before a row against the one after the row before, and its amount against both."""
    if not row.has("balanceBefore") or not row.has("balanceAfter"):
        return
    before, after, amount = row.whole("balanceBefore"), row.whole("balanceAfter"), _amount(row)
    currency, which = ledger.statement.currency, row.text("pspReference", "without id")
    if ledger.balance is not None and ledger.balance != before:
        ledger.statement.note(
            f"Rows are missing before {which}: the balance goes from {Money(ledger.balance, currency)} to "
            f"{Money(before, currency)}. Fetch the ledger's days again."
        )
    if before + amount.minor != after:
        ledger.statement.note(
            f"Row {which} of {amount} takes the balance from {Money(before, currency)} to {Money(after, currency)}."
        )
    ledger.balance = after


def _amount(row: Node) -> Money:
    return minor(row.whole("amount"), row.text("currency"), row.pointer)


def _day(row: Node) -> date:
    return row.day("ledgerDate") if row.has("ledgerDate") else row.day("time")


def _key(row: Node) -> str:
    """Give a key that files have too: captures and refunds by their transaction id, all else with the day."""
    native, identity = row.text("entryType"), row.text("pspReference", "") or row.text("reference", "")
    if native in ("capture", "refund"):
        return f"{native}:{identity}"
    return f"{native}:{identity}:{_day(row).isoformat()}"


def _payout_number(row: Node) -> str:
    """Give the settlement's number, as on the bank statement and in files."""
    identity = row.text("pspReference", "")
    found = _NUMBER_IN_ID.search(identity) or _NUMBER_IN_TEXT.search(row.text("reference", ""))
    return found[1] if found else identity or row.text("reference")
