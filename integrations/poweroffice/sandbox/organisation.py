"""Norwegian organisation numbers and payment references (KID): check digits.

Reference: https://www.brreg.no/om-oss/registrene-vare/om-enhetsregisteret/organisasjonsnummeret/
"""

_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def is_organisation_number(text: str) -> bool:
    """Tell whether nine digits keep the MOD11 rule."""
    if len(text) != 9 or not (text.isascii() and text.isdigit()):
        return False
    control = -sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False)) % 11
    return control == int(text[8])


def kid(number: str) -> str:
    """Append the MOD10 (Luhn) check digit: "1234567" -> "12345674"."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return number + str(-total % 10)
