"""What every accounting system promises, over its stand-in. A system is added in accounting_cases.py."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import MISSING, fields, replace
from datetime import date

import pytest

from backoffice.contracts.accounting import AccountingSystem, DocumentKind, Receipt, Request
from backoffice.contracts.errors import Misconfigured, OutcomeUnknown, ProviderError, Rejected, Retryable
from backoffice.contracts.provider import Provider
from tests.contracts.accounting_cases import CASES, AccountingCase

DOCUMENTS = (DocumentKind.SALES_ORDER, DocumentKind.BANK_JOURNAL)


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Iterator[AccountingCase]:
    """Run one system's stand-in with empty books."""
    with CASES[request.param]() as running:
        yield running


def prepared(case: AccountingCase, kind: DocumentKind, reference: str = "ref-1") -> Request:
    """Prepare a document of a kind."""
    document = case.order(reference) if kind is DocumentKind.SALES_ORDER else case.journal(reference)
    return case.system.prepare(document, case.directory)


def sent_order(case: AccountingCase, reference: str = "ref-1") -> Receipt:
    """Post an order."""
    return case.system.send(prepared(case, DocumentKind.SALES_ORDER, reference))


# what it is


def test_it_says_what_it_is(case: AccountingCase) -> None:
    assert issubclass(case.provider, AccountingSystem)
    assert case.provider.name.islower()
    assert case.provider.label
    assert case.provider.capabilities


def test_every_setting_draws_its_own_form_and_secrets_are_marked(case: AccountingCase) -> None:
    for setting in fields(case.provider.Config):
        assert setting.metadata["label"], setting.name
        assert isinstance(setting.metadata["is_secret"], bool)
    assert any(setting.metadata["is_secret"] for setting in fields(case.provider.Config))


def test_each_missing_setting_is_named(case: AccountingCase) -> None:
    provider: type[Provider] = case.provider
    for setting in fields(provider.Config):
        if setting.default is MISSING and setting.default_factory is MISSING:
            given = {name: value for name, value in case.values.items() if name != setting.name}
            with pytest.raises(Misconfigured, match=setting.metadata["label"]):
                provider.build(given, case.runtime)


def test_wrong_keys_pause_the_connection_and_are_not_repeated_in_the_error(case: AccountingCase) -> None:
    stranger = case.provider.build(case.wrong_values, case.runtime)
    assert isinstance(stranger, AccountingSystem)
    with pytest.raises(Misconfigured) as caught:
        stranger.identify()
    assert caught.value.reasons
    shown = caught.value.describe() + caught.value.excerpt
    secrets = [setting.name for setting in fields(case.provider.Config) if setting.metadata["is_secret"]]
    assert not any(case.wrong_values[name] in shown for name in secrets)


def test_it_says_whose_books_these_are(case: AccountingCase) -> None:
    company = case.system.identify()
    assert company.name
    assert company.may_send_invoices is True


# documents: once, and findable


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_that_was_never_sent_is_absent(case: AccountingCase, kind: DocumentKind) -> None:
    assert case.system.find(prepared(case, kind)) is None


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_is_found_as_what_it_was_sent_as(case: AccountingCase, kind: DocumentKind) -> None:
    request = prepared(case, kind)
    receipt = case.system.send(request)
    for one in (receipt, case.system.find(request)):
        assert one is not None
        assert one.external_id == receipt.external_id
        assert (one.total, one.dated_on) == (request.total, request.dated_on)


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("has_run", [True, False])
def test_a_lost_answer_is_in_doubt_until_it_is_looked_up(
    case: AccountingCase, kind: DocumentKind, has_run: bool
) -> None:
    request = prepared(case, kind)
    case.lose_answer(kind, has_run=has_run)
    with pytest.raises(OutcomeUnknown):
        case.system.send(request)
    found = case.system.find(request)
    assert (found is not None) is has_run
    if found is None:
        found = case.system.send(request)
    assert (found.total, found.dated_on) == (request.total, request.dated_on)
    assert case.documents("ref-1") == 1


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_that_is_sent_twice_stands_there_once_and_can_be_compared(
    case: AccountingCase, kind: DocumentKind
) -> None:
    request = prepared(case, kind)
    receipt = case.system.send(request)
    with pytest.raises(Rejected):
        case.system.send(request)
    found = case.system.find(request)
    assert found is not None
    assert found.external_id == receipt.external_id
    assert found.total == request.total
    assert case.documents("ref-1") == 1


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_of_many_that_send_the_same_document_at_once_one_succeeds(case: AccountingCase, kind: DocumentKind) -> None:
    request = prepared(case, kind)

    def attempt(_: int) -> bool:
        try:
            return bool(case.system.send(request).external_id)
        except Rejected:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(8))) == 1
    assert case.documents("ref-1") == 1


def test_finding_is_by_reference_and_not_by_what_looks_alike(case: AccountingCase) -> None:
    for kind in DOCUMENTS:
        request = prepared(case, kind, "ref-1")
        case.system.send(request)
        assert case.system.find(replace(request, reference="ref-2")) is None


def test_preparing_twice_gives_the_same_bytes(case: AccountingCase) -> None:
    for kind in DOCUMENTS:
        first = prepared(case, kind)
        case.forget()
        assert prepared(case, kind) == first


def test_nothing_is_asked_when_there_is_nothing_to_ask_about(case: AccountingCase) -> None:
    assert case.system.outcomes([]) == {}


# sending


def test_a_sending_is_taken_in_and_ends_with_a_number(case: AccountingCase) -> None:
    order = sent_order(case)
    sending = case.system.prepare(case.sending("send-1", order.external_id), case.directory)
    assert case.system.send(sending).is_final is False
    case.let_time_pass()
    receipt = case.system.outcomes([sending])["send-1"]
    assert isinstance(receipt, Receipt)
    assert receipt.is_final
    assert receipt.invoice_number
    assert (receipt.total, receipt.dated_on) == (sending.total, sending.dated_on)


def test_a_sending_whose_answer_is_lost_is_found(case: AccountingCase) -> None:
    order = sent_order(case)
    sending = case.system.prepare(case.sending("send-1", order.external_id), case.directory)
    assert case.system.find(sending) is None
    case.lose_answer(DocumentKind.INVOICE_SENDING, has_run=True)
    with pytest.raises(OutcomeUnknown):
        case.system.send(sending)
    case.let_time_pass()
    found = case.system.find(sending)
    assert found is not None
    assert found.invoice_number


def test_an_invoiced_order_is_still_found_as_an_order(case: AccountingCase) -> None:
    request = prepared(case, DocumentKind.SALES_ORDER)
    order = case.system.send(request)
    case.system.send(case.system.prepare(case.sending("send-1", order.external_id), case.directory))
    case.let_time_pass()
    found = case.system.find(request)
    assert found is not None
    assert (found.external_id, found.total, found.dated_on) == (order.external_id, order.total, order.dated_on)
    assert case.documents("ref-1") == 1


def test_without_the_right_to_send_the_connection_is_paused_and_the_row_is_not_refused(case: AccountingCase) -> None:
    with case.without_right_to_send() as limited:
        assert limited.system.identify().may_send_invoices is False
        order = sent_order(limited)
        sending = limited.system.prepare(limited.sending("send-1", order.external_id), limited.directory)
        with pytest.raises(Misconfigured):
            limited.system.send(sending)


# customers


def test_a_customer_is_created_once_however_often_it_is_needed(case: AccountingCase) -> None:
    for number in range(3):
        case.forget()
        prepared(case, DocumentKind.SALES_ORDER, f"ref-{number}")
    assert case.customers() == 1


def test_two_customers_who_could_both_be_meant_are_a_question_for_a_person(case: AccountingCase) -> None:
    numbers = case.make_twins(case.order("ref-1").customer)
    with pytest.raises(Rejected) as caught:
        prepared(case, DocumentKind.SALES_ORDER)
    assert caught.value.reasons[0].code == "customer_ambiguous"
    assert all(number in caught.value.reasons[0].detail for number in numbers)
    assert case.customers() == 2
    assert case.documents("ref-1") == 0


# traffic


def test_a_limit_is_honoured_and_did_not_run(case: AccountingCase) -> None:
    request = prepared(case, DocumentKind.SALES_ORDER)
    case.limit()
    with pytest.raises(Retryable) as caught:
        case.system.send(request)
    assert caught.value.retry_after_s
    assert case.documents("ref-1") == 0
    case.system.send(request)


def test_a_token_that_runs_out_in_the_middle_of_the_work_is_renewed(case: AccountingCase) -> None:
    request = prepared(case, DocumentKind.SALES_ORDER)
    case.expire_tokens()
    receipt = case.system.send(request)
    case.expire_tokens()
    assert case.system.find(request) == receipt
    assert case.documents("ref-1") == 1


def test_lists_are_read_to_their_end(case: AccountingCase, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = case.system.chart()
    case.shorten_pages(monkeypatch.setattr)
    assert case.system.chart() == whole


def test_empty_books_are_no_error(case: AccountingCase) -> None:
    assert case.system.open_items(date(2026, 11, 2)) == ()
    assert not any(case.system.account_balances(date(2026, 11, 2)).values())


def test_an_error_says_where_it_happened(case: AccountingCase) -> None:
    request = prepared(case, DocumentKind.SALES_ORDER)
    case.system.send(request)
    with pytest.raises(ProviderError) as caught:
        case.system.send(request)
    error = caught.value
    assert error.provider == case.provider.name
    assert error.operation
    assert error.http_status
    assert error.request_id
