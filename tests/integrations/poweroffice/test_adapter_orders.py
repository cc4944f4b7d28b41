"""Orders and their invoices through the adapter, over HTTP, against the sandbox."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from backoffice.contracts.accounting import OrderLine, Party, Receipt, Request
from backoffice.contracts.errors import Misconfigured, Misunderstood, OutcomeUnknown, Rejected, Retryable
from integrations.poweroffice import wire_orders
from integrations.poweroffice.sandbox import DEMO_CLIENTS

from .books import COMPANY, DAY, FOOD, SALES, VALUES, Office, make_order, make_sending, nok, run_office


def sent(office: Office, reference: str = "order-1") -> tuple[Request, Receipt]:
    """Post an order, have its invoice sent, and give the sending and the order's receipt."""
    order = office.system.send(office.system.prepare(make_order(reference), office.directory))
    sending = office.system.prepare(make_sending(f"send-{reference}", order.external_id), office.directory)
    assert office.system.send(sending).is_final is False
    return sending, order


def test_an_order_comes_to_what_the_customer_saw_and_can_be_found(office: Office) -> None:
    request = office.system.prepare(make_order(), office.directory)
    assert office.system.find(request) is None
    receipt = office.system.send(request)
    assert receipt == Receipt(receipt.external_id, "1001", total=nok("12500"), dated_on=DAY)
    assert office.system.find(request) == receipt


def test_the_bytes_that_were_stored_are_the_bytes_that_go_out(office: Office) -> None:
    request = office.system.prepare(make_order(), office.directory)
    office.system.send(request)
    assert office.server.app.requests[-1]["body"] == request.body


def test_an_invoiced_order_is_found_among_the_invoices(office: Office) -> None:
    request = office.system.prepare(make_order(), office.directory)
    _, order = sent(office)
    found = office.system.find(request)
    assert found == replace(order, invoice_number="10001")


@pytest.mark.parametrize("kind", ["commit_then_drop", "commit_then_500", "commit_then_502"])
def test_an_order_whose_answer_is_lost_is_in_doubt_and_then_found(office: Office, kind: str) -> None:
    request = office.system.prepare(make_order(), office.directory)
    office.server.faults.add(kind, "POST /v2/SalesOrders/Complete")
    with pytest.raises(OutcomeUnknown):
        office.system.send(request)
    found = office.system.find(request)
    assert found is not None
    assert (found.total, found.dated_on) == (request.total, request.dated_on)


@pytest.mark.parametrize("kind", ["drop_before", "error_500"])
def test_an_order_that_did_not_arrive_is_in_doubt_and_then_absent(office: Office, kind: str) -> None:
    request = office.system.prepare(make_order(), office.directory)
    office.server.faults.add(kind, "POST /v2/SalesOrders/Complete")
    with pytest.raises(OutcomeUnknown):
        office.system.send(request)
    assert office.system.find(request) is None
    assert office.system.send(request).total == nok("12500")


def test_the_same_order_twice_is_refused_as_a_duplicate(office: Office) -> None:
    request = office.system.prepare(make_order(), office.directory)
    office.system.send(request)
    with pytest.raises(Rejected) as caught:
        office.system.send(request)
    assert caught.value.reasons[0].code == "duplicate_reference"


# sending


def test_what_became_of_many_sendings_is_asked_for_together(office: Office) -> None:
    sendings = [sent(office, f"order-{number}")[0] for number in range(45)]
    office.system.limits()  # any call lets the sandbox deal the voucher numbers
    office.count_calls()
    outcomes = office.system.outcomes(sendings)
    assert len(office.calls) == 2
    receipts = [outcomes[sending.reference] for sending in sendings]
    assert all(isinstance(one, Receipt) and one.is_final and one.total == nok("12500") for one in receipts)
    assert {one.invoice_number for one in receipts if isinstance(one, Receipt)} == {
        str(10001 + number) for number in range(45)
    }


def test_what_is_being_worked_on_is_left_out_and_costs_no_call_of_its_own() -> None:
    with run_office(send_delay_ms=60_000) as office:
        sending, order = sent(office)
        office.count_calls()
        assert office.system.outcomes([sending]) == {}
        assert len(office.calls) == 1
        assert office.system.find(sending) == Receipt(order.external_id, is_final=False)
        office.clock.pass_by(60_001)
        office.system.limits()  # any call lets the sandbox work on
        assert isinstance(office.system.outcomes([sending])[sending.reference], Receipt)


def test_nothing_to_ask_about_costs_nothing(office: Office) -> None:
    office.count_calls()
    assert office.system.outcomes([]) == {}
    assert office.calls == []


def test_a_voucher_number_that_is_late_is_waited_for_while_the_sending_is_young(office: Office) -> None:
    young, _ = sent(office, "order-1")
    assert office.system.outcomes([young]) == {}
    receipt = office.system.outcomes([young])[young.reference]
    assert isinstance(receipt, Receipt)
    assert (receipt.invoice_number, receipt.number) == ("10001", "1")


def test_an_invoice_whose_voucher_number_is_overdue_is_told_without_it(office: Office) -> None:
    sending, _ = sent(office)
    receipt = office.system.outcomes([sending], overdue=[sending.reference])[sending.reference]
    assert isinstance(receipt, Receipt)
    assert (receipt.invoice_number, receipt.number, receipt.is_final) == ("10001", "", True)


def test_why_a_sending_failed_is_told_once_it_is_overdue() -> None:
    with run_office() as office:
        details = replace(make_order().customer.details, email="")
        order = office.system.send(
            office.system.prepare(make_order(customer=Party("webshop:C-9", details)), office.directory)
        )
        sending = office.system.prepare(make_sending("send-1", order.external_id, email=""), office.directory)
        office.system.send(sending)
        assert office.system.outcomes([sending]) == {}
        assert office.system.find(sending) is None
        outcome = office.system.outcomes([sending], overdue=["send-1"])["send-1"]
        assert isinstance(outcome, Rejected)
        assert outcome.reasons[0].code == "send_failed"
        assert "e-mail" in outcome.reasons[0].detail


def test_a_company_that_takes_no_ehf_gets_its_invoice_by_email() -> None:
    with run_office(organisations_without_ehf=frozenset({"312000008"})) as office:
        document = make_order(customer=Party("webshop:C-8", COMPANY))
        order = office.system.send(office.system.prepare(document, office.directory))
        sending = make_sending("send-1", order.external_id, by_ehf=True, email=COMPANY.email)
        office.system.send(office.system.prepare(sending, office.directory))
        assert office.server.books.invoices[order.external_id]["InvoiceDeliveryType"] == "PdfByEmail"


def test_a_sending_whose_answer_is_lost_is_found_by_its_order(office: Office) -> None:
    order = office.system.send(office.system.prepare(make_order(), office.directory))
    sending = office.system.prepare(make_sending("send-1", order.external_id), office.directory)
    office.server.faults.add("commit_then_drop", "POST /v2/SalesOrders/*/createAndSendInvoice")
    with pytest.raises(OutcomeUnknown):
        office.system.send(sending)
    found = office.system.find(sending)
    assert found is not None
    assert (found.invoice_number, found.total, found.dated_on) == ("10001", nok("12500"), DAY)


def test_the_right_to_send_is_asked_for_and_its_lack_pauses_the_connection() -> None:
    clients = (replace(DEMO_CLIENTS[0], allow_send_invoice=False),)
    with run_office(clients=clients) as office:
        assert office.system.identify().may_send_invoices is False
        order = office.system.send(office.system.prepare(make_order(), office.directory))
        sending = office.system.prepare(make_sending("send-1", order.external_id), office.directory)
        with pytest.raises(Misconfigured) as caught:
            office.system.send(sending)
        assert caught.value.reasons[0].code == "no_privilege"
        assert "send invoice" in caught.value.message


# totals


ROUNDED = make_order(
    lines=(OrderLine("line-1", SALES, "Vare", Decimal(3), Decimal("33.33")),),
    total=nok("125.00"),
)


def test_a_few_minor_units_are_mended_by_a_line_that_can_be_seen(office: Office) -> None:
    receipt = office.post_order(ROUNDED)
    assert receipt.total == nok("125.00")
    order = office.server.books.orders[receipt.external_id]
    assert [line["Description"] for line in order["lines"]] == ["Vare", "Øreavrunding"]


def test_an_order_that_is_right_costs_no_call(office: Office) -> None:
    receipt = office.system.send(office.system.prepare(make_order(), office.directory))
    office.count_calls()
    assert office.system.mend_total(make_order(), receipt, office.directory) == receipt
    assert office.calls == []


@pytest.mark.parametrize("kind", ["commit_then_drop", "commit_then_500", "drop_before"])
def test_mending_may_be_cut_off_and_repeated(office: Office, kind: str) -> None:
    first = office.system.send(office.system.prepare(ROUNDED, office.directory))
    office.server.faults.add(kind, "POST /v2/SalesOrders/*/Lines")
    with pytest.raises(Retryable):
        office.system.mend_total(ROUNDED, first, office.directory)
    assert office.system.mend_total(ROUNDED, first, office.directory).total == nok("125.00")
    assert len(office.server.books.orders[first.external_id]["lines"]) == 2


def test_a_rounding_line_that_does_not_show_yet_is_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.system.send(office.system.prepare(ROUNDED, office.directory))
    with monkeypatch.context() as patched:
        patched.setattr(wire_orders, "rounding_line", lambda *_: None)
        patched.setattr(wire_orders, "order_total", lambda *_: first.total)
        with pytest.raises(Retryable, match="does not show"):
            office.system.mend_total(ROUNDED, first, office.directory)
        with pytest.raises(Retryable, match="does not show"):  # the line is refused as a double now
            office.system.mend_total(ROUNDED, first, office.directory)
    assert office.system.mend_total(ROUNDED, first, office.directory).total == nok("125.00")


def withdrawn(office: Office, document: object = None) -> Rejected:
    """Post an order that cannot be mended and give why."""
    with pytest.raises(Rejected) as caught:
        office.post_order(document or ROUNDED)  # type: ignore[arg-type]  # either is an order
    assert caught.value.reasons[0].code == "total_differs"
    assert len(office.server.books.orders) == 0
    return caught.value


def test_an_order_that_would_be_invoiced_with_another_total_is_withdrawn(office: Office) -> None:
    found = withdrawn(office, replace(ROUNDED, total=nok("130.00")))
    assert "124.99" in found.message
    assert "130.00" in found.message


def test_without_a_rounding_product_nothing_is_mended(office: Office) -> None:
    withdrawn(office, replace(ROUNDED, rounding_product=None))


def test_a_withdrawn_order_names_the_vat_code_that_is_another(office: Office) -> None:
    believed = replace(FOOD, vat_code="3")
    document = make_order(
        lines=(OrderLine("line-1", believed, "Suppe", Decimal(1), Decimal("100")),), total=nok("125.00")
    )
    assert "Suppe has 31 there, 3 here" in withdrawn(office, document).message


def test_a_withdrawal_may_be_cut_off_and_repeated(office: Office) -> None:
    document = replace(ROUNDED, total=nok("130.00"))
    first = office.system.send(office.system.prepare(document, office.directory))
    office.server.faults.add("drop_before", "DELETE /v2/SalesOrders/*")
    with pytest.raises(Retryable):
        office.system.mend_total(document, first, office.directory)
    office.server.faults.add("commit_then_drop", "DELETE /v2/SalesOrders/*")
    with pytest.raises(Retryable):
        office.system.mend_total(document, first, office.directory)
    with pytest.raises(OutcomeUnknown, match="gone"):
        office.system.mend_total(document, first, office.directory)
    assert office.system.find(office.system.prepare(document, office.directory)) is None


def test_an_order_without_a_total_is_left_alone_and_shown(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.system.send(office.system.prepare(ROUNDED, office.directory))
    monkeypatch.setattr(wire_orders, "order_total", lambda *_: None)
    with pytest.raises(Misunderstood):
        office.system.mend_total(ROUNDED, first, office.directory)
    assert len(office.server.books.orders) == 1


def test_a_rounding_line_that_is_refused_is_refused_in_their_words(office: Office) -> None:
    first = office.system.send(office.system.prepare(ROUNDED, office.directory))
    office.server.books.orders.change(first.external_id, SalesOrderStatus="Confirmed")
    with pytest.raises(Rejected, match="confirmed"):
        office.system.mend_total(ROUNDED, first, office.directory)


def test_a_rounding_line_that_does_not_help_is_withdrawn_with_its_order(office: Office) -> None:
    taxed = replace(ROUNDED, rounding_product=replace(SALES, code="ROUND"), total=nok("125.03"))
    found = withdrawn(office, taxed)
    assert "125.04" in found.message


def test_an_invoice_is_never_mended(office: Office) -> None:
    receipt = Receipt("0f8fad5b-d9cb-469f-a165-70867728950e", "1", "10001", total=nok("1"))
    office.count_calls()
    assert office.system.mend_total(make_order(), receipt, office.directory) is receipt
    assert office.calls == []


def test_an_order_in_another_currency_comes_to_its_total(office: Office) -> None:
    euro = replace(ROUNDED.total, currency="EUR")
    receipt = office.post_order(replace(ROUNDED, currency="EUR", total=euro))
    assert receipt.total == euro


def test_a_discount_that_the_customer_has_over_there_does_not_reach_our_order(office: Office) -> None:
    office.post_order(make_order())
    key = int(office.directory.customers["webshop:C-7"].external_id)
    office.server.books.customers.change(key, Allowance=10, IsVatFree=True)
    assert office.post_order(make_order("order-2")).total == nok("12500")


def test_a_credit_order_becomes_a_credit_note_with_a_negative_total(office: Office) -> None:
    line = OrderLine("line-1", SALES, "Retur", Decimal(-1), Decimal("10000"))
    order = office.post_order(make_order(lines=(line,), total=nok("-12500")))
    sending = office.system.prepare(make_sending("s", order.external_id, total=nok("-12500")), office.directory)
    office.system.send(sending)
    outcome = office.system.outcomes([sending], overdue=["s"])["s"]
    assert isinstance(outcome, Receipt)
    assert outcome.total == nok("-12500")


# budget


def test_orders_of_known_customers_stay_within_their_calls() -> None:
    count = 100
    with run_office(VALUES, send_delay_ms=1000) as office:
        office.post_order(make_order())
        office.count_calls()
        sendings = []
        for number in range(count):
            order = office.post_order(make_order(f"batch-{number}"))
            sendings.append(office.system.prepare(make_sending(f"s-{number}", order.external_id), office.directory))
            office.system.send(sendings[-1])
        office.system.outcomes(sendings)
        office.clock.pass_by(1001)
        office.system.outcomes(sendings)
        assert len(office.system.outcomes(sendings)) == count
        assert len(office.calls) <= count * 22 // 10
