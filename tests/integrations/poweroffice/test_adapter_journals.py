"""Journals, invoices of the shop's own and reversals through the adapter, over HTTP, against the sandbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from backoffice.contracts.accounting import DocumentKind, Party, Receipt, ReversalDocument
from backoffice.contracts.errors import Misconfigured, Misunderstood, OutcomeUnknown, Rejected, Retryable, Unsupported
from integrations.http import Answer
from integrations.poweroffice import api
from integrations.poweroffice.calls import Calls
from integrations.poweroffice.sandbox import ALL_PRIVILEGES, DEMO_CLIENTS
from integrations.poweroffice.sandbox.proof import proof

from .books import DAY, PERSON, Office, make_invoice, make_journal, make_line, make_order, make_sending, nok, run_office

BANK, CASH, MANUAL = DocumentKind.BANK_JOURNAL, DocumentKind.CASH_JOURNAL, DocumentKind.MANUAL_JOURNAL
OUTGOING = (DocumentKind.OUTGOING_INVOICE, DocumentKind.OUTGOING_CREDIT_NOTE)
JOURNALS = {BANK: "BankJournals", CASH: "CashJournals", MANUAL: "ManualJournals"}


@pytest.mark.parametrize("kind", list(JOURNALS))
def test_a_journal_is_posted_and_found_with_its_number_total_and_date(office: Office, kind: DocumentKind) -> None:
    request = office.system.prepare(make_journal("j-1", kind), office.directory)
    assert request.path == f"/Vouchers/{JOURNALS[kind]}"
    assert office.system.find(request) is None
    receipt = office.system.send(request)
    assert receipt == Receipt(receipt.external_id, total=nok("12500"), dated_on=DAY)
    found = office.system.find(request)
    assert found is not None
    assert found.number
    assert replace(found, number="") == receipt


@pytest.mark.parametrize("kind", ["commit_then_drop", "commit_then_500", "drop_before", "error_500"])
def test_a_journal_whose_answer_is_lost_is_in_doubt_and_then_found_or_absent(office: Office, kind: str) -> None:
    request = office.system.prepare(make_journal(), office.directory)
    office.server.faults.add(kind, "POST /v2/Vouchers/*")
    with pytest.raises(OutcomeUnknown):
        office.system.send(request)
    found = office.system.find(request)
    assert (found is not None) is kind.startswith("commit")
    if found is None:
        office.system.send(request)
    assert proof(office.server.books)["documents_per_reference"]["journal-1"] == 1


def test_a_payment_and_its_invoice_match_whichever_comes_first(office: Office) -> None:
    office.system.send(office.system.prepare(make_journal(), office.directory))
    assert [(item.amount, item.balance) for item in office.system.open_items(DAY)] == [(nok("-12500"), nok("-12500"))]
    order = office.post_order(make_order())
    office.system.send(office.system.prepare(make_sending("s", order.external_id), office.directory))
    assert office.system.open_items(DAY) == ()
    assert office.system.account_balances(DAY)["1903"] == nok("12500")


def test_only_our_own_journal_of_the_day_is_found(office: Office) -> None:
    for number in range(3):
        office.system.send(office.system.prepare(make_journal(f"j-{number}"), office.directory))
    office.count_calls()
    found = office.system.find(office.system.prepare(make_journal("j-1"), office.directory))
    assert found is not None
    assert office.server.books.vouchers[found.external_id]["ExternalImportReference"] == "j-1"
    assert len(office.calls) == 2


def test_a_journal_of_customers_only_is_found_too(office: Office) -> None:
    lines = (
        make_line("100", customer=Party("webshop:C-7", PERSON)),
        make_line("-100", customer=Party("webshop:C-8", replace(PERSON, email="ola@example.com"))),
    )
    request = office.system.prepare(make_journal("j-1", MANUAL, *lines), office.directory)
    receipt = office.system.send(request)
    found = office.system.find(request)
    assert found is not None
    assert found.external_id == receipt.external_id


def test_a_restaurants_day_is_one_cash_journal_with_vat_made_over_there(office: Office) -> None:
    lines = (
        make_line("5000", "1901"),
        make_line("13650", "1910"),
        make_line("-12500", "3000", "3", dimensions={"department": "30"}),
        make_line("-1150", "3001", "31"),
        make_line("-2500", "3002", "3"),
        make_line("-2500", "3003", "3"),
    )
    document = make_journal("z-1", CASH, *lines, saft_batch_id="Z-1", saft_source_id="KASSE-1")
    request = office.system.prepare(document, office.directory)
    office.system.send(request)
    found = office.system.find(request)
    assert found is not None
    assert found.total == nok("18650")
    balances = office.system.account_balances(DAY)
    assert balances["2700"] + balances["2701"] == nok("-3650")
    voucher = office.server.books.vouchers[found.external_id]
    assert (voucher["SaftBatchId"], voucher["SaftSourceId"]) == ("Z-1", "KASSE-1")


def test_a_missing_account_is_named_before_anything_is_sent(office: Office) -> None:
    document = make_journal("j-1", BANK, make_line("1", "4711"), make_line("-1", "1903"))
    with pytest.raises(Rejected) as caught:
        office.system.prepare(document, office.directory)
    assert caught.value.reasons[0].code == "account_missing"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((make_line("2", "1903"), make_line("-1", "1920")), "unbalanced"),
        ((make_line("1", "1903"), make_line("-1", "3300", "3")), "account_inactive"),
        ((make_line("1", "1903"), make_line("-1", "3030", "3")), "vat_not_allowed"),
        ((make_line("1", "1903"), make_line("-1", "3400", "3")), "dimension_required"),
    ],
)
def test_what_the_books_refuse_has_a_code_that_a_person_can_act_on(office: Office, lines: object, code: str) -> None:
    request = office.system.prepare(make_journal("j-1", BANK, *lines), office.directory)  # type: ignore[misc]  # lines
    with pytest.raises(Rejected) as caught:
        office.system.send(request)
    assert caught.value.reasons[0].code == code
    assert caught.value.http_status == 400


def test_a_locked_period_is_named_as_such() -> None:
    with run_office(clients=(replace(DEMO_CLIENTS[0], lock_date=date(2026, 11, 30)),)) as office:
        assert office.system.limits().locked_through == date(2026, 11, 30)
        with pytest.raises(Rejected) as caught:
            office.system.send(office.system.prepare(make_journal(), office.directory))
    assert caught.value.reasons[0].code == "locked_period"


def test_posting_without_the_right_to_pauses_the_connection() -> None:
    privileges = tuple(name for name in ALL_PRIVILEGES if name != "BankVoucher_Full")
    with run_office(clients=(replace(DEMO_CLIENTS[0], privileges=privileges),)) as office:
        request = office.system.prepare(make_journal(), office.directory)
        with pytest.raises(Misconfigured) as caught:
            office.system.send(request)
    assert caught.value.reasons[0].code == "no_privilege"
    assert "post bank journal" in caught.value.message


@pytest.mark.parametrize("kind", ["429", "401"])
def test_what_was_stopped_at_the_gate_did_not_run(office: Office, kind: str) -> None:
    request = office.system.prepare(make_journal(), office.directory)
    office.server.faults.add(kind, "POST /v2/Vouchers/*", count=2)
    with pytest.raises((Retryable, Misconfigured)):
        office.system.send(request)
    assert len(office.server.books.vouchers) == 0


# invoices that the shop issued itself


@pytest.mark.parametrize("kind", OUTGOING)
def test_an_invoice_of_the_shop_is_posted_and_found_in_the_customer_ledger(office: Office, kind: DocumentKind) -> None:
    document = make_invoice("i-1", kind=kind)
    request = office.system.prepare(document, office.directory)
    assert office.system.find(request) is None
    receipt = office.system.send(request)
    assert receipt == Receipt(receipt.external_id, invoice_number="F-55", total=nok("1250"), dated_on=DAY)
    found = office.system.find(request)
    assert found is not None
    assert replace(found, number="") == receipt
    sign = 1 if kind is DocumentKind.OUTGOING_INVOICE else -1
    assert [item.balance.minor for item in office.system.open_items(DAY)] == [sign * 125000]


def test_a_credit_note_closes_its_invoice_and_takes_the_income_back(office: Office) -> None:
    credit = make_invoice("c-1", kind=OUTGOING[1], invoice_number="F-56", credited_invoice_number="F-55")
    for document in (make_invoice("i-1"), credit):
        office.system.send(office.system.prepare(document, office.directory))
    assert office.system.open_items(DAY) == ()
    assert office.system.account_balances(DAY)["3000"] == nok("0")


def test_an_invoice_with_a_number_that_is_taken_is_refused(office: Office) -> None:
    office.system.send(office.system.prepare(make_invoice("i-1"), office.directory))
    other = office.system.prepare(make_invoice("i-2"), office.directory)
    with pytest.raises(Rejected):
        office.system.send(other)
    assert office.system.find(other) is None


@pytest.mark.parametrize("number", ["F,55", "F 55/2026"])
def test_an_invoice_is_found_whatever_its_number_looks_like(office: Office, number: str) -> None:
    request = office.system.prepare(make_invoice("i-1", invoice_number=number), office.directory)
    office.system.send(request)
    assert office.system.find(request) is not None


# reversals


def reversal_of(receipt: Receipt, kind: DocumentKind = DocumentKind.BANK_JOURNAL) -> ReversalDocument:
    """Make the reversal of a voucher."""
    return ReversalDocument("rev-1", receipt.external_id, kind, DAY)


def test_a_reversed_voucher_is_gone_and_its_reference_is_free_again(office: Office) -> None:
    request = office.system.prepare(make_journal(), office.directory)
    posted = office.system.send(request)
    reversal = office.system.prepare(reversal_of(posted), office.directory)
    assert office.system.find(reversal) is None
    assert office.system.send(reversal) == Receipt(posted.external_id)
    assert office.system.find(reversal) == Receipt(posted.external_id)
    assert office.system.find(request) is None
    again = office.system.send(request)
    assert again.external_id != posted.external_id
    found = office.system.find(request)
    assert found is not None
    assert found.external_id == again.external_id


@pytest.mark.parametrize("number", ["F-55"])
def test_a_reversed_invoice_is_not_found_either(office: Office, number: str) -> None:
    request = office.system.prepare(make_invoice("i-1", invoice_number=number), office.directory)
    posted = office.system.send(request)
    office.system.send(office.system.prepare(reversal_of(posted, DocumentKind.OUTGOING_INVOICE), office.directory))
    assert office.system.find(request) is None


def test_a_reversal_whose_answer_is_lost_is_found_on_the_voucher(office: Office) -> None:
    posted = office.system.send(office.system.prepare(make_journal(), office.directory))
    reversal = office.system.prepare(reversal_of(posted), office.directory)
    office.server.faults.add("commit_then_drop", "POST /v2/Vouchers/Reverse/*")
    with pytest.raises(OutcomeUnknown):
        office.system.send(reversal)
    assert office.system.find(reversal) == Receipt(posted.external_id)


def test_a_reversal_that_was_only_taken_in_is_asked_about(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    posted = office.system.send(office.system.prepare(make_journal(), office.directory))
    reversal = office.system.prepare(reversal_of(posted), office.directory)

    def taken_in(calls: Calls, method: str, path: str, body: str) -> Answer:
        return Answer(202, {}, b"", "r-1", "")

    with monkeypatch.context() as patched:
        patched.setattr(api, "post_document", taken_in)
        assert office.system.send(reversal).is_final is False
    assert office.system.outcomes([reversal]) == {}
    office.system.send(reversal)
    assert office.system.outcomes([reversal]) == {"rev-1": Receipt(posted.external_id)}


def test_reversing_twice_is_refused_by_name(office: Office) -> None:
    posted = office.system.send(office.system.prepare(make_journal(), office.directory))
    reversal = office.system.prepare(reversal_of(posted), office.directory)
    office.system.send(reversal)
    with pytest.raises(Rejected) as caught:
        office.system.send(reversal)
    assert caught.value.reasons[0].code == "already_reversed"


def test_what_was_not_posted_through_a_journal_cannot_be_reversed(office: Office) -> None:
    with pytest.raises(Unsupported, match="sales_order"):
        office.system.prepare(reversal_of(Receipt("x"), DocumentKind.SALES_ORDER), office.directory)


def test_an_answer_without_an_id_leaves_the_voucher_in_doubt(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    request = office.system.prepare(make_journal(), office.directory)
    for body in (b"", b"<html>", b"[]", b'{"VoucherNo": 7}'):

        def odd(*_: object, answer: bytes = body) -> Answer:
            return Answer(201, {}, answer, "r-1", "")

        monkeypatch.setattr(api, "post_document", odd)
        with pytest.raises(OutcomeUnknown):
            office.system.send(request)


def test_a_wrong_address_is_our_mistake_and_says_so(office: Office) -> None:
    request = office.system.prepare(make_journal(), office.directory)
    with pytest.raises(Misunderstood) as caught:
        office.system.send(replace(request, path="/Vouchers/NoSuchJournals"))
    assert caught.value.reasons[0].code == "endpoint_missing"
