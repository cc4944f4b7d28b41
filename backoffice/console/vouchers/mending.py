"""Mend a cause where it is shown: save the rule, then release every voucher that stopped for it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.audit.services import Actor
from backoffice.chart.mapping import BadRule, set_payment_rule, set_sales_rule
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.console.catalogue import cause_of
from backoffice.console.causes.entry import Button
from backoffice.console.mapping.choices import account_named
from backoffice.console.vouchers.acts import my_voucher, why_not
from backoffice.console.vouchers.buttons import rights_of
from backoffice.console.vouchers.fixes import split_group
from backoffice.contracts.errors import ProviderError
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed
from backoffice.workflows.services import ReleasedCause, link_customer, release_cause


class CannotMend(Exception):
    """What was typed does not mend it; the text says why."""


def mend_on_voucher(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the small form beside a reason."""
    if request.method != "POST":
        return redirect("admin:vouchers_voucher_change", pk)
    voucher = my_voucher(request, pk)
    if Right.EDIT not in rights_of(person(request), voucher):
        raise PermissionDenied
    code, subject = request.POST.get("code", ""), request.POST.get("subject", "")
    actor = Actor.person(person(request))
    try:
        if cause_of(code).button == Button.CHOOSE_CUSTOMER:
            number = request.POST.get("customer_number", "")
            released = link_customer(client=voucher.client, customer_key=subject, number=number, actor=actor)
        else:
            _save_rule(request, voucher, code, subject, actor)
            released = release_cause(client=voucher.client, code=code, subject=subject, actor=actor)
        messages.success(request, said_of(released))
    except (CannotMend, BadRule, NotAllowed, StaleState, IllegalMove, ProviderError) as error:
        messages.error(request, why_not(error))
    return HttpResponseRedirect(page_address(voucher))


def said_of(released: ReleasedCause) -> str:
    """Say how many vouchers one fix set free."""
    count = released.rebuilt + released.resent
    return ngettext(
        "Saved. %(count)s voucher that waited for this goes on.",
        "Saved. %(count)s vouchers that waited for this go on.",
        count,
    ) % {"count": count}


def _save_rule(request: HttpRequest, voucher: Voucher, code: str, subject: str, actor: Actor) -> None:
    account = account_named(voucher.client, request.POST.get("ledger_account", ""))
    if account is None:
        raise CannotMend(_("No active ledger account has that number or name. Choose one from the list."))
    vat_code = request.POST.get("vat_code", "")
    button = cause_of(code).button
    point = None if request.POST.get("everywhere") else voucher.sales_point
    if button == Button.MAP_PAYMENT:
        set_payment_rule(
            client=voucher.client, sales_point=point, method=subject, ledger_account=account.number, actor=actor
        )
    elif button == Button.MAP_GROUP:
        group, rate = split_group(subject)
        set_sales_rule(
            client=voucher.client,
            sales_point=point,
            group=group,
            vat_rate=rate,
            ledger_account=account.number,
            vat_code=vat_code or account.vat_code,
            actor=actor,
        )
    else:
        _change_account(voucher, request.POST.get("rule", ""), account.number, vat_code, actor)


def _change_account(voucher: Voucher, rule: str, number: str, vat_code: str, actor: Actor) -> None:
    kind, _colon, key = rule.partition(":")
    if not key.isdecimal() or kind not in ("payment", "sales"):
        raise CannotMend(_("That rule is not known. Load the page again."))
    if kind == "payment":
        payment = get_object_or_404(PaymentMethodMapping, pk=key, client=voucher.client, superseded_at=None)
        set_payment_rule(
            client=voucher.client,
            sales_point=payment.sales_point,
            method=payment.method,
            ledger_account=number,
            fee_ledger_account=payment.fee_ledger_account,
            fee_vat_code=payment.fee_vat_code,
            bank_ledger_account=payment.bank_ledger_account,
            actor=actor,
        )
        return
    sales = get_object_or_404(SalesMapping, pk=key, client=voucher.client, superseded_at=None)
    set_sales_rule(
        client=voucher.client,
        sales_point=sales.sales_point,
        group=sales.group,
        vat_rate=sales.vat_rate,
        ledger_account=number,
        vat_code=vat_code or sales.vat_code,
        product=sales.product,
        actor=actor,
    )
