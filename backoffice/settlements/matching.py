"""Which payment of ours a provider's capture or refund is. A row belongs to one payment; a payment may have several.

A row finds its payment by the payment's own reference, then by the provider's, then by the sale's with the amount.
The result does not depend on the order in which rows and payments came: all rows of a reference are placed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from backoffice.ledger.settlement import RowKind
from backoffice.sales.models import Payment, Refund
from backoffice.settlements.models import PayoutEntry, ProviderAccount
from backoffice.settlements.rows import EntryFacts

MATCHED_KINDS = (RowKind.CAPTURE, RowKind.REFUND)
#: as many references in one query
REFERENCES_A_QUERY = 400
BY_OWN, BY_PROVIDER, BY_SALE = range(3)
Entry = TypeVar("Entry", PayoutEntry, EntryFacts)


@dataclass(slots=True)
class _Ours:
    """Payments of the client by everything a row may call them, and what of each is not accounted for yet."""

    named: dict[str, list[tuple[int, Payment]]] = field(default_factory=lambda: defaultdict(list))
    rest: dict[int, int] = field(default_factory=dict)

    def add(self, payment: Payment) -> None:
        """Note a payment under its names."""
        if payment.pk in self.rest:
            return
        self.rest[payment.pk] = payment.amount_minor
        sale = payment.sale_reference or (payment.sale.reference if payment.sale else "")
        for how, name in ((BY_OWN, payment.reference), (BY_PROVIDER, payment.provider_reference), (BY_SALE, sale)):
            if name:
                self.named[name].append((how, payment))

    def best(self, entry: PayoutEntry | EntryFacts, account: ProviderAccount) -> Payment | None:
        """Give the payment that fits best; None when none does, or two shops' fit the same.

        A payment in the books' currency may be captured in the account's: amounts then say nothing.
        """
        currencies = (account.currency, account.client.currency)
        ranked = [
            ((how, self.rest[p.pk] != entry.amount_minor, not self.rest[p.pk], p.method != account.method), p)
            for name in {entry.reference, entry.provider_reference} - {""}
            for how, p in self.named.get(name, ())
            if (p.amount_minor > 0) == (entry.amount_minor > 0) and p.currency in currencies
        ]
        if not ranked:
            return None
        best = min(rank for rank, _ in ranked)
        fitting = sorted((p for rank, p in ranked if rank == best), key=lambda p: p.pk)
        if len({payment.sales_point_id for payment in fitting}) > 1:
            return None
        self.rest[fitting[0].pk] -= entry.amount_minor
        return fitting[0]


def of_matched_kind() -> Q:
    """Say which rows may be a payment's: captures and refunds, by a person's word where there is one."""
    return Q(decided_kind__in=MATCHED_KINDS) | Q(decided_kind="", kind__in=MATCHED_KINDS)


def matches_of(
    account: ProviderAccount, entries: Sequence[Entry], *, among: QuerySet[PayoutEntry] | None = None
) -> Iterator[tuple[Entry, Payment | None, Refund | None]]:
    """Place captures and refunds, in the order of their days and keys; writes nothing.

    among is a query that gives these rows and perhaps more; of many rows the database compares the names itself.
    """
    ours, refunds = _payments(account, _names(entries, among)), _refunds(account, entries, among)
    for entry in sorted(entries, key=lambda one: (one.booked_on, one.key)):
        payment = ours.best(entry, account)
        refund = refunds.pop((entry.reference, -entry.amount_minor), None) if payment is None else payment.refund
        yield entry, payment, refund


def match_entries(account: ProviderAccount, references: Collection[str] | None = None) -> int:
    """Match the account's captures and refunds again, those with the references or all unmatched; give how many moved.

    What matches nothing stays without, and the clearing proof names it.
    """
    rows = PayoutEntry.objects.filter(of_matched_kind(), account=account)
    if references is None:
        open_rows = rows.filter(payment=None, refund=None)
        references = {name for pair in open_rows.values_list("reference", "provider_reference") for name in pair}
    moved: list[PayoutEntry] = []
    for names in _portions(sorted({*references} - {""})):
        found = rows.filter(Q(reference__in=names) | Q(provider_reference__in=names))
        for entry, payment, refund in matches_of(account, list(found)):
            if (entry.payment_id, entry.refund_id) != (payment and payment.pk, refund and refund.pk):
                entry.payment, entry.refund = payment, refund
                moved.append(entry)
    PayoutEntry.objects.bulk_update(moved, ["payment", "refund"], batch_size=500)
    return len(moved)


def _portions(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), REFERENCES_A_QUERY):
        yield names[start : start + REFERENCES_A_QUERY]


def _names(entries: Sequence[Entry], among: QuerySet[PayoutEntry] | None) -> Iterable[Any]:
    """Everything that rows call a payment, as lists or queries of names."""
    if among is not None:
        return [among.exclude(**{name: ""}).order_by().values(name) for name in ("reference", "provider_reference")]
    return _portions(sorted({name for e in entries for name in (e.reference, e.provider_reference) if name}))


def _payments(account: ProviderAccount, names: Iterable[Any]) -> _Ours:
    payments = Payment.objects.filter(client=account.client_id, is_cancelled=False)
    if account.sales_point_id:
        payments = payments.filter(sales_point=account.sales_point_id)
    ours = _Ours()
    for portion in names:
        asked = (
            Q(reference__in=portion),
            Q(provider_reference__in=portion),
            Q(sale_reference__in=portion),
            Q(sale_reference="", sale__reference__in=portion),
        )
        for one in asked:  # one by one, so that each is served by its index
            for payment in payments.filter(one).select_related("sale", "refund"):
                ours.add(payment)
    return ours


def _refunds(
    account: ProviderAccount, entries: Sequence[Entry], among: QuerySet[PayoutEntry] | None
) -> dict[tuple[str, int], Refund]:
    """Refunds whose money back was not reported as a payment, by reference or sale and amount, the oldest first."""
    names: Iterable[Any] = _portions(sorted({e.reference for e in entries if e.reference and e.amount_minor < 0}))
    if among is not None:
        names = [among.filter(amount_minor__lt=0).exclude(reference="").order_by().values("reference")]
    found: dict[tuple[str, int], Refund] = {}
    for portion in names:
        rows = Refund.objects.filter(client=account.client_id, currency=account.currency)
        rows = rows.filter(Q(reference__in=portion) | Q(sale_reference__in=portion))
        if account.sales_point_id:
            rows = rows.filter(sales_point=account.sales_point_id)
        for refund in rows.filter(payments=None).order_by("id"):
            for name in (refund.reference, refund.sale_reference):
                found.setdefault((name, refund.amount_minor), refund)
    return found
