"""Mapping rules, versioned: a change makes the next version and keeps the old one for the vouchers that used it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.chart.rules import pattern_problem
from backoffice.clients.models import Client, SalesPoint

M = TypeVar("M", PaymentMethodMapping, SalesMapping)


class BadRule(ValueError):
    """A rule that cannot be meant; the text says what to write instead."""


def payment_slot(sales_point: SalesPoint | None, method: str) -> str:
    """Name what a payment rule is for; one living rule may stand in a slot."""
    return f"{sales_point.pk if sales_point else ''}|{method}"


def sales_slot(sales_point: SalesPoint | None, group: str, vat_rate: Decimal | None) -> str:
    """Name what a sales rule is for; one living rule may stand in a slot."""
    return f"{sales_point.pk if sales_point else ''}|{group}|{'*' if vat_rate is None else f'{vat_rate:.2f}'}"


def living(model: type[M], client: Client) -> list[M]:
    """Give the rules in force, with their sales points."""
    return list(model._default_manager.filter(client=client, superseded_at=None).select_related("sales_point"))


def set_payment_rule(
    *,
    client: Client,
    sales_point: SalesPoint | None,
    method: str,
    ledger_account: str,
    fee_ledger_account: str = "",
    fee_vat_code: str = "0",
    bank_ledger_account: str = "",
    dispute_ledger_account: str | None = None,
    deposit_ledger_account: str | None = None,
    correction_ledger_account: str | None = None,
    actor: Actor,
) -> PaymentMethodMapping:
    """Say which ledger accounts a payment method uses; the same again changes nothing.

    method may end in * ("klarna*") or be *. None keeps what the rule says now. Raises BadRule. What the chart says to
    it, validation tells.
    """
    given = {
        "dispute_ledger_account": dispute_ledger_account,
        "deposit_ledger_account": deposit_ledger_account,
        "correction_ledger_account": correction_ledger_account,
    }
    slot = payment_slot(sales_point, method)
    current = PaymentMethodMapping.objects.filter(client=client, slot=slot, superseded_at=None).first()
    values = {
        "method": method,
        "ledger_account": ledger_account,
        "fee_ledger_account": fee_ledger_account,
        "fee_vat_code": fee_vat_code,
        "bank_ledger_account": bank_ledger_account,
        **{name: getattr(current, name, "") if value is None else value for name, value in given.items()},
    }
    return _set(PaymentMethodMapping, client, sales_point, slot, values, actor)


def set_sales_rule(
    *,
    client: Client,
    sales_point: SalesPoint | None,
    group: str,
    vat_rate: Decimal | None,
    ledger_account: str,
    vat_code: str,
    product: str = "",
    actor: Actor,
) -> SalesMapping:
    """Say which ledger account and VAT code a product group at a VAT rate uses; the same again changes nothing.

    vat_rate is a percent, None for any rate. Raises BadRule. What the chart says to it, validation tells.
    """
    if vat_rate is not None:
        vat_rate = _checked_rate(vat_rate)
    values = {
        "group": group,
        "vat_rate": vat_rate,
        "ledger_account": ledger_account,
        "vat_code": vat_code,
        "product": product,
    }
    if not vat_code:
        raise BadRule(f"Say which VAT code sales of {group} carry.")
    return _set(SalesMapping, client, sales_point, sales_slot(sales_point, group, vat_rate), values, actor)


def _checked_rate(rate: Decimal) -> Decimal:
    if not rate.is_finite() or not 0 <= rate <= 100 or rate != round(rate, 2):
        raise BadRule(f"{rate} is not a VAT rate. Write a percent between 0 and 100 with at most two decimals.")
    return round(rate, 2)


def _check(model: type[M], client: Client, sales_point: SalesPoint | None, values: dict[str, Any]) -> None:
    """Refuse what no rule can mean; raise BadRule."""
    if problem := pattern_problem(values["method" if model is PaymentMethodMapping else "group"]):
        raise BadRule(problem)
    if sales_point is not None and sales_point.client_id != client.pk:
        raise BadRule(f"{sales_point} belongs to another client.")
    if not values["ledger_account"]:
        raise BadRule("Say which ledger account the rule leads to.")
    for name, value in values.items():
        longest = getattr(model._meta.get_field(name), "max_length", None)
        if longest is not None and len(value) > longest:
            raise BadRule(f"{value[:20]}… is longer than {longest} characters.")


@transaction.atomic
def _set(
    model: type[M], client: Client, sales_point: SalesPoint | None, slot: str, values: dict[str, Any], actor: Actor
) -> M:
    _check(model, client, sales_point, values)
    # One writer per client at a time: a second one sees the first one's version and follows it.
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    versions = model._default_manager.filter(client=client, slot=slot)
    current = versions.filter(superseded_at=None).first()
    before = {name: _plain(getattr(current, name)) for name in values} if current else {}
    after = {name: _plain(value) for name, value in values.items()}
    if current is not None and before == after:
        return current
    versions.filter(superseded_at=None).update(superseded_at=timezone.now())
    last = versions.order_by("-version").first()
    rule = model._default_manager.create(
        client=client,
        sales_point=sales_point,
        slot=slot,
        version=last.version + 1 if last else 1,
        created_by=actor.label,
        **values,
    )
    _tell(rule, "mapping.changed" if current else "mapping.added", actor, before, after)
    return rule


def _plain(value: Any) -> Any:
    return f"{value:.2f}" if isinstance(value, Decimal) else value


@transaction.atomic
def remove_rule(*, rule: PaymentMethodMapping | SalesMapping, actor: Actor) -> None:
    """Take a rule out of force; vouchers that used it still name it."""
    if type(rule)._default_manager.filter(pk=rule.pk, superseded_at=None).update(superseded_at=timezone.now()):
        _tell(rule, "mapping.removed", actor, {"rule": str(rule)}, {})


def _tell(
    rule: PaymentMethodMapping | SalesMapping, action: str, actor: Actor, before: dict[str, Any], after: dict[str, Any]
) -> None:
    record(
        action=action,
        actor=actor,
        subject_type=str(rule._meta.model_name),
        subject_id=rule.pk,
        client=rule.client,
        label=str(rule),
        before=before,
        after=after,
    )
