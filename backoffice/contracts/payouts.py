"""What a payment provider reports about its account with us: rows, payouts and balances.

Amounts are as they move the provider's balance: what it owes us more is positive. A capture is positive, a refund, a
fee and a payout are negative. An adapter never drops a row: what it does not recognise becomes RowKind.OTHER with its
amount, and a person says what it is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from backoffice.contracts.provider import Provider
from backoffice.contracts.sales import FetchedPayload
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import RowKind


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A row of the provider's account.

    key is its own id there, stable over reports and files: the same row read twice is one row. reference is the sale's
    or refund's own in the sales system where the provider has it, provider_reference the provider's id of the payment.
    payout_reference names the payout that settles it, empty as long as none does. native_kind is the provider's word
    for the kind, kept for a person. vat_code only where the document itself says that the fee carries VAT; fee_vat is
    the VAT within amount, same sign.
    """

    key: str
    kind: RowKind
    amount: Money
    booked_on: date
    native_kind: str
    reference: str = ""
    provider_reference: str = ""
    payout_reference: str = ""
    vat_code: str = ""
    fee_vat: Money | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ReportedPayout:
    """A sum the provider sent to the bank (amount > 0; < 0 where we owed it), paid_on as the provider dates it.

    exchange_rate is the books' currency per unit of amount's where the provider states one, bank_amount what then
    arrived in the bank's currency. bank_text is what the bank statement is expected to say.
    """

    reference: str
    amount: Money
    paid_on: date
    exchange_rate: Decimal | None = None
    bank_amount: Money | None = None
    bank_text: str = ""


@dataclass(frozen=True, slots=True)
class ProviderBalance:
    """The provider's own figure for what it owes us at the end of a day, by its own account."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class ProviderStatement:
    """One report or file, read. account is the provider's id of the account (ledger, sales unit, merchant number).

    rows may belong to payouts of other statements, and payouts may come without rows (they are then not explained
    yet). balances are what the provider states, as many days as it does. notes tell a person what the reader found
    (a control that does not hold).
    """

    account: str
    currency: str
    rows: tuple[ProviderRow, ...]
    payouts: tuple[ReportedPayout, ...] = ()
    balances: tuple[ProviderBalance, ...] = ()
    notes: tuple[str, ...] = ()


class PayoutSource(Provider):
    """A payment provider that says what it paid out and for what.

    capabilities are words of the fixed list: "polling" (statements_since works), "files" (parse reads the files that a
    person downloads), "fees", "disputes", "balances", "gross_settlement", "exchange".
    """

    @abstractmethod
    def parse(self, body: bytes, *, filename: str = "") -> tuple[ProviderStatement, ...]:
        """Read a report of the API or a file, told apart by its content; one statement per account and currency.

        Raises UnreadablePayload, saying what was expected and what to do, when the shape is another one.
        """

    @abstractmethod
    def statements_since(self, since: datetime) -> Iterator[FetchedPayload]:
        """Yield the reports that changed after `since`, oldest first, in the form `parse` takes.

        Raises Unsupported when the connection has no credentials to fetch with, and the ProviderError tree.
        """
