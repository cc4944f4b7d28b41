"""The desk, lists and pages say what is so: numbers, searches, changes, the chain of the audit trail."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from backoffice.audit.models import AuditEntry
from backoffice.audit.services import Actor
from backoffice.chart.mapping import set_payment_rule, set_sales_rule
from backoffice.chart.models import PaymentMethodMapping
from backoffice.connections.models import InboundEvent
from backoffice.console import figures
from backoffice.console.desk import duration
from backoffice.console.svg import bars_per_day
from backoffice.console.vouchers.changes import changes_since, seen_lines
from backoffice.console.vouchers.document import document_rows
from backoffice.console.vouchers.fixes import split_group
from backoffice.sales.models import Payment
from backoffice.vouchers.models import Voucher
from backoffice.workflows.services import close_days, rebuild_voucher
from tests.office import OFFICE, Office

LIST = "/vouchers/voucher/"


def listed(browser: Browser, query: str) -> list[str]:
    rows = browser.get(f"{LIST}?{query}").context["cl"].result_list
    return sorted(voucher.sales.get().reference for voucher in rows if voucher.kind == "sales_order")


def test_the_desk_puts_first_what_needs_a_person_and_hides_what_is_zero(office: Office, kari: Browser) -> None:
    office.to_approve("1001")
    office.failed("2001")
    office.in_doubt("2002")
    context = kari.get("/").context
    assert [(tile.number, tile.label) for tile in context["needs"]] == [
        ("1", "failed"),
        ("1", "in doubt"),
        ("1", "to approve"),
    ]
    assert [(one.cause.code, one.count) for one in context["causes"]] == [("refused", 1)]


def test_every_number_on_the_desk_opens_a_list_of_as_many(office: Office, kari: Browser) -> None:
    office.to_approve("1001")
    office.to_approve("1002", group="food", rate=15)
    office.failed("2001")
    Payment.objects.filter(reference="vipps-1001").update(sale=None, voucher=None)
    InboundEvent.objects.filter(event_key="2001").update(state="unreadable")
    for tile in kari.get("/").context["needs"]:
        assert len(kari.get(tile.href).context["cl"].result_list) == int(tile.number), tile.label


def test_the_desk_of_an_empty_client_says_what_to_do(office: Office, kari: Browser) -> None:
    assert "Send a sale from the shop" in kari.get("/").content.decode()


def test_clearing_accounts_show_what_posted_vouchers_left(office: Office, kari: Browser) -> None:
    office.sell("1001", gross_minor=100_00)
    close_days(client=office.client, through=Payment.objects.get().paid_on, actor=OFFICE)
    day = Voucher.objects.get(source_type="payment_day")
    Voucher.objects.filter(pk=day.pk).update(
        state="posted", approved_at=day.created_at, posted_at=day.created_at, external_id="1"
    )
    (account,) = figures.clearing_accounts([office.client])
    assert (account.number, account.balance_minor) == ("1903", 100_00)
    rows = kari.get(f"{LIST}?state=posted&account=1903").context["cl"].result_list
    assert [row.pk for row in rows] == [day.pk]


def test_the_speed_counts_from_the_event_to_the_books(office: Office) -> None:
    voucher = office.posted()
    speed = figures.speed_today([office.client])
    assert speed.count == 1
    assert speed.slowest_id == voucher.pk


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 s"), (720, "12 min"), (7200, "2 h"), (172_800, "2 days"), (129_600, "2 days")]
)
def test_durations_are_written_as_people_say_them(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_a_chart_of_nothing_has_no_bars_and_still_speaks() -> None:
    drawn = bars_per_day([(date(2026, 11, 24), 0), (date(2026, 11, 25), 0)], "Posted")
    assert 'aria-label="Posted. 2026-11-24: 0; 2026-11-25: 0"' in drawn
    assert drawn.count('height="0"') == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=1001", ["1001"]),
        ("q={matching}", ["1002"]),
        ("q=Nina", ["1002"]),
        ("q=499,50", ["1002"]),
        ("q=10001", ["2003"]),
        ("q=nobody+at+all", []),
        ("state=posted", ["2003"]),
        ("state=awaiting_approval", ["1001", "1002"]),
        ("state=moon", []),
        ("posted=today", ["2003"]),
        ("kind=bank_journal", []),
        ("from=2019-01-01&until=2019-12-31", []),
        ("from=not-a-day", ["1001", "1002", "2003"]),
    ],
)
def test_vouchers_are_found(office: Office, kari: Browser, query: str, found: list[str]) -> None:
    office.to_approve("1001")
    second = office.to_approve("1002", name="Nina Lie", gross_minor=499_50)
    office.posted("2003")
    assert listed(kari, query.format(matching=second.matching_reference)) == found


@pytest.mark.parametrize(
    ("path", "term"), [("sales/sale", "1001"), ("sales/sale", "Hansen"), ("sales/payment", "vipps-1001")]
)
def test_sales_and_payments_are_found(office: Office, kari: Browser, path: str, term: str) -> None:
    office.sell("1001")
    assert len(kari.get(f"/{path}/?q={term}").context["cl"].result_list) == 1


def test_lists_count_no_further_than_needed(office: Office, kari: Browser, monkeypatch: Any) -> None:
    monkeypatch.setattr("backoffice.clients.admin_base.MAX_COUNTED_ROWS", 1)
    office.to_approve("1001")
    office.to_approve("1002")
    answer = kari.get(LIST)
    assert answer.context["cl"].paginator.is_capped


def test_a_voucher_page_shows_lines_why_and_the_document(office: Office, kari: Browser) -> None:
    voucher = office.to_approve("1001")
    page = kari.get(f"{LIST}{voucher.pk}/change/").content.decode()
    for words in (
        "Debit equals credit",
        "Rule version 1, by test",
        "Matching reference",
        "Our reference",
        "Storgata 1",
    ):
        assert words in page, words


def test_the_difference_names_what_is_gone_and_what_is_new(office: Office) -> None:
    voucher = office.to_approve("1001")
    seen = seen_lines(voucher)
    set_sales_rule(
        client=office.client, sales_point=None, group="furniture", vat_rate=None, ledger_account="3000", vat_code="3",
        actor=OFFICE,
    )  # fmt: skip
    assert changes_since(voucher, seen) == []
    voucher.postings.filter(ledger_account="3000").update(ledger_account="3001")
    signs = {(change.sign, change.ledger_account) for change in changes_since(voucher, seen)}
    assert signs == {("-", "3000"), ("+", "3001")}


@pytest.mark.parametrize("broken", ["", "nonsense", "[1]", '[["a"]]', "{}"])
def test_a_form_that_brings_nonsense_compares_to_nothing(office: Office, broken: str) -> None:
    voucher = office.to_approve("1001")
    assert {change.sign for change in changes_since(voucher, broken)} == {"+"}


def test_every_field_of_a_document_is_shown() -> None:
    rows = document_rows({"reference": "r", "total": {"minor": 12500, "currency": "NOK"}, "lines": [{"code": "A"}],
                          "is_company": False, "phone": "", "unheard_of": 1})  # fmt: skip
    assert [(str(row.label), row.value) for row in rows] == [
        ("Our reference", "r"),
        ("Total", "125.00 NOK"),
        ("Lines", ""),
        ("Company", "No"),
        ("unheard_of", "1"),
    ]


@pytest.mark.parametrize(
    ("subject", "group", "rate"),
    [("food|15.00", "food", "15.00"), ("a|b|25.00", "a|b", "25.00"), ("3000", "3000", "None")],
)
def test_the_subject_of_a_missing_rule_is_read(subject: str, group: str, rate: str) -> None:
    found = split_group(subject)
    assert (found[0], str(found[1])) == (group, rate)


def test_a_mapping_gap_is_shown_first_and_closed_by_a_rule(office: Office, kari: Browser) -> None:
    office.sell("1001", method="klarna")
    page = f"/mapping/payment-methods/?client={office.client.pk}"
    (gap,) = kari.get(page).context["gaps"]
    assert (gap.name, gap.count, gap.suggestion.account.number) == ("klarna", 1, "1904")
    kari.post(
        reverse("admin:save_rule", args=[office.client.pk, "payment"]),
        {"name": "klarna", "ledger_account": "1904 Klarna"},
    )
    context = kari.get(page).context
    assert context["gaps"] == []
    assert not Voucher.objects.filter(state="blocked").exists()


def test_a_changed_rule_is_the_next_version_and_keeps_the_old_one(office: Office, kari: Browser) -> None:
    address = reverse("admin:save_rule", args=[office.client.pk, "payment"])
    kari.post(address, {"name": "vipps", "ledger_account": "1904"})
    living = PaymentMethodMapping.objects.get(client=office.client, method="vipps", superseded_at=None)
    assert (living.version, living.ledger_account) == (2, "1904")
    shown = kari.get(f"/mapping/payment-methods/?client={office.client.pk}").context["rules"]
    assert [old.ledger_account for one in shown for old in one.history] == ["1903"]


@pytest.mark.parametrize("typed", ["", "9999", "oppgjør"])
def test_an_account_that_is_not_one_is_refused(office: Office, kari: Browser, typed: str) -> None:
    address = reverse("admin:save_rule", args=[office.client.pk, "payment"])
    answer = kari.post(address, {"name": "vipps", "ledger_account": typed}, follow=True)
    assert "No active ledger account is" in answer.content.decode()
    assert PaymentMethodMapping.objects.get(client=office.client, method="vipps").version == 1


def test_the_chain_is_verified_and_a_break_is_named(office: Office, kari: Browser) -> None:
    office.to_approve("1001")
    assert "Every chain holds" in kari.post("/audit/verify/", follow=True).content.decode()
    entry = AuditEntry.objects.first()
    assert entry is not None
    AuditEntry.objects.filter(pk=entry.pk).update(actor="somebody else")
    assert "was changed after it was written" in kari.post("/audit/verify/", follow=True).content.decode()


def test_queue_health_says_when_no_worker_runs(office: Office, kari: Browser) -> None:
    assert "No worker is running" in kari.get("/health/queue/").content.decode()


def test_a_bulk_approval_with_a_wrong_fingerprint_is_refused(office: Office, kari: Browser) -> None:
    voucher = office.to_approve("1001")
    for seen in ("", "other"):
        kari.post("/vouchers/approve/", {"voucher": [voucher.pk], f"seen_{voucher.pk}": seen})
    voucher.refresh_from_db()
    assert voucher.state == "awaiting_approval"


def test_a_limit_leaves_large_vouchers_out_of_the_summary(office: Office, as_person: Any) -> None:
    office.people["approver"].memberships.update(approve_up_to_minor=100_00)
    small, large = office.to_approve("1001", gross_minor=50_00), office.to_approve("1002")
    answer = as_person("approver").post(LIST, {"action": "approve_many", "_selected_action": [small.pk, large.pk]})
    summary = answer.context["summary"]
    assert [one.pk for one in summary.included] == [small.pk]
    assert [(one.pk, why) for one, why in summary.excluded] == [(large.pk, "You may approve up to 100.00 NOK.")]


def test_holding_without_a_reason_asks_for_one(office: Office, kari: Browser) -> None:
    voucher = office.to_approve("1001")
    answer = kari.post(reverse("admin:voucher_act", args=[voucher.pk, "hold"]), {"reason": " "}, follow=True)
    assert "Say why" in answer.content.decode()
    kari.post(reverse("admin:voucher_act", args=[voucher.pk, "hold"]), {"reason": "waiting for goods"})
    page = kari.get(f"{LIST}{voucher.pk}/change/").content.decode()
    assert "waiting for goods" in page


def test_a_get_never_acts(office: Office, kari: Browser) -> None:
    voucher = office.to_approve("1001")
    before = AuditEntry.objects.count()
    for address in (
        reverse("admin:voucher_act", args=[voucher.pk, "approve"]),
        reverse("admin:voucher_fix", args=[voucher.pk]),
        reverse("admin:save_rule", args=[office.client.pk, "sales"]),
        reverse("admin:pause_connection", args=[office.connection.pk]),
        "/audit/verify/",
        "/vouchers/approve/",
    ):
        assert kari.get(address).status_code == 302, address
    assert AuditEntry.objects.count() == before


def test_an_unreadable_event_can_be_read_again(office: Office, kari: Browser) -> None:
    event = office.sell("1001").event
    assert event is not None
    InboundEvent.objects.filter(pk=event.pk).update(state="unreadable")
    kari.post(reverse("admin:read_event_again", args=[event.pk]))
    event.refresh_from_db()
    assert event.state == "received"


def test_a_rebuilt_voucher_says_so_on_its_timeline(office: Office, kari: Browser) -> None:
    voucher = office.to_approve("1001", group="food", rate=15)
    set_sales_rule(
        client=office.client, sales_point=None, group="food", vat_rate=None, ledger_account="3001", vat_code="31",
        actor=OFFICE,
    )  # fmt: skip
    rebuild_voucher(voucher_id=voucher.pk, actor=OFFICE)
    assert "Rebuilt from its source" in kari.get(f"{LIST}{voucher.pk}/change/").content.decode()


def test_what_is_not_there_or_not_allowed_is_said_in_plain_words(office: Office, as_person: Any) -> None:
    browser = as_person("auditor")
    assert "This page does not exist" in browser.get("/chart/?client=999999").content.decode()
    address = reverse("admin:chart_read", args=[office.client.pk])
    assert "You may not do this" in browser.post(address).content.decode()


def test_an_error_of_ours_shows_no_traceback(office: Office, as_person: Any, monkeypatch: Any) -> None:
    browser = as_person("auditor")
    browser.raise_request_exception = False

    def fail(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("backoffice.console.desk.figures.causes", fail)
    answer = browser.get("/")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "Something went wrong" in page
    assert "secret detail" not in page


def test_a_payment_rule_keeps_its_fee_vat_code_when_it_is_saved_from_its_form(office: Office, kari: Browser) -> None:
    set_payment_rule(
        client=office.client, sales_point=None, method="vipps", ledger_account="1903",
        fee_ledger_account="7770", fee_vat_code="1", bank_ledger_account="1920", actor=Actor.system("test"),
    )  # fmt: skip
    shown = kari.get(reverse("admin:payment_mapping") + f"?client={office.client.pk}").content.decode()
    assert 'name="fee_vat_code" maxlength="10" autocomplete="off" value="1"' in shown
    kari.post(
        reverse("admin:save_rule", args=[office.client.pk, "payment"]),
        {"name": "vipps", "ledger_account": "1903", "fee_ledger_account": "7770", "fee_vat_code": "1",
         "bank_ledger_account": "1920"},
    )  # fmt: skip
    rule = PaymentMethodMapping.objects.get(client=office.client, method="vipps", superseded_at=None)
    assert (rule.fee_ledger_account, rule.fee_vat_code, rule.bank_ledger_account) == ("7770", "1", "1920")
