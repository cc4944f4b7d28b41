"""Exchange rates for the VAT of documents in foreign currency: fetched from the bank, found for a day, never guessed.

Of what a person entered for the client and what the bank published, the later day counts; on the same day the person.
A published rate is used only when the bank has been asked since the later one could have come out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from backoffice.audit.services import Actor, record
from backoffice.clients.models import Client
from backoffice.connections.providers import runtime
from backoffice.contracts.errors import ProviderError
from backoffice.contracts.rates import PublishedRate, RateSource
from backoffice.invoices.document import ExchangeRate, Incomplete
from backoffice.invoices.models import BankAsked, BankRate, HomeRate
from backoffice.invoices.models.rates import without_zeros

logger = logging.getLogger(__name__)
#: a bank's rate holds over a week-end and holidays, not longer
MAX_RATE_AGE_DAYS = 7
FIRST_BACK_DAYS = 90
#: asked for again each time, since a bank may publish late or correct itself
OVERLAP_DAYS = 10
#: so long after its hour a bank may still be silent: it is late, or the hourly task has not come round
GRACE = timedelta(hours=2)
SATURDAY = 5
SCHEDULER = Actor.system("scheduler")


class RateMissing(Incomplete):
    """No exchange rate is known for sure; there may be one when the bank has answered."""


def source_for(home: str) -> type[RateSource] | None:
    """Give the bank whose rates count in a currency; None where there is none or banks are not asked."""
    path = settings.RATE_SOURCES.get(home) if settings.FETCH_EXCHANGE_RATES else None
    found: type[RateSource] | None = import_string(path) if path else None
    return found


def homes() -> list[str]:
    """List the currencies that active clients keep their books in."""
    used = Client.objects.filter(is_active=True).order_by("currency").values_list("currency", flat=True)
    return list(used.distinct())


def fetch_rates() -> int:
    """Ask each bank for what is new and keep it; give how many rates were. What fails is kept and told on the page."""
    sources = [source for home in homes() if (source := source_for(home)) is not None]
    return sum(_fetch(source) for source in sources)


def _fetch(source: type[RateSource]) -> int:
    asked, _ = BankAsked.objects.get_or_create(source=source.name)
    now = timezone.now()
    today = now.astimezone(ZoneInfo(source.time_zone)).date()
    since = today - timedelta(days=FIRST_BACK_DAYS)
    if asked.answered_at:
        answered_on = asked.answered_at.astimezone(ZoneInfo(source.time_zone)).date()
        since = answered_on - timedelta(days=OVERLAP_DAYS)
    try:
        published = source.build(runtime()).published(since, today)
    except ProviderError as error:
        logger.warning("Fetching exchange rates of %s failed and is tried again: %s", source.label, error.describe())
        BankAsked.objects.filter(pk=asked.pk).update(failed_at=now, problem=error.describe())
        return 0
    with transaction.atomic():
        kept = _keep(source, published, since, now)
        known_since = min(asked.known_since or since, since)
        BankAsked.objects.filter(pk=asked.pk).update(
            answered_at=now, known_since=known_since, failed_at=None, problem=""
        )
    return kept


def _keep(source: type[RateSource], published: Iterable[PublishedRate], since: date, now: datetime) -> int:
    """Store what is new; what the bank changed afterwards is taken over and told in the audit trail."""
    known = {
        (row.currency, row.rated_on): row for row in BankRate.objects.filter(source=source.name, rated_on__gte=since)
    }
    new = []
    for one in published:
        row = known.get((one.currency, one.on))
        if row is None:
            new.append(
                BankRate(source=source.name, currency=one.currency, rated_on=one.on, rate=one.rate, table=one.table,
                         fetched_at=now)
            )  # fmt: skip
        elif row.rate != one.rate:
            _correct(row, one, source, now)
    BankRate.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _correct(row: BankRate, to: PublishedRate, source: type[RateSource], now: datetime) -> None:
    before = row.rate
    BankRate.objects.filter(pk=row.pk).update(rate=to.rate, table=to.table, fetched_at=now)
    record(
        action="bank_rate.changed",
        actor=SCHEDULER,
        subject_type="bank_rate",
        subject_id=row.pk,
        client=None,
        label=f"{source.label} {row}",
        before={"rate": str(before)},
        after={"rate": str(to.rate)},
    )


def exchange_for(client: Client, currency: str, on: date) -> ExchangeRate | None:
    """Give the rate of a foreign currency for a document of a day; None for the client's own currency.

    It is at most a week old. Raises RateMissing, saying what to do, when none is known for sure.
    """
    if currency == client.currency:
        return None
    oldest = on - timedelta(days=MAX_RATE_AGE_DAYS)
    entered = HomeRate.objects.filter(client=client, currency=currency, rated_on__gte=oldest, rated_on__lte=on)
    by_hand = entered.order_by("-rated_on").first()
    bank = source_for(client.currency)
    found = published_for(bank, currency, on) if bank else Known(None)
    if found.rate and bank and (by_hand is None or by_hand.rated_on < found.rate.rated_on):
        source = f"{bank.label} {found.rate.table}".strip()
        return ExchangeRate(currency, client.currency, found.rate.plain, found.rate.rated_on, source)
    if by_hand is not None:
        return ExchangeRate(currency, client.currency, without_zeros(by_hand.rate), by_hand.rated_on, by_hand.source)
    told = f"VAT must stand in {client.currency} too, and no rate of {currency} is known for {on}. Enter it first."
    raise RateMissing(f"{told} {found.why}".strip())


@dataclass(frozen=True, slots=True)
class Known:
    """A published rate, or why there is none that is sure."""

    rate: BankRate | None
    why: str = ""


def published_for(bank: type[RateSource], currency: str, on: date) -> Known:
    """Give the last rate that a bank published for a document of a day, as far as it has told all that it could."""
    last = on - timedelta(days=bank.days_before)
    asked = BankAsked.objects.filter(source=bank.name).first()
    if asked is None or asked.answered_at is None or asked.known_since is None:
        why = f" {asked.problem}" if asked and asked.problem else ""
        return Known(None, f"{bank.label} has not been asked yet.{why}")
    if asked.answered_at < out_by(bank, last, timezone.now()):
        day = asked.answered_at.astimezone(ZoneInfo(bank.time_zone)).date()
        return Known(None, f"{bank.label} has not answered since {day}. {asked.problem}".strip())
    since = max(asked.known_since, last - timedelta(days=MAX_RATE_AGE_DAYS))
    rows = BankRate.objects.filter(source=bank.name, currency=currency, rated_on__gte=since, rated_on__lte=last)
    row = rows.order_by("-rated_on").first()
    return Known(row, "" if row else f"{bank.label} published none in the week before.")


def out_by(bank: type[RateSource], last: date, now: datetime) -> datetime:
    """Give when the latest rates up to a day came out that must be out by now, if that day was no holiday."""
    zone = ZoneInfo(bank.time_zone)
    day = min(last, now.astimezone(zone).date())
    while day.weekday() >= SATURDAY or datetime.combine(day, bank.published_at, zone) + GRACE > now:
        day -= timedelta(days=1)
    return datetime.combine(day, bank.published_at, zone)


@dataclass(frozen=True, slots=True)
class BankNow:
    """How it stands with a bank: when it last answered, what went wrong since, the rates of its latest day."""

    label: str
    home: str
    answered_at: datetime | None
    problem: str
    latest: tuple[BankRate, ...]


def banks_now(currencies: Iterable[str]) -> list[BankNow]:
    """Tell about the bank of each currency of books; empty where banks are not asked."""
    found = []
    for home in currencies:
        bank = source_for(home)
        if bank is None:
            continue
        asked = BankAsked.objects.filter(source=bank.name).first()
        rows = BankRate.objects.filter(source=bank.name)
        last = rows.order_by("-rated_on").values_list("rated_on", flat=True).first()
        latest = tuple(rows.filter(rated_on=last).order_by("currency")) if last else ()
        found.append(
            BankNow(bank.label, home, asked.answered_at if asked else None, asked.problem if asked else "", latest)
        )
    return found
