"""What the small forms offer to choose from, and how what was typed is read."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from backoffice.chart.models import LedgerAccount, VatCode
from backoffice.clients.models import Client


def accounts_of(client: Client) -> list[LedgerAccount]:
    """Active ledger accounts by number."""
    return list(LedgerAccount.objects.filter(client=client, is_active=True).order_by("number"))


def vat_codes_of(client: Client, on: date) -> list[VatCode]:
    """VAT codes that are valid on a day."""
    valid = Q(valid_from=None) | Q(valid_from__lte=on)
    valid &= Q(valid_to=None) | Q(valid_to__gte=on)
    return list(VatCode.objects.filter(valid, client=client, is_active=True).order_by("code"))


def account_named(client: Client, typed: str) -> LedgerAccount | None:
    """Find the active account meant by "1903", "1903 Vipps" or a name that only one account has."""
    text = typed.strip()
    active = LedgerAccount.objects.filter(client=client, is_active=True)
    number = text.split(" ", 1)[0]
    exact = active.filter(number=number).first()
    if exact is not None or not text:
        return exact
    alike = list(active.filter(name__icontains=text)[:2])
    return alike[0] if len(alike) == 1 else None
