"""Which payment of ours a provider's capture or refund is. A row belongs to one payment; a payment may have several.

A row finds its payment by the payment's own reference, then by the provider's, then by the sale's with the amount.
The result does not depend on the order in which rows and payments came: all rows of a reference are placed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from backoffice.ledger.settlement import RowKind
from backoffice.sales.models import Payment, Refund
from backoffice.settlements.models import PayoutEntry, ProviderAccount

MATCHED_KINDS = (RowKind.CAPTURE, RowKind.REFUND)
#: as many references in one query
REFERENCES_A_QUERY = 400
BY_OWN, BY_PROVIDER, BY_SALE = range(3)


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

    def best(self, entry: PayoutEntry) -> Payment | None:
        """Give the payment that fits best; None when none does, or two shops' fit the same."""
        account = entry.account
        ranked = sorted(
            (how, self.rest[p.pk] != entry.amount_minor, not self.rest[p.pk], p.method != account.method, p.pk, p)
            for name in {entry.reference, entry.provider_reference} - {""}
            for how, p in self.named.get(name, ())
            if (p.amount_minor > 0) == (entry.amount_minor > 0) and p.currency == account.currency
        )  # fmt: skip
        if not ranked:
            return None
        first = ranked[0]
        of_other_shops = (one[-1] for one in ranked if one[:4] == first[:4])
        if any(other.sales_point_id != first[-1].sales_point_id for other in of_other_shops):
            return None
        self.rest[first[-1].pk] -= entry.amount_minor
        return first[-1]


def match_entries(account: ProviderAccount, references: Collection[str] | None = None) -> int:
    """Match the account's captures and refunds again, those with the references or all unmatched; give how many moved.

    What matches nothing stays without, and the clearing proof names it.
    """
    rows = PayoutEntry.objects.filter(account=account).filter(
        Q(decided_kind__in=MATCHED_KINDS) | Q(decided_kind="", kind__in=MATCHED_KINDS)
    )
    if references is None:
        open_rows = rows.filter(payment=None, refund=None)
        references = {name for pair in open_rows.values_list("reference", "provider_reference") for name in pair}
    moved: list[PayoutEntry] = []
    for names in _portions(sorted({*references} - {""})):
        found = rows.filter(Q(reference__in=names) | Q(provider_reference__in=names))
        entries = list(found.select_related("account").order_by("booked_on", "key"))
        moved += _place(account, entries)
    PayoutEntry.objects.bulk_update(moved, ["payment", "refund"], batch_size=500)
    return len(moved)


def _portions(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), REFERENCES_A_QUERY):
        yield names[start : start + REFERENCES_A_QUERY]


def _place(account: ProviderAccount, entries: Sequence[PayoutEntry]) -> list[PayoutEntry]:
    ours = _payments(account, entries)
    refunds = _refunds(account, entries)
    moved = []
    for entry in entries:
        payment = ours.best(entry)
        refund = refunds.pop((entry.reference, -entry.amount_minor), None) if payment is None else payment.refund
        if (entry.payment_id, entry.refund_id) != (payment and payment.pk, refund and refund.pk):
            entry.payment, entry.refund = payment, refund
            moved.append(entry)
    return moved


def _payments(account: ProviderAccount, entries: Sequence[PayoutEntry]) -> _Ours:
    names = sorted({name for e in entries for name in (e.reference, e.provider_reference) if name})
    payments = Payment.objects.filter(client=account.client_id, is_cancelled=False)
    if account.sales_point_id:
        payments = payments.filter(sales_point=account.sales_point_id)
    ours = _Ours()
    for portion in _portions(names):
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


def _refunds(account: ProviderAccount, entries: Sequence[PayoutEntry]) -> dict[tuple[str, int], Refund]:
    """Refunds whose money back was not reported as a payment, by reference or sale and amount, the oldest first."""
    names = sorted({e.reference for e in entries if e.reference and e.amount_minor < 0})
    found: dict[tuple[str, int], Refund] = {}
    for portion in _portions(names):
        rows = Refund.objects.filter(client=account.client_id, currency=account.currency)
        rows = rows.filter(Q(reference__in=portion) | Q(sale_reference__in=portion))
        if account.sales_point_id:
            rows = rows.filter(sales_point=account.sales_point_id)
        for refund in rows.filter(payments=None).order_by("id"):
            for name in (refund.reference, refund.sale_reference):
                found.setdefault((name, refund.amount_minor), refund)
    return found
