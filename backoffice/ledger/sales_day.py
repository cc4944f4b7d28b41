"""A day's sales as one balanced voucher: a till's Z report, several tills, or a webshop's batch.

What the day took in must be what it was owed:

    payments + gift cards used = sales + rounding + tips + gift cards sold + invoice payments

All amounts include VAT and are positive in their usual sense; returns are already taken off, and a group
with more returns than sales is negative. Accounts are mapped by the caller. Worked tables:
docs/algorithms/sales-day.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from backoffice.ledger.errors import CurrencyMismatch, LedgerError, Unbalanced
from backoffice.ledger.money import Money, total
from backoffice.ledger.voucher import BalancedVoucher, Dimensions, Entry

#: Customers stand in an entry by key with this prefix.
CUSTOMER = "customer:"


@dataclass(frozen=True, slots=True)
class DayLine:
    """One figure of the day on its ledger account ("3000") or customer ("customer:C-7").

    Lines of a section that agree in all but the amount become one posting: give a product or a till its own
    description or dimensions to keep it apart.
    """

    account: str
    amount: Money
    vat_code: str = "0"
    description: str = ""
    dimensions: Dimensions = ()
    matching_reference: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """An amount from one account to another, balanced in itself: a cash difference, a deposit at the bank."""

    debit_account: str
    credit_account: str
    amount: Money
    description: str = ""
    dimensions: Dimensions = ()

    @property
    def lines(self) -> tuple[DayLine, DayLine]:
        """Give both sides, debit first."""
        debit = DayLine(self.debit_account, self.amount, "0", self.description, self.dimensions)
        return debit, replace(debit, account=self.credit_account, amount=-self.amount)


@dataclass(frozen=True, slots=True)
class SalesDay:
    """The figures of a day, section by section.

    sales: gross per ledger account and VAT code. payments: per payment method's account, invoices paid at
    the till included. rounding: what was added to the sales for coins, so negative where customers paid
    less. tips: owed to staff, without VAT. gift_cards_sold, gift_cards_used: the liability that grows and
    shrinks. invoice_payments: per customer, with the invoice's matching reference; the sale itself was
    posted with the invoice and is not in sales.
    """

    posted_on: date
    currency: str
    sales: tuple[DayLine, ...] = ()
    payments: tuple[DayLine, ...] = ()
    rounding: tuple[DayLine, ...] = ()
    tips: tuple[DayLine, ...] = ()
    gift_cards_sold: tuple[DayLine, ...] = ()
    gift_cards_used: tuple[DayLine, ...] = ()
    invoice_payments: tuple[DayLine, ...] = ()
    moves: tuple[Move, ...] = ()


#: Debit sections first; within a section entries are sorted, so that a day always gives the same voucher.
RECEIVED = ("payments", "gift_cards_used")
OWED = ("sales", "rounding", "tips", "gift_cards_sold", "invoice_payments")


def post_day(day: SalesDay) -> BalancedVoucher:
    """Build the day's voucher: debit what came in, credit what it was for.

    Figures of zero are left out, since nothing can be posted for them; a day of nothing else has no
    entries. The order of the figures does not matter. Raises Unbalanced with all sums and the difference
    when the day does not add up, CurrencyMismatch for a figure in another currency, and LedgerError for an
    invoice payment without customer or reference.
    """
    for line in day.invoice_payments:
        if not line.account.startswith(CUSTOMER) or not line.matching_reference:
            raise LedgerError(
                f"An invoice payment of {line.amount} {day.currency} names no customer or no matching "
                "reference; say which invoice it pays."
            )
    difference = day_difference(day)
    if difference:
        raise Unbalanced(
            f"The day {day.posted_on} does not add up. Owed: {_in_words(day, OWED)}. Received: "
            f"{_in_words(day, RECEIVED)}. Received less owed is {difference} {day.currency}. Correct the day "
            "closing, or post the missing part with it."
        )
    return BalancedVoucher(day_entries(day))


def day_entries(day: SalesDay) -> tuple[Entry, ...]:
    """Give the entries without asking whether they add up: to show a day of which some figure is still missing."""
    return tuple(_entries(day))


def day_difference(day: SalesDay) -> Money:
    """Give received less owed: zero for a day that adds up, positive where more came in than was sold."""
    sums = day_sums(day)
    return total((sums[name] for name in RECEIVED), day.currency) - total((sums[name] for name in OWED), day.currency)


def day_sums(day: SalesDay) -> dict[str, Money]:
    """Give the sum of each section by its name ("sales", "payments"), received first."""
    return {name: total((line.amount for line in _lines(day, name)), day.currency) for name in RECEIVED + OWED}


def merge_days(days: Sequence[SalesDay]) -> SalesDay:
    """Join the days of several tills into one, figure by figure; dimensions keep the tills apart.

    Raises LedgerError unless all are of one date, CurrencyMismatch unless all are of one currency.
    """
    if len({day.posted_on for day in days}) != 1:
        raise LedgerError("Only tills of one and the same date can be posted together.")
    if len({day.currency for day in days}) != 1:
        raise CurrencyMismatch("Tills in different currencies cannot be posted together; post each on its own.")
    sections = [field.name for field in fields(SalesDay) if field.name not in ("posted_on", "currency")]
    joined = {name: tuple(line for day in days for line in getattr(day, name)) for name in sections}
    return SalesDay(days[0].posted_on, days[0].currency, **joined)


def cash_difference(
    *,
    opening: Money,
    received: Money,
    banked: Money,
    counted: Money,
    paid_in: Money | None = None,
    paid_out: Money | None = None,
) -> Money:
    """Give counted less expected cash: negative where cash is missing.

    Expected is the opening float and the day's cash, with what was put in without a sale, less what was taken out and
    to the bank before the count.

    >>> str(
    ...     cash_difference(
    ...         opening=Money(0, "NOK"),
    ...         received=Money(29500, "NOK"),
    ...         banked=Money(0, "NOK"),
    ...         counted=Money(29200, "NOK"),
    ...     )
    ... )
    '-3.00'
    """
    nothing = Money.zero(counted.currency)
    return counted - (opening + received + (paid_in or nothing) - (paid_out or nothing) - banked)


def cash_difference_move(
    difference: Money,
    *,
    cash_account: str,
    difference_account: str,
    description: str = "",
    dimensions: Dimensions = (),
) -> Move:
    """Bring the cash account to what was counted; a shortage is debited to the difference account."""
    return Move(cash_account, difference_account, difference, description, dimensions)


def _lines(day: SalesDay, section: str) -> tuple[DayLine, ...]:
    lines: tuple[DayLine, ...] = getattr(day, section)
    return lines


def _in_words(day: SalesDay, sections: tuple[str, ...]) -> str:
    sums = day_sums(day)
    return ", ".join(f"{name.replace('_', ' ')} {sums[name]}" for name in sections)


def _entries(day: SalesDay) -> Iterator[Entry]:
    for section in RECEIVED:
        yield from _posted(day, _lines(day, section))
    yield from _posted(day, [line for move in day.moves for line in move.lines])
    for section in OWED:
        yield from _posted(day, [replace(line, amount=-line.amount) for line in _lines(day, section)])


def _posted(day: SalesDay, lines: Sequence[DayLine]) -> Iterator[Entry]:
    sums: dict[tuple[str, str, Dimensions, str, str], Money] = {}
    for line in lines:
        dimensions = tuple(sorted(line.dimensions))
        key = (line.account, line.vat_code, dimensions, line.matching_reference, line.description)
        sums[key] = sums.get(key, Money.zero(day.currency)) + line.amount
    for key in sorted(sums):
        account, vat_code, dimensions, reference, description = key
        if sums[key]:
            yield Entry(account, sums[key], vat_code, day.posted_on, reference, description, dimensions)
