"""The open items of a clearing account: why they are open, what to do, and the things they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Model, Q
from django.utils.translation import gettext_lazy as _

from backoffice.ledger.clearing import ClearingItem, ClearingReason
from backoffice.ledger.money import Money, total
from backoffice.sales.models import Payment, Refund
from backoffice.settlements.clearing import AccountProof
from backoffice.settlements.models import Payout, PayoutEntry

R = ClearingReason
REASONS: dict[ClearingReason, tuple[Any, Any, Any]] = {
    R.PARKED: (
        _("Nobody has said what it is"),
        _("The provider reports a row of a kind that nobody knows, or with a sign that its kind cannot have."),
        _("Open the row and say what it is, or leave it on the clearing account."),
    ),
    R.NOT_IN_BOOKS: (
        _("Missing in the books"),
        _("The provider has it, but no sale, refund or payout of ours is posted for it."),
        _("Find the sale: has it arrived, does it need a person, was it sold outside the shop? Post what is missing."),
    ),
    R.NOT_AT_PROVIDER: (
        _("Missing at the provider"),
        _("We have posted a payment that the provider does not know."),
        _("See with the provider whether it was captured. If not, the sale is unpaid; if it was, fetch its rows."),
    ),
    R.CAPTURED_TWICE: (
        _("Taken twice"),
        _("The provider took the same amount twice from the customer; the books have it once."),
        _("Give the customer one of them back. The refund closes the item."),
    ),
    R.AMOUNT_DIFFERS: (
        _("Another amount"),
        _("Both have it, with different amounts."),
        _("Compare the sale, the provider's rows and the voucher; correct the one that is wrong."),
    ),
    R.AWAITING_PAYOUT: (
        _("Waits for its payout"),
        _("Fees and the like that the books take in with the next payout."),
        _("Nothing, if a payout comes. Rows that never get one are posted on their own from the row's page."),
    ),
    R.IN_TRANSIT: (
        _("On its way"),
        _("Both have it, one of them after the last day of the period."),
        _("Nothing. It closes by itself in the next period."),
    ),
}
MAX_ITEMS = 200
NAMES_A_QUERY = 400
#: things linked beside one item
MAX_THINGS = 6


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An open item with the things it belongs to."""

    item: ClearingItem
    things: Sequence[Model]


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """All items of one reason; items are those of one page. total is books less provider, of all pages."""

    code: str
    title: Any
    meaning: Any
    what_to_do: Any
    count: int
    total: Money
    items: Sequence[ItemShown]
    page: Page[ClearingItem]


def label_of(reason: ClearingReason) -> str:
    """Name a reason."""
    return str(REASONS[reason][0])


def groups_of(found: AccountProof, *, turned: str = "", page: str = "1") -> list[ReasonGroup]:
    """Open items by reason, what needs a person first, a page of each; `turned` is the reason that shows `page`."""
    by_reason: dict[ClearingReason, list[ClearingItem]] = defaultdict(list)
    for item in found.proof.items:
        by_reason[item.reason].append(item)
    pages = {
        reason: Paginator(items, MAX_ITEMS).get_page(page if reason.value == turned else 1)
        for reason, items in by_reason.items()
    }
    things = things_of(found, {item.reference for shown in pages.values() for item in shown})
    return [
        ReasonGroup(
            reason.value,
            *words,
            count=len(items),
            total=total((item.difference for item in items), found.account.currency),
            items=[ItemShown(item, things.get(item.reference, ())) for item in pages[reason]],
            page=pages[reason],
        )
        for reason, words in REASONS.items()
        if (items := by_reason.get(reason))
    ]


def things_of(found: AccountProof, references: Iterable[str]) -> dict[str, list[Model]]:
    """Find payouts, payments, refunds and rows that go by the references; each look-up is a query of its own."""
    client = found.account.client
    accounts = [account.pk for account in found.accounts]
    names = sorted({*references} - {""})
    things: dict[str, dict[tuple[str, int], Model]] = defaultdict(dict)
    searches: tuple[tuple[Any, str, Q], ...] = (
        (Payout, "reference", Q(account__in=accounts)),
        (Payment, "reference", Q(client=client)),
        (Payment, "provider_reference", Q(client=client)),
        (Payment, "sale_reference", Q(client=client)),
        (Payment, "sale__reference", Q(client=client)),
        (Refund, "reference", Q(client=client)),
        (PayoutEntry, "reference", Q(account__in=accounts)),
        (PayoutEntry, "provider_reference", Q(account__in=accounts)),
        (PayoutEntry, "key", Q(account__in=accounts)),
        (PayoutEntry, "payout_reference", Q(account__in=accounts, payout=None)),
    )
    for start in range(0, len(names), NAMES_A_QUERY):
        portion = names[start : start + NAMES_A_QUERY]
        for model, name, mine in searches:
            found_rows = model.objects.filter(mine, **{f"{name}__in": portion}).annotate(called=F(name))
            for row in found_rows[: NAMES_A_QUERY * MAX_THINGS]:
                things[row.called][model.__name__, row.pk] = row
    return {reference: list(rows.values())[:MAX_THINGS] for reference, rows in things.items()}
