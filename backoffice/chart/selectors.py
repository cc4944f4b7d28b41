"""Reading the chart: limits, searches, suggestions with a reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from backoffice.chart.models import BookLimits, LedgerAccount, VatCode
from backoffice.clients.models import Client

#: what a payment method is usually called in a chart of accounts
NAMES = {
    "vipps": ("vipps",),
    "klarna": ("klarna",),
    "stripe": ("stripe", "card", "kort"),
    "card": ("card", "kort", "visa"),
    "paypal": ("paypal",),
    "cash": ("cash", "kontant", "kasse"),
    "gift_card": ("gift", "gavekort"),
}
#: shorter words stand in too many names to mean anything
MIN_WORD_CHARACTERS = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposal that a person may take, and why it is made."""

    account: LedgerAccount
    why: str
    vat_code: str = ""


def limits_of(client: Client) -> BookLimits | None:
    """The client's lock date as last read, or None when it was never read."""
    return BookLimits.objects.filter(client=client).first()


def accounts_like(client: Client, words: str, *, limit: int = 20) -> QuerySet[LedgerAccount]:
    """Active ledger accounts whose number begins with the words or whose name holds them."""
    found = LedgerAccount.objects.filter(client=client, is_active=True)
    for word in words.split():
        found = found.filter(Q(number__startswith=word) | Q(name__icontains=word))
    return found.order_by("number")[:limit]


def suggest_for_payment(client: Client, method: str) -> Suggestion | None:
    """A ledger account whose name speaks of the payment method, among the 15xx and 19xx ones."""
    words = next((names for key, names in NAMES.items() if method.lower().startswith(key)), _own_words(method))
    holding = LedgerAccount.objects.filter(client=client, is_active=True)
    holding = holding.filter(Q(number__startswith="19") | Q(number__startswith="15") | Q(number__startswith="29"))
    for word in words:
        account = holding.filter(name__icontains=word).order_by("number").first()
        if account is not None:
            return Suggestion(account, f"Its name holds “{word}”.")
    return None


def _own_words(method: str) -> tuple[str, ...]:
    """Give a method's whole name, then its first word: "svea_checkout" is Svea's."""
    whole = method.strip().lower()
    first = re.split(r"[\W_]+", whole, maxsplit=1)[0]
    return tuple(word for word in (whole, first) if len(word) >= MIN_WORD_CHARACTERS)


def suggest_for_sales(client: Client, vat_rate: Decimal) -> Suggestion | None:
    """The first income account whose own VAT code has the rate."""
    codes = {code.code for code in VatCode.objects.filter(client=client, rate=vat_rate, is_active=True)}
    account = (
        LedgerAccount.objects.filter(client=client, is_active=True, number__startswith="3", vat_code__in=codes)
        .order_by("number")
        .first()
    )
    if account is None:
        return None
    return Suggestion(account, f"Its VAT code {account.vat_code} has {vat_rate:g} %.", account.vat_code)


def suggest_payment_rules(client: Client, methods: Iterable[str]) -> dict[str, Suggestion | None]:
    """Suggestions for several payment methods."""
    return {method: suggest_for_payment(client, method) for method in methods}


def suggest_sales_rules(
    client: Client, groups_and_rates: Collection[tuple[str, Decimal]]
) -> dict[tuple[str, Decimal], Suggestion | None]:
    """Suggestions for several groups at a VAT rate."""
    by_rate: dict[Decimal, Suggestion | None] = {}
    for _, rate in groups_and_rates:
        if rate not in by_rate:
            by_rate[rate] = suggest_for_sales(client, rate)
    return {(group, rate): by_rate[rate] for group, rate in groups_and_rates}
