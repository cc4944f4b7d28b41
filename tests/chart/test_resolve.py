"""From a group or payment method to its account, or every reason in words why not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.chart.models import LedgerAccount, VatCode
from backoffice.chart.resolve import ResolvedPayment, ResolvedSales, Resolver
from backoffice.chart.validation import ChartIndex, problems_of_payment_rule, problems_of_sales_rule
from backoffice.clients.models import Client, SalesPoint
from backoffice.contracts.errors import Reason
from tests.factories import make_payment_rule, make_sales_point, make_sales_rule

ON = date(2026, 11, 20)


def reasons_of(found: object) -> list[Reason]:
    """Take the reasons, or fail where there are none."""
    assert isinstance(found, list), found
    assert all(one.detail.endswith(".") for one in found)
    return found


def sales_problem(shop: SalesPoint, rate: str = "25.00", group: str = "chairs") -> Reason:
    """Resolve and give the one reason."""
    (reason,) = reasons_of(Resolver(shop.client).sales(shop, group, Decimal(rate), ON))
    return reason


def change_account(number: str, **values: Any) -> None:
    """Change an account of the chart."""
    assert LedgerAccount.objects.filter(number=number).update(**values) == 1


def test_a_group_is_resolved_with_the_rule_and_why_it_won(shop: SalesPoint) -> None:
    make_sales_rule(shop.client, "*")
    rule = make_sales_rule(shop.client, "chairs")

    found = Resolver(shop.client).sales(shop, "chairs", Decimal(25), ON)

    assert isinstance(found, ResolvedSales)
    assert (found.account_number, found.account_name, found.vat_code) == ("3000", "Salg varer 25 %", "3")
    assert (found.product_code, found.product_name) == ("3000-3", "Salg varer 25 %")
    assert (found.rule["id"], found.rule["version"], found.rule["by"]) == (rule.pk, 1, "test")
    assert "it has exactly this name, so it goes before *" in found.explanation


def test_a_product_named_by_the_rule_is_taken(shop: SalesPoint) -> None:
    make_sales_rule(shop.client, "*", product="SALG25")
    found = Resolver(shop.client).sales(shop, "chairs", Decimal(25), ON)
    assert isinstance(found, ResolvedSales)
    assert found.product_code == "SALG25"


def test_a_group_without_a_rule_is_named_with_its_rate(shop: SalesPoint) -> None:
    make_sales_rule(shop.client, "*", rate="15.00", account="3030", code="31")
    reason = sales_problem(shop)
    assert (reason.code, reason.subject) == ("group_unmapped", "chairs|25.00")


@pytest.mark.parametrize(
    ("rule", "code", "words"),
    [
        ({"account": "9999"}, "account_missing", "9999"),
        ({"code": "77"}, "vat_code_missing", "VAT code 77"),
        ({"account": "3030", "code": "3"}, "vat_not_allowed", "3030 Salg mat 15 % is locked to VAT code 31"),
        ({"account": "3100", "code": "3"}, "vat_follows_account", "3100 Salg utland has VAT code 5"),
    ],
)
def test_a_rule_that_the_chart_contradicts_is_explained(
    shop: SalesPoint, rule: dict[str, str], code: str, words: str
) -> None:
    make_sales_rule(shop.client, **rule)
    reasons = reasons_of(Resolver(shop.client).sales(shop, "chairs", Decimal(25), ON))
    assert code in {one.code for one in reasons}
    assert any(words in one.detail for one in reasons)


def test_a_rule_for_any_rate_with_a_vat_code_of_another_rate_is_explained(shop: SalesPoint) -> None:
    make_sales_rule(shop.client, rate=None)
    reason = sales_problem(shop, rate="15.00")
    assert (reason.code, reason.subject) == ("vat_not_allowed", "3")
    assert "15.00 %" in reason.detail
    assert "25.00 %" in reason.detail


def test_where_the_sales_system_invoices_the_account_may_have_another_vat_code(shop: SalesPoint) -> None:
    make_sales_rule(shop.client, account="3100")
    till = make_sales_point(shop.client, "kasse", kind="pos", invoice_issuer="sales_system")
    assert isinstance(Resolver(shop.client).sales(till, "chairs", Decimal(25), ON), ResolvedSales)
    assert sales_problem(shop).code == "vat_follows_account"


def test_an_inactive_account_is_named_with_its_name(shop: SalesPoint) -> None:
    make_sales_rule(shop.client)
    change_account("3000", is_active=False)
    reason = sales_problem(shop)
    assert reason.code == "account_inactive"
    assert "3000 Salg varer 25 %" in reason.detail


@pytest.mark.parametrize(
    ("values", "is_valid"),
    [
        ({"valid_to": date(2026, 11, 19)}, False),
        ({"valid_to": date(2026, 11, 20)}, True),
        ({"valid_from": date(2026, 11, 21)}, False),
        ({"valid_from": date(2026, 11, 20)}, True),
        ({"is_active": False}, False),
    ],
)
def test_a_vat_code_must_be_valid_on_the_day(shop: SalesPoint, values: dict[str, Any], is_valid: bool) -> None:
    make_sales_rule(shop.client)
    VatCode.objects.filter(code="3").update(**values)
    found = Resolver(shop.client).sales(shop, "chairs", Decimal(25), ON)
    assert isinstance(found, ResolvedSales) is is_valid
    if not is_valid:
        assert reasons_of(found)[0].code == "vat_code_missing"


def test_a_vat_code_with_a_rate_per_period_is_read_on_the_day(shop: SalesPoint) -> None:
    make_sales_rule(shop.client)
    VatCode.objects.filter(code="3").update(valid_from=date(2026, 11, 20))
    old = VatCode.objects.get(code="3")
    old.pk, old.external_id, old.rate = None, "vat-3-old", Decimal("24.00")
    old.valid_from, old.valid_to = None, date(2026, 11, 19)
    old.save()

    resolver = Resolver(shop.client)

    assert isinstance(resolver.sales(shop, "chairs", Decimal(25), ON), ResolvedSales)
    (reason,) = reasons_of(resolver.sales(shop, "chairs", Decimal(25), date(2026, 11, 19)))
    assert reason.code == "vat_not_allowed"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "dimension_required"),
        ({"department": "77"}, "dimension_missing"),
        ({"department": "90"}, "dimension_missing"),
    ],
)
def test_a_required_dimension_must_be_given_and_exist(shop: SalesPoint, given: dict[str, str], code: str) -> None:
    make_sales_rule(shop.client)
    change_account("3000", required_dimensions=["department"])
    shop.dimensions = given
    assert sales_problem(shop).code == code

    shop.dimensions = {"department": "10"}
    assert isinstance(Resolver(shop.client).sales(shop, "chairs", Decimal(25), ON), ResolvedSales)


def test_a_payment_method_is_resolved(shop: SalesPoint) -> None:
    make_payment_rule(shop.client, "klarna*", "1904", fee_ledger_account="7770", bank_ledger_account="1920")
    found = Resolver(shop.client).payment(shop, "klarna_pay_now")
    assert isinstance(found, ResolvedPayment)
    assert (found.account_number, found.fee_account, found.bank_account) == ("1904", "7770", "1920")
    assert "no other rule fits" in found.explanation


def test_a_payment_method_without_a_rule_is_named(shop: SalesPoint) -> None:
    (reason,) = reasons_of(Resolver(shop.client).payment(shop, "swish"))
    assert (reason.code, reason.subject) == ("payment_method_unmapped", "swish")


def test_a_payment_account_that_needs_a_department_blocks_until_it_is_given(shop: SalesPoint) -> None:
    make_payment_rule(shop.client)
    change_account("1903", required_dimensions=["department"])
    resolver = Resolver(shop.client)
    assert reasons_of(resolver.payment(shop, "vipps"))[0].code == "dimension_required"
    shop.dimensions = {"department": "10"}
    assert isinstance(resolver.payment(shop, "vipps"), ResolvedPayment)


def test_a_wrong_fee_account_shows_on_the_rule_but_does_not_stop_payments(client_with_chart: Client) -> None:
    shop = make_sales_point(client_with_chart)
    rule = make_payment_rule(client_with_chart, fee_ledger_account="7777", bank_ledger_account="1929")
    assert isinstance(Resolver(client_with_chart).payment(shop, "vipps"), ResolvedPayment)

    problems = problems_of_payment_rule(rule, ChartIndex.load(client_with_chart), ON)

    assert [(one.code, one.subject) for one in problems] == [("account_missing", "7777"), ("account_missing", "1929")]


@pytest.mark.parametrize(
    ("change", "code", "subject"),
    [
        ({}, None, None),
        ({"fee_vat_code": "88"}, "vat_code_missing", "88"),
        ({"fee_ledger_account": "3030"}, "vat_not_allowed", "3030"),
        ({"bank_ledger_account": "3030"}, "vat_not_allowed", "3030"),
        ({"account": "3030"}, "vat_not_allowed", "3030"),
    ],
)
def test_fees_and_payouts_are_held_against_the_chart(
    client_with_chart: Client, change: dict[str, str], code: str | None, subject: str | None
) -> None:
    values = {"fee_ledger_account": "7770", "fee_vat_code": "1", "bank_ledger_account": "1920", **change}
    rule = make_payment_rule(client_with_chart, **values)
    problems = problems_of_payment_rule(rule, ChartIndex.load(client_with_chart), ON)
    assert [(one.code, one.subject) for one in problems] == ([(code, subject)] if code else [])


def test_a_rule_for_one_sales_point_is_checked_with_its_dimensions(shop: SalesPoint) -> None:
    shop.dimensions = {"department": "77"}
    shop.save()
    payment = make_payment_rule(shop.client, sales_point=shop)
    sales = make_sales_rule(shop.client, sales_point=shop)
    index = ChartIndex.load(shop.client)
    assert [one.code for one in problems_of_payment_rule(payment, index, ON)] == ["dimension_missing"]
    assert [one.code for one in problems_of_sales_rule(sales, index, ON)] == ["dimension_missing"]


def test_rounding_goes_to_the_clients_account_without_vat(shop: SalesPoint) -> None:
    found = Resolver(shop.client).rounding()
    assert isinstance(found, ResolvedSales)
    assert (found.account_number, found.vat_code, found.vat_rate) == ("7740", "0", Decimal(0))


def test_a_rounding_account_with_vat_is_refused_since_invoices_would_differ(shop: SalesPoint) -> None:
    change_account("7740", vat_code="3")
    (reason,) = reasons_of(Resolver(shop.client).rounding())
    assert (reason.code, reason.subject) == ("vat_not_allowed", "7740")


def test_thousands_of_lines_need_no_more_queries_than_one(shop: SalesPoint) -> None:
    make_sales_rule(shop.client)
    make_payment_rule(shop.client)
    resolver = Resolver(shop.client)
    with CaptureQueriesContext(connection) as queries:
        for number in range(2_000):
            resolver.sales(shop, f"group {number}", Decimal(25), ON)
            resolver.payment(shop, "vipps")
    assert len(queries) == 0
