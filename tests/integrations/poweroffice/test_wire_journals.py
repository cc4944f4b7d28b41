"""Journals and outgoing invoices on the wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.contracts.accounting import CustomerLink, DocumentKind, JournalLine, Party, Receipt
from backoffice.contracts.errors import Rejected, Unsupported
from backoffice.ledger.money import Money
from integrations.exact_json import dumps, loads
from integrations.poweroffice import wire_inferred
from integrations.poweroffice import wire_journals as wire
from integrations.poweroffice.wire_journals import LineIds

from .books import DAY, PERSON, make_invoice, make_journal, make_line, nok

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
IDS = LineIds("900", "101", {})
BANK, CASH, MANUAL = DocumentKind.BANK_JOURNAL, DocumentKind.CASH_JOURNAL, DocumentKind.MANUAL_JOURNAL


def test_a_journal_is_written_as_it_will_be_sent() -> None:
    lines = (
        make_line("12500", "1903", description="Vipps", dimensions={"department": "10"}),
        make_line(
            "-12500",
            customer=Party("k", PERSON),
            matching_reference="R-1",
            invoice_number="10001",
            kid="1234567",
            line_reference="L-2",
        ),
    )
    document = make_journal("j-1", BANK, *lines, saft_batch_id="B-1", saft_source_id="KASSE-1")
    ids = [LineIds("900", "101", {"department": "7"}), LineIds("901", "101", {})]
    assert dumps(wire.journal_body(document, ids)) == (
        '{"VoucherDate":"2026-11-02","CurrencyCode":"NOK","Description":"Betalinger",'
        '"ExternalImportReference":"j-1","SaftBatchId":"B-1","SaftSourceId":"KASSE-1","VoucherLines":['
        '{"AccountId":900,"VatId":101,"PostingDate":"2026-11-02","CurrencyAmount":12500.00,"Description":"Vipps",'
        '"DepartmentId":7},'
        '{"AccountId":901,"VatId":101,"PostingDate":"2026-11-02","CurrencyAmount":-12500.00,'
        '"CustomMatchingReference":"R-1","ExternalLineReference":"L-2","InvoiceNo":"10001","Cid":"1234567"}]}'
    )


@pytest.mark.parametrize("kind", [CASH, MANUAL])
def test_invoice_number_and_kid_exist_on_bank_journals_only(kind: DocumentKind) -> None:
    line = make_line("-1", "1903", invoice_number="10001", kid="1234567", matching_reference="R-1")
    body = wire.line_body(line, IDS, make_journal(kind=kind))
    assert not {"InvoiceNo", "Cid"} & set(body)
    with pytest.raises(Unsupported, match="matching reference"):
        wire.line_body(replace(line, matching_reference=""), IDS, make_journal(kind=kind))


def test_a_line_in_another_currency_is_refused() -> None:
    line = replace(make_line("1", "1903"), amount=Money(100, "EUR"))
    with pytest.raises(Unsupported, match="EUR"):
        wire.line_body(line, IDS, make_journal())


@pytest.mark.parametrize("field", ["saft_batch_id", "saft_source_id"])
def test_half_of_an_audit_trail_stops_the_journal(field: str) -> None:
    changed: dict[str, Any] = {field: "B-1"}
    with pytest.raises(Unsupported, match="one of them is missing"):
        wire.journal_body(replace(make_journal(), **changed), [IDS, IDS])


@pytest.mark.parametrize("field", ["saft_batch_id", "saft_source_id"])
def test_an_audit_trail_that_would_be_cut_stops_the_journal(field: str) -> None:
    changed: dict[str, Any] = {"saft_batch_id": "B-1", "saft_source_id": "K-1", field: "x" * 36}
    with pytest.raises(Rejected) as caught:
        wire.journal_body(replace(make_journal(), **changed), [IDS, IDS])
    assert caught.value.reasons[0].code == "reference_too_long"


def balanced(amounts: list[int]) -> tuple[JournalLine, ...]:
    """Make lines that add to zero."""
    lines = [replace(make_line("1", "1903"), amount=Money(minor, "NOK")) for minor in amounts]
    return (*lines, replace(make_line("1", "3000", "3"), amount=Money(-sum(amounts), "NOK")))


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=8))
def test_what_they_answer_to_a_journal_has_the_total_we_compare_with(amounts: list[int]) -> None:
    document = make_journal("j", BANK, *balanced(amounts))
    body = loads(dumps(wire.journal_body(document, [IDS] * len(document.lines))))
    receipt = wire.voucher_receipt({**body, "Id": ID, "VoucherNo": None}, "NOK")
    assert receipt == Receipt(ID, total=wire.debit_total(document), dated_on=DAY)


def test_a_receipt_without_lines_has_no_total_to_compare() -> None:
    assert wire.voucher_receipt({"Id": ID, "VoucherNo": 5}, "NOK") == Receipt(ID, "5")


def test_the_posting_to_look_for_is_on_the_account_with_the_fewest_lines() -> None:
    lines = (make_line("-2", "3000"), make_line("-1", "3000"), make_line("3", "1903"))
    found = wire.telling_line(make_journal("j", BANK, *lines))
    assert found is not None
    assert found.ledger_account == "1903"


def test_without_a_ledger_account_a_customers_posting_tells_the_date_to_look_at() -> None:
    paid = make_line("5", "", customer=Party("k", PERSON), posted_on=date(2026, 11, 4))
    returned = replace(paid, amount=-paid.amount)
    assert wire.telling_line(make_journal("j", BANK, paid, returned)) == paid
    assert wire.telling_line(make_journal("j", BANK, paid, make_line("-5", "1903"))) == make_line("-5", "1903")


def test_a_line_of_nothing_leaves_no_posting_to_look_for() -> None:
    lines = (make_line("0", "1901"), make_line("-1", "3000"), make_line("-2", "3000"), make_line("3", "1903"))
    found = wire.telling_line(make_journal("j", BANK, *lines))
    assert found is not None
    assert found.ledger_account == "1903"
    assert wire.telling_line(make_journal("j", BANK, lines[0])) is None


# outgoing invoices, whose body is inferred


CUSTOMER = CustomerLink("500", "10001", "501")


def test_an_invoice_of_the_shop_names_the_customers_account_and_credits_its_lines() -> None:
    body = wire_inferred.invoice_body(make_invoice(kid="1234567", order_number="77"), CUSTOMER, [IDS], {})
    assert body == {
        "CustomerAccountId": 501,
        "InvoiceNo": "F-55",
        "VoucherDate": "2026-11-02",
        "DueDate": "2026-11-16",
        "CurrencyCode": "NOK",
        "CurrencyAmount": Decimal("1250.00"),
        "ExternalImportReference": "invoice-1",
        "CustomMatchingReference": "R-55",
        "Cid": "1234567",
        "ImportedOrderNo": 77,
        "OutgoingInvoiceLines": [
            {"AccountId": 900, "VatId": 101, "CurrencyAmount": Decimal("1250.00"), "Description": "Vinterjakke"}
        ],
    }


def test_an_invoice_whose_lines_do_not_add_up_is_not_sent() -> None:
    with pytest.raises(Rejected) as caught:
        wire_inferred.invoice_body(make_invoice(total=nok("1250.01")), CUSTOMER, [IDS], {})
    assert caught.value.reasons[0].code == "unbalanced"


@pytest.mark.parametrize(
    ("description", "credited", "text"),
    [("Retur", "F-55", "Retur (F-55)"), ("Retur F-55", "F-55", "Retur F-55"), ("", "F-55", "(F-55)"), ("A", "", "A")],
)
def test_a_credit_note_names_the_invoice_it_credits(description: str, credited: str, text: str) -> None:
    document = make_invoice(description=description, credited_invoice_number=credited)
    assert wire_inferred.description_of(document) == text


@pytest.mark.parametrize("amount", ["1250", "-1250"])
def test_an_entry_of_the_customer_ledger_is_read_without_its_side(amount: str) -> None:
    row: dict[str, Any] = {"VoucherId": ID, "VoucherNo": 7, "InvoiceNo": "F-55", "PostingDate": "2026-11-02"}
    row |= {"CurrencyAmount": Decimal(amount), "CurrencyCode": "NOK"}
    assert wire_inferred.statement_receipt(row, "NOK") == Receipt(ID, "7", "F-55", total=nok("1250"), dated_on=DAY)
