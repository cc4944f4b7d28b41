"""Looking up and asking: only our own counts, and what cannot be told of one hides nothing of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backoffice.contracts.accounting import Document, DocumentKind, JournalLine, Party, Receipt, Request
from backoffice.contracts.errors import (
    Misconfigured,
    Misunderstood,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Retryable,
)
from backoffice.ledger.money import Money
from integrations.http import Answer
from integrations.poweroffice import api, looking
from integrations.poweroffice.sandbox.proof import proof

from .books import (
    DAY,
    PERSON,
    Office,
    make_invoice,
    make_journal,
    make_line,
    make_order,
    make_sending,
    nok,
    run_office,
)

LATER = date(2026, 11, 4)


def sent(office: Office, count: int) -> list[Request]:
    """Post orders and have their invoices sent."""
    requests = []
    for number in range(count):
        order = office.system.send(office.system.prepare(make_order(f"order-{number}"), office.directory))
        sending = make_sending(f"s-{number}", order.external_id)
        requests.append(office.system.prepare(sending, office.directory))
        office.system.send(requests[-1])
    office.system.limits()  # any call lets the sandbox deal the voucher numbers
    return requests


DOCUMENTS: dict[str, Callable[[], Document]] = {
    "POST /v2/SalesOrders/Complete": make_order,
    "POST /v2/Vouchers/BankJournals": make_journal,
    "POST /v2/Vouchers/OutgoingInvoiceJournals": make_invoice,
    "POST /v2/Vouchers/OutgoingCreditNoteJournals": lambda: make_invoice(kind=DocumentKind.OUTGOING_CREDIT_NOTE),
}


@pytest.mark.parametrize("call", list(DOCUMENTS))
def test_a_lost_answer_is_found_as_soon_as_reads_have_caught_up_with_writes(call: str) -> None:
    with run_office(read_lag_ms=2000) as office:
        office.clock.pass_by(2001)  # the chart itself shows late
        request = office.system.prepare(DOCUMENTS[call](), office.directory)
        office.server.faults.add("commit_then_drop", call)
        with pytest.raises(OutcomeUnknown):
            office.system.send(request)
        assert office.system.find(request) is None
        with pytest.raises(Rejected) as caught:
            office.system.send(request)
        assert caught.value.reasons[0].code == "duplicate_reference"
        assert office.system.find(request) is None
        office.clock.pass_by(2001)
        found = office.system.find(request)
        assert found is not None
        assert (found.total, found.dated_on) == (request.total, request.dated_on)
        assert proof(office.server.books)["documents_per_reference"][request.reference] == 1


def test_an_order_that_is_answered_without_a_total_is_in_doubt_until_its_total_is_read(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = office.system.prepare(make_order(), office.directory)
    with monkeypatch.context() as patched:
        patched.setattr(api, "post_document", silent_about_the_total(api.post_document))
        with pytest.raises(OutcomeUnknown, match="total"):
            office.system.send(request)
    found = office.system.find(request)
    assert found is not None
    assert found.total == request.total


def silent_about_the_total(post: Callable[..., Answer]) -> Callable[..., Answer]:
    """Post, and take the total out of the answer."""

    def posted(*arguments: Any) -> Answer:
        answer = post(*arguments)
        return replace(answer, body=answer.body.replace(b'"TotalAmount"', b'"Other"'))

    return posted


# journals


def test_a_journal_in_another_currency_is_compared_in_its_own(office: Office) -> None:
    def line(minor: int, account: str) -> JournalLine:
        return replace(make_line("0", account), amount=Money(minor, "EUR"))

    lines = (line(10001, "1903"), line(-10001, "1920"))
    request = office.system.prepare(make_journal("j-1", make_journal().kind, *lines, currency="EUR"), office.directory)
    office.system.send(request)
    found = office.system.find(request)
    assert found is not None
    assert found.total == request.total == Money(10001, "EUR")


def test_a_journal_of_several_posting_dates_is_found(office: Office) -> None:
    lines = (
        make_line("-70", "3001", "31", posted_on=DAY),
        make_line("70", "1903", posted_on=DAY),
        make_line("-30", "3001", "31", posted_on=LATER),
        make_line("30", "1920", posted_on=LATER),
    )
    request = office.system.prepare(make_journal("j-1", DocumentKind.BANK_JOURNAL, *lines), office.directory)
    receipt = office.system.send(request)
    found = office.system.find(request)
    assert found is not None
    assert (found.external_id, found.total, found.dated_on) == (receipt.external_id, nok("100"), DAY)


def test_a_journal_of_customers_only_is_found_on_the_day_of_its_postings(office: Office) -> None:
    lines = (
        make_line("100", customer=Party("webshop:C-7", PERSON), posted_on=LATER),
        make_line("-100", customer=Party("webshop:C-7", PERSON), posted_on=LATER),
    )
    request = office.system.prepare(make_journal("j-1", DocumentKind.MANUAL_JOURNAL, *lines), office.directory)
    receipt = office.system.send(request)
    found = office.system.find(request)
    assert found is not None
    assert found.external_id == receipt.external_id


# sendings


def test_an_invoice_of_somebody_else_is_never_taken_for_ours(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sent(office, 2)
    rows = api.outgoing_invoices_by_id(office.system.calls, [first.lookup["order_id"]])
    monkeypatch.setattr(api, "outgoing_invoices_by_id", lambda *_: rows)  # as if the filter were not known there
    monkeypatch.setattr(api, "sent_state", lambda *_: None)
    assert office.system.find(second) is None
    assert list(office.system.outcomes([second])) == []
    assert office.system.find(first) is not None


def test_an_invoice_without_a_number_is_still_being_worked_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    (sending,) = sent(office, 1)
    change(monkeypatch, "outgoing_invoices_by_id", InvoiceNo=None)
    found = office.system.find(sending)
    assert found is not None
    assert not found.is_final


def change(monkeypatch: pytest.MonkeyPatch, name: str, **values: Any) -> None:
    """Make the first row of a list another one."""
    real = getattr(api, name)

    def changed(*arguments: Any) -> Any:
        first, *others = real(*arguments)
        return [{**first, **values}, *others]

    monkeypatch.setattr(api, name, changed)


def test_an_odd_row_hides_nothing_of_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sendings = sent(office, 3)
    change(monkeypatch, "outgoing_invoices_by_id", TotalAmount="a lot")
    assert len(office.system.outcomes(sendings)) == 2


@pytest.fixture
def overdue(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Send three invoices that the list does not show."""
    sendings = sent(office, 3)
    monkeypatch.setattr(api, "outgoing_invoices_by_id", lambda *_: [])
    return sendings


def failing(error: ProviderError, at: int) -> Callable[..., Any]:
    """Fail at one question (counted from 0) and answer the others."""
    asked = []
    real = api.sent_state

    def ask(*arguments: Any) -> Any:
        asked.append(arguments)
        if len(asked) == at + 1:
            raise error
        return real(*arguments)

    return ask


def told(office: Office, sendings: list[Request]) -> set[str]:
    """Give the references of which something is told."""
    outcomes = office.system.outcomes(sendings, overdue=[one.reference for one in sendings])
    assert all(isinstance(outcome, Receipt) for outcome in outcomes.values())
    return set(outcomes)


@pytest.mark.parametrize("error", [Misunderstood("odd"), Rejected("no")])
def test_a_question_that_is_not_answered_says_nothing_about_the_sending_and_hides_no_other(
    office: Office, overdue: list[Request], monkeypatch: pytest.MonkeyPatch, error: ProviderError
) -> None:
    monkeypatch.setattr(api, "sent_state", failing(error, at=0))
    assert told(office, overdue) == {"s-1", "s-2"}


def test_questions_end_when_they_cannot_be_asked_and_what_is_known_is_told(
    office: Office, overdue: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "sent_state", failing(Retryable("limit"), at=1))
    assert told(office, overdue) == {"s-0"}


@pytest.mark.parametrize("error", [Misunderstood("odd"), Retryable("limit"), Misconfigured("keys")])
def test_a_failure_is_raised_when_there_is_nothing_to_tell(
    office: Office, overdue: list[Request], monkeypatch: pytest.MonkeyPatch, error: ProviderError
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(api, "sent_state", refuse)
    with pytest.raises(type(error)):
        told(office, overdue)


def test_only_a_few_questions_cost_a_call_of_their_own(
    office: Office, overdue: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MAX_SINGLE_QUESTIONS", 2)
    office.count_calls()
    assert len(told(office, overdue)) == 2
    assert office.calls == ["GET /v2/SalesOrders/sentState"] * 2
