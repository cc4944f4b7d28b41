"""Hand a month over to the house: a client with its shops, tills and accounts; what is sold; what providers report."""

from __future__ import annotations

from decimal import Decimal

from backoffice.audit.services import Actor
from backoffice.chart.mapping import set_payment_rule, set_sales_rule
from backoffice.clients.models import Client, SalesPoint
from backoffice.console.proof.month import GROUPS, SHOPS, TILL_METHOD, Month
from backoffice.sales.closings import record_day_closing
from backoffice.sales.services import record_refund, record_sale
from backoffice.settlements.services import record_statement

PROOF = Actor.system("proof")
#: payment method -> its clearing account
CLEARING = {"vipps": "1591", "klarna": "1594", "stripe": "1593", TILL_METHOD: "1592", "cash": "1900"}
BANK, FEES = "1920", "7770"
#: VAT rate -> account and VAT code of sales
TURNOVER = {"25.00": ("3000", "3"), "15.00": ("3030", "31")}


def open_books(client: Client) -> None:
    """Make the shops, which post in batches, the store with its tills, and all mapping rules."""
    for shop, _provider in SHOPS:
        SalesPoint.objects.create(
            client=client,
            key=shop,
            name=shop.capitalize(),
            kind="webshop",
            invoice_issuer="sales_system",
            saft_reporter="sales_system",
            batch_journal="manual",
        )
    SalesPoint.objects.create(client=client, key="store", name="Store", kind="pos", invoice_issuer="sales_system")
    for method, account in CLEARING.items():
        has_payouts = method != "cash"
        set_payment_rule(
            client=client,
            sales_point=None,
            method=method,
            ledger_account=account,
            fee_ledger_account=FEES if has_payouts else "",
            bank_ledger_account=BANK,
            actor=PROOF,
        )
    for _group, rate in GROUPS:
        account, code = TURNOVER[str(rate)]
        set_sales_rule(
            client=client,
            sales_point=None,
            group="*",
            vat_rate=Decimal(rate),
            ledger_account=account,
            vat_code=code,
            actor=PROOF,
        )


def hand_over_sales(client: Client, month: Month) -> None:
    """Record everything that the shops and tills report."""
    points = {point.key: point for point in SalesPoint.objects.filter(client=client)}
    for shop, sales in month.sales.items():
        for one in sales:
            record_sale(sales_point=points[shop], sale=one, event=None)
    for shop, refunds in month.refunds.items():
        for refund in refunds:
            record_refund(sales_point=points[shop], refund=refund, event=None)
    for closing in month.closings:
        record_day_closing(sales_point=points["store"], closing=closing, event=None)


def hand_over_statements(client: Client, month: Month) -> None:
    """Record everything that the payment providers report."""
    for provider, statements in month.statements.items():
        for statement in statements:
            record_statement(client=client, provider=provider, statement=statement, event=None, method=provider)
