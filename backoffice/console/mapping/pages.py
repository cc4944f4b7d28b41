"""The pages of payment methods and sales groups: read the rules, write the next version through its service."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor
from backoffice.chart.mapping import BadRule, remove_rule, set_payment_rule, set_sales_rule
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.clients.models import Client, SalesPoint
from backoffice.clients.scope import clients_shown, person
from backoffice.clients.selectors import Right, clients_of, has_right
from backoffice.common.sentences import told
from backoffice.console.mapping import rows as mapping_rows
from backoffice.console.mapping.choices import account_named, accounts_of, vat_codes_of
from backoffice.console.vouchers.mending import CannotMend, said_of
from backoffice.workflows.services import ReleasedCause, release_cause

#: causes that a changed account or VAT code may have mended
ACCOUNT_CAUSES = ("account_missing", "account_inactive", "vat_code_missing", "vat_not_allowed", "vat_follows_account")
KINDS: dict[str, type[PaymentMethodMapping] | type[SalesMapping]] = {
    "payment": PaymentMethodMapping,
    "sales": SalesMapping,
}


def mapping_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Show one client's rules of a kind, or let the person choose the client."""
    context: dict[str, Any] = {**admin.site.each_context(request), "kind": kind, "title": title_of(kind)}
    clients = list(clients_shown(request).filter(is_active=True))
    asked = request.GET.get("client", "")
    if asked.isdecimal():
        clients = [one for one in clients if one.pk == int(asked)]
        if not clients:
            raise Http404
    if len(clients) != 1:
        context["choices"] = clients
        return TemplateResponse(request, "console/mapping_choose.html", context)
    client = clients[0]
    is_payment = kind == "payment"
    context |= {
        "client": client,
        "gaps": mapping_rows.payment_gaps(client) if is_payment else mapping_rows.sales_gaps(client),
        "rules": mapping_rows.payment_rules(client) if is_payment else mapping_rows.sales_rules(client),
        "accounts": accounts_of(client),
        "vat_codes": vat_codes_of(client, mapping_rows.today_of(client)),
        "points": list(SalesPoint.objects.filter(client=client, is_active=True)),
        "may_edit": has_right(person(request), client, Right.EDIT),
    }
    return TemplateResponse(request, "console/mapping.html", context)


def title_of(kind: str) -> str:
    """Name the page."""
    return _("Payment methods") if kind == "payment" else _("Sales groups")


def payment_mapping(request: HttpRequest) -> HttpResponse:
    """Show the payment methods' rules."""
    return mapping_page(request, "payment")


def sales_mapping(request: HttpRequest) -> HttpResponse:
    """Show the sales groups' rules."""
    return mapping_page(request, "sales")


#: accounts that only payouts use; a form that does not show them leaves them as they are
PAYOUT_ACCOUNTS = ("dispute_ledger_account", "deposit_ledger_account", "correction_ledger_account")


@dataclass(frozen=True, slots=True)
class Form:
    """What a form brought, and who brought it for which client."""

    client: Client
    values: dict[str, str]
    actor: Actor

    def account(self, name: str, *, is_required: bool) -> str:
        """Read an account field; raise CannotMend when no active account is meant."""
        typed = self.values.get(name, "").strip()
        if not typed and not is_required:
            return ""
        account = account_named(self.client, typed)
        if account is None:
            raise CannotMend(_("No active ledger account is “%(typed)s”. Choose one from the list.") % {"typed": typed})
        return account.number

    def point(self) -> SalesPoint | None:
        """Read the sales point; empty means all."""
        key = self.values.get("sales_point", "")
        return get_object_or_404(SalesPoint, pk=key, client=self.client) if key.isdecimal() else None


def save_rule(request: HttpRequest, client_id: int, kind: str) -> HttpResponse:
    """Write the next version of a rule and release what waited for it."""
    client = _editable(request, client_id, kind)
    form = Form(client, {name: str(value) for name, value in request.POST.items()}, Actor.person(person(request)))
    if request.method == "POST":
        try:
            released = _save_payment(form) if kind == "payment" else _save_sales(form)
            messages.success(request, said_of(released))
        except (CannotMend, BadRule) as error:
            messages.error(request, told(error))
    return _back(client, kind)


def take_out_rule(request: HttpRequest, client_id: int, kind: str) -> HttpResponse:
    """Take a rule out of force."""
    client = _editable(request, client_id, kind)
    if request.method == "POST":
        key = request.POST.get("rule", "")
        rule: Any = get_object_or_404(KINDS[kind], pk=key if key.isdecimal() else 0, client=client)
        remove_rule(rule=rule, actor=Actor.person(person(request)))
        messages.success(request, _("The rule is out of force. Vouchers that used it still name it."))
    return _back(client, kind)


def _editable(request: HttpRequest, client_id: int, kind: str) -> Client:
    if kind not in KINDS:
        raise Http404(kind)
    client = get_object_or_404(clients_of(person(request)), pk=client_id)
    if not has_right(person(request), client, Right.EDIT):
        raise PermissionDenied
    return client


def _back(client: Client, kind: str) -> HttpResponse:
    response = redirect(f"admin:{kind}_mapping")
    response["Location"] += f"?client={client.pk}"
    return response


def _save_payment(form: Form) -> ReleasedCause:
    method = form.values.get("name", "").strip()
    if not method:
        raise CannotMend(_("Name the payment method, for instance vipps, or klarna* for all that begin so."))
    point = form.point()
    old = PaymentMethodMapping.objects.filter(
        client=form.client, sales_point=point, method=method, superseded_at=None
    ).first()
    rule = set_payment_rule(
        client=form.client,
        sales_point=point,
        method=method,
        ledger_account=form.account("ledger_account", is_required=True),
        fee_ledger_account=form.account("fee_ledger_account", is_required=False),
        fee_vat_code=form.values.get("fee_vat_code", "") or "0",
        bank_ledger_account=form.account("bank_ledger_account", is_required=False),
        **{name: form.account(name, is_required=False) for name in PAYOUT_ACCOUNTS if name in form.values},
        actor=form.actor,
    )
    subjects = {old.ledger_account} if old and old.ledger_account != rule.ledger_account else set()
    return _release(form, "payment_method_unmapped", subjects)


def _save_sales(form: Form) -> ReleasedCause:
    group = form.values.get("name", "").strip()
    if not group:
        raise CannotMend(_("Name the group, or * for all groups."))
    try:
        rate = Decimal(form.values["vat_rate"].replace(",", ".")) if form.values.get("vat_rate", "").strip() else None
    except InvalidOperation as error:
        raise CannotMend(_("Write the VAT rate as a percent, for instance 25.")) from error
    if rate is not None and not rate.is_finite():
        raise CannotMend(_("Write the VAT rate as a percent, for instance 25."))
    point = form.point()
    old = SalesMapping.objects.filter(
        client=form.client, sales_point=point, group=group, vat_rate=rate, superseded_at=None
    ).first()
    vat_code = form.values.get("vat_code", "")
    if not vat_code:
        raise CannotMend(_("Choose the VAT code."))
    rule = set_sales_rule(
        client=form.client,
        sales_point=point,
        group=group,
        vat_rate=rate,
        ledger_account=form.account("ledger_account", is_required=True),
        vat_code=vat_code,
        product=form.values.get("product", "").strip(),
        actor=form.actor,
    )
    subjects = {value for value in (old.ledger_account, old.vat_code) if value} if old and old.pk != rule.pk else set()
    return _release(form, "group_unmapped", subjects)


def _release(form: Form, unmapped: str, subjects: set[str]) -> ReleasedCause:
    """Release what the rule can have mended: all that had none, and what stopped at the account it named before."""
    causes = [(unmapped, "")] + [(code, subject) for subject in subjects for code in ACCOUNT_CAUSES]
    rebuilt = resent = 0
    for code, subject in causes:
        one = release_cause(client=form.client, code=code, subject=subject, actor=form.actor)
        rebuilt, resent = rebuilt + one.rebuilt, resent + one.resent
    return ReleasedCause(rebuilt, resent)
