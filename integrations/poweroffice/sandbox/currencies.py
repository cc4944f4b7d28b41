"""Exchange rates: a fixed table, normalised to one unit of the currency."""

from decimal import Decimal
from typing import Any

from .amounts import convert_minor
from .books import RATES
from .errors import invalid

HOME = "NOK"
# The vendor quotes some currencies for a hundred units.
EXCHANGE_BASE = {"SEK": 100, "DKK": 100}
NAMES = {
    "NOK": "Norske kroner",
    "EUR": "Euro",
    "USD": "Amerikanske dollar",
    "GBP": "Britiske pund",
    "PLN": "Polske zloty",
    "SEK": "Svenske kroner",
    "DKK": "Danske kroner",
}


def read_currency(code: Any, title: str) -> str:
    """Check the spelling of a currency code (ISO 4217)."""
    if not isinstance(code, str) or len(code) != 3 or not code.isascii() or not code.isupper():
        raise invalid(title, f"The currency code '{code}' is not valid according to ISO 4217.")
    return code


def rate_for(currency: str, given: Decimal | None, title: str) -> Decimal:
    """Give NOK for one unit: the rate given, or the table's; NOK itself is always 1."""
    if given is not None and given <= 0:
        raise invalid(title, "CurrencyExchangeRate must be greater than 0.")
    if currency == HOME:
        if given not in (None, Decimal(1)):
            raise invalid(title, "CurrencyExchangeRate must be 1 for NOK.")
        return Decimal(1)
    if given is not None:
        return given
    if currency not in RATES:
        raise invalid(title, f"There is no exchange rate for '{currency}'. Give CurrencyExchangeRate.")
    return RATES[currency]


def to_nok(minor: int, rate: Decimal) -> int:
    """Convert minor units to øre."""
    return convert_minor(minor, rate)
