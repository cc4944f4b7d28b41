"""The small forms and links beside a reason that mend its cause where it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.chart.models import LedgerAccount, PaymentMethodMapping, SalesMapping, VatCode
from backoffice.chart.selectors import Suggestion, suggest_for_payment, suggest_for_sales
from backoffice.clients.selectors import Right
from backoffice.common.display import page_address
from backoffice.connections.models import Connection
from backoffice.console.catalogue import cause_of
from backoffice.console.causes.entry import Button
from backoffice.console.mapping.choices import accounts_of, vat_codes_of
from backoffice.vouchers.models import Voucher

#: between group and VAT rate in the subject of a missing sales rule ("furniture|25.00")
GROUP_AND_RATE = "|"


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A living rule that can be given another account right here."""

    kind: str
    pk: int
    label: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What template draws beside a reason. Texts are translated; the lists feed the form's choices."""

    template: str
    code: str
    subject: str
    method: str = ""
    group: str = ""
    rate: str = ""
    suggestion: Suggestion | None = None
    accounts: Sequence[LedgerAccount] = ()
    vat_codes: Sequence[VatCode] = ()
    rules: Sequence[RuleShown] = ()
    label: Any = ""
    href: str = ""


def fix_for(voucher: Voucher, code: str, subject: str, rights: set[Right]) -> Fix | None:
    """Give the form or link for a reason, or None when the person may not, or there is none."""
    button = cause_of(code).button
    if button in (Button.MAP_PAYMENT, Button.MAP_GROUP, Button.CHOOSE_ACCOUNT):
        return _form(voucher, button, code, subject) if Right.EDIT in rights else None
    if button == Button.CHOOSE_CUSTOMER:
        return Fix("console/fix_customer.html", code, subject) if Right.EDIT in rights else None
    return _link(voucher, button, code, subject)


def split_group(subject: str) -> tuple[str, Decimal | None]:
    """Read "furniture|25.00" into group and VAT rate; None stands for any rate."""
    group, bar, rate = subject.rpartition(GROUP_AND_RATE)
    if not bar:
        return subject, None
    try:
        return group, Decimal(rate)
    except InvalidOperation:
        return subject, None


def _form(voucher: Voucher, button: Button, code: str, subject: str) -> Fix:
    client = voucher.client
    accounts = accounts_of(client)
    if button == Button.MAP_PAYMENT:
        hint = suggest_for_payment(client, subject)
        return Fix("console/fix_payment.html", code, subject, method=subject, suggestion=hint, accounts=accounts)
    codes = vat_codes_of(client, voucher.dated_on)
    if button == Button.MAP_GROUP:
        group, rate = split_group(subject)
        hint = None if rate is None else suggest_for_sales(client, rate)
        shown = "" if rate is None else str(rate)
        return Fix("console/fix_group.html", code, subject, "", group, shown, hint, accounts, codes)
    rules = rules_on(voucher, subject)
    return Fix("console/fix_account.html", code, subject, accounts=accounts, vat_codes=codes, rules=rules)


def rules_on(voucher: Voucher, subject: str) -> list[RuleShown]:
    """The client's living rules that name the ledger account, or the VAT code, of a reason."""
    living: dict[str, Any] = {"client": voucher.client, "superseded_at": None}
    payments = PaymentMethodMapping.objects.filter(**living, ledger_account=subject)
    sales = SalesMapping.objects.filter(Q(ledger_account=subject) | Q(vat_code=subject), **living)
    return [RuleShown("payment", rule.pk, str(rule)) for rule in payments] + [
        RuleShown("sales", rule.pk, str(rule)) for rule in sales
    ]


def _link(voucher: Voucher, button: Button, code: str, subject: str) -> Fix | None:
    if button == Button.CONNECTION:
        connection = Connection.objects.filter(client=voucher.client, is_active=True).first()
        href = page_address(connection) if connection else reverse("admin:connections_connection_add")
        return Fix("console/fix_link.html", code, subject, label=_("Open the connection"), href=href)
    if button == Button.SALES_POINT and voucher.sales_point:
        href = page_address(voucher.sales_point)
        return Fix("console/fix_link.html", code, subject, label=_("Open the sales point"), href=href)
    sale = voucher.sales.first() if button == Button.SALE else None
    if sale is not None:
        return Fix("console/fix_link.html", code, subject, label=_("Open the sale"), href=page_address(sale))
    return None
