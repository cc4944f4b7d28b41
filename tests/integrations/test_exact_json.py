"""JSON whose numbers stay what they are."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.exact_json import MAX_DEPTH, NotJson, dumps, loads

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15)
SCALARS = st.none() | st.booleans() | st.integers() | st.text() | NUMBERS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(VALUES)
def test_what_is_written_is_read_back_equal(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(VALUES)
def test_everybody_else_can_read_it_too(value: Any) -> None:
    json.loads(dumps(value))


@given(NUMBERS)
def test_an_amount_keeps_every_digit(amount: Decimal) -> None:
    text = dumps(amount)
    assert Decimal(text) == amount
    assert "e" not in text.lower()


def test_a_point_makes_a_decimal_and_never_a_float() -> None:
    found = loads('{"a": 0.10, "b": 3, "c": 1e2}')
    assert [type(one) for one in found.values()] == [Decimal, int, Decimal]
    assert str(found["a"]) == "0.10"


@pytest.mark.parametrize("value", [0.1, {"a": 1.5}, [1.0], Decimal("NaN"), Decimal("Infinity"), {1: "a"}, b"x", {1, 2}])
def test_what_has_no_exact_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        dumps(value)


def test_a_structure_without_end_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(TypeError, match="deep"):
        dumps(endless)
    assert MAX_DEPTH < 1000


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "-Infinity", "'a'", "[" * 100_000])
def test_what_is_not_json_says_so(text: str) -> None:
    with pytest.raises(NotJson):
        loads(text)
