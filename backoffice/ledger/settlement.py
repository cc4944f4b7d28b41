"""Payouts: does a payment provider's payout follow from its rows, and what does the voucher say.

A payout is explained when its rows add to it and every row is understood. The voucher is then

    debit bank + debit fee (+ disputes, deposits) / credit clearing account

and brings the clearing account down by what was captured less refunded, whatever the provider kept. Amounts are as
they move the provider's balance: what it owes us more is positive. Worked tables: docs/algorithms/settlement.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from backoffice.ledger.errors import LedgerError, PayoutDiffers
from backoffice.ledger.money import EXACT, Money, total
from backoffice.ledger.steps import Operator, Step
from backoffice.ledger.voucher import BalancedVoucher, Entry


class RowKind(StrEnum):
    """What a row of a provider's account is. What an adapter does not recognise is `other`, with its amount."""

    CAPTURE = "capture"
    REFUND = "refund"
    FEE = "fee"
    FEE_REFUND = "fee_refund"
    DISPUTE = "dispute"
    DISPUTE_RETURN = "dispute_return"
    CORRECTION = "correction"
    HOLDBACK = "holdback"
    RELEASE = "release"
    TOP_UP = "top_up"
    #: the payout itself as a row of the provider's account, positive when it came back
    PAYOUT = "payout"
    OTHER = "other"


#: Which way a kind moves the provider's balance. A row the other way round was misread, or is something else.
SIGNS: Mapping[RowKind, int] = {
    RowKind.CAPTURE: 1,
    RowKind.REFUND: -1,
    RowKind.FEE: -1,
    RowKind.FEE_REFUND: 1,
    RowKind.DISPUTE: -1,
    RowKind.DISPUTE_RETURN: 1,
    RowKind.HOLDBACK: -1,
    RowKind.RELEASE: 1,
    RowKind.TOP_UP: 1,
}


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """A row of the provider's account. key is its own id there; reference is the sale's or refund's, as in the books.

    payout_reference names the payout, or the voucher of its own, that settles it; empty as long as none does.
    vat_code is for a fee that carries VAT ("1" on a Norwegian supplier's document); empty takes the provider's
    usual code. is_decided: a person said what it is. account is where it goes, whatever its kind; empty leaves it on
    the clearing account, None goes by kind.
    """

    key: str
    kind: RowKind
    amount: Money
    booked_on: date
    reference: str = ""
    payout_reference: str = ""
    vat_code: str = ""
    is_decided: bool = False
    account: str | None = None

    @property
    def is_parked(self) -> bool:
        """Say whether a person must look at it: an unknown kind, or a sign that the kind cannot have."""
        if self.is_decided:
            return False
        return self.kind is RowKind.OTHER or self.amount.minor * SIGNS.get(self.kind, 0) < 0


@dataclass(frozen=True, slots=True)
class PayoutAccounts:
    """Where a payout is posted. A kind whose account is empty stays on the clearing account as an open item.

    fee_vat_code is "0" for payment services, which are exempt. dispute is usually the customer claims, which revive
    when card money is taken back: a dispute does not by itself reduce VAT. deposit holds what is held back.
    """

    bank: str
    clearing: str
    fee: str
    fee_vat_code: str = "0"
    dispute: str = ""
    deposit: str = ""
    correction: str = ""

    def account_of(self, kind: RowKind) -> str:
        """Give the account that rows of a kind are moved to with the payout; empty where they stay on clearing."""
        match kind:
            case RowKind.FEE | RowKind.FEE_REFUND:
                return self.fee
            case RowKind.DISPUTE | RowKind.DISPUTE_RETURN:
                return self.dispute
            case RowKind.HOLDBACK | RowKind.RELEASE:
                return self.deposit
            case RowKind.CORRECTION:
                return self.correction
            case RowKind.TOP_UP:
                return self.bank
            case _:
                return ""

    def account_for(self, row: PayoutRow) -> str:
        """Give the account that a row is moved to; empty where it stays on clearing."""
        return self.account_of(row.kind) if row.account is None else row.account


@dataclass(frozen=True, slots=True)
class Exchange:
    """A payout in another currency than the books.

    rate: books currency per unit of the payout's, as on the payout; fees are converted with it. bank: what arrived.
    cleared: at what the payout's captures less refunds stand on the clearing account, debit > 0. The difference
    goes to gain_account or loss_account.
    """

    rate: Decimal
    bank: Money
    cleared: Money
    gain_account: str
    loss_account: str

    def __post_init__(self) -> None:
        if not self.rate.is_finite() or self.rate <= 0:
            raise LedgerError(
                f"{self.rate} is not an exchange rate; give the books' currency per unit of the payout's."
            )


@dataclass(frozen=True, slots=True)
class PayoutCheck:
    """A payout beside its rows. rows are without the payout's own row; sums holds each kind that occurs."""

    payout: Money
    rows: tuple[PayoutRow, ...]

    @property
    def sums(self) -> dict[RowKind, Money]:
        """Give the sum per kind, in the order of the kinds."""
        return sum_by_kind(self.rows, self.payout.currency)

    @property
    def row_sum(self) -> Money:
        """Give what the rows say should have been paid out."""
        return total((row.amount for row in self.rows), self.payout.currency)

    @property
    def difference(self) -> Money:
        """Give paid out less row sum."""
        return self.payout - self.row_sum

    @property
    def parked(self) -> tuple[PayoutRow, ...]:
        """Give the rows that a person must look at."""
        return tuple(row for row in self.rows if row.is_parked)

    @property
    def is_explained(self) -> bool:
        """Say whether the payout can be posted."""
        return not self.difference and not self.parked

    @property
    def steps(self) -> tuple[Step, ...]:
        """Show how the kinds add up to the row sum."""
        return tuple(add_up(Money.zero(self.payout.currency), self.sums))


def check_payout(rows: Sequence[PayoutRow], payout: Money) -> PayoutCheck:
    """Put a payout beside its rows; the payout's own row is left out. Raises LedgerError for a repeated row key.

    >>> on = date(2026, 11, 4)
    >>> rows = [
    ...     PayoutRow("1", RowKind.CAPTURE, Money(125000, "NOK"), on),
    ...     PayoutRow("2", RowKind.FEE, Money(-1875, "NOK"), on),
    ... ]
    >>> check_payout(rows, Money(123125, "NOK")).is_explained
    True
    """
    if len({row.key for row in rows}) != len(rows):
        raise LedgerError("A row of the payout occurs twice; read the provider's rows again.")
    return PayoutCheck(payout, tuple(row for row in rows if row.kind is not RowKind.PAYOUT))


def payout_voucher(
    check: PayoutCheck,
    accounts: PayoutAccounts,
    *,
    paid_on: date,
    description: str = "",
    exchange: Exchange | None = None,
) -> BalancedVoucher:
    """Build the voucher of an explained payout: bank, then what the provider kept, then the clearing account.

    In the payout's currency, or in the books' when exchange is given. Raises PayoutDiffers for a payout that is not
    explained, naming the difference and the rows that a person must look at.
    """
    if not check.is_explained:
        raise PayoutDiffers(_what_differs(check))
    kept = _kept(check.rows, accounts)
    if exchange is None:
        amounts = [(accounts.bank, "0", check.payout), *kept]
    else:
        amounts = [(accounts.bank, "0", exchange.bank), *_converted(kept, exchange)]
        rest = -exchange.cleared + total((amount for _, _, amount in amounts), exchange.bank.currency)
        amounts.append((exchange.gain_account if rest.minor > 0 else exchange.loss_account, "0", -rest))
    return _voucher(amounts, accounts.clearing, paid_on, description)


def withheld_voucher(
    rows: Sequence[PayoutRow], accounts: PayoutAccounts, *, posted_on: date, description: str = ""
) -> BalancedVoucher:
    """Build the voucher of what the provider took from the balance without a payout: a dispute, a monthly fee.

    These rows must not be part of a later payout's voucher. Rows that belong on the clearing account, such as
    captures, post nothing.
    """
    return _voucher(_kept(rows, accounts), accounts.clearing, posted_on, description)


def sum_by_kind(rows: Sequence[PayoutRow], currency: str) -> dict[RowKind, Money]:
    """Give the sum of each kind that occurs, in the order of the kinds."""
    amounts: dict[RowKind, list[Money]] = {}
    for row in rows:
        amounts.setdefault(row.kind, []).append(row.amount)
    return {kind: total(amounts[kind], currency) for kind in RowKind if kind in amounts}


def add_up(start: Money, sums: Mapping[RowKind, Money]) -> Iterator[Step]:
    """Show sums being added one by one; each step is named after its kind."""
    running = start
    for kind, amount in sums.items():
        yield Step.of(kind.value, running.to_decimal(), Operator.PLUS, amount.to_decimal())
        running = running + amount


Amounts = list[tuple[str, str, Money]]


def _kept(rows: Sequence[PayoutRow], accounts: PayoutAccounts) -> Amounts:
    """Give account, VAT code and debit of what does not stay on the clearing account, in order of kind."""
    sums: dict[tuple[str, str], Money] = {}
    order = {kind: number for number, kind in enumerate(RowKind)}
    for row in sorted(rows, key=lambda one: order[one.kind]):
        account = accounts.account_for(row)
        if not account:
            continue
        is_fee = row.account is None and row.kind in (RowKind.FEE, RowKind.FEE_REFUND)
        usual = accounts.fee_vat_code if is_fee else "0"
        key = account, (row.vat_code or usual) if is_fee or row.account else "0"
        sums[key] = sums[key] - row.amount if key in sums else -row.amount
    return [(account, vat_code, amount) for (account, vat_code), amount in sums.items()]


def _converted(kept: Amounts, exchange: Exchange) -> Amounts:
    currency = exchange.bank.currency
    return [
        (account, vat_code, Money.rounded(EXACT.multiply(amount.to_decimal(), exchange.rate), currency))
        for account, vat_code, amount in kept
    ]


def _voucher(amounts: Amounts, clearing: str, posted_on: date, description: str) -> BalancedVoucher:
    """Balance the debits on the clearing account; zero amounts are left out."""
    if not amounts:
        return BalancedVoucher(())
    cleared = total((amount for _, _, amount in amounts), amounts[0][2].currency)
    return BalancedVoucher(
        tuple(
            Entry(account, amount, vat_code, posted_on, description=description)
            for account, vat_code, amount in [*amounts, (clearing, "0", -cleared)]
            if amount
        )
    )


def _what_differs(check: PayoutCheck) -> str:
    currency = check.payout.currency
    text = f"The payout of {check.payout} {currency} is not explained: its rows add to {check.row_sum}"
    if check.difference:
        text += f", a difference of {check.difference}"
    if check.parked:
        rows = ", ".join(f"{row.key} ({row.kind} {row.amount})" for row in check.parked)
        text += f", and nobody has said what these rows are: {rows}"
    return f"{text}. Say what each row is, or fetch the missing rows from the provider."
