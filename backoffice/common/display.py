"""How amounts, states and links look wherever they are shown. All of it is escaped."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.ledger.money import Money, minor_digits

MINUS = "\N{MINUS SIGN}"
NOTHING = "–"


def amount(minor: int, currency: str) -> str:
    """Write an amount as the reader's language does, without the currency: "12 500,00", "−1,25"."""
    money = Money(abs(minor), currency)
    text = formats.number_format(money.to_decimal(), minor_digits(currency), use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if minor < 0 else text


def money(minor: int, currency: str) -> str:
    """Write an amount with its currency: "12 500,00 NOK"."""
    return f"{amount(minor, currency)} {currency}"


def money_cell(minor: int, currency: str) -> SafeString:
    """Write an amount for a column of amounts: aligned right, digits of one width."""
    return format_html(
        '<span class="bo-num">{} <span class="bo-quiet">{}</span></span>',
        amount(minor, currency),
        currency,
    )


def badge(label: Any, tone: str = "quiet") -> SafeString:
    """Write a state as a small label. tone: quiet, good, info, warn or bad; the word carries the meaning."""
    return format_html('<span class="bo-badge bo-badge-{}">{}</span>', tone, label)


def page_address(obj: Model) -> str:
    """Give the address of a row's page."""
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def link(obj: Model | None, text: Any = None) -> SafeString | str:
    """Link to a row's page; a dash for nothing."""
    if obj is None:
        return NOTHING
    return format_html(
        '<a class="bo-link" href="{}">{}</a>',
        page_address(obj),
        str(obj) if text is None else text,
    )


def day(value: date | None) -> str:
    """Write a date as the reader's language does; a dash for nothing."""
    return formats.date_format(value, "SHORT_DATE_FORMAT") if value else NOTHING


def start_of_today() -> datetime:
    """Midnight in the installation's time zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return datetime.combine(timezone.now().astimezone(zone).date(), time(), tzinfo=zone)
