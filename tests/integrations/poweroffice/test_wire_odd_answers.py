"""Whatever stands in an answer, it is read or not understood: nothing else is ever raised."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.contracts.errors import Misunderstood
from integrations.poweroffice import wire_chart, wire_customers, wire_inferred, wire_journals, wire_orders
from integrations.poweroffice.wire import count_of, currency_of, rows_of, texts_of

from .books import make_order

READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "account": wire_chart.account,
    "vat code": wire_chart.vat_code,
    "dimension": lambda row: wire_chart.dimension("department", row),
    "custom dimension": wire_chart.custom_dimension,
    "theme": wire_chart.theme,
    "payment term": wire_chart.payment_term,
    "limits": lambda row: wire_chart.book_limits(row, row),
    "company": lambda row: wire_chart.company(row, "", None),
    "open item": wire_chart.open_item,
    "balance": wire_chart.account_balance,
    "customer": wire_customers.customer_link,
    "product": wire_customers.product_link,
    "order": lambda row: wire_orders.order_receipt(row, "NOK"),
    "order lines": lambda row: (wire_orders.rounding_line(row, make_order()), wire_orders.vat_codes_by_line(row)),
    "invoice": lambda row: wire_orders.invoice_receipt(row, "NOK"),
    "invoiced order": lambda row: wire_orders.invoiced_order_receipt(row, "NOK"),
    "sending": wire_orders.sending_receipt,
    "journal": lambda row: wire_journals.voucher_receipt(row, "NOK"),
    "shop's invoice": lambda row: wire_inferred.invoice_receipt(row, "NOK"),
    "ledger entry": lambda row: wire_inferred.statement_receipt(row, "NOK"),
}
NAMES = (
    "Id AccountNo Code Name Rate ValidFrom ValidTo Ordinal CreditDays LockDate ConversionDate ValidPrivileges Amount"
    " InvalidPrivileges ActiveClientSubscriptions Balance PostingDate TotalAmount CurrencyCode CurrencyAmount VoucherNo"
    " SubledgerAccountId StandardSalesAccount SalesOrderDate OrderDate VoucherDate VoucherLines SalesOrderLines Number"
    " VoucherId InvoiceNo SentDateTimeOffset LastErrorMessage IsInvoiceBeingProcessed VoucherType IsActive LanguageCode"
).split()
NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=12) | st.sampled_from(["2026-11-02", "NOK", "1"])
INNER = st.dictionaries(st.sampled_from(["CurrencyAmount", "VatCode", "ExternalImportReference"]), SCALARS, max_size=3)
VALUES = SCALARS | INNER | st.lists(SCALARS | INNER, max_size=3)
ODD_ROWS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=len(NAMES))


@pytest.mark.parametrize("what", sorted(READERS))
@settings(max_examples=40)
@given(ODD_ROWS, st.booleans())
def test_an_odd_answer_is_read_or_not_understood(what: str, row: dict[str, Any], has_ids: bool) -> None:
    ids = {"Id": 7, "AccountNo": 3000, "Code": "A", "SubledgerAccountId": 8, "VoucherId": "a", "Ordinal": 1}
    with suppress(Misunderstood):  # any other exception fails the test
        READERS[what]({**row, **ids} if has_ids else row)


@pytest.mark.parametrize("code", ["KR", "NOKK", "N0K", "n k"])
def test_what_is_no_currency_is_said(code: str) -> None:
    with pytest.raises(Misunderstood, match="currency"):
        currency_of({"CurrencyCode": code}, "NOK")


@pytest.mark.parametrize(("value", "count"), [(14, 14), (None, 0), ("30", 30), (0, 0)])
def test_a_number_of_days_is_read(value: object, count: int) -> None:
    assert count_of({"CreditDays": value}, "CreditDays") == count


@pytest.mark.parametrize("read", [rows_of, texts_of])
@pytest.mark.parametrize("value", ["abc", {"a": 1}, [None], 7])
def test_what_is_no_list_of_them_is_said(read: Callable[..., Any], value: object) -> None:
    with pytest.raises(Misunderstood, match="Lines"):
        read({"Lines": value}, "Lines")
    assert not read({"Lines": None}, "Lines")
