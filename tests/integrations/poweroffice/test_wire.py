"""What both directions share: references whole, texts cut so that it shows, numbers exact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.contracts.errors import Misunderstood, Rejected, Unsupported
from backoffice.ledger.money import Money
from integrations.exact_json import dumps, loads
from integrations.poweroffice import wire

CURRENCIES = st.sampled_from(["NOK", "EUR", "JPY", "KWD"])


@given(st.integers(-(10**15), 10**15), CURRENCIES)
def test_an_amount_survives_the_way_there_and_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    there = loads(dumps({"Amount": wire.amount(money)}))["Amount"]
    assert wire.money_of(there, currency) == money


def test_the_traces_of_binary_arithmetic_are_rounded_away() -> None:
    assert wire.money_of(Decimal("300.29999999999995"), "NOK") == Money(30030, "NOK")
    assert wire.money_of(Decimal("-0.0000000001"), "NOK") == Money(0, "NOK")
    assert wire.money_of(5, "NOK") == Money(500, "NOK")
    assert wire.money_of(None, "NOK") is None


@pytest.mark.parametrize("value", [True, "12.00", {}, []])
def test_what_is_no_number_is_no_amount(value: object) -> None:
    with pytest.raises(Misunderstood):
        wire.money_of(value, "NOK")


@given(st.text(max_size=80), st.integers(2, 60))
def test_a_cut_text_fits_and_shows_that_it_was_cut(text: str, limit: int) -> None:
    cut = wire.fit(text, limit)
    assert len(cut) <= limit
    assert cut == text or cut.endswith("…")


@given(st.text(max_size=80))
def test_a_reference_is_whole_or_refused(text: str) -> None:
    if len(text) <= wire.MAX_REFERENCE_CHARACTERS:
        assert wire.whole_reference(text, "A reference") == text
    else:
        with pytest.raises(Rejected) as caught:
            wire.whole_reference(text, "A reference")
        assert caught.value.reasons[0].code == "reference_too_long"


@given(st.dates())
def test_a_date_is_read_with_and_without_a_time(day: date) -> None:
    assert wire.day_of(day.isoformat()) == day
    assert wire.day_of(f"{day.isoformat()}T00:00:00Z") == day


def test_no_date_is_none_and_nonsense_is_said() -> None:
    assert wire.day_of(None) is None
    assert wire.day_of("") is None
    with pytest.raises(Misunderstood):
        wire.day_of("02.11.2026")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1001", 1001),
        ("007", 7),
        ("#1001", None),
        ("10.5", None),
        ("", None),
        ("-3", None),
        ("٣", None),
        ("9" * 30, None),
    ],
)
def test_an_order_number_counts_only_when_it_is_nothing_but_digits(text: str, number: int | None) -> None:
    assert wire.whole_number(text) == number


@pytest.mark.parametrize("value", ["", "-1", "abc", "9" * 30])
def test_what_cannot_be_an_id_is_said(value: str) -> None:
    with pytest.raises(Misunderstood):
        wire.number_id(value, "an account")


def test_blanks_are_left_out_and_zero_and_false_are_not() -> None:
    assert wire.without_blanks({"a": None, "b": "", "c": 0, "d": False, "e": []}) == {"c": 0, "d": False, "e": []}


def test_dimensions_go_by_their_codes_and_unknown_kinds_are_refused() -> None:
    assert wire.dimension_codes({"department": "10", "dim1": "WEB", "location": ""}) == {
        "DepartmentCode": "10",
        "Dim1Code": "WEB",
    }
    with pytest.raises(Unsupported, match="season"):
        wire.dimension_codes({"season": "x"})


def test_a_number_that_is_not_dealt_yet_is_empty() -> None:
    assert wire.number_of({"VoucherNo": None}, "VoucherNo") == ""
    assert wire.number_of({"VoucherNo": 0}, "VoucherNo") == ""
    assert wire.number_of({"VoucherNo": 12}, "VoucherNo") == "12"
    assert wire.number_of({}, "VoucherNo") == ""


def test_an_object_without_what_it_needs_is_not_understood() -> None:
    with pytest.raises(Misunderstood, match="Id"):
        wire.needed({"Id": None}, "Id")
