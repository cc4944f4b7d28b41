"""The one writer of a payout's state, and what the audit trail hears of payouts and rows."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.common.transitions import compare_and_swap
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount
from backoffice.settlements.states import PAYOUT, PayoutState

INTAKE = Actor.system("intake")


@transaction.atomic
def advance_payout(
    *, payout: Payout, to: PayoutState | None, actor: Actor, action: str, note: str = "", **changes: Any
) -> None:
    """Move a payout by compare-and-swap, or only change its columns when `to` is None, and tell the audit trail.

    Raises IllegalMove and StaleState.
    """
    before = payout.state
    changes["updated_at"] = timezone.now()
    if to is not None:
        compare_and_swap(payout, PAYOUT, to, **changes)
    else:
        Payout.objects.filter(pk=payout.pk).update(**changes)
        for name, value in changes.items():
            setattr(payout, name, value)
    record(
        action=action,
        actor=actor,
        subject_type="payout",
        subject_id=payout.pk,
        client=payout.client,
        label=payout.reference,
        before={"state": before},
        after={"state": payout.state},
        note=note,
    )


def change_entry(*, entry: PayoutEntry, actor: Actor, action: str, note: str, **changes: Any) -> None:
    """Change a row's decisions and tell the audit trail."""
    before = {name: str(getattr(entry, name)) for name in changes}
    for name, value in changes.items():
        setattr(entry, name, value)
    entry.save(update_fields=[*changes, "updated_at"])
    record(
        action=action,
        actor=actor,
        subject_type="payoutentry",
        subject_id=entry.pk,
        client=entry.account.client,
        label=entry.key,
        before=before,
        after={name: str(value) for name, value in changes.items()},
        note=note,
    )


def tell_account(account: ProviderAccount, action: str, actor: Actor, note: str) -> None:
    """Tell the audit trail what happened to a provider account."""
    record(
        action=action,
        actor=actor,
        subject_type="provideraccount",
        subject_id=account.pk,
        client=account.client,
        label=str(account),
        note=note,
    )
