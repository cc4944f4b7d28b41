"""Searching the chart, and suggestions that say why."""

from __future__ import annotations

from decimal import Decimal

import pytest

from backoffice.chart.models import LedgerAccount
from backoffice.chart.selectors import accounts_like, limits_of, suggest_payment_rules, suggest_sales_rules
from backoffice.clients.models import Client


@pytest.mark.parametrize(
    ("words", "numbers"),
    [("30", ["3000", "3030"]), ("vipps", ["1903"]), ("SALG 3", ["3000", "3030", "3100"]), ("nowhere", [])],
)
def test_accounts_are_found_by_number_or_name(client_with_chart: Client, words: str, numbers: list[str]) -> None:
    assert [one.number for one in accounts_like(client_with_chart, words)] == numbers


def test_an_inactive_account_is_neither_found_nor_suggested(client_with_chart: Client) -> None:
    LedgerAccount.objects.filter(number="1903").update(is_active=False)
    assert not accounts_like(client_with_chart, "vipps")
    assert suggest_payment_rules(client_with_chart, ["vipps"]) == {"vipps": None}


def test_payment_methods_are_suggested_by_the_accounts_name(client_with_chart: Client) -> None:
    found = suggest_payment_rules(client_with_chart, ["vipps", "klarna_pay_now", "stripe", "swish"])
    numbers = {method: one.account.number if one else None for method, one in found.items()}
    assert numbers == {"vipps": "1903", "klarna_pay_now": "1904", "stripe": "1910", "swish": None}
    assert found["vipps"] is not None
    assert "vipps" in found["vipps"].why


def test_a_method_is_known_by_its_first_word_and_a_name_that_says_nothing_suggests_nothing(
    client_with_chart: Client,
) -> None:
    LedgerAccount.objects.filter(number="1910").update(name="Oppgjør Svea")
    found = suggest_payment_rules(client_with_chart, ["Svea_Checkout", "", "k", "pp-plus"])
    assert {method: one and one.account.number for method, one in found.items()} == {
        "Svea_Checkout": "1910",
        "": None,
        "k": None,
        "pp-plus": None,
    }


def test_groups_are_suggested_by_the_accounts_own_vat_code(client_with_chart: Client) -> None:
    wanted = [("chairs", Decimal(25)), ("food", Decimal(15)), ("taxi", Decimal(12))]
    found = suggest_sales_rules(client_with_chart, wanted)
    shown = {group: (one.account.number, one.vat_code) if one else None for (group, _), one in found.items()}
    assert shown == {"chairs": ("3000", "3"), "food": ("3030", "31"), "taxi": None}


def test_limits_that_were_never_read_are_unknown(client_with_chart: Client) -> None:
    assert limits_of(client_with_chart) is None
