"""At what a foreign payout's payments stand in the books: known where it is certain, proposed where it is likely."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from backoffice.ledger.money import EXACT, Money, divide_half_up
from backoffice.ledger.settlement import RowKind
from backoffice.sales.models import Payment
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.settlements.rows import EntryFacts
from backoffice.settlements.selectors import Explanation

CLEARING_KINDS = (RowKind.CAPTURE, RowKind.REFUND)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person may confirm. known rows count at their payments' value, the rest at the payout's rate."""

    value: Money
    known: int
    rest: int


def cleared_in_the_books(payout: Payout, found: Explanation) -> Money | None:
    """Give at what the payout's payments less refunds stand in the books' currency; None when we do not know.

    What a person entered, else the sum of our own payments, where each row is one payment in the books' currency.
    """
    home = payout.client.currency
    if payout.cleared_minor is not None:
        return Money(payout.cleared_minor, home)
    entries = [entry for entry in found.entries if entry.effective_kind in CLEARING_KINDS]
    values = _values(payout)
    ids = [entry.payment_id for entry in entries]
    if len(set(ids)) != len(ids) or not values.keys() >= set(ids):
        return None
    return Money(sum(values[payment_id] for payment_id in ids if payment_id), home)


def proposed_value(payout: Payout, found: Explanation) -> Proposal | None:
    """Propose what a person must enter: payments at their value, in parts where they came in parts; rest at the rate.

    None where nothing is missing, or nothing can be said: rows without a payment, and no rate.
    """
    if payout.currency == payout.client.currency or cleared_in_the_books(payout, found) is not None:
        return None
    home = payout.client.currency
    entries = [entry for entry in found.entries if entry.effective_kind in CLEARING_KINDS]
    values = _values(payout)
    rows = PayoutEntry.objects.filter(account=payout.account_id, payment__in=list(values)).order_by()
    whole = dict(rows.values("payment").annotate(all=Sum("amount_minor")).values_list("payment", "all"))
    known: list[EntryFacts] = []
    rest: list[EntryFacts] = []
    for entry in entries:
        is_known = entry.payment_id in values and whole.get(entry.payment_id)
        (known if is_known else rest).append(entry)
    minor = 0
    for entry in known:
        if entry.payment_id:
            minor += divide_half_up(values[entry.payment_id] * entry.amount_minor, whole[entry.payment_id])
    value = Money(minor, home)
    if rest:
        if payout.exchange_rate is None:
            return None
        foreign = Money(sum(entry.amount_minor for entry in rest), payout.currency)
        value += Money.rounded(EXACT.multiply(foreign.to_decimal(), payout.exchange_rate), home)
    return Proposal(value, len(known), len(rest)) if entries else None


def _values(payout: Payout) -> dict[int, int]:
    """The payout's payments that stand in the books' currency, each with its amount in minor units."""
    asked = Payment.objects.filter(pk__in=payout.entries.values("payment"), currency=payout.client.currency)
    return dict(asked.values_list("pk", "amount_minor"))
