"""Plain factories for tests that need rows but no running sandbox. tests/world.py has the whole house."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.chart.mapping import set_payment_rule, set_sales_rule
from backoffice.chart.models import Dimension, LedgerAccount, PaymentMethodMapping, SalesMapping, VatCode
from backoffice.clients.models import Client, SalesPoint

TESTER = Actor.system("test")
ACCOUNTS = (
    # number, name, the account's own VAT code, locked
    ("1500", "Kundefordringer", "0", False),
    ("1903", "Vipps", "0", False),
    ("1904", "Klarna", "0", False),
    ("1910", "Kort, Visa og Mastercard", "0", False),
    ("1920", "Bank", "0", False),
    ("3000", "Salg varer 25 %", "3", False),
    ("3030", "Salg mat 15 %", "31", True),
    ("3100", "Salg utland", "5", False),
    ("7740", "Øreavrunding", "0", False),
    ("7770", "Bank- og kortgebyr", "0", False),
)
VAT_CODES = (("0", "0.00"), ("1", "25.00"), ("3", "25.00"), ("31", "15.00"), ("5", "0.00"))


def make_client(key: str = "nordlys", **values: Any) -> Client:
    """Make a Norwegian client."""
    plain = {"name": "Nordlys Butikk AS", "country": "NO", "organisation_number": "923609016"}
    return Client.objects.create(key=key, **{**plain, **values})


def make_sales_point(client: Client, key: str = "nettbutikk", **values: Any) -> SalesPoint:
    """Make a webshop whose invoices the accounting system issues."""
    plain = {"name": "Nettbutikk", "kind": "webshop", "invoice_issuer": "accounting_system"}
    return SalesPoint.objects.create(client=client, key=key, **{**plain, **values})


def make_chart(client: Client) -> None:
    """Make a small Norwegian chart: ten accounts, five VAT codes, one department that is open and one that is not."""
    common = {"client": client, "synced_at": timezone.now()}
    LedgerAccount.objects.bulk_create(
        LedgerAccount(number=number, name=name, vat_code=code, is_vat_code_locked=locked, external_id=number, **common)
        for number, name, code, locked in ACCOUNTS
    )
    VatCode.objects.bulk_create(
        VatCode(code=code, name=f"MVA {code}", rate=Decimal(rate), external_id=f"vat-{code}", **common)
        for code, rate in VAT_CODES
    )
    for code, is_active in (("10", True), ("90", False)):
        name = f"Avdeling {code}"
        Dimension.objects.create(
            kind="department", code=code, name=name, external_id=f"d-{code}", is_active=is_active, **common
        )


def make_payment_rule(
    client: Client, method: str = "vipps", account: str = "1903", **values: Any
) -> PaymentMethodMapping:
    """Map a payment method for all sales points."""
    plain: dict[str, Any] = {"sales_point": None, "actor": TESTER}
    return set_payment_rule(client=client, method=method, ledger_account=account, **{**plain, **values})


def make_sales_rule(
    client: Client, group: str = "*", rate: str | None = "25.00", account: str = "3000", code: str = "3", **values: Any
) -> SalesMapping:
    """Map a product group for all sales points; rate None means any."""
    plain: dict[str, Any] = {"sales_point": None, "actor": TESTER}
    vat_rate = None if rate is None else Decimal(rate)
    return set_sales_rule(
        client=client, group=group, vat_rate=vat_rate, ledger_account=account, vat_code=code, **{**plain, **values}
    )
