"""Proof of a clearing account: our books, the provider's rows and the provider's own balance say the same.

One proof covers all provider accounts in one currency that use the same clearing account. See
docs/algorithms/settlement.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from backoffice.chart.payouts import ResolvedPayout, resolve_clearing
from backoffice.chart.resolve import Resolver
from backoffice.clients.models import SalesPoint
from backoffice.ledger.clearing import ClearingProof, prove_clearing
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import PayoutRow, RowKind
from backoffice.settlements.clearing_books import ClearingBooks, Clears, PaymentLine, own_reference, read_books
from backoffice.settlements.matching import MATCHED_KINDS, matches_of, of_matched_kind
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount, ProviderBalance
from backoffice.settlements.rows import EntryFacts, facts_of, row_of

#: what comes so much later still says that an item of today is only on its way
LOOK_AHEAD = timedelta(days=62)


class CannotProve(ValueError):
    """The account cannot be proved; the text says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class AccountProof:
    """A clearing account over a period. proof holds all figures; the books in it count what is on its way too.

    accounts are all that share the clearing account. books_posted is the account's closing balance by vouchers that
    stand in the books already. A balance that the provider does not state for the day follows from its rows.
    """

    account: ProviderAccount
    accounts: tuple[ProviderAccount, ...]
    ledger_account: str
    since: date
    through: date
    proof: ClearingProof
    books_posted: Money
    is_opening_stated: bool
    is_closing_stated: bool
    notes: tuple[str, ...]


def clearing_proof(account: ProviderAccount, since: date, through: date) -> AccountProof:
    """Prove the clearing account of a provider account over a period, both days included.

    Raises CannotProve where no mapping names the clearing account.
    """
    client = account.client
    resolver = Resolver(client)
    to = resolve_clearing(resolver, account.sales_point, account.method)
    if not isinstance(to, ResolvedPayout):
        raise CannotProve(to[0].detail)
    clearing = to.accounts.clearing
    accounts = _sharing(account, resolver, clearing)
    horizon = through + LOOK_AHEAD
    books = read_books(client, accounts, clearing, horizon=horizon, clears=_clears(resolver, clearing))
    rows = list(_Rows(accounts, horizon, books).rows())
    naming = _names(books, rows)
    plain = [row for row, _ in naming]
    currency = account.currency
    opening, is_opening_stated, notes = _balance(accounts, since - timedelta(days=1), plain)
    closing, is_closing_stated, more_notes = _balance(accounts, through, plain)
    postings = list(books.postings(currency, lambda payment: naming.names[payment.id]))
    proof = prove_clearing(
        since=since,
        through=through,
        opening=opening,
        closing=closing,
        books_opening=Money(books.total_minor(before=since), currency),
        rows=plain,
        postings=postings,
        accounts=to.accounts,
    )
    return AccountProof(
        account,
        tuple(accounts),
        clearing,
        since,
        through,
        proof,
        Money(books.total_minor(through=through, only_posted=True), currency),
        is_opening_stated,
        is_closing_stated,
        (*notes, *more_notes, *_of_other_currency(account)),
    )


def _of_other_currency(account: ProviderAccount) -> list[str]:
    home = account.client.currency
    if account.currency == home:
        return []
    return [
        f"The account is in {account.currency}, the books in {home}. Payouts are posted in {home}, so they show here "
        f"as not in the books; compare the account's {home} balance in the books by hand."
    ]


def _sharing(account: ProviderAccount, resolver: Resolver, clearing: str) -> list[ProviderAccount]:
    """All accounts that use the clearing account in this currency, the one asked for first."""
    others = ProviderAccount.objects.filter(client=account.client, currency=account.currency).exclude(pk=account.pk)
    sharing = [account]
    for other in others.select_related("client", "sales_point").order_by("pk"):
        to = resolve_clearing(resolver, other.sales_point, other.method)
        if isinstance(to, ResolvedPayout) and to.accounts.clearing == clearing:
            sharing.append(other)
    return sharing


def _clears(resolver: Resolver, clearing: str) -> Clears:
    """Say whether a sales point's payment method goes to the clearing account, by today's mapping."""
    points = {point.pk: point for point in SalesPoint.objects.filter(client=resolver.client)}
    known: dict[tuple[int, str], bool] = {}

    def clears(point_id: int, method: str) -> bool:
        if (point_id, method) not in known:
            to = resolve_clearing(resolver, points.get(point_id), method)
            known[point_id, method] = isinstance(to, ResolvedPayout) and to.accounts.clearing == clearing
        return known[point_id, method]

    return clears


@dataclass(slots=True)
class _Rows:
    """The provider's rows, each with the payment it belongs to."""

    accounts: Sequence[ProviderAccount]
    horizon: date
    books: ClearingBooks

    def rows(self) -> Iterator[tuple[PayoutRow, int | None, str]]:
        """Give each row, the payment it is of, and a reference of its own where it is a refund without payment."""
        for account in self.accounts:
            asked = account.entries.filter(booked_on__lte=self.horizon)
            entries = list(facts_of(asked))
            found = self._matches(account, entries, asked)
            own_rows = set()
            for entry in entries:
                settled_by = own_reference(entry.voucher_id) if entry.voucher_id and entry.is_taken else ""
                row = row_of(entry, account.currency, settled_by=settled_by)
                if row.kind is RowKind.PAYOUT:
                    own_rows.add((row.payout_reference or row.reference, row.amount.minor))
                payment_id, refund_name = found.get(entry.id, (None, ""))
                yield row, payment_id, refund_name
            yield from self._payouts_without_rows(account, own_rows)

    def _matches(
        self, account: ProviderAccount, entries: Sequence[EntryFacts], asked: QuerySet[PayoutEntry]
    ) -> dict[int, tuple[int | None, str]]:
        """Match by what is stored, and anew what was unmatched when it came."""
        found: dict[int, tuple[int | None, str]] = {}
        unmatched = []
        for entry in entries:
            if entry.effective_kind not in MATCHED_KINDS:
                continue
            if entry.payment_id:
                found[entry.id] = (entry.payment_id, "")
            else:
                unmatched.append(entry)
        among = asked.filter(of_matched_kind(), payment=None)
        for entry, payment, refund in matches_of(account, unmatched, among=among):
            is_refund = entry.effective_kind is RowKind.REFUND
            name = f"{entry.reference or entry.provider_reference or entry.key} refund" if is_refund else ""
            found[entry.id] = (payment.pk if payment else None, refund.reference if refund else name)
        return found

    def _payouts_without_rows(
        self, account: ProviderAccount, own_rows: set[tuple[str, int]]
    ) -> Iterator[tuple[PayoutRow, None, str]]:
        """A payout moves the balance whether or not the provider lists it among the rows."""
        payouts = Payout.objects.filter(account=account, paid_on__lte=self.horizon)
        for reference, minor, paid_on in payouts.values_list("reference", "amount_minor", "paid_on"):
            if (reference, -minor) not in own_rows:
                amount = Money(-minor, account.currency)
                yield PayoutRow(f"payout {reference}", RowKind.PAYOUT, amount, paid_on, "", reference), None, ""


@dataclass(slots=True)
class _Naming:
    """The rows under the references by which books and provider are compared, and each payment's reference."""

    rows: list[tuple[PayoutRow, int | None]]
    names: dict[int, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[PayoutRow, int | None]]:
        return iter(self.rows)


def _names(books: ClearingBooks, rows: Sequence[tuple[PayoutRow, int | None, str]]) -> _Naming:
    """Give every payment a reference of its own, the one the provider uses where that is free, and its rows the same.

    Rows without a payment of their own go by their own reference; on a day of which the books know only the sum, they
    are compared with that sum.
    """
    naming = _Naming([])
    lines = {payment.id: payment for payments in books.payments.values() for payment in payments}
    taken: set[str] = set()
    for row, payment_id, _ in rows:
        if payment_id in lines and payment_id not in naming.names:
            naming.names[payment_id] = _free(taken, row.reference, lines[payment_id])
    for payment in lines.values():
        if payment.id not in naming.names:
            naming.names[payment.id] = _free(taken, "", payment)
    days = set(books.days.values())
    for row, payment_id, refund_name in rows:
        reference = row.reference
        if payment_id in naming.names:
            reference = naming.names[payment_id]
        elif row.kind in MATCHED_KINDS and row.booked_on in days and payment_id is None:
            reference = row.booked_on.isoformat()
        elif refund_name:
            reference = refund_name
        naming.rows.append((row if reference == row.reference else replace(row, reference=reference), payment_id))
    return naming


def _free(taken: set[str], wanted: str, payment: PaymentLine) -> str:
    for name in (wanted, *payment.names, f"payment {payment.id}"):
        if name and name not in taken:
            taken.add(name)
            return name
    raise AssertionError("a payment's own number is free")


def _balance(accounts: Sequence[ProviderAccount], on: date, rows: Sequence[PayoutRow]) -> tuple[Money, bool, list[str]]:
    """Give what the provider owes at the end of a day, by its own figures, and whether it states that day itself."""
    whole, is_stated = Money.zero(accounts[0].currency), True
    notes: list[str] = []
    if len(accounts) > 1:
        moved = {account.pk: _moves(account) for account in accounts}
    else:
        moved = {accounts[0].pk: [(row.booked_on, row.amount.minor) for row in rows]}
    for account in accounts:
        minor, stated = _balance_of(account, on, moved[account.pk], notes)
        whole, is_stated = whole + Money(minor, account.currency), is_stated and stated
    return whole, is_stated, notes


def _moves(account: ProviderAccount) -> list[tuple[date, int]]:
    moves = list(account.entries.values_list("booked_on", "amount_minor"))
    own = Q(kind=RowKind.PAYOUT)
    found = account.entries.filter(own).values_list("payout_reference", "reference", "amount_minor")
    listed = {(payout or reference, minor) for payout, reference, minor in found}
    payouts = account.payouts.values_list("reference", "paid_on", "amount_minor")
    return moves + [(day, -minor) for reference, day, minor in payouts if (reference, -minor) not in listed]


def _balance_of(
    account: ProviderAccount, on: date, moves: Sequence[tuple[date, int]], notes: list[str]
) -> tuple[int, bool]:
    """The stated figure of the day; else the nearest stated one and the rows between; else the rows alone."""
    stated = ProviderBalance.objects.filter(account=account)
    today = list(stated.filter(on=on).order_by("-id").values_list("amount_minor", flat=True))
    if len(today) > 1:
        both = " and ".join(str(Money(minor, account.currency)) for minor in today)
        notes.append(f"{account} states two balances for {on}: {both}. The later one counts.")
    if today:
        return today[0], True
    before = stated.filter(on__lt=on).order_by("-on", "-id").values_list("on", "amount_minor").first()
    if before is not None:
        return before[1] + sum(minor for day, minor in moves if before[0] < day <= on), False
    after = stated.filter(on__gt=on).order_by("on", "-id").values_list("on", "amount_minor").first()
    if after is not None:
        return after[1] - sum(minor for day, minor in moves if on < day <= after[0]), False
    return sum(minor for day, minor in moves if day <= on), False
