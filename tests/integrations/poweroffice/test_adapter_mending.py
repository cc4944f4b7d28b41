"""An order that cannot come to its total: withdrawn, or said to stand there still; never invoiced, never guessed at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backoffice.contracts.accounting import Receipt, SalesOrderDocument
from backoffice.contracts.errors import OutcomeUnknown, Rejected
from backoffice.ledger.money import Money
from integrations.poweroffice import api

from .books import Office, make_order, make_sending, nok


def posted(office: Office) -> Receipt:
    """Post an order that comes to NOK 12,500.00."""
    return office.system.send(office.system.prepare(make_order(), office.directory))


def refused(office: Office, document: SalesOrderDocument, receipt: Receipt) -> Rejected:
    """Give why an order is refused."""
    with pytest.raises(Rejected) as caught:
        office.system.mend_total(document, receipt, office.directory)
    assert caught.value.reasons[0].code == "total_differs"
    return caught.value


def test_an_order_in_another_currency_is_withdrawn_however_equal_its_figure(office: Office) -> None:
    receipt = posted(office)
    euro = make_order(currency="EUR", total=Money(1250000, "EUR"))
    found = refused(office, euro, receipt)
    assert "12500.00 NOK" in found.message
    assert "12500.00 EUR" in found.message
    assert len(office.server.books.orders) == 0


def test_an_order_that_cannot_be_withdrawn_is_said_to_stand_there_still(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bool:
        raise Rejected("It is locked for editing.", http_status=409)

    receipt = posted(office)
    monkeypatch.setattr(api, "delete_sales_order", refuse)
    found = refused(office, make_order(total=nok("13000")), receipt)
    assert "still stands there" in found.message
    assert "locked for editing" in found.message
    assert "withdrawn" not in found.message


def test_an_order_that_goes_while_it_is_withdrawn_is_looked_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = posted(office)
    read = api.sales_order_with_lines

    def read_and_lose(*arguments: Any) -> Any:
        row = read(*arguments)
        sending = make_sending("s-1", receipt.external_id)
        office.system.send(office.system.prepare(sending, office.directory))  # a person was quicker
        return row

    monkeypatch.setattr(api, "sales_order_with_lines", read_and_lose)
    with pytest.raises(OutcomeUnknown, match="gone"):
        office.system.mend_total(make_order(total=nok("13000")), receipt, office.directory)


def test_an_order_that_was_invoiced_meanwhile_is_looked_up_and_never_mended(office: Office) -> None:
    receipt = posted(office)
    office.system.send(office.system.prepare(make_sending("s-1", receipt.external_id), office.directory))
    with pytest.raises(OutcomeUnknown, match="gone"):
        office.system.mend_total(make_order(total=nok("13000")), receipt, office.directory)
    found = office.system.find(office.system.prepare(make_order(), office.directory))
    assert found is not None
    assert office.system.mend_total(make_order(total=nok("13000")), found, office.directory) == found


def test_an_order_whose_answer_had_no_total_is_read_before_it_counts_as_right(office: Office) -> None:
    receipt = posted(office)
    office.count_calls()
    assert office.system.mend_total(make_order(), replace(receipt, total=None), office.directory) == receipt
    assert office.calls == [f"GET /v2/SalesOrders/{receipt.external_id}/Complete"]
