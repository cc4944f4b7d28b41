"""W5: the bank journal of a payout: debit bank and what the provider kept, credit the clearing account.

Every line tells which rows it comes from. See docs/algorithms/settlement.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backoffice.clients.models import Client
from backoffice.contracts.accounting import DocumentKind, JournalDocument, JournalLine
from backoffice.contracts.errors import Reason
from backoffice.ledger.money import EXACT, Money, total
from backoffice.ledger.settlement import (
    Exchange,
    PayoutAccounts,
    PayoutCheck,
    PayoutRow,
    RowKind,
    payout_voucher,
    withheld_voucher,
)
from backoffice.ledger.voucher import BalancedVoucher, Entry
from backoffice.settlements.models import Payout, ProviderAccount
from backoffice.settlements.selectors import Explanation
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for
from backoffice.vouchers.models import SourceType
from backoffice.workflows.books import Books, ResolvedPayout
from backoffice.workflows.dates import DatedOn, date_voucher
from backoffice.workflows.payout_values import cleared_in_the_books

#: a line names at most so many rows one by one; the payout's page names them all
MAX_NAMED = 50
SOURCE_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Source:
    """What a voucher is made from: its key, and what it is called."""

    key: str
    description: str
    generation: int


def source_key(account: ProviderAccount, reference: str) -> str:
    """Name a payout as a source, the same whenever its rows are read again."""
    key = f"{account.provider}/{account.external_id}/{account.currency}/{reference}"
    if len(key) <= SOURCE_KEY_CHARACTERS:
        return key
    return f"{account.provider}/{hashlib.sha256(key.encode()).hexdigest()}"


def draft_payout(payout: Payout, found: Explanation, source: Source, books: Books, *, may_move: bool) -> Draft:
    """Draft the voucher of a payout. What is in the way becomes a reason, and then no line is shown."""
    client, account = payout.client, payout.account
    dated = _dated(client, payout.paid_on, books, may_move=may_move)
    reasons: list[Reason] = [dated.reason] if dated.reason else []
    if not found.is_explained:
        reasons.append(Reason("payout_discrepancy", payout.because or "The payout is not explained.", str(payout)))
    exchange, missing = _exchange(payout, found)
    reasons += missing
    extra = {row.account for row in found.check.rows if row.account}
    if exchange is not None:
        extra |= {exchange.gain_account, exchange.loss_account}
    kinds = set(found.check.sums)
    to = books.payout(account.sales_point, account.method, kinds=kinds, extra=extra, on=dated.day)
    if not isinstance(to, ResolvedPayout):
        reasons += to
    if reasons or not isinstance(to, ResolvedPayout):
        return _draft(client, source, dated, client.currency, (), reasons)
    voucher = payout_voucher(found.check, to.accounts, paid_on=dated.day, exchange=exchange)
    head = f"Payout {payout.reference} of {payout.account}, {payout.paid_on}"
    if payout.bank_text:
        head += f"; the bank says “{payout.bank_text}”"
    teller = _Teller(to, found.check.rows, source.description, head, found.check, exchange)
    return _draft(client, source, dated, client.currency, teller.postings(voucher), [])


def draft_withheld(
    account: ProviderAccount, rows: Sequence[PayoutRow], source: Source, books: Books, *, on: date, may_move: bool
) -> Draft:
    """Draft the voucher of what a provider took or gave without a payout."""
    dated = _dated(account.client, on, books, may_move=may_move)
    reasons: list[Reason] = [dated.reason] if dated.reason else []
    extra = {row.account for row in rows if row.account}
    to = books.payout(account.sales_point, account.method, kinds={r.kind for r in rows}, extra=extra, on=dated.day)
    if not isinstance(to, ResolvedPayout):
        reasons += to
    if reasons or not isinstance(to, ResolvedPayout):
        return _draft(account.client, source, dated, account.client.currency, (), reasons)
    voucher = withheld_voucher(rows, to.accounts, posted_on=dated.day)
    teller = _Teller(to, rows, source.description, source.description, None, None)
    return _draft(account.client, source, dated, account.client.currency, teller.postings(voucher), [])


def _dated(client: Client, wanted: date, books: Books, *, may_move: bool) -> DatedOn:
    locked, begins = books.locked_through, books.converted_on
    return date_voucher(client, wanted, locked_through=locked, converted_on=begins, may_move=may_move)


def _draft(
    client: Client,
    source: Source,
    dated: DatedOn,
    currency: str,
    postings: tuple[DraftPosting, ...],
    reasons: list[Reason],
) -> Draft:
    description = f"{source.description} (paid {dated.moved_from})" if dated.moved_from else source.description
    document = None
    if postings:
        reference = reference_for(client, DocumentKind.BANK_JOURNAL, SourceType.PAYOUT, source.key, source.generation)
        lines = tuple(
            JournalLine(p.amount, dated.day, p.vat_code, ledger_account=p.ledger_account, description=p.description,
                        dimensions=p.dimensions)
            for p in postings
        )  # fmt: skip
        document = JournalDocument(reference, DocumentKind.BANK_JOURNAL, dated.day, currency, description, lines)
    return Draft(
        kind=DocumentKind.BANK_JOURNAL,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=currency,
        description=description,
        postings=postings,
        document=document,
        reasons=tuple(reasons),
    )


# --- another currency -----


def _exchange(payout: Payout, found: Explanation) -> tuple[Exchange | None, list[Reason]]:
    """Give what a payout in another currency than the books needs; what is missing comes back as reasons."""
    client, home = payout.client, payout.client.currency
    if payout.currency == home:
        return None, []
    bank = None
    if payout.bank_amount_minor is not None and payout.bank_currency == home:
        bank = Money(payout.bank_amount_minor, home)
    rate = payout.exchange_rate
    if rate is None and bank is not None and payout.amount_minor:
        rate = abs(EXACT.divide(bank.to_decimal(), payout.amount.to_decimal()))
    if bank is None and rate is not None:
        bank = Money.rounded(EXACT.multiply(payout.amount.to_decimal(), rate), home)
    cleared = cleared_in_the_books(payout, found)
    missing = []
    if rate is None or bank is None:
        missing.append(f"at which rate, or with which sum in {home}, it arrived at the bank")
    if cleared is None:
        missing.append(f"what its payments less refunds stand at in {home} on the clearing account")
    if rate is None or bank is None or cleared is None:
        text = f"Payout {payout} is in {payout.currency}, the books in {home}. Enter {' and '.join(missing)}."
        return None, [Reason("payout_exchange_unknown", text, str(payout))]
    gain, loss = client.exchange_gain_ledger_account, client.exchange_loss_ledger_account
    return Exchange(rate, bank, cleared, gain, loss), []


# --- lines -----


@dataclass(frozen=True, slots=True)
class _Teller:
    """Gives each entry of a voucher the rows it comes from."""

    to: ResolvedPayout
    rows: Sequence[PayoutRow]
    title: str
    head: str
    check: PayoutCheck | None
    exchange: Exchange | None

    def postings(self, voucher: BalancedVoucher) -> tuple[DraftPosting, ...]:
        """Give the entries as lines of a draft."""
        return tuple(self._posting(entry, is_first=not number) for number, entry in enumerate(voucher.entries))

    def _posting(self, entry: Entry, *, is_first: bool) -> DraftPosting:
        accounts = self.to.accounts
        is_bank = is_first and entry.account == accounts.bank and self.check is not None
        rows = [] if is_bank else [row for row in self.rows if self._goes_to(row, entry)]
        return DraftPosting(
            ledger_account=entry.account,
            account_name=self.to.names.get(entry.account, ""),
            amount=entry.amount,
            vat_code=entry.vat_code,
            description=self._text(entry, rows, is_bank=is_bank, accounts=accounts),
            dimensions=self.to.dimensions.get(entry.account, {}),
            why=tuple(self._steps(entry, rows, is_bank=is_bank)),
        )

    def _goes_to(self, row: PayoutRow, entry: Entry) -> bool:
        accounts = self.to.accounts
        target = accounts.account_for(row)
        if not target:
            return entry.account == accounts.clearing
        is_fee = row.account is None and row.kind in (RowKind.FEE, RowKind.FEE_REFUND)
        code = row.vat_code or (accounts.fee_vat_code if is_fee else "0") if is_fee or row.account else "0"
        return target == entry.account and code == entry.vat_code

    def _text(self, entry: Entry, rows: Sequence[PayoutRow], *, is_bank: bool, accounts: PayoutAccounts) -> str:
        if is_bank:
            return self.title
        exchange = self.exchange
        if exchange is not None and not rows and entry.account in (exchange.gain_account, exchange.loss_account):
            return "Exchange difference"
        words = ", ".join(dict.fromkeys(_word(row.kind) for row in rows))
        return f"{self.title}: {words}" if words else self.title

    def _steps(self, entry: Entry, rows: Sequence[PayoutRow], *, is_bank: bool) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = [{"text": self.to.explanation, "amount": "", "rule": self.to.rule}]
        if is_bank and self.check is not None:
            steps.append({"text": self.head, "amount": str(self.check.payout)})
        steps += [
            {
                "text": f"{row.kind.replace('_', ' ')} {row.reference or row.key}, {row.booked_on}",
                "amount": str(row.amount),
            }
            for row in rows[:MAX_NAMED]
        ]
        if len(rows) > MAX_NAMED:
            rest = total((row.amount for row in rows[MAX_NAMED:]), rows[0].amount.currency)
            steps.append({"text": f"{len(rows) - MAX_NAMED} more rows, on the payout's page", "amount": str(rest)})
        if self.exchange is not None:
            steps.append({"text": _rate_words(self.exchange.rate, entry), "amount": str(entry.amount)})
        return steps


def _word(kind: RowKind) -> str:
    return kind.replace("_", " ")


def _rate_words(rate: Decimal, entry: Entry) -> str:
    return f"In {entry.amount.currency}, the payout's rate being {rate.normalize():f}"
