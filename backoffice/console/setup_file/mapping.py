"""Mapping rules of the set-up file: the next version where one changed, and what the chart says to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from backoffice.chart.mapping import BadRule, living, payment_slot, sales_slot, set_payment_rule, set_sales_rule
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.chart.validation import ChartIndex, problems_of_payment_rule, problems_of_sales_rule
from backoffice.clients.models import Client, SalesPoint
from backoffice.console.setup_file.reading import ClientEntry, Entry
from backoffice.console.setup_file.report import Done, Outcome
from backoffice.console.setup_file.schema import show_rate
from backoffice.console.setup_file.work import Work
from backoffice.contracts.errors import Reason

Rule = PaymentMethodMapping | SalesMapping
#: causes that a rule's new account or VAT code may mend, for vouchers that stopped at the old ones
OLD_VALUE_CAUSES = ("account_missing", "account_inactive", "vat_code_missing", "vat_not_allowed", "vat_follows_account")


class Mapper:
    """Takes one client's rules."""

    def __init__(self, work: Work, client: Client) -> None:
        self.work = work
        self.client = client
        self.points = {point.key: point for point in SalesPoint.objects.filter(client=client)}
        self.taken: list[Rule] = []
        rules: list[Rule] = [*living(PaymentMethodMapping, client), *living(SalesMapping, client)]
        self.stored: dict[tuple[type[Rule], str], Rule] = {(type(rule), rule.slot): rule for rule in rules}

    def rules(self, entry: ClientEntry) -> None:
        """Take all rules, then hold them against the chart."""
        for one in entry.payment_rules:
            self._rule(one, PaymentMethodMapping, set_payment_rule, _payment_slot, "payment method")
        for one in entry.sales_rules:
            self._rule(one, SalesMapping, set_sales_rule, _sales_slot, "sales group")
        if self.taken:
            self._look()

    def _rule(
        self,
        entry: Entry,
        model: type[Rule],
        set_rule: Callable[..., Rule],
        slot_of: Callable[[SalesPoint | None, dict[str, Any]], str],
        noun: str,
    ) -> None:
        values = dict(entry.values)
        key = values.pop("sales_point")
        if key is not None and key not in self.points:
            text = f"{self.client.key} has no sales point {key}. Add it under sales_points."
            self.work.complain(entry.line_for("sales_point"), text)
            return
        point = self.points[key] if key is not None else None
        before = self.stored.get((model, slot_of(point, values)))
        try:
            rule = set_rule(client=self.client, sales_point=point, actor=self.work.actor, **values)
        except BadRule as error:
            self.work.complain(entry.line, str(error))
            return
        self.taken.append(rule)
        where = f"{self.client.key}/{key}" if key else self.client.key
        self._tell(f"{noun} {where}: {_name(rule)}", before, rule)

    def _tell(self, what: str, before: Rule | None, rule: Rule) -> None:
        if before is not None and before.pk == rule.pk:
            self.work.report.done.append(Done(what, Outcome.UNCHANGED))
            return
        outcome = Outcome.CHANGED if before else Outcome.CREATED
        self.work.report.done.append(Done(what, outcome, f"was {before}" if before else ""))
        is_payment = isinstance(rule, PaymentMethodMapping)
        waiting = [("payment_method_unmapped" if is_payment else "group_unmapped", "")]
        if before is not None:
            old = {before.ledger_account, getattr(before, "vat_code", "")} - {""}
            waiting += [(code, subject) for subject in sorted(old) for code in OLD_VALUE_CAUSES]
        new = [(self.client.pk, *one) for one in waiting]
        self.work.report.waiting += [one for one in new if one not in self.work.report.waiting]

    def _look(self) -> None:
        """Note what the chart says to the rules; they are kept, since the books may still be set up."""
        index = ChartIndex.load(self.client)
        notes = self.work.report.notes
        if not index.accounts:
            command = f"manage.py sync_chart --client {self.client.key}"
            notes.append(f"The rules of {self.client.key} are not checked: its chart was never read. Run {command}.")
            return
        points = [point for point in self.points.values() if point.is_active]
        today = timezone.now().astimezone(self.client.zone).date()
        for rule in self.taken:
            reasons: list[Reason] = (
                problems_of_payment_rule(rule, index, today)
                if isinstance(rule, PaymentMethodMapping)
                else problems_of_sales_rule(rule, index, today, sales_points=points)
            )
            notes += [f"{rule}: {reason.detail}" for reason in reasons]


def _payment_slot(point: SalesPoint | None, values: dict[str, Any]) -> str:
    return payment_slot(point, values["method"])


def _sales_slot(point: SalesPoint | None, values: dict[str, Any]) -> str:
    return sales_slot(point, values["group"], values["vat_rate"])


def _name(rule: Rule) -> str:
    if isinstance(rule, PaymentMethodMapping):
        return rule.method
    return f"{rule.group} at {show_rate(rule.vat_rate)}"
