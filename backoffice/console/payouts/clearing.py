"""Clearing accounts: what is explained and what is not, per provider account and period, to the minor unit."""

from __future__ import annotations

import csv
from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.clients.scope import clients_shown, person
from backoffice.clients.selectors import clients_of
from backoffice.console.payouts.clearing_items import groups_of, label_of
from backoffice.console.payouts.month import open_in
from backoffice.ledger.money import Money, total
from backoffice.settlements.clearing import AccountProof, CannotProve, clearing_proof
from backoffice.settlements.models import ProviderAccount
from backoffice.settlements.selectors import entries_needing_person, payouts_needing_person
from backoffice.settlements.words import KINDS

#: more accounts than this are proved one by one, from the list
MAX_PROVED = 8


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A provider account in the overview; found is None where it was not proved, problem says why it cannot be."""

    account: ProviderAccount
    payouts: int
    rows: int
    found: AccountProof | None = None
    items: Money | None = None
    problem: str = ""


def period_of(request: HttpRequest) -> tuple[date, date]:
    """Read month (2026-11), or from and through; without them this month."""
    today = timezone.localdate()
    month = _day(f"{request.GET.get('month', '')}-01") or today.replace(day=1)
    since = _day(request.GET.get("from", "")) or month
    through = _day(request.GET.get("through", "")) or month.replace(day=monthrange(month.year, month.month)[1])
    return (since, through) if since <= through else (through, since)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _periods(since: date, through: date) -> dict[str, Any]:
    first = since.replace(day=1)
    return {
        "since": since,
        "through": through,
        "month_before": (first - timedelta(days=1)).strftime("%Y-%m"),
        "month_after": (first + timedelta(days=31)).strftime("%Y-%m"),
    }


def clearing_page(request: HttpRequest) -> HttpResponse:
    """Show every provider account, and what else of the period needs a person."""
    since, through = period_of(request)
    clients = clients_shown(request).filter(is_active=True)
    accounts = list(ProviderAccount.objects.filter(client__in=clients).select_related("client", "sales_point"))
    payouts: Counter[int] = Counter(dict(_counts(payouts_needing_person(clients))))
    rows: Counter[int] = Counter(dict(_counts(entries_needing_person(clients))))
    is_proved = len(accounts) <= MAX_PROVED
    shown = [AccountRow(one, payouts[one.pk], rows[one.pk]) for one in accounts]
    if is_proved:
        shown = [_proved(row, since, through) for row in shown]
    context = {
        **admin.site.each_context(request),
        **_periods(since, through),
        "title": _("Clearing accounts"),
        "rows": shown,
        "is_proved": is_proved,
        "others": open_in(list(clients), since, through),
    }
    return TemplateResponse(request, "console/clearing.html", context)


def _counts(rows: Any) -> list[tuple[int, int]]:
    counted = rows.order_by().values("account").annotate(n=Count("pk"))
    return [(one["account"], one["n"]) for one in counted]


def _proved(row: AccountRow, since: date, through: date) -> AccountRow:
    try:
        found = clearing_proof(row.account, since, through)
    except CannotProve as error:
        return AccountRow(row.account, row.payouts, row.rows, problem=str(error))
    items = total((item.difference for item in found.proof.items), row.account.currency)
    return AccountRow(row.account, row.payouts, row.rows, found, items)


def clearing_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the proof of one account over a period, or give it as CSV."""
    mine = clients_of(person(request))
    account = get_object_or_404(ProviderAccount.objects.select_related("client", "sales_point"), pk=pk, client__in=mine)
    since, through = period_of(request)
    found, problem, asked = None, "", request.GET
    try:
        found = clearing_proof(account, since, through)
    except CannotProve as error:
        problem = str(error)
    if asked.get("format") == "csv" and found is not None:
        return _as_csv(found)
    context = {
        **admin.site.each_context(request),
        **_periods(since, through),
        "title": f"{account}",
        "account": account,
        "found": found,
        "problem": problem,
        "groups": groups_of(found, turned=asked.get("reason", ""), page=asked.get("page", "1")) if found else [],
        "movements": [(KINDS[kind], amount) for kind, amount in found.proof.movements.items()] if found else [],
        "others": open_in([account.client], since, through),
    }
    return TemplateResponse(request, "console/clearing_account.html", context)


def _as_csv(found: AccountProof) -> HttpResponse:
    """Give the proof and its open items as a file that a spreadsheet opens."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"clearing-{found.ledger_account}-{found.since}-{found.through}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    proof, write = found.proof, csv.writer(response, delimiter=";").writerow
    write(["figure", "reference", "reason", "books", "provider", "difference"])
    for figure, books, provider in (
        ("opening", proof.books_opening, proof.opening),
        *((kind.value, "", amount) for kind, amount in proof.movements.items()),
        ("closing", proof.books_closing, proof.closing),
        ("stated by the provider", "", proof.closing_stated),
        ("unexplained", "", proof.unexplained),
        ("unnamed", "", proof.unnamed),
    ):
        write([figure, "", "", books, provider, ""])
    for item in proof.items:
        values = [item.reference, label_of(item.reason), item.books, item.provider, item.difference]
        write(["open item", *(_plain(str(value)) for value in values)])
    return response


def _plain(text: str) -> str:
    """Keep a spreadsheet from reading a reference as a formula; amounts stay numbers."""
    is_amount = text.removeprefix("-").replace(".", "").isdecimal()
    return text if is_amount or not text.startswith(("=", "+", "-", "@", "\t", "\r")) else f"'{text}"
