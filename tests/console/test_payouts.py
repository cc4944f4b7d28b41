"""A bookkeeper decides about payouts on their pages, and sees what is open on the clearing account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Self

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.chart.mapping import set_payment_rule
from backoffice.common.codec import to_json
from backoffice.common.display import page_address
from backoffice.connections.models import InboundEvent
from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.runtime import Runtime
from backoffice.settlements.clearing import clearing_proof
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount
from backoffice.settlements.services import record_statement
from backoffice.workflows.intake import ingest_event
from backoffice.workflows.payout_files import keep_file
from tests.fakes.payouts import FakePayouts, paid, row, statement
from tests.office import OFFICE, Office

NOVEMBER = "?from=2026-11-01&through=2026-11-30"
ROWS = (
    row("1", "capture", "100.00", reference="1001", payout_reference="P1"),
    row("2", "loyalty", "-5.00", payout_reference="P1"),
)


class FilesOnly(FakePayouts):
    """A provider whose files are read without credentials."""

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make it."""
        return cls()


def refuse(*args: object, **kwargs: object) -> object:
    """Read nothing, as a reader does that is older than the file's form."""
    raise UnreadablePayload("This is no report of Fakepay.")


def report(office: Office, *rows: object, paid_out: str = "95.00", reference: str = "P1") -> Payout:
    one = statement(*rows, payouts=(paid(reference, paid_out),), balances={date(2026, 11, 30): "0.00"})  # type: ignore[arg-type]  # rows
    record_statement(client=office.client, provider="vipps", statement=one, event=None)
    return Payout.objects.get(reference=reference)


def text(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def page(payout: Payout) -> str:
    return reverse("admin:settlements_payout_change", args=[payout.pk])


def act(payout: Payout, verb: str) -> str:
    return reverse("admin:payout_act", args=[payout.pk, verb])


def on_row(key: str, verb: str) -> str:
    return reverse("admin:payout_row_act", args=[PayoutEntry.objects.get(key=key).pk, verb])


def test_a_parked_row_is_classified_where_it_is_shown(office: Office, kari: Browser) -> None:
    payout = report(office, *ROWS)
    shown = text(kari, page(payout))
    assert "Its rows add up, but 1 row needs a person." in shown
    assert "Nobody knows yet what" in shown

    answer = kari.post(on_row("2", "classify"), {"kind": "fee", "back": str(payout.pk)}, follow=True)

    assert answer.redirect_chain[-1][0] == page(payout)
    assert "The payout is explained now." in answer.content.decode()
    payout.refresh_from_db()
    assert payout.state == "explained"
    assert "Said what it is" in text(kari, page(payout))


def test_a_row_is_left_on_clearing_only_with_a_reason(office: Office, kari: Browser) -> None:
    payout = report(office, *ROWS)
    assert "Say why it stays" in kari.post(on_row("2", "leave"), {"note": ""}, follow=True).content.decode()
    kari.post(on_row("2", "leave"), {"note": "Asked Vipps."})
    payout.refresh_from_db()
    assert (payout.state, PayoutEntry.objects.get(key="2").is_left) == ("explained", True)


def test_the_exact_difference_is_shown_and_accepted_with_account_and_reason(office: Office, kari: Browser) -> None:
    payout = report(office, ROWS[0], paid_out="99.99")
    assert "The difference is <strong>−0.01 NOK</strong>" in text(kari, page(payout))
    wrong = {"ledger_account": "9999", "reason": "Rounding"}
    assert (
        "No active ledger account" in kari.post(act(payout, "accept_difference"), wrong, follow=True).content.decode()
    )

    kari.post(act(payout, "accept_difference"), {"ledger_account": "7740 Øreavrunding", "reason": "Rounding"})
    payout.refresh_from_db()
    assert (payout.state, payout.difference_ledger_account) == ("explained", "7740")
    kari.post(act(payout, "take_back_difference"))
    payout.refresh_from_db()
    assert payout.state == "discrepancy"


def test_rows_that_name_another_payout_are_put_in_and_taken_out(office: Office, kari: Browser) -> None:
    other = row("7", "capture", "40.00", payout_reference="P1-part-2")
    payout = report(office, ROWS[0], other, paid_out="140.00")
    assert "exactly the difference" in text(kari, page(payout))
    key = str(PayoutEntry.objects.get(key="7").pk)
    kari.post(act(payout, "assign"), {"row": [key]})
    payout.refresh_from_db()
    assert payout.state == "explained"
    kari.post(act(payout, "take_out"), {"row": [key], "to": ""})
    payout.refresh_from_db()
    assert payout.state == "discrepancy"
    assert "Mark the rows first" in kari.post(act(payout, "assign"), follow=True).content.decode()


def test_a_choice_between_two_contents_is_made_on_the_rows_page(office: Office, kari: Browser) -> None:
    payout = report(office, ROWS[0], paid_out="90.00")
    report(office, row("1", "capture", "90.00", reference="1001", payout_reference="P1"), paid_out="90.00")
    address = reverse("admin:settlements_payoutentry_change", args=[PayoutEntry.objects.get(key="1").pk])
    assert "It came twice with different content" in text(kari, address)
    kari.post(on_row("1", "choose_content"), {"take": "other"})
    payout.refresh_from_db()
    assert payout.state == "explained"


def test_posted_by_hand_and_again(office: Office, kari: Browser) -> None:
    payout = report(office, ROWS[0], paid_out="100.00")
    kari.post(act(payout, "by_hand"), {"note": "Voucher 4711 by Kari"})
    payout.refresh_from_db()
    assert payout.state == "posted"
    assert "Post it again" in text(kari, page(payout))
    kari.post(act(payout, "post_again"))
    payout.refresh_from_db()
    assert payout.state == "explained"


@pytest.fixture
def mapped(office: Office) -> None:
    """Say where payouts of Vipps go."""
    set_payment_rule(
        client=office.client, sales_point=None, method="vipps", ledger_account="1903", fee_ledger_account="7740",
        bank_ledger_account="1920", actor=OFFICE,
    )  # fmt: skip


def test_the_clearing_page_names_what_is_open_and_gives_it_as_csv(office: Office, mapped: None, kari: Browser) -> None:
    report(office, *ROWS, row("=1+1", "capture", "7.00", reference="=cmd"))
    account = ProviderAccount.objects.get()
    assert "vipps M-1 NOK" in text(kari, reverse("admin:clearing") + NOVEMBER)
    address = reverse("admin:clearing_account", args=[account.pk]) + NOVEMBER
    shown = text(kari, address)
    assert "rows need a person" in shown
    assert "Nobody has said what it is" in shown
    assert "Missing in the books" in shown
    payment = office.posted("2003").sales.get().payments.get()
    assert reverse("admin:sales_payment_change", args=[payment.pk]) in text(kari, address), (
        "an item leads to its payment"
    )
    answer = kari.get(f"{address}&format=csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert ";'=cmd;Missing in the books;" in answer.content.decode(), "no formula for a spreadsheet"


def test_open_items_are_turned_page_by_page_and_counted_exactly(office: Office, mapped: None, kari: Browser) -> None:
    report(office, *(row(f"c{n}", "capture", "1.00", reference=f"s{n:03}") for n in range(450)), paid_out="0.00")
    account = ProviderAccount.objects.get()
    address = reverse("admin:clearing_account", args=[account.pk]) + NOVEMBER
    first = text(kari, address)
    assert "1 to 200 of 450. The CSV has all." in first
    assert ("s000" in first, "s449" in first) == (True, False)
    assert "× 450" in first

    last = text(kari, f"{address}&reason=not_in_books&page=3")
    assert "401 to 450 of 450." in last
    assert ("s000" in last, "s449" in last) == (False, True)
    assert "× 450" in last
    assert "s449" in kari.get(f"{address}&format=csv").content.decode()


def test_a_proof_asks_the_database_no_more_for_more_rows(office: Office, mapped: None) -> None:
    """Twenty thousand rows without a payment took 200 look-ups a proof."""

    def queries(*, rows: int) -> int:
        report(office, *(row(f"r{n}", "capture", "1.00", reference=f"s{n}") for n in range(rows)), paid_out="0.00")
        with CaptureQueriesContext(connection) as asked:
            found = clearing_proof(ProviderAccount.objects.get(), date(2026, 11, 1), date(2026, 11, 30))
        assert len(found.proof.items) == rows
        return len(asked)

    assert queries(rows=10) == queries(rows=1200)


def test_an_account_without_mapping_says_what_is_missing(office: Office, kari: Browser) -> None:
    report(office, *ROWS)
    account = ProviderAccount.objects.get()
    kari.post(reverse("admin:payout_account_method", args=[account.pk]), {"method": "unknown"})
    shown = text(kari, reverse("admin:clearing_account", args=[account.pk]) + NOVEMBER)
    assert "unknown" in shown


def test_the_desk_counts_payouts_and_rows(office: Office, kari: Browser) -> None:
    report(office, *ROWS)
    shown = text(kari, "/")
    assert "payouts are not explained" in shown
    assert "/settlements/payout/?needs=person" in shown


def test_a_file_is_uploaded_and_read(office: Office, kari: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.PROVIDERS, "fakepay", f"{__name__}.FilesOnly")
    address = reverse("admin:payout_upload")
    file = SimpleUploadedFile("report.json", to_json(statement(*ROWS, payouts=(paid("P1", "95.00"),))))
    values = {"client": office.client.pk, "provider": "fakepay", "method": "vipps", "file": file}
    answer = kari.post(address, values)
    assert "2 new rows, 1 new payouts" in answer.content.decode()
    assert InboundEvent.objects.filter(topic="payouts").count() == 1


def upload(kari: Browser, office: Office, body: bytes, provider: str = "fakepay") -> str:
    file = SimpleUploadedFile("report.json", body)
    values = {"client": office.client.pk, "provider": provider, "method": "vipps", "file": file}
    return kari.post(reverse("admin:payout_upload"), values).content.decode()


def test_a_file_that_cannot_be_read_is_kept_and_read_again_after_an_update(
    office: Office, kari: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.PROVIDERS, "fakepay", f"{__name__}.FilesOnly")
    body = to_json(statement(*ROWS, payouts=(paid("P1", "95.00"),)))
    with monkeypatch.context() as before_the_update:
        before_the_update.setattr(FilesOnly, "parse", refuse)
        shown = upload(kari, office, body)
        assert "The file cannot be read. It is kept." in shown
        assert "no report of Fakepay" in shown
        assert "The file cannot be read" in upload(kari, office, body), "the same file again waits once"
    event = InboundEvent.objects.get(topic="payouts")
    assert (event.state, bytes(event.body), event.reading["filename"]) == ("unreadable", body, "report.json")
    assert not Payout.objects.exists()
    assert "events cannot be read" in text(kari, "/")

    kari.post(reverse("admin:read_event_again", args=[event.pk]))
    ingest_event(event_id=event.pk)

    event.refresh_from_db()
    assert (event.state, event.note) == ("processed", "fakepay M-1 NOK: 2 new rows, 1 new payouts.")
    assert ProviderAccount.objects.get().method == "vipps"


def test_a_file_of_another_provider_is_uploaded_again_under_the_right_one(
    office: Office, kari: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.PROVIDERS, "fakepay", f"{__name__}.FilesOnly")
    body = to_json(statement(*ROWS, payouts=(paid("P1", "95.00"),)))
    assert "The file cannot be read" in upload(kari, office, body, "klarna")
    assert "2 new rows, 1 new payouts" in upload(kari, office, body)
    event = InboundEvent.objects.get(topic="payouts")
    assert (event.state, event.reading["provider"]) == ("processed", "fakepay")


def test_a_file_that_cannot_be_read_is_deleted_by_a_person(
    office: Office, kari: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.PROVIDERS, "fakepay", f"{__name__}.FilesOnly")
    upload(kari, office, b"nothing")
    event = InboundEvent.objects.get(topic="payouts")
    delete = reverse("admin:delete_event_file", args=[event.pk])
    assert delete in text(kari, reverse("admin:connections_inboundevent_change", args=[event.pk]))

    kari.post(delete)

    event.refresh_from_db()
    assert (event.state, bytes(event.body)) == ("ignored", b"")
    told = AuditEntry.objects.get(action="inboundevent.file_deleted")
    assert (told.subject_label, event.body_sha256 in str(told.before)) == ("report.json", True)
    assert "Only an uploaded file" in kari.post(delete, follow=True).content.decode()


def test_a_file_whose_reading_died_is_read_by_a_worker(
    office: Office, kari: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.PROVIDERS, "fakepay", f"{__name__}.FilesOnly")
    body = to_json(statement(*ROWS, payouts=(paid("P1", "95.00"),)))
    event = keep_file(client=office.client, provider="fakepay", body=body)
    assert event.next_attempt_at
    assert event.next_attempt_at > timezone.now(), "not while the upload may still be at it"
    ingest_event(event_id=event.pk)
    ingest_event(event_id=event.pk)
    assert Payout.objects.get().state == "discrepancy"


def test_an_auditor_reads_and_decides_nothing(office: Office, as_person: Callable[[str], Browser]) -> None:
    payout = report(office, *ROWS)
    auditor = as_person("auditor")
    shown = text(auditor, page(payout))
    assert "Posted by hand" not in shown
    before = AuditEntry.objects.count()
    assert auditor.post(act(payout, "by_hand"), {"note": "x"}).status_code == 403
    assert auditor.get(reverse("admin:payout_upload")).status_code == 403
    assert AuditEntry.objects.count() == before


def test_a_foreign_payout_proposes_its_value_and_says_where_differences_go(
    office: Office, mapped: None, kari: Browser
) -> None:
    office.posted("2003")
    rows = (
        row("1", "capture", "60.00", reference="2003", payout_reference="P1", currency="EUR"),
        row("2", "capture", "40.00", reference="2003", payout_reference="P1", currency="EUR"),
    )
    one = statement(*rows, payouts=(paid("P1", "100.00", currency="EUR"),), currency="EUR")
    record_statement(client=office.client, provider="vipps", statement=one, event=None)
    payout = Payout.objects.get()
    assert "Proposed: 12,500.00" in text(kari, page(payout)).replace("\N{NO-BREAK SPACE}", " ")
    form = text(kari, page(payout)).partition('name="cleared"')[2]
    assert form.index('type="submit">Save') < form.index('name="cleared"'), "Enter saves, and takes no proposal over"
    kari.post(act(payout, "exchange"), {"bank_amount": "1160", "cleared": ["", "12500.00"]})
    payout.refresh_from_db()
    assert (payout.cleared_minor, payout.bank_amount_minor) == (1_250_000, 116_000)

    account = page_address(payout.account)
    assert "Exchange differences" in text(kari, account)
    address = reverse("admin:payout_account_exchange", args=[payout.account_id])
    assert "Choose active ledger accounts" in kari.post(address, {"gain": "1920"}, follow=True).content.decode()
    kari.post(address, {"gain": "1920", "loss": "7740"})
    office.client.refresh_from_db()
    assert office.client.exchange_gain_ledger_account == "1920"
