"""Mapping rules, versioned: a change makes the next version and keeps the old one for the vouchers that used it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.clients.models import Client, SalesPoint

M = TypeVar("M", PaymentMethodMapping, SalesMapping)


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
    actor: Actor,
) -> PaymentMethodMapping:
    """Say which ledger accounts a payment method uses; the same again changes nothing."""
    values = {
        "method": method,
        "ledger_account": ledger_account,
        "fee_ledger_account": fee_ledger_account,
        "fee_vat_code": fee_vat_code,
        "bank_ledger_account": bank_ledger_account,
    }
    return _set(PaymentMethodMapping, client, sales_point, payment_slot(sales_point, method), values, actor)


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
    """Say which ledger account and VAT code a product group at a VAT rate uses; the same again changes nothing."""
    values = {
        "group": group,
        "vat_rate": vat_rate,
        "ledger_account": ledger_account,
        "vat_code": vat_code,
        "product": product,
    }
    return _set(SalesMapping, client, sales_point, sales_slot(sales_point, group, vat_rate), values, actor)


@transaction.atomic
def _set(
    model: type[M], client: Client, sales_point: SalesPoint | None, slot: str, values: dict[str, Any], actor: Actor
) -> M:
    versions = model._default_manager.select_for_update().filter(client=client, slot=slot)
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
