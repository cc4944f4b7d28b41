"""The demo: exactly the picture it promises, made once, and the way out of it that it tells."""

from __future__ import annotations

import io
import stat
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse

from backoffice.audit.models import AuditEntry
from backoffice.audit.services import Actor, breaks
from backoffice.chart.models import PaymentMethodMapping
from backoffice.clients.models import Client, Membership, User
from backoffice.connections.models import DeliveryAttempt, InboundEvent
from backoffice.console.demo import baren, kaia, lunsj, nordlys, orders, people
from backoffice.console.demo.payouts import DIFFERS, EXPLAINED, UNKNOWN_KIND
from backoffice.console.demo.story import Story, first_begun_at
from backoffice.console.demo.times import day_of, moment
from backoffice.console.demo.waiting import work_until
from backoffice.ledger.money import Money
from backoffice.sales.models import Sale, SaleLine
from backoffice.sales.till_import_models import TillImport
from backoffice.settlements.clearing import clearing_proof
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import approve
from backoffice.workflows.services import close_days
from integrations.poweroffice.sandbox import SandboxServer
from tests.world import asked, sandbox

__all__ = ["sandbox"]
BACKEND = "django.contrib.auth.backends.ModelBackend"


def demo() -> str:
    """Run the command and give what it said."""
    said = io.StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


@pytest.fixture(autouse=True)
def _data_dir(db: None, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def made(sandbox: SandboxServer) -> str:
    """Give what the command said when it made the demo."""
    return demo()


def picture() -> Counter[tuple[str, str]]:
    """Count vouchers by kind and state."""
    return Counter(Voucher.objects.values_list("kind", "state"))


def everything() -> dict[str, list[Any]]:
    """Give every row of every table of the house."""
    mine = [model for model in apps.get_models() if model.__module__.startswith("backoffice.")]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in mine}


PROMISED = Counter(
    {
        ("sales_order", "posted"): 9,
        ("sales_order", "awaiting_approval"): 3,
        ("bank_journal", "posted"): 2,
        ("bank_journal", "failed"): 1,
        ("bank_journal", "blocked"): 1,
        ("bank_journal", "draft"): 2,
        ("cash_journal", "awaiting_approval"): 2,
        ("manual_journal", "awaiting_approval"): 1,
    }
)


def test_the_bookkeeper_finds_three_to_approve_one_failed_and_one_day_that_waits(made: str) -> None:
    assert picture() == PROMISED
    assert Sale.objects.count() == len(nordlys.ORDERS) + 4 + len(lunsj.LUNCHES)
    assert all(Voucher.objects.filter(kind="sales_order", state="posted").values_list("invoice_number", flat=True))
    blocked = Voucher.objects.get(state="blocked")
    assert [(one["code"], one["subject"]) for one in blocked.reasons] == [("payment_method_unmapped", "svea_checkout")]
    approved = Voucher.objects.filter(state="posted").values_list("approved_by", flat=True)
    assert set(approved) == {"Berit Lund"}
    assert "The demo is ready" in made


def test_the_tills_file_is_there_to_look_at(made: str) -> None:
    row = TillImport.objects.get()
    assert (row.state, row.filename, row.uploaded_by) == ("done", "kaia-baren.xml", "Berit Lund")
    assert (row.receipts, row.left_out, row.notes) == (len(baren.RECEIPTS), 1, [])
    assert [(str(one), one.outcome, one.notes) for one in row.closings.all()] == [
        ("Baren 1 Z 211", "created", []),
        ("Baren 1 Z 212", "created", []),
    ]


def test_the_failure_came_from_the_books_over_there(made: str) -> None:
    failed = Voucher.objects.get(state="failed")
    (reason,) = failed.reasons
    assert (reason["code"], reason["subject"]) == ("account_inactive", "1906")
    assert "Account 1906 is not active" in reason["detail"]
    sent = DeliveryAttempt.objects.get(delivery__subject_id=failed.pk, operation="send")
    assert (sent.outcome, sent.http_status) == ("Rejected", 400)


def test_sales_came_in_through_the_real_doors(made: str) -> None:
    events = Counter(InboundEvent.objects.values_list("source", "state"))
    assert events == {("webhook", "processed"): len(nordlys.ORDERS), ("api", "processed"): 7, ("file", "processed"): 2}
    assert all(
        note.endswith("created.")
        for note in InboundEvent.objects.filter(source="webhook").values_list("note", flat=True)
    )
    rates = set(SaleLine.objects.values_list("vat_rate", flat=True))
    assert rates == {Decimal(25), Decimal(15), Decimal(12), Decimal(0)}
    assert {event.sales_point.key for event in InboundEvent.objects.all() if event.sales_point} == {
        "nettbutikk",
        "bestilling",
        "lunsj",
    }


def test_a_second_run_changes_nothing_and_shows_the_login_again(made: str) -> None:
    before = everything()
    said = demo()
    assert everything() == before
    assert "nothing was changed" in said
    assert people.BOOKKEEPER in said


def test_a_run_that_was_stopped_goes_on_and_makes_nothing_twice(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(story: Story, *args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Story, "approve_day", stop)
        with pytest.raises(KeyboardInterrupt):
            demo()
    note = people.note().read_text()

    demo()

    assert picture() == PROMISED
    assert people.note().read_text() == note
    assert InboundEvent.objects.filter(source="webhook").count() == len(nordlys.ORDERS)
    assert AuditEntry.objects.filter(action="demo.begun").count() == 1
    assert not [one for proof in asked(sandbox, "proof").values() for one in proof["duplicates"]]


def test_the_passwords_open_what_they_should_and_lie_where_only_the_owner_reads(made: str) -> None:
    assert stat.S_IMODE(people.note().stat().st_mode) == 0o600
    found = people.lines()
    for name in (people.BOOKKEEPER, people.ADMINISTRATOR):
        user = authenticate(RequestFactory().post("/login/"), username=name, password=found[name].secret)
        assert user is not None, name
    bookkeeper = User.objects.get(username=people.BOOKKEEPER)
    assert not bookkeeper.is_superuser
    assert set(Membership.objects.filter(user=bookkeeper).values_list("client__key", "role")) == {
        ("nordlys-butikk", "bookkeeper"),
        ("kaia-bar", "bookkeeper"),
    }
    assert found[people.BOOKKEEPER].secret in made
    assert found[people.BOOKKEEPER].secret not in str(list(AuditEntry.objects.values()))


def test_what_it_tells_to_do_first_leads_to_a_clean_desk_and_matched_books(made: str, sandbox: SandboxServer) -> None:
    berit = Actor.person(User.objects.get(username=people.BOOKKEEPER))
    shop, bar = Client.objects.get(key="nordlys-butikk"), Client.objects.get(key="kaia-bar")
    browser = Browser(raise_request_exception=True)
    browser.force_login(User.objects.get(username=people.BOOKKEEPER), BACKEND)
    failed, waiting = Voucher.objects.get(state="failed"), Voucher.objects.get(state="blocked")
    rule = PaymentMethodMapping.objects.get(client=bar, method="gift_card")
    for voucher, answers in (
        (
            failed,
            {"code": "account_inactive", "subject": "1906", "rule": f"payment:{rule.pk}", "ledger_account": "1596"},
        ),
        (waiting, {"code": "payment_method_unmapped", "subject": "svea_checkout", "ledger_account": "1598"}),
    ):
        page = browser.get(reverse("admin:vouchers_voucher_change", args=[voucher.pk])).content.decode()
        assert answers["ledger_account"] in page
        assert reverse("admin:voucher_fix", args=[voucher.pk]) in page
        browser.post(reverse("admin:voucher_fix", args=[voucher.pk]), answers)
    unknown = reverse("admin:payout_row_act", args=[PayoutEntry.objects.get(native_kind="Terminalleie").pk, "classify"])
    browser.post(unknown, {"kind": "fee"})
    short = Payout.objects.get(reference=DIFFERS)
    answers = {"ledger_account": "", "reason": "Vipps is asked about 49.00"}
    browser.post(reverse("admin:payout_act", args=[short.pk, "accept_difference"]), answers)
    work_until(lambda: not Payout.objects.filter(voucher=None).exists(), (shop, bar), what="all payouts are drafted")
    for client in (shop, bar):
        close_days(client=client, through=Voucher.objects.latest("dated_on").dated_on, actor=berit)
    for voucher in Voucher.objects.filter(state="awaiting_approval"):
        approve(voucher_id=voucher.pk, actor=berit)

    work_until(lambda: not Voucher.objects.exclude(state="posted").exists(), (shop, bar), what="all is posted")

    proofs = list(asked(sandbox, "proof").values())
    assert [proof["invoices"] for proof in proofs] == [len(nordlys.ORDERS), 4]
    assert [(proof["open_items"], proof["duplicates"], proof["unbalanced_vouchers"]) for proof in proofs] == [
        (0, [], []),
        (0, [], []),
    ]
    paid = sum(sale.total_minor for sale in Sale.objects.filter(client=bar)) - 37_800
    clearing = sum(Money.parse(proofs[1]["balances"].get(one, "0"), "NOK").minor for one in ("1903", "1907", "1596"))
    assert clearing == paid
    assert not list(breaks())
    work_until(lambda: not Payout.objects.exclude(state="posted").exists(), (shop, bar), what="all payouts are posted")
    for account in ProviderAccount.objects.all():
        rows = clearing_proof(account, day_of(first_begun_at(), 3), day_of(first_begun_at(), 0)).proof.items
        assert {item.reason for item in rows} <= {"not_at_provider"}, "only sales that no payout has come for yet"


def test_of_three_payouts_one_is_posted_and_two_say_what_they_lack(made: str) -> None:
    found = {one.reference: one for one in Payout.objects.all()}
    assert {reference: one.state for reference, one in found.items()} == {
        EXPLAINED: "posted",
        UNKNOWN_KIND: "discrepancy",
        DIFFERS: "discrepancy",
    }
    assert "Terminalleie" in found[UNKNOWN_KIND].because
    assert "a difference of -49.00" in found[DIFFERS].because
    account = found[EXPLAINED].account
    begins = day_of(first_begun_at(), 2)
    proof = clearing_proof(account, begins, begins + timedelta(days=1)).proof
    assert not [item for item in proof.items if item.reference in ("4711", EXPLAINED)], "what is posted is even"


def test_without_a_sandbox_it_says_how_to_start_one(settings: Any) -> None:
    settings.PROVIDER_SETTINGS = {**settings.PROVIDER_SETTINGS, "POWEROFFICE_SANDBOX_URL": ""}
    with pytest.raises(CommandError, match="make run"):
        demo()
    assert not Client.objects.exists()


def test_nothing_is_written_to_anything_but_the_built_in_sandbox(settings: Any, live_server: Any) -> None:
    settings.PROVIDER_SETTINGS = {**settings.PROVIDER_SETTINGS, "POWEROFFICE_SANDBOX_URL": live_server.url}
    with pytest.raises(CommandError, match="not the built-in PowerOffice sandbox"):
        demo()
    assert not Client.objects.exists()


def test_orders_and_sales_add_up_whatever_the_hour() -> None:
    for hour in ("00:00:30", "11:59:00", "23:59:59"):
        began_at = datetime.fromisoformat(f"2026-11-25T{hour}+01:00")
        for order in nordlys.ORDERS:
            written = orders.write(order, moment(began_at, order.days_ago, order.minute))
            parts = [*written["line_items"], *written["shipping_lines"], *written["fee_lines"]]
            whole = sum(Decimal(one["total"]) + Decimal(one["total_tax"]) for one in parts)
            assert Decimal(written["total"]) == whole
            assert Decimal(written["total_tax"]) == sum(
                Decimal(line["tax_total"]) + Decimal(line["shipping_tax_total"]) for line in written["tax_lines"]
            )
            off = sum(Decimal(one["subtotal"]) - Decimal(one["total"]) for one in written["line_items"])
            if order.coupon:
                assert Decimal(written["coupon_lines"][0]["discount"]) == off
            assert written["date_created"] <= "2026-11-25T23:59:59"
        for sale in kaia.sales(began_at):
            amounts = [*sale["lines"], *sale["charges"]]
            assert Decimal(sale["total"]) == sum(Decimal(one["amount"]) for one in amounts)
            assert Decimal(sale["total"]) == sum(Decimal(one["amount"]) for one in sale["payments"])
