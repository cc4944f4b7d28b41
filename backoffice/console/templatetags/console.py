"""What the templates need: amounts, states, links, symbols."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models import Model
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from backoffice.common import display
from backoffice.common.sentences import figure, told, told_step
from backoffice.connections.words import delivery_badge, delivery_kind, event_badge
from backoffice.console.timeline_words import PARTS_OF_THE_HOUSE, in_words
from backoffice.console.vouchers.fixes import split_group
from backoffice.ledger.settlement import RowKind
from backoffice.settlements.words import KINDS
from backoffice.vouchers.words import state_badge

register = template.Library()
register.filter("state_badge", state_badge)
register.filter("delivery_badge", delivery_badge)
register.filter("delivery_kind", delivery_kind)
register.filter("event_badge", event_badge)
register.filter("page_address", display.page_address)
register.filter("told", told)
register.filter("figure", figure)
register.filter("told_step", told_step)


@register.filter
def amount(minor: int, currency: str) -> str:
    """Write an amount without its currency."""
    return display.amount(minor, currency)


@register.filter
def money(minor: int, currency: str) -> str:
    """Write an amount with its currency."""
    return display.money(minor, currency)


@register.filter
def debit(minor: int, currency: str) -> str:
    """Write an amount in the debit column, nothing for a credit."""
    return display.amount(minor, currency) if minor > 0 else ""


@register.filter
def credit(minor: int, currency: str) -> str:
    """Write an amount in the credit column, without sign; nothing for a debit."""
    return display.amount(-minor, currency) if minor < 0 else ""


@register.filter
def rate(value: Decimal | str | None) -> str:
    """Write a percent without needless zeros: "25 %"."""
    return "" if value in (None, "") else f"{Decimal(str(value)).normalize():f} %"


@register.filter
def subject(value: str) -> str:
    """Show what a reason is about: "food|15.00" is a group at a VAT rate."""
    group, rate_of_it = split_group(value)
    return value if rate_of_it is None else f"{group} · {rate(rate_of_it)}"


@register.filter
def thing(obj: Model | None, text: Any = None) -> SafeString | str:
    """Link to a row's page."""
    return display.link(obj, text)


@register.filter
def actor(label: str) -> str:
    """Name whoever did something: a part of the house in words, a person as they are called."""
    return str(PARTS_OF_THE_HOUSE.get(label, label))


@register.filter
def conversation(attempt: Any) -> str:
    """Say what one conversation with the other side was for, and how it ended."""
    return in_words(f"delivery.{attempt.operation}.{attempt.outcome}")


@register.filter
def payout_kind(kind: str) -> str:
    """Name the kind of a provider's row."""
    return str(KINDS[RowKind(kind)])


@register.filter
def named_thing(obj: Model) -> SafeString | str:
    """Link to a row's page, saying what it is."""
    return display.link(obj, f"{str(obj._meta.verbose_name).capitalize()} {obj}")


@register.filter
def is_before_now(value: datetime | None) -> bool:
    """Whether a time has passed."""
    return value is not None and value <= timezone.now()


@register.filter
def wait(value: timedelta) -> str:
    """Say how long a lock lasts: "15 minutes"."""
    minutes = max(1, round(value.total_seconds() / 60))
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a symbol that carries no meaning of its own."""
    return format_html('<span class="material-symbols-outlined bo-icon" aria-hidden="true">{}</span>', name)


@register.simple_tag(takes_context=True)
def scope_link(context: Context, client: object) -> str:
    """Give the address that narrows the pages to a client ("all" widens them) and comes back here."""
    here = context["request"].get_full_path()
    return f"{reverse('admin:choose_client')}?{urlencode({'client': client, 'next': here})}"
