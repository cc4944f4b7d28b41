"""Numbers that check themselves: organisation numbers, VAT numbers, bank accounts, KID.

Each `parse_` takes what a person or a shop wrote, gives the number in its one stored form, and raises
InvalidIdentifier with what is wrong otherwise.
"""

from __future__ import annotations

from enum import StrEnum

from stdnum import iban
from stdnum.exceptions import ValidationError
from stdnum.no import kontonr, mva, orgnr
from stdnum.pl import nip

from backoffice.ledger.errors import InvalidIdentifier

#: Shortest and longest KID, check character included.
KID_LENGTHS = range(2, 26)
#: A bank account number without its dots.
BANK_ACCOUNT_DIGITS = 11


class KidAlgorithm(StrEnum):
    """How the last character of a KID is made; agreed with the bank per account."""

    MOD10 = "mod10"
    MOD11 = "mod11"


def parse_organisation_number(text: str) -> str:
    """Read a Norwegian organisation number: nine digits, the first 8 or 9, the last a check digit.

    >>> parse_organisation_number("923 609 016")
    '923609016'
    """
    try:
        number = orgnr.validate(text)
    except ValidationError as error:
        raise _invalid(text, "an organisation number; it has nine digits, the last a check digit") from error
    if number[0] not in "89":
        raise _invalid(text, "an organisation number; it begins with 8 or 9")
    return number


def parse_mva_number(text: str) -> str:
    """Read a Norwegian VAT number: an organisation number with MVA behind it, NO before it or not.

    >>> parse_mva_number("NO 995 525 828 MVA")
    '995525828MVA'
    """
    try:
        number = mva.validate(text)
        parse_organisation_number(number.removesuffix("MVA"))
    except (ValidationError, InvalidIdentifier) as error:
        raise _invalid(text, "a VAT number; write an organisation number with MVA, 923609016MVA") from error
    return number


def parse_nip(text: str) -> str:
    """Read a Polish tax number (NIP): ten digits, the last a check digit.

    >>> parse_nip("PL 8567346215")
    '8567346215'
    """
    try:
        return nip.validate(text)
    except ValidationError as error:
        raise _invalid(text, "a NIP; it has ten digits, the last a check digit") from error


def parse_iban(text: str) -> str:
    """Read an IBAN of any country, without its blanks.

    >>> parse_iban("NO93 8601 1117 947")
    'NO9386011117947'
    """
    try:
        return iban.validate(text)
    except ValidationError as error:
        raise _invalid(text, "an IBAN; compare it with the bank's letter, digit by digit") from error


def parse_bank_account(text: str) -> str:
    """Read a Norwegian bank account number (BBAN): eleven digits, the last a check digit.

    >>> parse_bank_account("8601.11.17947")
    '86011117947'
    """
    digits = text.strip().translate(str.maketrans("", "", " .-"))
    try:
        if len(digits) != BANK_ACCOUNT_DIGITS:
            raise ValidationError
        kontonr.validate(digits)
    except ValidationError as error:
        raise _invalid(text, "a bank account number; it has eleven digits, the last a check digit") from error
    return digits


def to_iban(bank_account: str) -> str:
    """Give the IBAN of a Norwegian bank account number.

    >>> to_iban("8601.11.17947")
    'NO9386011117947'
    """
    account = parse_bank_account(bank_account)
    return f"NO{iban.calc_check_digits('NO00' + account)}{account}"


def make_kid(payload: str, algorithm: KidAlgorithm) -> str:
    """Put the check character behind a payload of digits; leading zeros are kept, they count.

    >>> make_kid("1234567", KidAlgorithm.MOD10), make_kid("12345678", KidAlgorithm.MOD11)
    ('12345674', '123456785')
    """
    if not (payload.isascii() and payload.isdigit()) or len(payload) + 1 not in KID_LENGTHS:
        raise _invalid(payload, "a KID payload; it has 1 to 24 digits")
    return payload + _CHECKS[algorithm](payload)


def parse_kid(text: str, algorithm: KidAlgorithm | None = None) -> str:
    """Read a KID; without an algorithm either will do. Only blanks are removed.

    >>> parse_kid(" 0001 23455 ")
    '000123455'
    """
    number = "".join(text.split())
    payload, check = number[:-1], number[-1:]
    if len(number) not in KID_LENGTHS or not (payload.isascii() and payload.isdigit()):
        raise _invalid(text, "a KID; it has 2 to 25 characters, digits but for a last that may be a minus")
    algorithms = (algorithm,) if algorithm else tuple(KidAlgorithm)
    if not any(_CHECKS[each](payload) == check for each in algorithms):
        raise _invalid(text, f"a KID; its last character does not fit ({' or '.join(algorithms).upper()})")
    return number


def _mod10(payload: str) -> str:
    """Luhn: every second digit from the right twice, digit sums, up to the next ten."""
    doubled = (int(digit) * (2 - position % 2) for position, digit in enumerate(reversed(payload)))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def _mod11(payload: str) -> str:
    """Weights 2 to 7 from the right; 11 less the remainder, 11 is 0 and 10 is a minus sign."""
    weighted = sum(int(digit) * (2 + position % 6) for position, digit in enumerate(reversed(payload)))
    return "0123456789-"[-weighted % 11]


_CHECKS = {KidAlgorithm.MOD10: _mod10, KidAlgorithm.MOD11: _mod11}


def _invalid(text: str, what: str) -> InvalidIdentifier:
    return InvalidIdentifier(f"{text!r} is not {what}.")
