"""Matching, currency, outgoing invoice journals: the finer points of the books."""

from decimal import Decimal
from typing import Any

import pytest

from integrations.poweroffice.sandbox import SandboxServer
from integrations.poweroffice.sandbox.proof import proof

from .sandbox_support import DAY, Go

ONE = {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100}


def _pay(go: Go, customer: dict[str, Any], amount: str, **values: Any) -> Any:
    return go.post(
        "/Vouchers/BankJournals", go.voucher(go.line(1903, amount), go.customer_line(customer, f"-{amount}", **values))
    )


def _open(go: Go) -> Any:
    return [row["Balance"] for row in go.get("/Customerledger/OpenItems", date="2099-12-31")]


@pytest.fixture
def invoice(go: Go) -> dict[str, Any]:
    """An invoice of 125.00 with the matching reference R."""
    go.product()
    customer = go.customer()
    found: dict[str, Any] = go.invoice(go.order(customer, ONE, CustomMatchingReference="R"))
    return {**found, "customer": customer}


def test_another_amount_with_the_same_reference_does_not_match(go: Go, invoice: dict[str, Any]) -> None:
    _pay(go, invoice["customer"], "124", CustomMatchingReference="R")
    assert _open(go) == [125, -124]


def test_another_customer_with_the_same_reference_does_not_match(go: Go, invoice: dict[str, Any]) -> None:
    _pay(go, go.customer("Annen AS"), "125", CustomMatchingReference="R")
    assert _open(go) == [125, -125]


def test_a_second_payment_does_not_match_what_is_matched(go: Go, invoice: dict[str, Any]) -> None:
    for _ in range(2):
        _pay(go, invoice["customer"], "125", CustomMatchingReference="R")
    assert _open(go) == [-125]


def test_the_same_sign_does_not_match(go: Go, invoice: dict[str, Any]) -> None:
    go.post(
        "/Vouchers/BankJournals",
        go.voucher(go.line(1903, "-125"), go.customer_line(invoice["customer"], "125", CustomMatchingReference="R")),
    )
    assert _open(go) == [125, 125]


@pytest.mark.parametrize("column", ["InvoiceNo", "Cid"])
def test_a_bank_line_finds_its_invoice_by_number_or_kid_also_in_part(
    go: Go, invoice: dict[str, Any], column: str
) -> None:
    value = str(invoice[column])
    _pay(go, invoice["customer"], "100", **{column: value})
    assert _open(go) == [25]
    assert len(go.get("/Customerledger/OpenItems", date="2026-12-31", onlyBalancesLessThanAmount="true")) == 1
    _pay(go, invoice["customer"], "25", **{column: value})
    assert _open(go) == []
    match = go.get(f"/OutgoingInvoices/{invoice['Id']}")["MatchId"]
    assert len(go.get("/Customerledger/EntriesByMatchId", matchId=match)) == 3


def test_too_much_paid_stays_as_a_credit(go: Go, invoice: dict[str, Any]) -> None:
    _pay(go, invoice["customer"], "150", InvoiceNo=str(invoice["InvoiceNo"]))
    assert _open(go) == [-25]


def test_a_foreign_invoice_posts_in_kroner_and_stays_in_its_currency(go: Go) -> None:
    go.product()
    order = go.order(go.customer(), {**ONE, "ProductUnitPrice": Decimal("99.99")}, CurrencyCode="EUR")
    found = go.invoice(order)
    # 99.99 + 25.00 VAT = 124.99 EUR; at 11.65: 1456.13 NOK
    assert (found["TotalAmount"], found["TotalPostedAmount"]) == (Decimal("124.99"), Decimal("1456.13"))
    assert (found["CurrencyCode"], found["CurrencyExchangeRate"], found["Balance"]) == (
        "EUR",
        Decimal("11.65"),
        Decimal("1456.13"),
    )
    assert go.balance(1500) + go.balance(3000) + go.balance(2700) == 0
    assert go.balance(2700) == Decimal("-291.25")


def test_a_payment_at_another_rate_closes_the_invoice_and_leaves_an_exchange_loss(
    go: Go, go_server: SandboxServer
) -> None:
    go.product()
    customer = go.customer()
    go.invoice(go.order(customer, ONE, CurrencyCode="EUR", CurrencyExchangeRate=12, CustomMatchingReference="R"))
    rate: dict[str, Any] = {"CurrencyExchangeRate": 11}
    lines = (go.line(1920, "125", **rate), go.customer_line(customer, "-125", CustomMatchingReference="R", **rate))
    payment = go.post("/Vouchers/BankJournals", go.voucher(*lines, CurrencyCode="EUR"))
    assert _open(go) == []
    assert (go.balance(8160), go.balance(1500), go.balance(1920)) == (125, 0, 1375)
    assert len(go.get("/AccountTransactions", fromDate=DAY, toDate=DAY, voucherTypes="Settlement")) == 2

    go.call("POST", f"/Vouchers/Reverse/{payment['Id']}")
    assert (go.balance(8160), go.balance(1500), _open(go)) == (0, 1500, [1500])
    assert proof(go_server.books)["unbalanced_vouchers"] == []


def test_rounding_in_conversion_does_not_unbalance_a_voucher(go: Go, go_server: SandboxServer) -> None:
    lines = [go.line(1920, "0.10"), *(go.line(7798, "-0.01") for _ in range(10))]
    go.post("/Vouchers/ManualJournals", go.voucher(*lines, CurrencyCode="SEK"))
    lines = [go.line(1920, "10.01"), go.line(7798, "-3.33"), go.line(7798, "-3.34"), go.line(7798, "-3.34")]
    go.post("/Vouchers/ManualJournals", go.voucher(*lines, CurrencyCode="EUR"))
    found = proof(go_server.books)
    assert (found["unbalanced_vouchers"], found["sum_of_entries"]) == ([], 0)


def test_currencies_may_be_mixed_when_they_balance_in_kroner(go: Go) -> None:
    lines = [go.line(1920, "10", CurrencyCode="EUR", CurrencyExchangeRate=12), go.line(1960, "-120")]
    go.post("/Vouchers/BankJournals", go.voucher(*lines))
    lines = [go.line(1920, "10", CurrencyCode="EUR", CurrencyExchangeRate=12), go.line(1960, "-10")]
    assert "110.00 NOK" in go.call("POST", "/Vouchers/BankJournals", go.voucher(*lines)).detail


def _document(go: Go, customer: dict[str, Any], amount: str = "1250", **values: Any) -> dict[str, Any]:
    line = {"AccountId": go.account(3000), "VatId": go.vat("3"), "CurrencyAmount": Decimal(amount)}
    return {
        "CustomerAccountId": customer["SubledgerAccountId"],
        "InvoiceNo": "W-1",
        "VoucherDate": DAY,
        "CurrencyCode": "NOK",
        "OutgoingInvoiceLines": [line],
        **values,
    }


def test_a_document_of_another_system_posts_and_shows_as_an_invoice(go: Go) -> None:
    customer = go.customer()
    body = _document(go, customer, InvoiceNo="1001", CustomMatchingReference="R", ExternalImportReference="d-1")
    made = go.post("/Vouchers/OutgoingInvoiceJournals", body)
    assert (made["CurrencyAmount"], made["VoucherNo"], made["DueDate"]) == (1250, None, "2026-11-16")
    assert (go.balance(1500), go.balance(3000), go.balance(2700)) == (1250, -1000, -250)
    shown = go.get(f"/OutgoingInvoices/{made['Id']}")
    assert (shown["InvoiceNo"], shown["SentDateTimeOffset"], shown["NetAmount"]) == (1001, None, 1000)
    assert go.get(f"/OutgoingInvoices/{made['Id']}/Lines")[0]["VatAmount"] == 250

    note = go.post(
        "/Vouchers/OutgoingCreditNoteJournals",
        _document(go, customer, InvoiceNo="1002", CustomMatchingReference="R"),
    )
    assert go.get(f"/OutgoingInvoices/{note['Id']}")["VoucherType"] == "OutgoingCreditNote"
    assert go.get(f"/Vouchers/OutgoingCreditNoteJournals/{note['Id']}")["CurrencyAmount"] == 1250
    assert (_open(go), go.balance(3000), go.balance(2700)) == ([], 0, 0)


def test_a_document_number_is_unique_until_the_document_is_reversed(go: Go) -> None:
    customer = go.customer()
    first = go.post("/Vouchers/OutgoingInvoiceJournals", _document(go, customer))
    for kind in ("OutgoingInvoiceJournals", "OutgoingCreditNoteJournals"):
        assert "InvoiceNo is already in use" in go.call("POST", f"/Vouchers/{kind}", _document(go, customer)).detail
    assert go.call("POST", f"/Vouchers/Reverse/{first['Id']}").status == 200
    assert go.get(f"/OutgoingInvoices/{first['Id']}")["IsReversed"] is True
    assert go.post("/Vouchers/OutgoingInvoiceJournals", _document(go, customer))["InvoiceNo"] == "W-1"


def test_a_wrong_document_is_refused(go: Go) -> None:
    customer = go.customer()
    for values, words in (
        ({"InvoiceNo": ""}, "InvoiceNo is required"),
        ({"CustomerAccountId": go.account(3000)}, "must be the SubledgerAccountId"),
        ({"CurrencyAmount": 1}, "not the sum of the lines"),
        ({"OutgoingInvoiceLines": []}, "cannot be empty"),
        ({"VoucherDate": "2019-01-01"}, "before the conversion date"),
        ({"VoucherLines": []}, "unknown property 'VoucherLines'"),
    ):
        answer = go.call("POST", "/Vouchers/OutgoingInvoiceJournals", _document(go, customer, **values))
        assert answer.status == 400
        assert words in answer.detail
