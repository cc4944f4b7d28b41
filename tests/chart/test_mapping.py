"""Rules are versioned, and every change of one stands in the audit trail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.audit.models import AuditEntry
from backoffice.chart.mapping import BadRule, living, remove_rule, set_sales_rule
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.clients.models import Client, SalesPoint
from tests.factories import TESTER, make_client, make_payment_rule, make_sales_point, make_sales_rule


def trail() -> list[str]:
    """Give the audit trail's actions."""
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_a_changed_rule_is_a_new_version_and_the_old_one_stays(client_with_chart: Client) -> None:
    first = make_payment_rule(client_with_chart, account="1903")
    second = make_payment_rule(client_with_chart, account="1904")
    first.refresh_from_db()

    assert (first.version, second.version) == (1, 2)
    assert first.superseded_at is not None
    assert first.ledger_account == "1903"
    assert [one.pk for one in living(PaymentMethodMapping, client_with_chart)] == [second.pk]
    entry = AuditEntry.objects.get(action="mapping.changed")
    assert (entry.before["ledger_account"], entry.after["ledger_account"]) == ("1903", "1904")


def test_the_same_rule_again_changes_nothing(client_with_chart: Client) -> None:
    first = make_sales_rule(client_with_chart, rate="25.00")
    assert make_sales_rule(client_with_chart, rate="25").pk == first.pk
    assert trail() == ["mapping.added"]


def test_versions_count_on_after_a_rule_was_taken_out(client_with_chart: Client) -> None:
    rule = make_payment_rule(client_with_chart)
    remove_rule(rule=rule, actor=TESTER)
    remove_rule(rule=rule, actor=TESTER)

    assert living(PaymentMethodMapping, client_with_chart) == []
    assert make_payment_rule(client_with_chart).version == 2
    assert trail() == ["mapping.added", "mapping.removed", "mapping.added"]


def test_rules_of_other_points_names_and_rates_stand_beside_each_other(
    client_with_chart: Client, shop: SalesPoint
) -> None:
    for point in (None, shop):
        for group in ("*", "chairs"):
            for rate in (None, "25", "15"):
                make_sales_rule(client_with_chart, group, rate, sales_point=point)
    rules = living(SalesMapping, client_with_chart)
    assert len(rules) == 12
    assert {rule.version for rule in rules} == {1}


def test_two_living_rules_in_a_slot_are_refused_by_the_database(client_with_chart: Client) -> None:
    rule = make_payment_rule(client_with_chart)
    twin = PaymentMethodMapping(
        client=client_with_chart, slot=rule.slot, method="vipps", ledger_account="1910", created_by="x", version=7
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"method": ""}, "Name what"),
        ({"method": "kl*rna"}, "not at its end"),
        ({"method": "v" * 61}, "longer than 60"),
        ({"account": ""}, "which ledger account"),
        ({"account": "1" * 21}, "longer than 20"),
    ],
)
def test_a_payment_rule_that_cannot_be_meant_is_refused(
    client_with_chart: Client, values: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadRule, match=says):
        make_payment_rule(client_with_chart, **values)
    assert trail() == []


@pytest.mark.parametrize("rate", ["-1", "100.01", "12.345", "NaN"])
def test_a_rate_that_is_no_percent_is_refused(client_with_chart: Client, rate: str) -> None:
    with pytest.raises(BadRule, match="percent"):
        make_sales_rule(client_with_chart, rate=rate)


def test_a_sales_rule_needs_a_vat_code(client_with_chart: Client) -> None:
    with pytest.raises(BadRule, match="VAT code"):
        make_sales_rule(client_with_chart, code="")


def test_a_rule_for_another_clients_sales_point_is_refused(client_with_chart: Client) -> None:
    other = make_sales_point(make_client("other"))
    with pytest.raises(BadRule, match="another client"):
        set_sales_rule(
            client=client_with_chart, sales_point=other, group="*", vat_rate=Decimal(25), ledger_account="3000",
            vat_code="3", actor=TESTER,
        )  # fmt: skip


def test_all_living_rules_are_read_with_one_query(client_with_chart: Client, shop: SalesPoint) -> None:
    for number in range(20):
        make_payment_rule(client_with_chart, f"m{number}", sales_point=shop)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert {rule.sales_point for rule in living(PaymentMethodMapping, client_with_chart)} == {shop}
    assert len(queries) == 1
