"""What people decide about payouts and their rows: check the right, call one service, say what happened."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor
from backoffice.clients.models import Client
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.console.mapping.choices import account_named
from backoffice.console.vouchers.acts import why_not
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import Money
from backoffice.settlements import services
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.services import NotAllowed
from backoffice.workflows.payouts import post_payout_again, post_withheld

Doer = Callable[[HttpRequest, Any, Actor], str]


def may_act(request: HttpRequest, client_id: int) -> bool:
    """Whether the person decides at the client."""
    return clients_of(person(request), Right.EDIT).filter(pk=client_id).exists()


def _run(request: HttpRequest, doer: Doer, row: Payout | PayoutEntry | ProviderAccount, client: Client) -> None:
    if not may_act(request, client.pk):
        raise PermissionDenied
    try:
        messages.success(request, doer(request, row, Actor.person(person(request))))
    except (NotAllowed, StaleState, IllegalMove, LedgerError) as error:
        messages.error(request, why_not(error))


def act_on_payout(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Run one act on a payout and come back to its page."""
    if verb not in PAYOUT_ACTS:
        raise Http404(verb)
    mine = clients_of(person(request))
    payout = get_object_or_404(Payout.objects.select_related("client", "account"), pk=pk, client__in=mine)
    if request.method == "POST":
        _run(request, PAYOUT_ACTS[verb], payout, payout.client)
    return redirect(page_address(payout))


def act_on_row(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Run one act on a provider's row and come back to its page, or to the payout's page it was done on."""
    if verb not in ROW_ACTS:
        raise Http404(verb)
    mine = clients_of(person(request))
    rows = PayoutEntry.objects.select_related("account__client")
    entry = get_object_or_404(rows, pk=pk, account__client__in=mine)
    if request.method == "POST":
        _run(request, ROW_ACTS[verb], entry, entry.account.client)
    back = request.POST.get("back", "")
    payout = Payout.objects.filter(pk=back, account=entry.account_id).first() if back.isdecimal() else None
    return HttpResponseRedirect(page_address(payout or entry))


def choose_account_method(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which payment method a provider account settles."""
    mine = clients_of(person(request))
    account = get_object_or_404(ProviderAccount.objects.select_related("client"), pk=pk, client__in=mine)
    if request.method == "POST":
        _run(request, _choose_method, account, account.client)
    return redirect(page_address(account))


def _choose_method(request: HttpRequest, account: ProviderAccount, actor: Actor) -> str:
    services.choose_method(account_id=account.pk, method=request.POST.get("method", ""), actor=actor)
    return _("Saved. Open vouchers of its payouts are drafted again.")


def choose_exchange(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where exchange gains and losses of the client's foreign payouts go."""
    mine = clients_of(person(request))
    account = get_object_or_404(ProviderAccount.objects.select_related("client"), pk=pk, client__in=mine)
    if request.method == "POST":
        _run(request, _choose_exchange, account, account.client)
    return redirect(page_address(account))


def _choose_exchange(request: HttpRequest, account: ProviderAccount, actor: Actor) -> str:
    gain, loss = (_account(request, account.client, name) for name in ("gain", "loss"))
    services.choose_exchange_accounts(account_id=account.pk, gain=gain, loss=loss, actor=actor)
    return _("Saved. Open vouchers of its payouts are drafted again.")


# --- what was typed -----


def _account(request: HttpRequest, client: Client, name: str = "ledger_account") -> str:
    """Read a ledger account; empty stays empty."""
    typed = request.POST.get(name, "").strip()
    if not typed:
        return ""
    found = account_named(client, typed)
    if found is None:
        raise NotAllowed(_("No active ledger account is “%(typed)s”. Choose one from the list.") % {"typed": typed})
    return found.number


def _decimal(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")


def _amount(request: HttpRequest, name: str, currency: str) -> Money | None:
    typed = request.POST.get(name, "").strip()
    if not typed:
        return None
    try:
        return Money.parse(_decimal(typed), currency)
    except LedgerError as error:
        raise NotAllowed(_("“%(typed)s” is no amount. Write it like 1234.50.") % {"typed": typed}) from error


def _rate(request: HttpRequest) -> Decimal | None:
    typed = request.POST.get("exchange_rate", "").strip()
    try:
        return Decimal(_decimal(typed)) if typed else None
    except InvalidOperation as error:
        raise NotAllowed(_("“%(typed)s” is no exchange rate. Write it like 11.4025.") % {"typed": typed}) from error


def _marked(request: HttpRequest, account_id: int) -> list[PayoutEntry]:
    keys = [int(key) for key in request.POST.getlist("row") if key.isdecimal()]
    found = list(PayoutEntry.objects.filter(pk__in=keys, account=account_id))
    if not found:
        raise NotAllowed(_("Mark the rows first."))
    return found


def _said(payout: Payout | None) -> str:
    """Say where the payout stands after a decision."""
    if payout is None:
        return _("It is noted.")
    payout.refresh_from_db()
    if payout.state == PayoutState.EXPLAINED:
        return _("The payout is explained now. Its voucher is drafted in a moment.")
    return _("It is noted. What is still missing stands on the payout's page.")


# --- payouts -----


def _accept(request: HttpRequest, payout: Payout, actor: Actor) -> str:
    account, reason = _account(request, payout.client), request.POST.get("reason", "")
    services.accept_difference(payout_id=payout.pk, ledger_account=account, reason=reason, actor=actor)
    return _said(payout)


def _take_back(request: HttpRequest, payout: Payout, actor: Actor) -> str:
    services.take_back_difference(payout_id=payout.pk, actor=actor)
    return _said(payout)


def _payout_content(request: HttpRequest, payout: Payout, actor: Actor) -> str:
    services.choose_payout_content(payout_id=payout.pk, take_other=_takes_other(request), actor=actor)
    return _said(payout)


def _exchange(request: HttpRequest, payout: Payout, actor: Actor) -> str:
    home = payout.client.currency
    bank, cleared = _amount(request, "bank_amount", home), _amount(request, "cleared", home)
    rate = _rate(request)
    if rate is None and bank is None and cleared is None:
        raise NotAllowed(_("Write the rate, or one of the amounts."))
    services.enter_exchange(payout_id=payout.pk, actor=actor, exchange_rate=rate, bank_amount=bank, cleared=cleared)
    return _said(payout)


def _by_hand(request: HttpRequest, payout: Payout, actor: Actor) -> str:
    services.post_by_hand(payout_id=payout.pk, actor=actor, note=request.POST.get("note", ""))
    return _("It counts as posted by hand. Nothing is posted for it from here.")


def _post_again(request: HttpRequest, payout: Payout, actor: Actor) -> str:
    post_payout_again(payout_id=payout.pk, actor=actor)
    return _said(payout)


def _assign(request: HttpRequest, payout: Payout, actor: Actor) -> str:
    """Put the marked rows into this payout, all or none."""
    with transaction.atomic():
        for entry in _marked(request, payout.account_id):
            services.assign_entry(entry_id=entry.pk, payout_id=payout.pk, actor=actor)
    return _said(payout)


def _take_out(request: HttpRequest, payout: Payout, actor: Actor) -> str:
    """Take the marked rows out of this payout, all or none; they go to another one where one is chosen."""
    target = request.POST.get("to", "")
    to = int(target) if target.isdecimal() else None
    with transaction.atomic():
        for entry in _marked(request, payout.account_id):
            services.assign_entry(entry_id=entry.pk, payout_id=to, actor=actor)
    return _said(payout)


def _takes_other(request: HttpRequest) -> bool:
    choice = request.POST.get("take", "")
    if choice not in ("first", "other"):
        raise NotAllowed(_("Say which of the two is right."))
    return choice == "other"


PAYOUT_ACTS: dict[str, Doer] = {
    "accept_difference": _accept,
    "take_back_difference": _take_back,
    "choose_content": _payout_content,
    "exchange": _exchange,
    "by_hand": _by_hand,
    "post_again": _post_again,
    "assign": _assign,
    "take_out": _take_out,
}


# --- rows -----


def _classify(request: HttpRequest, entry: PayoutEntry, actor: Actor) -> str:
    decided = services.classify_entry(
        entry_id=entry.pk,
        kind=request.POST.get("kind", ""),
        actor=actor,
        ledger_account=_account(request, entry.account.client),
        vat_code=request.POST.get("vat_code", "")[:10],
        note=request.POST.get("note", ""),
    )
    return _said(decided.payout)


def _leave(request: HttpRequest, entry: PayoutEntry, actor: Actor) -> str:
    return _said(services.leave_entry(entry_id=entry.pk, actor=actor, note=request.POST.get("note", "")).payout)


def _assign_row(request: HttpRequest, entry: PayoutEntry, actor: Actor) -> str:
    target = request.POST.get("to", "")
    to = int(target) if target.isdecimal() else None
    if to is not None and not Payout.objects.filter(pk=to, account=entry.account_id).exists():
        raise NotAllowed(_("Choose a payout of the same account."))
    return _said(services.assign_entry(entry_id=entry.pk, payout_id=to, actor=actor).payout)


def _row_content(request: HttpRequest, entry: PayoutEntry, actor: Actor) -> str:
    chosen = services.choose_content(entry_id=entry.pk, take_other=_takes_other(request), actor=actor)
    return _said(chosen.payout)


def _on_its_own(request: HttpRequest, entry: PayoutEntry, actor: Actor) -> str:
    post_withheld(entry_ids=[entry.pk], actor=actor)
    return _("A voucher of its own is drafted for it.")


ROW_ACTS: dict[str, Doer] = {
    "classify": _classify,
    "leave": _leave,
    "assign": _assign_row,
    "choose_content": _row_content,
    "on_its_own": _on_its_own,
}
