"""What is read of a client's books: whose they are, the chart, the limits, what is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from backoffice.contracts.accounting import BookLimits, Party
from backoffice.contracts.errors import Misconfigured, Misunderstood, Retryable
from integrations.http import Answer
from integrations.poweroffice import wire_chart
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.answers import failure_of
from integrations.poweroffice.sandbox import ALL_PRIVILEGES, DEMO_CLIENTS

from .books import DAY, PERSON, Office, make_journal, make_line, make_order, nok, run_office


def without(*names: str, **values: object) -> tuple[object, ...]:
    """Make the first demo company without some privileges."""
    privileges = tuple(name for name in ALL_PRIVILEGES if name.removesuffix("_Full") not in names)
    return (replace(DEMO_CLIENTS[0], privileges=privileges, **values),)  # type: ignore[arg-type]  # test values


def test_a_key_says_whose_books_it_opens_and_what_we_may_do_there(office: Office) -> None:
    company = office.system.identify()
    assert (company.name, company.organisation_number) == ("Nordlys Butikk AS", "800000041")
    assert company.may_send_invoices is True
    assert "BankVoucher_Full" in company.valid_privileges
    assert company.subscriptions


def test_a_changed_privilege_shows_at_the_next_look(office: Office) -> None:
    office.system.limits()
    office.system.identify()
    assert office.calls.count("POST /OAuth/Token") == 2


def test_the_right_to_send_is_read_from_the_token_where_the_answer_does_not_have_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    information = {"ClientName": "Old AS"}
    monkeypatch.setattr("integrations.poweroffice.api.client_integration_information", lambda _: information)
    assert office.system.identify().may_send_invoices is True


def test_without_the_right_to_read_the_organisation_its_number_is_left_empty() -> None:
    with run_office(clients=without("CommonServices")) as office:
        assert office.system.identify().organisation_number == ""


def test_the_chart_has_accounts_with_their_vat_codes_and_flags(office: Office) -> None:
    accounts = {one.number: one for one in office.system.chart().accounts}
    assert (accounts["3000"].vat_code, accounts["3000"].is_active) == ("3", True)
    assert accounts["3030"].is_vat_code_locked
    assert not accounts["3300"].is_active
    assert accounts["3400"].required_dimensions == ("department",)


def test_vat_rates_are_percents_and_expired_codes_are_there_with_their_dates(office: Office) -> None:
    codes = office.system.chart().vat_codes
    assert {one.rate for one in codes if one.code == "3"} == {Decimal("25.00")}
    assert {one.rate for one in codes if one.code == "31"} >= {Decimal("15.00")}
    assert {one.rate for one in codes if one.code == "0"} == {Decimal("0.00")}
    assert any(one.valid_to for one in codes)


def test_dimensions_themes_terms_and_products_are_read(office: Office) -> None:
    office.post_order(make_order())
    chart = office.system.chart()
    kinds = {(one.kind, one.code): one.is_active for one in chart.dimensions}
    assert kinds[("department", "10")]
    assert not kinds[("department", "90")]
    assert {kind for kind, _ in kinds} == {"department", "location", "project", "dim1", "dim2", "dim3"}
    assert [one.code for one in chart.themes if one.is_default] == ["STD"]
    assert [one.credit_days for one in chart.payment_terms if one.is_default] == [14]
    assert [(one.code, one.ledger_account) for one in chart.products] == [("3000-3", "3000")]
    assert chart.unreadable == ()


@pytest.mark.parametrize(
    ("privilege", "unreadable"),
    [("Department", "dimensions"), ("CustomDimension", "dimensions"), ("Product", "products")],
)
def test_what_may_not_be_read_is_unknown_and_not_empty(privilege: str, unreadable: str) -> None:
    with run_office(clients=without(privilege)) as office:
        assert office.system.chart().unreadable == (unreadable,)


@pytest.mark.parametrize(
    ("status", "body", "is_unreadable"),
    [(403, b"", True), (400, b'{"title":"Missing privilege","detail":"No."}', True), (401, b"", False)],
)
def test_a_missing_privilege_is_known_in_either_of_its_forms_and_wrong_keys_are_another_thing(
    office: Office, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, is_unreadable: bool
) -> None:
    def refuse(_: object) -> None:
        raise failure_of(Answer(status, {}, body, "r-1", ""), operation="list_departments", has_effect=False)

    monkeypatch.setattr("integrations.poweroffice.api.departments", refuse)
    if is_unreadable:
        assert office.system.chart().unreadable == ("dimensions",)
    else:
        with pytest.raises(Misconfigured):
            office.system.chart()


@pytest.mark.parametrize("privilege", ["GeneralLedgerAccount", "CommonServices"])
def test_without_accounts_or_vat_codes_there_is_no_chart(privilege: str) -> None:
    with run_office(clients=without(privilege)) as office, pytest.raises(Misconfigured):
        office.system.chart()


def test_a_chart_that_breaks_off_is_a_failure_and_no_smaller_chart(office: Office) -> None:
    office.server.faults.add("error_500", "GET /v2/Departments")
    with pytest.raises(Retryable):
        office.system.chart()


def test_the_limits_are_read_by_themselves() -> None:
    client = replace(DEMO_CLIENTS[0], lock_date=date(2026, 10, 31), conversion_date=date(2024, 1, 1))
    with run_office(clients=(client,)) as office:
        assert office.system.limits() == BookLimits(date(2026, 10, 31), date(2024, 1, 1))


def test_open_items_say_who_owes_what_with_its_reference(office: Office) -> None:
    line = make_line("125", customer=Party("webshop:C-7", PERSON), matching_reference="R-9")
    document = make_journal("j-1", make_journal().kind, line, make_line("-125", "3000", "3"))
    office.system.send(office.system.prepare(document, office.directory))
    (item,) = office.system.open_items(DAY)
    assert (item.customer_name, item.matching_reference, item.posted_on) == ("Kari Nordmann", "R-9", DAY)
    assert (item.amount, item.balance) == (nok("125"), nok("125"))
    assert office.system.open_items(date(2026, 11, 1)) == ()


def test_balances_are_debit_positive_and_add_to_zero(office: Office) -> None:
    lines = (make_line("1250", "1903"), make_line("-1250", "3000", "3"))
    office.system.send(office.system.prepare(make_journal("j-1", make_journal().kind, *lines), office.directory))
    balances = office.system.account_balances(DAY)
    assert [balances[number] for number in ("1903", "3000", "2700")] == [nok("1250"), nok("-1000"), nok("-250")]
    assert sum(balance.minor for balance in balances.values()) == 0


@pytest.mark.parametrize(
    ("flag", "truth"), [(True, True), (False, False), ("True", True), ("False", False), (None, None)]
)
def test_a_flag_is_read_from_json_and_from_a_token(flag: object, truth: bool | None) -> None:
    assert wire_chart.truth_of(flag) is truth


def test_flags_of_dimensions_that_come_later_count_as_well() -> None:
    row = {"Id": 1, "AccountNo": 3000, "IsActive": True, "IsDim2Required": True, "IsLocationRequired": True}
    assert wire_chart.account(row).required_dimensions == ("location", "dim2")


@pytest.mark.parametrize("share", ["25", True, {}])
def test_what_is_no_rate_is_said(share: object) -> None:
    with pytest.raises(Misunderstood):
        wire_chart.percent_of(share)


def test_an_archived_project_takes_no_postings() -> None:
    row = {"Id": 1, "Code": "100", "Name": "x", "IsActive": True, "ProjectStatus": "Archived"}
    assert not wire_chart.dimension("project", row).is_active


def test_entries_and_balances_without_amounts_are_not_understood() -> None:
    with pytest.raises(Misunderstood):
        wire_chart.open_item({"Id": 1})
    with pytest.raises(Misunderstood):
        wire_chart.account_balance({"AccountNo": 1903})


def test_the_adapter_names_itself() -> None:
    assert (PowerOffice.name, PowerOffice.label) == ("poweroffice", "PowerOffice Go")
