"""What the mapping pages show: gaps first, then living rules with their problems and earlier versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count
from django.utils import timezone

from backoffice.chart.mapping import living
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.chart.resolve import Resolver
from backoffice.chart.selectors import Suggestion, suggest_for_payment, suggest_for_sales
from backoffice.chart.validation import ChartIndex, problems_of_payment_rule, problems_of_sales_rule
from backoffice.clients.models import Client, SalesPoint
from backoffice.sales.models import Payment, SaleLine

#: gaps are looked for in what was sold and paid in these days
LOOK_BACK = timedelta(days=120)

Rule = PaymentMethodMapping | SalesMapping


@dataclass(frozen=True, slots=True)
class Gap:
    """A payment method, or a group at a VAT rate, that occurs and has no rule; count says how often."""

    name: str
    rate: Decimal | None
    count: int
    suggestion: Suggestion | None


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A living rule, what is wrong with it, and the versions before it, newest first."""

    rule: Rule
    problems: Sequence[str]
    history: Sequence[Rule] = field(default_factory=tuple)


def today_of(client: Client) -> date:
    """The day at the client."""
    return timezone.now().astimezone(client.zone).date()


def payment_gaps(client: Client) -> list[Gap]:
    """Payment methods that occur and that no rule maps, most frequent first."""
    resolver = Resolver(client)
    points = {point.pk: point for point in SalesPoint.objects.filter(client=client)}
    since = today_of(client) - LOOK_BACK
    seen = Payment.objects.filter(client=client, paid_on__gte=since).order_by().values("sales_point", "method")
    counts: dict[str, int] = {}
    for row in seen.annotate(n=Count("id")):
        found = resolver.payment(points[row["sales_point"]], row["method"])
        if isinstance(found, list) and any(one.code == "payment_method_unmapped" for one in found):
            counts[row["method"]] = counts.get(row["method"], 0) + row["n"]
    by_count = sorted(counts.items(), key=lambda one: -one[1])
    return [Gap(method, None, count, suggest_for_payment(client, method)) for method, count in by_count]


def sales_gaps(client: Client) -> list[Gap]:
    """Groups at a VAT rate that occur and that no rule maps, most frequent first."""
    resolver = Resolver(client)
    points = {point.pk: point for point in SalesPoint.objects.filter(client=client)}
    today = today_of(client)
    lines = SaleLine.objects.filter(sale__client=client, sale__sold_on__gte=today - LOOK_BACK).order_by()
    counts: dict[tuple[str, Decimal], int] = {}
    for row in lines.values("sale__sales_point", "group", "vat_rate").annotate(n=Count("id")):
        found = resolver.sales(points[row["sale__sales_point"]], row["group"], row["vat_rate"], today)
        if isinstance(found, list) and any(one.code == "group_unmapped" for one in found):
            key = (row["group"], row["vat_rate"])
            counts[key] = counts.get(key, 0) + row["n"]
    by_count = sorted(counts.items(), key=lambda one: -one[1])
    return [Gap(group, rate, count, suggest_for_sales(client, rate)) for (group, rate), count in by_count]


def payment_rules(client: Client) -> list[RuleShown]:
    """Living payment rules, those with problems first."""
    index, today = ChartIndex.load(client), today_of(client)
    rules = living(PaymentMethodMapping, client)
    problems = {rule.pk: [one.detail for one in problems_of_payment_rule(rule, index, today)] for rule in rules}
    return _shown(rules, problems, list(PaymentMethodMapping.objects.filter(client=client)))


def sales_rules(client: Client) -> list[RuleShown]:
    """Living sales rules, those with problems first."""
    index, today = ChartIndex.load(client), today_of(client)
    points = list(SalesPoint.objects.filter(client=client, is_active=True))
    rules = living(SalesMapping, client)
    problems = {
        rule.pk: [one.detail for one in problems_of_sales_rule(rule, index, today, sales_points=points)]
        for rule in rules
    }
    return _shown(rules, problems, list(SalesMapping.objects.filter(client=client)))


def _shown(rules: Iterable[Rule], problems: dict[int, list[str]], all_versions: Iterable[Rule]) -> list[RuleShown]:
    earlier: dict[str, list[Rule]] = {}
    for one in sorted(all_versions, key=lambda rule: -rule.version):
        if one.superseded_at is not None:
            earlier.setdefault(one.slot, []).append(one)
    shown = [RuleShown(rule, problems[rule.pk], earlier.get(rule.slot, [])) for rule in rules]
    return sorted(shown, key=lambda one: (not one.problems, str(one.rule)))
