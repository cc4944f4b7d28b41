"""The drawer of a till at the end of its day: counted, put in, taken out, brought to the bank.

Each is an amount between the cash account and another one. After them the cash account holds what lies in the drawer;
what has no account stops the day, since a cash account that differs from the drawer would be found by nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backoffice.contracts.closings import CASH, CashCount
from backoffice.contracts.errors import Reason
from backoffice.ledger.money import Money
from backoffice.ledger.sales_day import Move, cash_difference, cash_difference_move
from backoffice.workflows.books import ResolvedPayment, ResolvedSales

if TYPE_CHECKING:
    from backoffice.workflows.closing_figures import ClosingReader


def read_drawer(reader: ClosingReader, *, received: Money) -> None:
    """Bring the cash account to what lies in the drawer; received is the day's cash from sales and invoices."""
    cash = reader.details.cash
    if cash is None:
        return
    difference = _difference(cash, received)
    if not (difference or cash.banked or cash.paid_in or cash.paid_out):
        return
    to = reader.books.payment(reader.point, CASH)
    if not isinstance(to, ResolvedPayment):
        reader.figures.stop(to)
        return
    client, name = reader.closing.client, reader.name
    if cash.paid_in:
        said = f"{name}: cash put into the drawer without a sale"
        _paid(reader, to, cash.paid_in, client.drawer_in_ledger_account, "Cash paid in", said)
    if cash.paid_out:
        said = f"{name}: cash taken out of the drawer without a sale"
        _paid(reader, to, -cash.paid_out, client.drawer_out_ledger_account, "Cash paid out", said)
    if difference:
        _differs(reader, to, difference, _told(name, cash, received))
    if cash.banked:
        _banked(reader, to, cash.banked)


def _difference(cash: CashCount, received: Money) -> Money:
    """Give what is too much or (negative) too little: by the count, else as the till states it."""
    if cash.counted is None:
        return cash.stated_difference or Money.zero(received.currency)
    return cash_difference(
        opening=cash.opening, received=received, banked=cash.banked, counted=cash.counted,
        paid_in=cash.paid_in, paid_out=cash.paid_out,
    )  # fmt: skip


def _told(name: str, cash: CashCount, received: Money) -> str:
    if cash.counted is None:
        return f"{name}: the till itself states the difference"
    moved = f" + {cash.paid_in} put in" if cash.paid_in else ""
    moved += f" - {cash.paid_out} taken out" if cash.paid_out else ""
    return (
        f"{name}: counted {cash.counted}, expected {cash.opening} at opening + {received} received{moved} - "
        f"{cash.banked} to the bank"
    )


def _differs(reader: ClosingReader, cash: ResolvedPayment, difference: Money, said: str) -> None:
    number = reader.closing.client.cash_difference_ledger_account
    to = reader.books.plain_account(reader.point, number, "cash difference")
    if not isinstance(to, ResolvedSales):
        reader.figures.stop(to)
        return
    move = cash_difference_move(
        difference, cash_account=cash.account_number, difference_account=to.account_number,
        description="Cash difference", dimensions=reader.dimensions,
    )  # fmt: skip
    reader.moved(move, cash.account_name, to.account_name, said)


def _paid(
    reader: ClosingReader, cash: ResolvedPayment, amount: Money, number: str, description: str, said: str
) -> None:
    """Move cash that came (positive) or went (negative) without a sale to the account the client named for it."""
    if not number:
        way = "in" if amount.minor > 0 else "out"
        size = amount if amount.minor > 0 else -amount
        text = (
            f"{reader.name}: {size} was paid {way} at the drawer without a sale. Enter the account for cash paid {way} "
            "on the client; the vouchers of what it was for are posted against that account by hand."
        )
        reader.figures.stop([Reason("drawer_account_missing", text, way)])
        return
    to = reader.books.plain_account(reader.point, number, description)
    if not isinstance(to, ResolvedSales):
        reader.figures.stop(to)
        return
    move = Move(cash.account_number, to.account_number, amount, description, reader.dimensions)
    reader.moved(move, cash.account_name, to.account_name, said)


def _banked(reader: ClosingReader, cash: ResolvedPayment, banked: Money) -> None:
    if not cash.bank_account:
        text = (
            f"{reader.name} took {banked} to the bank, and the payment method {CASH} names no bank account. "
            "Add one to its mapping."
        )
        reader.figures.stop([Reason("cash_bank_missing", text, CASH)])
        return
    to = reader.books.plain_account(reader.point, cash.bank_account, "cash taken to the bank")
    if not isinstance(to, ResolvedSales):
        reader.figures.stop(to)
        return
    move = Move(to.account_number, cash.account_number, banked, "Cash to the bank", reader.dimensions)
    reader.moved(move, to.account_name, cash.account_name, f"{reader.name}: cash taken to the bank")
