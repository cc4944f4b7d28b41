"""Build a statement row by row: keys that stay unique, texts that fit, controls that become notes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from backoffice.contracts.payouts import ProviderBalance, ProviderRow, ProviderStatement, ReportedPayout
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import RowKind
from integrations.reading import refuse

MAX_KEY, MAX_REFERENCE, MAX_NATIVE, MAX_TEXT, MAX_BANK_TEXT = 200, 100, 100, 300, 200


@dataclass(slots=True)
class Statement:
    """A statement being read. Amounts move the provider's balance: what it owes us more is positive."""

    account: str
    currency: str
    rows: list[ProviderRow] = field(default_factory=list)
    payouts: list[ReportedPayout] = field(default_factory=list)
    balances: dict[date, Money] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)

    def add(
        self,
        kind: RowKind,
        amount: Money,
        *,
        key: str,
        booked_on: date,
        native_kind: str,
        reference: str = "",
        provider_reference: str = "",
        payout_reference: str = "",
        vat_code: str = "",
        fee_vat: Money | None = None,
        description: str = "",
    ) -> None:
        """Keep a row; the second with a key gets #2 and so on, in the order of the report."""
        if amount.currency != self.currency:
            raise refuse(f"Row {key} is in {amount.currency}, the account in {self.currency}. Export one currency.")
        self.keys[key] += 1
        if self.keys[key] > 1:
            key = f"{key}#{self.keys[key]}"
        if len(key) > MAX_KEY:
            raise refuse(f"The row's id {key[:40]}… is longer than any of this provider.")
        self.rows.append(
            ProviderRow(
                key=key,
                kind=kind,
                amount=amount,
                booked_on=booked_on,
                native_kind=native_kind[:MAX_NATIVE],
                reference=reference[:MAX_REFERENCE],
                provider_reference=provider_reference[:MAX_REFERENCE],
                payout_reference=payout_reference[:MAX_REFERENCE],
                vat_code=vat_code,
                fee_vat=fee_vat or None,
                description=description[:MAX_TEXT],
            )
        )

    def fee(self, amount: Money, *, key: str, booked_on: date, native_kind: str, **more: str | Money | None) -> None:
        """Keep a fee as a row of its own: taken when negative, given back when positive; nothing where it is zero."""
        if amount:
            kind = RowKind.FEE if amount.minor < 0 else RowKind.FEE_REFUND
            self.add(kind, amount, key=key, booked_on=booked_on, native_kind=native_kind, **more)  # type: ignore[arg-type]  # passed through unchanged

    def pay(
        self,
        reference: str,
        amount: Money,
        paid_on: date,
        *,
        native_kind: str = "payout",
        bank_text: str = "",
        exchange_rate: Decimal | None = None,
        bank_amount: Money | None = None,
        booked_on: date | None = None,
        has_row: bool = True,
    ) -> None:
        """Keep a payout, and its row on the provider's account, which most files do not have."""
        if len(reference) > MAX_REFERENCE or not reference:
            raise refuse(f"{reference[:40]!r} cannot be the reference of a payout. Download the report again.")
        self.payouts.append(
            ReportedPayout(reference, amount, paid_on, exchange_rate, bank_amount, bank_text[:MAX_BANK_TEXT])
        )
        if has_row:
            self.add(
                RowKind.PAYOUT,
                -amount,
                key=f"payout:{reference}",
                booked_on=booked_on or paid_on,
                native_kind=native_kind,
                payout_reference=reference,
                description=bank_text,
            )

    def settle(self, keys: set[str], payout_reference: str) -> None:
        """Say which payout settles rows that were kept without one."""
        self.rows = [
            replace(row, payout_reference=payout_reference[:MAX_REFERENCE])
            if row.key in keys and not row.payout_reference
            else row
            for row in self.rows
        ]

    def note(self, text: str) -> None:
        """Tell a person something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def control(self, what: str, stated: Money | int, found: Money | int) -> None:
        """Hold a figure of the report against what its rows give; a difference becomes a note."""
        if stated != found:
            self.note(f"{what}: the report says {stated}, its rows give {found}.")

    def sum_of(self, payout_reference: str) -> Money:
        """Give the sum of a payout's rows, without the payout's own."""
        rows = (row for row in self.rows if row.payout_reference == payout_reference and row.kind != RowKind.PAYOUT)
        return total((row.amount for row in rows), self.currency)

    def done(self) -> ProviderStatement:
        """Give the statement; every payout that its rows do not add to is noted."""
        for payout in self.payouts:
            if any(row.payout_reference == payout.reference and row.kind != RowKind.PAYOUT for row in self.rows):
                self.control(f"Payout {payout.reference}", payout.amount, self.sum_of(payout.reference))
        balances = tuple(ProviderBalance(on, amount) for on, amount in sorted(self.balances.items()))
        return ProviderStatement(
            self.account[:MAX_REFERENCE],
            self.currency,
            tuple(self.rows),
            tuple(self.payouts),
            balances,
            tuple(self.notes),
        )
