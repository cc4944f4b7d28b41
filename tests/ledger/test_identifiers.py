"""Identifiers: own vectors, and the shared ones where they are at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger import identifiers as ids
from backoffice.ledger.errors import InvalidIdentifier
from backoffice.ledger.identifiers import KidAlgorithm
from tests.ledger.tables import shared_json

GOOD: list[tuple[Callable[[str], str], str, str]] = [
    (ids.parse_organisation_number, "974 760 673", "974760673"),
    (ids.parse_organisation_number, "923609016", "923609016"),
    (ids.parse_mva_number, "NO 923 609 016 MVA", "923609016MVA"),
    (ids.parse_mva_number, "923609016mva", "923609016MVA"),
    (ids.parse_nip, "856-734-62-15", "8567346215"),
    (ids.parse_nip, "PL8567346215", "8567346215"),
    (ids.parse_iban, "no93 8601 1117 947", "NO9386011117947"),
    (ids.parse_iban, "PL61 1090 1014 0000 0712 1981 2874", "PL61109010140000071219812874"),
    (ids.parse_bank_account, "8601 11 17947", "86011117947"),
    (ids.to_iban, "8601.11.17947", "NO9386011117947"),
    (ids.parse_kid, "12345674", "12345674"),
    (ids.parse_kid, " 000 123 455 ", "000123455"),
]
BAD: list[tuple[Callable[[str], str], str]] = [
    (ids.parse_organisation_number, "923609017"),
    (ids.parse_organisation_number, "92360901"),
    (ids.parse_organisation_number, "123456785"),
    (ids.parse_organisation_number, "NO923609016"),
    (ids.parse_organisation_number, ""),
    (ids.parse_mva_number, "923609016"),
    (ids.parse_mva_number, "923609017MVA"),
    (ids.parse_mva_number, "123456785MVA"),
    (ids.parse_nip, "8567346216"),
    (ids.parse_nip, "856734621"),
    (ids.parse_iban, "NO9386011117948"),
    (ids.parse_iban, "XX9386011117947"),
    (ids.parse_iban, ""),
    (ids.parse_bank_account, "86011117949"),
    (ids.parse_bank_account, "4090403"),
    (ids.parse_bank_account, "8601111794x"),
    (ids.to_iban, "86011117949"),
    (ids.parse_kid, "602244"),
    (ids.parse_kid, "1"),
    (ids.parse_kid, ""),
    (ids.parse_kid, "-"),
    (ids.parse_kid, "12-4567"),
    (ids.parse_kid, "0" * 26),
    (ids.parse_kid, "١٢٣٤٥٦٧٤"),
]


@pytest.mark.parametrize(("parse", "text", "stored"), GOOD)
def test_a_right_number_is_read_into_its_stored_form(parse: Callable[[str], str], text: str, stored: str) -> None:
    assert parse(text) == stored


@pytest.mark.parametrize(("parse", "text"), BAD)
def test_a_wrong_number_is_refused_and_named(parse: Callable[[str], str], text: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        parse(text)
    assert repr(text) in str(caught.value)


SHARED_GOOD: dict[str, Callable[[str], str]] = {
    "orgnr_valid": ids.parse_organisation_number,
    "mva_form_valid": ids.parse_mva_number,
    "account_valid": ids.parse_bank_account,
    "kid_mod10_valid": lambda text: ids.parse_kid(text, KidAlgorithm.MOD10),
    "kid_mod11_valid": lambda text: ids.parse_kid(text, KidAlgorithm.MOD11),
}
SHARED_BAD: dict[str, Callable[[str], str]] = {
    "orgnr_invalid": ids.parse_organisation_number,
    "orgnr_checksum_ok_but_not_8_or_9": ids.parse_organisation_number,
    "account_invalid": ids.parse_bank_account,
    "kid_invalid_both": ids.parse_kid,
}


def vectors(key: str) -> list[str]:
    data: dict[str, Any] = shared_json("check_digit_vectors.json")
    assert data[key]
    return list(data[key])


@pytest.mark.parametrize("key", SHARED_GOOD)
def test_the_shared_right_numbers_are_read(key: str) -> None:
    for text in vectors(key):
        assert SHARED_GOOD[key](text)


@pytest.mark.parametrize("key", SHARED_BAD)
def test_the_shared_wrong_numbers_are_refused(key: str) -> None:
    for text in vectors(key):
        with pytest.raises(InvalidIdentifier):
            SHARED_BAD[key](text)


@pytest.mark.parametrize(
    ("payload", "algorithm", "kid"),
    [
        ("1234567", KidAlgorithm.MOD10, "12345674"),
        ("12345678", KidAlgorithm.MOD11, "123456785"),
        ("10000027", KidAlgorithm.MOD11, "10000027-"),
        ("0", KidAlgorithm.MOD10, "00"),
    ],
)
def test_a_kid_is_made(payload: str, algorithm: KidAlgorithm, kid: str) -> None:
    assert ids.make_kid(payload, algorithm) == kid


@given(st.text("0123456789", min_size=1, max_size=24), st.sampled_from(KidAlgorithm))
def test_a_made_kid_is_read_back(payload: str, algorithm: KidAlgorithm) -> None:
    kid = ids.make_kid(payload, algorithm)
    assert kid[:-1] == payload
    assert ids.parse_kid(kid) == ids.parse_kid(kid, algorithm) == kid


@given(
    st.text("0123456789", min_size=1, max_size=24),
    st.sampled_from(KidAlgorithm),
    st.integers(0, 23),
    st.integers(1, 9),
)
def test_one_wrong_digit_in_a_kid_is_found(payload: str, algorithm: KidAlgorithm, place: int, by: int) -> None:
    kid, place = ids.make_kid(payload, algorithm), place % len(payload)
    wrong = f"{kid[:place]}{(int(kid[place]) + by) % 10}{kid[place + 1 :]}"
    with pytest.raises(InvalidIdentifier, match=algorithm.name):
        ids.parse_kid(wrong, algorithm)


@pytest.mark.parametrize("payload", ["", "1" * 25, "12a", "-1", "1 2"])
def test_a_kid_is_made_of_digits_only(payload: str) -> None:
    with pytest.raises(InvalidIdentifier, match="1 to 24 digits"):
        ids.make_kid(payload, KidAlgorithm.MOD10)
