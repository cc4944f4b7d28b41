"""What people decide about payouts; decisions about single rows stand in deciding.py and are offered here too."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from backoffice.audit.services import Actor, record
from backoffice.chart.models import LedgerAccount
from backoffice.clients.models import Client
from backoffice.connections.queue import ring
from backoffice.ledger.money import Money
from backoffice.settlements.deciding import (
    assign_entry,
    checked_account,
    choose_content,
    chosen,
    classify_entry,
    leave_entry,
    load_payout,
)
from backoffice.settlements.explaining import explain
from backoffice.settlements.models import Payout, ProviderAccount
from backoffice.settlements.moves import advance_payout, tell_account
from backoffice.settlements.recording import RecordedStatement, account_for, record_statement
from backoffice.settlements.selectors import explanation_of
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.services import NotAllowed, withdraw
from backoffice.vouchers.states import OPEN, VoucherState

__all__ = [
    "RecordedStatement",
    "accept_difference",
    "account_for",
    "assign_entry",
    "choose_content",
    "choose_exchange_accounts",
    "choose_method",
    "choose_payout_content",
    "classify_entry",
    "enter_exchange",
    "leave_entry",
    "post_by_hand",
    "record_statement",
    "take_back_difference",
]


# --- payouts -----


@transaction.atomic
def choose_payout_content(*, payout_id: int, take_other: bool, actor: Actor) -> Payout:
    """Decide between two contents that came under one payout reference."""
    payout = load_payout(payout_id)
    changes = chosen(payout, actor, take_other=take_other)
    note = "The other content is right." if take_other else "The first content is right."
    advance_payout(payout=payout, to=None, actor=actor, action="payout.content_chosen", note=note, **changes)
    return _explained(payout, actor)


@transaction.atomic
def accept_difference(*, payout_id: int, ledger_account: str, reason: str, actor: Actor) -> Payout:
    """Accept what a payout and its rows differ by, and post it on a ledger account; empty: leave it on clearing.

    The amount is fixed now: rows that come later make a new difference. Raises NotAllowed when there is none.
    """
    payout = load_payout(payout_id)
    if not reason.strip():
        raise NotAllowed("Say why the difference is accepted.")
    checked_account(payout, ledger_account)
    difference = explanation_of(payout).check.difference
    if not difference:
        raise NotAllowed("There is no difference to accept.")
    advance_payout(
        payout=payout,
        to=None,
        actor=actor,
        action="payout.difference_accepted",
        note=f"{difference} to {ledger_account or 'the clearing account'}: {reason}",
        difference_minor=payout.difference_minor + difference.minor,
        difference_ledger_account=ledger_account,
        difference_reason=reason[:300],
        difference_by=actor.label[:150],
    )
    return _explained(payout, actor)


@transaction.atomic
def take_back_difference(*, payout_id: int, actor: Actor) -> Payout:
    """Take an accepted difference back."""
    payout = load_payout(payout_id)
    if not payout.difference_by:
        raise NotAllowed("No difference was accepted.")
    advance_payout(
        payout=payout,
        to=None,
        actor=actor,
        action="payout.difference_taken_back",
        difference_minor=0,
        difference_ledger_account="",
        difference_reason="",
        difference_by="",
    )
    return _explained(payout, actor)


@transaction.atomic
def enter_exchange(
    *,
    payout_id: int,
    actor: Actor,
    exchange_rate: Decimal | None = None,
    bank_amount: Money | None = None,
    cleared: Money | None = None,
) -> Payout:
    """Enter what a payout in another currency lacks. What is None stays as it is.

    exchange_rate: the books' currency per unit of the payout's. bank_amount: what arrived. cleared: at what the
    payout's payments less refunds stand on the clearing account. Both in the books' currency, as Money.
    """
    payout = load_payout(payout_id)
    if exchange_rate is not None and (not exchange_rate.is_finite() or exchange_rate <= 0):
        raise NotAllowed("Write the rate as the books' currency per unit of the payout's, above 0.")
    if any(money is not None and money.currency != payout.client.currency for money in (bank_amount, cleared)):
        raise NotAllowed(f"Give both amounts in {payout.client.currency}.")
    changes: dict[str, Any] = {}
    if exchange_rate is not None:
        changes["exchange_rate"] = exchange_rate
    if bank_amount is not None:
        changes |= {"bank_amount_minor": bank_amount.minor, "bank_currency": bank_amount.currency}
    if cleared is not None:
        changes["cleared_minor"] = cleared.minor
    note = ", ".join(f"{name} {value}" for name, value in changes.items())
    advance_payout(payout=payout, to=None, actor=actor, action="payout.exchange_entered", note=note, **changes)
    return _explained(payout, actor)


@transaction.atomic
def post_by_hand(*, payout_id: int, actor: Actor, note: str) -> Payout:
    """Say that a payout was posted in the books by hand; note says how. A voucher of it that is open is drawn back."""
    payout = load_payout(payout_id)
    if not note.strip():
        raise NotAllowed("Say how it was posted: the voucher number in the books, and by whom.")
    voucher = payout.voucher
    if voucher is not None and voucher.state in {*OPEN, VoucherState.FAILED}:
        withdraw(voucher_id=voucher.pk, actor=actor, reason=note)
    changes = {"by_hand_note": note[:300], "because": ""}
    advance_payout(
        payout=payout, to=PayoutState.POSTED, actor=actor, action="payout.posted_by_hand", note=note, **changes
    )
    return payout


def _explained(payout: Payout, actor: Actor) -> Payout:
    payout.refresh_from_db()
    explain(payout=payout, actor=actor)
    ring(payout.client_id)
    return payout


# --- accounts -----


@transaction.atomic
def choose_method(*, account_id: int, method: str, actor: Actor) -> ProviderAccount:
    """Say which payment method a provider account settles; its open vouchers are drafted again."""
    account = ProviderAccount.objects.select_related("client", "sales_point").get(pk=account_id)
    method = method.strip()
    if not method or len(method) > 60:
        raise NotAllowed("Name the payment method as the sales system does, at most 60 characters.")
    account.method = method
    account.save(update_fields=["method", "updated_at"])
    tell_account(account, "provideraccount.method_chosen", actor, method)
    for payout in account.payouts.filter(state=PayoutState.EXPLAINED).select_related("client", "voucher"):
        explain(payout=payout, actor=actor)
    ring(account.client_id)
    return account


@transaction.atomic
def choose_exchange_accounts(*, account_id: int, gain: str, loss: str, actor: Actor) -> ProviderAccount:
    """Say where the client's exchange gains and losses go; open vouchers of its foreign payouts are drafted again.

    Raises NotAllowed for an account that is not in the books.
    """
    account = ProviderAccount.objects.select_related("client").get(pk=account_id)
    client = Client.objects.select_for_update().get(pk=account.client_id)
    active = LedgerAccount.objects.filter(client=client, number__in={gain, loss}, is_active=True)
    if active.count() != len({gain, loss}):
        raise NotAllowed("Choose active ledger accounts for both, gain and loss.")
    before = {"gain": client.exchange_gain_ledger_account, "loss": client.exchange_loss_ledger_account}
    client.exchange_gain_ledger_account, client.exchange_loss_ledger_account = gain, loss
    client.save(update_fields=["exchange_gain_ledger_account", "exchange_loss_ledger_account"])
    record(
        action="client.changed",
        actor=actor,
        subject_type="client",
        subject_id=client.pk,
        client=client,
        label=str(client),
        before=before,
        after={"gain": gain, "loss": loss},
    )
    tell_account(account, "provideraccount.exchange_chosen", actor, f"{gain} {loss}")
    open_ones = Payout.objects.filter(client=client, state=PayoutState.EXPLAINED).exclude(currency=client.currency)
    for payout in open_ones.select_related("client", "account", "voucher"):
        explain(payout=payout, actor=actor)
    ring(client.pk)
    return account
