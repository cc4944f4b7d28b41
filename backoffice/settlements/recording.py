"""Record what a provider reports, each row and payout once, whatever the order and however often it comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from backoffice.clients.models import Client, SalesPoint
from backoffice.common.codec import show_money
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.queue import ring
from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.payouts import ProviderRow, ProviderStatement, ReportedPayout
from backoffice.ledger.settlement import RowKind
from backoffice.settlements.explaining import explain, refresh_entries
from backoffice.settlements.matching import match_entries
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount, ProviderBalance
from backoffice.settlements.moves import INTAKE, tell_account
from backoffice.settlements.selectors import is_closed

KEYS_A_QUERY = 500
KEY_CHARACTERS, REFERENCE_CHARACTERS = 200, 100
#: what makes a row or payout another one; the rest may be filled in by a later report
ENTRY_FIXED = ("kind", "amount_minor", "booked_on")
ENTRY_FILLED = ("reference", "provider_reference", "payout_reference", "vat_code", "fee_vat_minor")
ENTRY_WORDS = ("native_kind", "description")
PAYOUT_FIXED = ("amount_minor", "paid_on")
PAYOUT_FILLED = ("exchange_rate", "bank_amount_minor", "bank_currency")
PAYOUT_WORDS = ("bank_text",)
Row = TypeVar("Row", Payout, PayoutEntry)


@dataclass(frozen=True, slots=True)
class RecordedStatement:
    """What a statement changed: how many rows were new, filled in, or came with other content; the payouts of it."""

    account: ProviderAccount
    new_rows: int
    filled_rows: int
    differing_rows: int
    payouts: tuple[Payout, ...]
    new_payouts: int

    @property
    def note(self) -> str:
        """Say what became of the statement."""
        text = f"{self.account}: {self.new_rows} new rows, {self.new_payouts} new payouts"
        if self.filled_rows:
            text += f", {self.filled_rows} rows filled in"
        if self.differing_rows:
            text += f", {self.differing_rows} rows with other content than before"
        return f"{text}."


def account_for(
    *,
    client: Client,
    provider: str,
    external_id: str,
    currency: str,
    method: str = "",
    sales_point: SalesPoint | None = None,
    connection: Connection | None = None,
) -> ProviderAccount:
    """Find or make a client's account with a provider. A new one settles `method`, else the method named as it is."""
    account, is_new = ProviderAccount.objects.select_related("client", "sales_point").get_or_create(
        client=client,
        provider=provider,
        external_id=external_id[:REFERENCE_CHARACTERS],
        currency=currency,
        defaults={"method": method or provider, "sales_point": sales_point, "connection": connection},
    )
    if is_new:
        tell_account(account, "provideraccount.added", INTAKE, f"It settles {account.method}.")
    return account


@transaction.atomic
def record_statement(
    *,
    client: Client,
    provider: str,
    statement: ProviderStatement,
    event: InboundEvent | None,
    method: str = "",
    sales_point: SalesPoint | None = None,
    connection: Connection | None = None,
) -> RecordedStatement:
    """Record a statement's rows, payouts and balances, match them, and explain the payouts they belong to.

    The same row again is one row. What an earlier report left empty is filled in; other content under a used key is
    kept beside the first and shown, never written over it. Raises UnreadablePayload for a row without a key or in
    another currency than the statement; nothing is recorded then.
    """
    _check(statement)
    account = account_for(
        client=client,
        provider=provider,
        external_id=statement.account,
        currency=statement.currency,
        method=method,
        sales_point=sales_point,
        connection=connection,
    )
    ProviderAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    payouts, new_payouts = _record_payouts(account, statement.payouts, event)
    touched, counts = _record_rows(account, statement.rows, event)
    for balance in statement.balances:
        ProviderBalance.objects.get_or_create(
            account=account, on=balance.on, amount_minor=balance.amount.minor, defaults={"event": event}
        )
    _settle(account, payouts, touched)
    ring(client.pk)
    return RecordedStatement(account, *counts, tuple(payouts), new_payouts)


def _check(statement: ProviderStatement) -> None:
    amounts = [(row.key, row.amount) for row in statement.rows]
    amounts += [(payout.reference, payout.amount) for payout in statement.payouts]
    for key, amount in amounts:
        if not key or len(key) > KEY_CHARACTERS:
            raise UnreadablePayload(
                f"A row or payout has no key, or one over {KEY_CHARACTERS} characters: {key!r:.50}."
            )
        if amount.currency != statement.currency:
            raise UnreadablePayload(f"{key} is in {amount.currency}, the statement in {statement.currency}.")
    if any(len(payout.reference) > REFERENCE_CHARACTERS for payout in statement.payouts):
        raise UnreadablePayload(f"A payout's reference has over {REFERENCE_CHARACTERS} characters.")


def _settle(account: ProviderAccount, payouts: list[Payout], touched: list[PayoutEntry]) -> None:
    """Attach rows to their payouts, match them, say what is wrong with them, and explain every payout they touch."""
    names = {row.payout_reference for row in touched} | {payout.reference for payout in payouts}
    of_names = {
        p.reference: p
        for portion in _portions(sorted(names - {""}))
        for p in account.payouts.filter(reference__in=portion).select_related("client", "voucher", "account")
    }
    waiting = {entry.pk: entry for entry in touched}
    for portion in _portions(sorted({payout.reference for payout in payouts})):
        for entry in account.entries.filter(payout_reference__in=portion, payout=None, is_assigned=False):
            waiting.setdefault(entry.pk, entry)
    attached = []
    for entry in waiting.values():
        entry.account = account
        payout = of_names.get(entry.payout_reference)
        if payout is None or entry.payout_id or entry.is_assigned:
            continue
        if not is_closed(payout) or RowKind(entry.kind) is RowKind.PAYOUT:
            entry.payout = payout
            attached.append(entry)
    PayoutEntry.objects.bulk_update(attached, ["payout"], batch_size=500)
    match_entries(account, {name for e in waiting.values() for name in (e.reference, e.provider_reference)})
    refresh_entries(list(waiting.values()), of_names)
    for _, payout in sorted(of_names.items()):
        explain(payout=payout, actor=INTAKE)


def _portions(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[start : start + KEYS_A_QUERY] for start in range(0, len(keys), KEYS_A_QUERY))


# --- rows -----


def _columns(row: ProviderRow) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "native_kind": row.native_kind[:100],
        "amount_minor": row.amount.minor,
        "booked_on": row.booked_on,
        "reference": row.reference[:REFERENCE_CHARACTERS],
        "provider_reference": row.provider_reference[:REFERENCE_CHARACTERS],
        "payout_reference": row.payout_reference[:REFERENCE_CHARACTERS],
        "vat_code": row.vat_code[:10],
        "fee_vat_minor": row.fee_vat.minor if row.fee_vat is not None else None,
        "description": row.description[:300],
    }


def _record_rows(
    account: ProviderAccount, rows: Sequence[ProviderRow], event: InboundEvent | None
) -> tuple[list[PayoutEntry], tuple[int, int, int]]:
    stored: dict[str, PayoutEntry] = {}
    for portion in _portions(sorted({row.key for row in rows})):
        stored.update({entry.key: entry for entry in account.entries.filter(key__in=portion)})
    new: dict[str, PayoutEntry] = {}
    changed: dict[str, PayoutEntry] = {}
    differing = 0
    for row in rows:
        given = _columns(row)
        entry = stored.get(row.key) or new.get(row.key)
        if entry is None:
            new[row.key] = PayoutEntry(account=account, key=row.key, event=event, **given)
            continue
        filled, is_news = _merge(entry, given, ENTRY_FIXED, ENTRY_FILLED, ENTRY_WORDS)
        differing += is_news
        if (filled or is_news) and row.key in stored:
            changed[row.key] = entry
    PayoutEntry.objects.bulk_create(new.values(), batch_size=500)
    now = timezone.now()
    for entry in changed.values():
        entry.updated_at = now
    names = [*ENTRY_FIXED, *ENTRY_FILLED, *ENTRY_WORDS, "differing", "updated_at"]
    PayoutEntry.objects.bulk_update(changed.values(), names, batch_size=500)
    return [*new.values(), *changed.values()], (len(new), len(changed), differing)


def _merge(
    row: Row, given: Mapping[str, Any], fixed: Sequence[str], filled: Sequence[str], words: Sequence[str]
) -> tuple[bool, bool]:
    """Fill in what the stored row lacks; give whether it changed, and whether other content came that is news.

    A kind that was unknown and is known now is filled in too: the same row, read by a reader that knows more.
    """
    has_changed = False
    differs: list[list[str]] = []
    content: dict[str, Any] = {}
    for name in (*fixed, *filled, *words):
        kept, now = getattr(row, name), given[name]
        if kept == now or now in ("", None) or (name == "kind" and now == RowKind.OTHER):
            continue
        if kept in ("", None) or (name == "kind" and kept == RowKind.OTHER):
            setattr(row, name, now)
            has_changed = True
        elif name not in words:
            differs.append([name.removesuffix("_minor"), _shown(row, name, kept), _shown(row, name, now)])
            content[name] = _stored(now)
    if not differs or (row.differing and row.differing["content"] == content):
        return has_changed, False
    row.differing = {"fields": differs, "content": content, "decided_by": ""}
    return True, True


def _shown(row: Payout | PayoutEntry, name: str, value: Any) -> str:
    if name.endswith("_minor"):
        currency = row.currency if isinstance(row, Payout) else row.account.currency
        return show_money(value, currency)
    return str(value)


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


# --- payouts -----


def _payout_columns(payout: ReportedPayout) -> dict[str, Any]:
    bank = payout.bank_amount
    return {
        "amount_minor": payout.amount.minor,
        "paid_on": payout.paid_on,
        "exchange_rate": payout.exchange_rate,
        "bank_amount_minor": bank.minor if bank else None,
        "bank_currency": bank.currency if bank else "",
        "bank_text": payout.bank_text[:200],
    }


def _record_payouts(
    account: ProviderAccount, reported: Sequence[ReportedPayout], event: InboundEvent | None
) -> tuple[list[Payout], int]:
    payouts: dict[str, Payout] = {}
    new = 0
    for one in reported:
        given = _payout_columns(one)
        payout, is_new = Payout.objects.select_related("client", "account", "voucher").get_or_create(
            account=account,
            reference=one.reference,
            defaults={**given, "client": account.client, "currency": account.currency, "event": event},
        )
        new += is_new
        if not is_new:
            has_changed, _ = _merge(payout, given, PAYOUT_FIXED, PAYOUT_FILLED, PAYOUT_WORDS)
            if has_changed:
                payout.save(update_fields=[*given, "differing", "updated_at"])
        payouts[one.reference] = payout
    return list(payouts.values()), new
