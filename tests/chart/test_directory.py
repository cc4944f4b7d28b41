"""The directory gives ids or refuses with a reason, and what it remembers is durable and first come, first served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.chart.directory import ChartDirectory
from backoffice.chart.models import CustomerLink, LedgerAccount, Product
from backoffice.clients.models import Client
from backoffice.contracts import accounting
from backoffice.contracts.errors import Rejected
from tests.factories import make_client

ON = date(2026, 11, 20)
KARI = accounting.CustomerLink("c-1", "10001", "sub-1", "Kari Nordmann")
OLA = accounting.CustomerLink("c-2", "10002", "sub-2", "Ola Nordmann")


def test_ids_are_given_by_number_code_and_kind(client_with_chart: Client) -> None:
    directory = ChartDirectory(client_with_chart)
    assert directory.account_id("3000") == "3000"
    assert directory.vat_id("3", ON) == "vat-3"
    assert directory.dimension_id("department", "10") == "d-10"


def test_the_chart_is_read_once(client_with_chart: Client) -> None:
    directory = ChartDirectory(client_with_chart)
    directory.account_id("3000")
    with CaptureQueriesContext(connection) as queries:
        for _ in range(100):
            directory.account_id("3000")
            directory.vat_id("3", ON)
    assert len(queries) == 0


def test_what_is_missing_or_inactive_is_refused_with_a_reason(client_with_chart: Client) -> None:
    LedgerAccount.objects.filter(number="3100").update(is_active=False)
    directory = ChartDirectory(client_with_chart)
    asked: dict[str, Callable[[], str]] = {
        "account_missing": lambda: directory.account_id("9999"),
        "account_inactive": lambda: directory.account_id("3100"),
        "vat_code_missing": lambda: directory.vat_id("99", ON),
        "dimension_missing": lambda: directory.dimension_id("department", "90"),
    }
    for code, ask in asked.items():
        with pytest.raises(Rejected) as refused:
            ask()
        assert [one.code for one in refused.value.reasons] == [code]


def test_a_customer_is_remembered_for_everybody(client_with_chart: Client) -> None:
    directory = ChartDirectory(client_with_chart)
    assert directory.customer("webshop:C-7") is None
    directory.remember_customer("webshop:C-7", KARI)
    assert directory.customer("webshop:C-7") == KARI
    assert ChartDirectory(client_with_chart).customer("webshop:C-7") == KARI
    assert ChartDirectory(make_client("other")).customer("webshop:C-7") is None


def test_the_first_link_stands_when_two_workers_find_a_customer(client_with_chart: Client) -> None:
    one, other = ChartDirectory(client_with_chart), ChartDirectory(client_with_chart)
    assert other.customer("webshop:C-7") is None
    one.remember_customer("webshop:C-7", KARI)
    other.remember_customer("webshop:C-7", OLA)
    assert one.customer("webshop:C-7") == other.customer("webshop:C-7") == KARI
    assert CustomerLink.objects.count() == 1


def test_a_product_is_remembered_once_and_its_id_can_change(client_with_chart: Client) -> None:
    one, other = ChartDirectory(client_with_chart), ChartDirectory(client_with_chart)
    assert one.product("3000-3") is None
    one.remember_product(accounting.ProductLink("p-1", "3000-3", "3000"))
    other.remember_product(accounting.ProductLink("p-2", "3000-3", "3000"))
    assert Product.objects.count() == 1
    found = ChartDirectory(client_with_chart).product("3000-3")
    assert found == accounting.ProductLink("p-2", "3000-3", "3000")


def test_a_product_that_vanished_over_there_is_not_given(client_with_chart: Client) -> None:
    ChartDirectory(client_with_chart).remember_product(accounting.ProductLink("p-1", "3000-3", "3000"))
    Product.objects.update(is_active=False)
    assert ChartDirectory(client_with_chart).product("3000-3") is None
