"""What every payout source promises, over its stand-in or its files. A source is added in payout_cases.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import pairwise

import pytest

from backoffice.contracts.errors import Misconfigured, UnreadablePayload, Unsupported
from backoffice.contracts.payouts import ProviderRow, ProviderStatement
from backoffice.contracts.sales import FetchedPayload
from backoffice.ledger.money import total
from backoffice.ledger.settlement import SIGNS, RowKind
from backoffice.settlements.models import PayoutEntry
from backoffice.settlements.services import record_statement
from backoffice.settlements.states import PayoutState
from tests.contracts.payout_cases import CASES, PayoutCase, Report
from tests.factories import make_client
from tests.integrations.woocommerce.shop import make_runtime

MAX_KEY_CHARACTERS = 200
CAPABILITIES = {"polling", "files", "fees", "disputes", "balances", "gross_settlement", "exchange"}


@pytest.fixture(params=sorted(CASES), scope="module")
def case(request: pytest.FixtureRequest) -> Iterator[PayoutCase]:
    """Run one source's stand-in for all tests of this file."""
    with CASES[request.param]() as running:
        yield running


def read(case: PayoutCase, report: Report) -> tuple[ProviderStatement, ...]:
    """Read a report."""
    return case.source.parse(report.body, filename=report.filename)


def all_rows(case: PayoutCase) -> list[ProviderRow]:
    """Give the rows of all genuine reports."""
    return [row for report in case.reports for one in read(case, report) for row in one.rows]


def test_it_says_what_it_is(case: PayoutCase) -> None:
    assert case.source.name.islower()
    assert case.source.label
    assert case.source.capabilities
    assert case.source.capabilities <= CAPABILITIES


def test_every_setting_draws_its_own_form(case: PayoutCase) -> None:
    for setting in fields(case.source.Config):
        assert setting.metadata["label"], setting.name
        assert isinstance(setting.metadata["is_secret"], bool)


def test_each_missing_setting_is_named(case: PayoutCase) -> None:
    for setting in fields(case.source.Config):
        if setting.default is MISSING and setting.default_factory is MISSING:
            given = {name: value for name, value in case.values.items() if name != setting.name}
            with pytest.raises(Misconfigured, match=setting.metadata["label"]):
                type(case.source).build(given, make_runtime())


def test_the_same_bytes_give_the_same_statements(case: PayoutCase) -> None:
    for report in case.reports:
        assert read(case, report) == read(case, report)
        assert read(case, report)


def test_every_amount_is_in_the_statements_currency(case: PayoutCase) -> None:
    for report in case.reports:
        for one in read(case, report):
            amounts = [row.amount for row in one.rows] + [payout.amount for payout in one.payouts]
            amounts += [balance.amount for balance in one.balances]
            assert {amount.currency for amount in amounts} <= {one.currency}
            assert one.account


def test_a_row_has_a_key_of_its_own_that_is_the_same_in_every_report(case: PayoutCase) -> None:
    for report in case.reports:
        for one in read(case, report):
            keys = [row.key for row in one.rows]
            assert len(set(keys)) == len(keys)
            assert all(0 < len(key) <= MAX_KEY_CHARACTERS for key in keys)
    amounts: dict[str, int] = {}
    for row in all_rows(case):
        assert amounts.setdefault(row.key, row.amount.minor) == row.amount.minor


def test_every_row_keeps_the_providers_word_and_goes_the_way_its_kind_goes(case: PayoutCase) -> None:
    for row in all_rows(case):
        assert row.native_kind
        assert row.amount.minor * SIGNS.get(row.kind, 0) >= 0, row


def test_a_kind_that_nobody_knows_keeps_its_amount_and_is_other(case: PayoutCase) -> None:
    unknown = [row for one in read(case, case.unknown) for row in one.rows if row.kind is RowKind.OTHER]
    assert [row.amount.minor for row in unknown] == [case.unknown_minor]
    assert unknown[0].native_kind


def test_a_payout_follows_from_the_rows_that_name_it(case: PayoutCase) -> None:
    assert any(report.explained for report in case.reports)
    for report in case.reports:
        for one in read(case, report):
            for payout in one.payouts:
                rows = [r for r in one.rows if r.payout_reference == payout.reference and r.kind is not RowKind.PAYOUT]
                added = total((row.amount for row in rows), one.currency)
                assert (added == payout.amount) == (payout.reference in report.explained)


def test_stated_balances_follow_from_the_rows_between_them(case: PayoutCase) -> None:
    for report in case.reports:
        for one in read(case, report):
            days = sorted(one.balances, key=lambda balance: balance.on)
            for before, after in pairwise(days):
                between = (row.amount for row in one.rows if before.on < row.booked_on <= after.on)
                assert before.amount + total(between, one.currency) == after.amount


def test_another_shape_is_unreadable_and_says_what_to_do(case: PayoutCase) -> None:
    for body in case.unreadable:
        with pytest.raises(UnreadablePayload) as caught:
            case.source.parse(body)
        assert str(caught.value).endswith(".")


def polled(case: PayoutCase) -> list[FetchedPayload]:
    """Give all that polling finds; skips a source that only reads files."""
    if "polling" not in case.source.capabilities:
        with pytest.raises(Unsupported):
            list(case.source.statements_since(case.since))
        pytest.skip("It only reads files.")
    return list(case.source.statements_since(case.since))


def test_polling_gives_reports_oldest_first_with_stable_keys(case: PayoutCase) -> None:
    found = polled(case)
    assert found
    assert found == polled(case)
    assert [one.changed_at for one in found] == sorted(one.changed_at for one in found)
    assert len({one.key for one in found}) == len(found)
    assert all(0 < len(one.key) <= MAX_KEY_CHARACTERS and one.changed_at.tzinfo for one in found)
    assert any(case.source.parse(one.body) for one in found)


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["as they come", "reversed", "twice"])
def test_recorded_in_any_order_the_payouts_are_explained(case: PayoutCase, order: str) -> None:
    client = make_client()
    reports = list(case.reports)
    reports = {"as they come": reports, "reversed": reports[::-1], "twice": reports * 2}[order]
    for report in reports:
        for one in read(case, report):
            record_statement(client=client, provider=case.source.name, statement=one, event=None)

    wanted = {reference for report in case.reports for reference in report.explained}
    explained = client.payouts.filter(state=PayoutState.EXPLAINED)
    assert wanted <= set(explained.values_list("reference", flat=True))
    assert PayoutEntry.objects.count() == len({row.key for row in all_rows(case)})
    assert not PayoutEntry.objects.exclude(needs_person_because="").exclude(kind=RowKind.OTHER).exists()
