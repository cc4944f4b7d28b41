"""What the pages of payouts, rows and provider accounts show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import Client
from backoffice.console.mapping.choices import accounts_of, vat_codes_of
from backoffice.console.payouts.acts import may_act
from backoffice.console.timeline_words import in_words
from backoffice.ledger.money import Money, total
from backoffice.ledger.settlement import RowKind
from backoffice.settlements.admin import PayoutAdmin, PayoutEntryAdmin, ProviderAccountAdmin
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount
from backoffice.settlements.selectors import (
    DIFFERENCE_KEY,
    Explanation,
    explanation_of,
    is_closed,
    is_taken,
)
from backoffice.settlements.states import PayoutState
from backoffice.settlements.words import KINDS, state_badge
from backoffice.vouchers.states import GONE
from backoffice.workflows.payout_values import proposed_value
from backoffice.workflows.payouts import why_not_on_its_own

MAX_ROWS = 200
MAX_PARKED = 50
MAX_PAYOUTS = 100
MAX_STEPS = 200


@dataclass(frozen=True, slots=True)
class KindSum:
    """All rows of one kind; `is_accepted` stands for the difference that a person accepted."""

    label: Any
    count: int
    amount: Money
    is_accepted: bool = False


@dataclass(frozen=True, slots=True)
class Loose:
    """Rows without payout that name the same payout over there. is_missing: they add up to just what is missing."""

    reference: str
    entries: Sequence[PayoutEntry]
    amount: Money
    is_missing: bool


def sums_of(found: Explanation) -> list[KindSum]:
    """The sum of each kind; they add to the row sum."""
    rows = [row for row in found.check.rows if row.key != DIFFERENCE_KEY]
    accepted = [row for row in found.check.rows if row.key == DIFFERENCE_KEY]
    currency = found.check.payout.currency
    shown = [
        KindSum(KINDS[kind], len(of_kind), total((row.amount for row in of_kind), currency))
        for kind in RowKind
        if (of_kind := [row for row in rows if row.kind is kind])
    ]
    return shown + [KindSum("", 1, row.amount, is_accepted=True) for row in accepted]


def loose_rows(payout: Payout, difference: Money) -> list[Loose]:
    """Rows of the account that nothing has taken, by the payout they name; those that explain it all first."""
    rows = PayoutEntry.objects.filter(account=payout.account_id, payout=None, is_left=False)
    rows = rows.filter(Q(voucher=None) | Q(voucher__state__in=GONE)).select_related("account")
    groups: dict[str, list[PayoutEntry]] = defaultdict(list)
    for entry in rows.order_by("-booked_on", "key")[:MAX_ROWS]:
        groups[entry.payout_reference].append(entry)
    found = []
    for reference, entries in groups.items():
        amount = total((entry.amount for entry in entries), payout.currency)
        found.append(Loose(reference, entries, amount, bool(difference) and amount == difference))
    return sorted(found, key=lambda one: (not one.is_missing, not one.reference, one.reference))


def history_of(subjects: Sequence[tuple[str, Collection[int]]]) -> list[tuple[AuditEntry, str]]:
    """What the audit trail knows of things, newest first, in words."""
    condition = Q(pk__in=[])
    for subject_type, keys in subjects:
        condition |= Q(subject_type=subject_type, subject_id__in=[str(key) for key in keys])
    entries = AuditEntry.objects.filter(condition).order_by("-id")[:MAX_STEPS]
    return [(entry, in_words(entry.action)) for entry in entries]


def form_choices(client: Client) -> dict[str, Any]:
    """What the forms offer to choose from."""
    return {
        "accounts": accounts_of(client),
        "vat_codes": vat_codes_of(client, timezone.localdate()),
        "kinds": list(KINDS.items()),
    }


def open_payouts(account_id: int, *, but: int | None = None) -> list[Payout]:
    """Payouts of an account that may still be decided, newest first."""
    rows = Payout.objects.filter(account=account_id).exclude(state=PayoutState.POSTED).exclude(pk=but or 0)
    return [one for one in rows.select_related("voucher")[:MAX_PAYOUTS] if not is_closed(one)]


class PayoutPage(PayoutAdmin):
    """Payouts, with what can be decided about one."""

    def page_context(self, request: HttpRequest, obj: Payout) -> dict[str, Any]:
        """Give the payout beside its rows."""
        found = explanation_of(obj)
        may_decide = may_act(request, obj.client_id) and not is_closed(obj)
        parked = [entry.id for entry in found.entries if entry.needs_person_because]
        touched = obj.entries.filter(~Q(decided_by="") | Q(is_assigned=True) | Q(differing__isnull=False))
        decided = list(touched.order_by("pk").values_list("pk", flat=True)[:MAX_STEPS])
        shown = _entries(entry.id for entry in found.entries[:MAX_ROWS])
        again = (obj.voucher is not None and not is_taken(obj.voucher)) or bool(obj.by_hand_note and not obj.voucher)
        return {
            "payout": obj,
            "state": state_badge(obj.state),
            "found": found,
            "difference": found.check.difference,
            "sums": sums_of(found),
            "differing": _undecided(obj),
            "parked": _entries(parked[:MAX_PARKED]),
            "parked_count": len(parked),
            "entries": shown,
            "entry_count": len(found.entries),
            "loose": loose_rows(obj, found.check.difference) if may_decide else [],
            "others": open_payouts(obj.account_id, but=obj.pk) if may_decide else [],
            "may_decide": may_decide,
            "may_post_again": again and may_act(request, obj.client_id),
            "is_foreign": obj.currency != obj.client.currency,
            "proposal": proposed_value(obj, found) if may_decide else None,
            "history": history_of([("payout", [obj.pk]), ("payoutentry", decided)]),
            **(form_choices(obj.client) if may_decide else {}),
        }


def _entries(ids: Iterable[int]) -> list[PayoutEntry]:
    """Load rows that are shown, in the order of their days and keys."""
    rows = PayoutEntry.objects.filter(pk__in=list(ids)).select_related("account")
    return list(rows.order_by("booked_on", "key"))


def _undecided(row: Payout | PayoutEntry) -> dict[str, Any] | None:
    return row.differing if row.differing and not row.differing.get("decided_by") else None


class EntryPage(PayoutEntryAdmin):
    """The provider's rows, with what can be decided about one."""

    def page_context(self, request: HttpRequest, obj: PayoutEntry) -> dict[str, Any]:
        """Give the row with what it belongs to."""
        client = obj.account.client
        is_open = not is_taken(obj.voucher) and not (obj.payout is not None and is_closed(obj.payout))
        may_decide = is_open and may_act(request, client.pk)
        sale = obj.payment.sale if obj.payment else obj.refund.sale if obj.refund else None
        return {
            "entry": obj,
            "client": client,
            "kind_label": KINDS[RowKind(obj.kind)],
            "effective_label": KINDS[obj.effective_kind],
            "decided_label": KINDS[RowKind(obj.decided_kind)] if obj.decided_kind else "",
            "sale": sale,
            "differing": _undecided(obj),
            "may_decide": may_decide,
            "may_own": may_decide and not why_not_on_its_own(obj),
            "others": open_payouts(obj.account_id, but=obj.payout_id) if may_decide else [],
            "history": history_of([("payoutentry", [obj.pk])]),
            **(form_choices(client) if may_decide else {}),
        }


class AccountPage(ProviderAccountAdmin):
    """Provider accounts, with the payment method each settles."""

    def page_context(self, request: HttpRequest, obj: ProviderAccount) -> dict[str, Any]:
        """Give the account with its newest payouts and the provider's own balances."""
        return {
            "account": obj,
            "balances": list(obj.balances.order_by("-on", "-id")[:12]),
            "payouts": [(one, state_badge(one.state)) for one in obj.payouts.all()[:20]],
            "may_decide": may_act(request, obj.client_id),
            "is_foreign": obj.currency != obj.client.currency,
            "history": history_of([("provideraccount", [obj.pk])]),
            **form_choices(obj.client),
        }
