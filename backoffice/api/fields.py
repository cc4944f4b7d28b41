"""Fields that take exactly what the contract says: no numbers for texts, no texts for numbers, no local times.

Each refusal says what to write instead. Amounts become Money in the currency that stands in the same body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from backoffice.api.codes import COUNTRIES, CURRENCIES
from backoffice.api.strict import suggestion
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import Money, minor_digits
from backoffice.ledger.vat import parse_rate

AMOUNT = re.compile(r"-?(0|[1-9]\d{0,12})(\.\d{1,4})?")
DECIMAL = re.compile(r"-?(0|[1-9]\d{0,9})(\.\d+)?")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})?")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
YEARS = range(2000, 2100)


class TextField(serializers.CharField):
    """Text on one line (more with is_multiline); blanks around it are taken off, numbers are refused."""

    def __init__(self, *, is_multiline: bool = False, **keywords: Any) -> None:
        self.is_multiline = is_multiline
        super().__init__(**keywords)

    def to_internal_value(self, data: Any) -> str:
        """Take a str and nothing else."""
        if not isinstance(data, str):
            raise ValidationError("Write it as a string, in quotes.", "not_a_string")
        text = data.strip()
        if (CONTROL_BUT_BREAKS if self.is_multiline else CONTROL).search(text):
            raise ValidationError("It holds a control character; take it out.", "control_character")
        return text


def optional_text(max_length: int, **keywords: Any) -> TextField:
    """A text that may be left out, null or empty; all three mean the same."""
    return TextField(max_length=max_length, required=False, allow_null=True, allow_blank=True, default="", **keywords)


class ChosenField(TextField):
    """One of a few words; another one gets the nearest as a suggestion."""

    def __init__(self, words: Iterable[str], **keywords: Any) -> None:
        self.words = tuple(words)
        super().__init__(**keywords)

    def to_internal_value(self, data: Any) -> str:
        """Take one of the words."""
        text = super().to_internal_value(data)
        if text not in self.words:
            raise ValidationError(f"{text[:40]!r} is not known here. {suggestion(text, self.words)}", "not_a_choice")
        return text


def chosen(words: Iterable[str], **keywords: Any) -> ChosenField:
    """A field of a few words, as the schema shows it."""
    listed = list(words)
    own: Any = type("ChosenField", (ChosenField,), {})
    field: ChosenField = extend_schema_field({"type": "string", "enum": listed})(own)(listed, **keywords)
    return field


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{3}$", "example": "NOK"})
class CurrencyField(TextField):
    """ISO 4217."""

    def to_internal_value(self, data: Any) -> str:
        """Take a currency in use whose decimals are known."""
        text = super().to_internal_value(data)
        if text not in CURRENCIES:
            raise ValidationError(f"{text[:10]!r} is not a currency we take; write one like NOK.", "unknown_currency")
        return text


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$", "example": "NO"})
class CountryField(TextField):
    """ISO 3166 alpha-2."""

    def to_internal_value(self, data: Any) -> str:
        """Take a country code, two capital letters."""
        text = super().to_internal_value(data)
        if text not in COUNTRIES:
            raise ValidationError(f"{text[:10]!r} is not a country code; write two letters like NO.", "unknown_country")
        return text


@extend_schema_field(
    {
        "type": "string",
        "pattern": r"^-?(0|[1-9]\d{0,12})(\.\d{1,4})?$",
        "example": "12500.00",
        "description": "A decimal string with exactly the currency's decimals.",
    }
)
class AmountField(serializers.Field[Money, Any, str, Any]):
    """An amount in major units, as a string with exactly the decimals of the body's currency.

    check says what it must be besides: given Money, it returns the complaint or "".
    """

    def __init__(self, *, check: Callable[[Money], str] | None = None, **keywords: Any) -> None:
        self.check = check
        super().__init__(**keywords)

    def to_internal_value(self, data: Any) -> Money:
        """Give Money; never rounds."""
        currency = self.context.get("currency", "")
        digits = minor_digits(currency)
        example = f'"{0:.{digits}f}"' if digits == 0 else f'"125.{"0" * digits}"'
        if isinstance(data, int | Decimal) and not isinstance(data, bool):
            raise ValidationError(f"Write it as a string: {example}. JSON numbers lose decimals.", "amount_as_number")
        if not isinstance(data, str) or not AMOUNT.fullmatch(data):
            raise ValidationError(f"Write an amount like {example}, in quotes.", "not_an_amount")
        if currency in CURRENCIES and len(data.partition(".")[2]) != digits:
            wanted = f"exactly {digits} decimals" if digits else "no decimals"
            raise ValidationError(f"{currency} has {wanted}: write it like {example}.", "wrong_decimals")
        try:
            money = Money.parse(data, currency if currency in CURRENCIES else "XXX")
        except LedgerError as error:
            raise ValidationError(str(error), "not_an_amount") from error
        if self.check and (complaint := self.check(money)):
            raise ValidationError(complaint, "wrong_sign")
        return money

    def to_representation(self, value: Money) -> str:
        """Write the amount with its currency's decimals."""
        return str(value)


def not_zero(money: Money) -> str:
    """Complain about nothing at all."""
    return "" if money else "An amount of zero moves nothing; leave it out."


def positive(money: Money) -> str:
    """Complain about zero and less."""
    return "" if money.minor > 0 else "Write a positive amount."


def not_negative(money: Money) -> str:
    """Complain about less than zero."""
    return "" if money.minor >= 0 else "Write zero or a positive amount."


@extend_schema_field({"type": "string", "pattern": r"^-?(0|[1-9]\d{0,9})(\.\d+)?$", "example": "2"})
class DecimalTextField(serializers.Field[Decimal, Any, str, Any]):
    """A decimal number as a string: a quantity or a unit price."""

    def __init__(self, *, max_decimals: int, **keywords: Any) -> None:
        self.max_decimals = max_decimals
        super().__init__(**keywords)

    def to_internal_value(self, data: Any) -> Decimal:
        """Give a Decimal with the decimals that were written."""
        if not isinstance(data, str) or not DECIMAL.fullmatch(data):
            raise ValidationError('Write a decimal number as a string, like "2" or "0.75".', "not_a_decimal")
        if len(data.partition(".")[2]) > self.max_decimals:
            raise ValidationError(f"At most {self.max_decimals} decimals.", "too_many_decimals")
        return Decimal(data)

    def to_representation(self, value: Decimal) -> str:
        """Write it without an exponent."""
        return f"{value:f}"


@extend_schema_field({"type": "string", "pattern": r"^\d{1,3}(\.\d{1,2})?$", "example": "25.00"})
class RateField(serializers.Field[Decimal, Any, str, Any]):
    """A VAT rate in percent as a string."""

    def to_internal_value(self, data: Any) -> Decimal:
        """Give the percent with two decimals."""
        if not isinstance(data, str) or not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", data):
            raise ValidationError('Write a percent as a string, like "25.00".', "not_a_rate")
        try:
            return parse_rate(data)
        except LedgerError as error:
            raise ValidationError(str(error), "not_a_rate") from error

    def to_representation(self, value: Decimal) -> str:
        """Write it with two decimals."""
        return f"{value:.2f}"


@extend_schema_field({"type": "string", "format": "date-time", "example": "2026-11-20T12:00:00+01:00"})
class TimeField(serializers.Field[datetime, Any, str, Any]):
    """A point in time, ISO 8601 with its offset; a local time could be any hour."""

    def to_internal_value(self, data: Any) -> datetime:
        """Give an aware time with the offset that was written."""
        match = TIME.fullmatch(data) if isinstance(data, str) else None
        if not match:
            raise ValidationError("Write a time like 2026-11-20T12:00:00+01:00.", "not_a_time")
        if not match[3]:
            raise ValidationError("State the offset: 2026-11-20T12:00:00+01:00, or Z for UTC.", "time_without_offset")
        try:
            time = datetime.fromisoformat(match[0].upper())
        except ValueError as error:
            raise ValidationError("There is no such time.", "not_a_time") from error
        if time.year not in YEARS:
            raise ValidationError("The year must be 2000 to 2099.", "not_a_time")
        return time

    def to_representation(self, value: datetime) -> str:
        """Write it with its offset."""
        return value.isoformat()


@extend_schema_field({"type": "string", "format": "date", "example": "2026-11-20"})
class DayField(serializers.Field[date, Any, str, Any]):
    """A calendar day."""

    def to_internal_value(self, data: Any) -> date:
        """Give the day."""
        if not isinstance(data, str) or not DATE.fullmatch(data):
            raise ValidationError("Write a day like 2026-11-20.", "not_a_day")
        try:
            day = date.fromisoformat(data)
        except ValueError as error:
            raise ValidationError("There is no such day.", "not_a_day") from error
        if day.year not in YEARS:
            raise ValidationError("The year must be 2000 to 2099.", "not_a_day")
        return day

    def to_representation(self, value: date) -> str:
        """Write it as YYYY-MM-DD."""
        return value.isoformat()


class FlagField(serializers.BooleanField):
    """true or false, nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        """Take a JSON boolean."""
        if not isinstance(data, bool):
            raise ValidationError("Write true or false, without quotes.", "not_a_flag")
        return data


class WholeField(serializers.IntegerField):
    """A whole number as a JSON number."""

    def to_internal_value(self, data: Any) -> int:
        """Take a JSON number without a fraction."""
        if not isinstance(data, int) or isinstance(data, bool):
            raise ValidationError("Write a whole number, without quotes.", "not_a_whole_number")
        return data
