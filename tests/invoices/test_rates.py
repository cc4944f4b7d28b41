"""Which rate a document gets: the last published by then, a person's own of that day, and none rather than a guess."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings as house

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import Client
from backoffice.invoices.building import document_of_sale
from backoffice.invoices.document import ExchangeRate, Incomplete
from backoffice.invoices.models import BankAsked, BankRate, DocumentPolicy, HomeRate, IssuedDocument
from backoffice.invoices.rates import banks_now, exchange_for, fetch_rates
from backoffice.invoices.services import request_due
from backoffice.invoices.waiting import ask_again_for_rates
from backoffice.ledger.money import Money
from backoffice.sales.models import Sale, SaleState
from backoffice.worker.schedule import fetch_exchange_rates
from backoffice.workflows import why
from tests.factories import make_client
from tests.fakes import banks
from tests.fakes.serving import Told, serve
from tests.invoices.test_building import line

THURSDAY, FRIDAY, SATURDAY, MONDAY = (date(2026, 11, day) for day in (19, 20, 21, 23))
FRIDAY_EVENING = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
QUOTES = {
    "EUR": {"2026-11-19": "11.7010", "2026-11-20": "11.7325", "2026-11-23": "11.7500"},
    "SEK": {"2026-11-20": "106.54"},
    "XDR": {"2026-11-09": "14.50"},
}
TABLES = {"2026-11-19": {"EUR": "4.2301"}, "2026-11-20": {"EUR": "4.2345"}, "2026-11-23": {"EUR": "4.2400"}}


def until(day: date) -> dict[str, dict[str, str]]:
    """Give what Norges Bank has published by a day."""
    return {one: {on: rate for on, rate in of.items() if on <= str(day)} for one, of in QUOTES.items()}


@pytest.fixture
def norges_bank(settings: Any, db: None) -> Iterator[banks.NorgesBank]:
    """Let Norges Bank be asked, as it is after Friday's rates came out."""
    bank = banks.NorgesBank(quotes=until(FRIDAY))
    with serve(bank) as url:
        settings.FETCH_EXCHANGE_RATES = True
        settings.PROVIDER_SETTINGS = {**house.PROVIDER_SETTINGS, "NORGES_BANK_SANDBOX_URL": url}
        yield bank


@pytest.fixture
def client(db: None) -> Client:
    """Give a client with books in kroner."""
    return make_client()


def fetched(at: datetime = FRIDAY_EVENING) -> int:
    with time_machine.travel(at, tick=False):
        return fetch_rates()


def rate_at(at: datetime, client: Client, currency: str, on: date) -> ExchangeRate | None:
    with time_machine.travel(at, tick=False):
        return exchange_for(client, currency, on)


def test_the_last_published_rate_by_the_day_counts(client: Client, norges_bank: banks.NorgesBank) -> None:
    assert fetched() == 4

    friday = ExchangeRate("EUR", "NOK", Decimal("11.7325"), FRIDAY, "Norges Bank")
    assert rate_at(FRIDAY_EVENING, client, "EUR", FRIDAY) == friday
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert rate_at(sunday, client, "EUR", SATURDAY) == friday
    thursday = rate_at(FRIDAY_EVENING, client, "EUR", THURSDAY)
    assert thursday is not None
    assert (thursday.on, thursday.rate) == (THURSDAY, Decimal("11.701"))
    assert rate_at(FRIDAY_EVENING, client, "NOK", FRIDAY) is None


def test_a_rate_for_a_hundred_becomes_that_of_one(client: Client, norges_bank: banks.NorgesBank) -> None:
    fetched()
    found = rate_at(FRIDAY_EVENING, client, "SEK", FRIDAY)
    assert found is not None
    assert found.rate == Decimal("1.0654")


def test_on_monday_friday_counts_until_the_bank_is_late_without_being_asked(
    client: Client, norges_bank: banks.NorgesBank
) -> None:
    fetched()
    noon, evening = (datetime(2026, 11, 23, hour, 30, tzinfo=UTC) for hour in (11, 17))
    at_noon = rate_at(noon, client, "EUR", MONDAY)
    assert at_noon is not None
    assert at_noon.on == FRIDAY

    norges_bank.failures.append(Told(503, {}))
    assert fetched(evening) == 0
    with pytest.raises(Incomplete, match=r"Norges Bank has not answered since 2026-11-20\..*cannot answer now"):
        rate_at(evening, client, "EUR", MONDAY)

    norges_bank.quotes = QUOTES
    assert fetched(evening) == 1
    found = rate_at(evening, client, "EUR", MONDAY)
    assert found is not None
    assert (found.on, found.rate) == (MONDAY, Decimal("11.75"))
    assert BankAsked.objects.get().problem == ""


def test_a_public_holiday_keeps_the_day_before(client: Client, norges_bank: banks.NorgesBank) -> None:
    holiday_evening = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # asked, and nothing came out
    fetched(holiday_evening)
    found = rate_at(holiday_evening, client, "EUR", MONDAY)
    assert found is not None
    assert found.on == FRIDAY


def test_what_was_not_published_in_a_week_or_never_asked_for_is_not_guessed(
    client: Client, norges_bank: banks.NorgesBank
) -> None:
    with pytest.raises(Incomplete, match="Norges Bank has not been asked yet"):
        rate_at(FRIDAY_EVENING, client, "EUR", FRIDAY)
    fetched()
    for currency, day in (("XDR", FRIDAY), ("ZWL", FRIDAY), ("EUR", date(2026, 1, 5))):
        with pytest.raises(Incomplete, match="published none in the week before"):
            rate_at(FRIDAY_EVENING, client, currency, day)


def test_a_persons_rate_wins_on_its_day_and_helps_where_the_bank_is_silent(
    client: Client, norges_bank: banks.NorgesBank
) -> None:
    HomeRate.objects.create(client=client, currency="EUR", rated_on=THURSDAY, rate=Decimal("11.5"), source="DNB")
    silent = rate_at(FRIDAY_EVENING, client, "EUR", FRIDAY)
    assert silent is not None
    assert (silent.source, silent.on) == ("DNB", THURSDAY)

    fetched()
    of_thursday = rate_at(FRIDAY_EVENING, client, "EUR", THURSDAY)
    of_friday = rate_at(FRIDAY_EVENING, client, "EUR", FRIDAY)
    assert of_thursday is not None
    assert of_friday is not None
    assert (of_thursday.source, of_friday.source) == ("DNB", "Norges Bank")


def test_polish_vat_takes_the_last_table_before_the_day(settings: Any, db: None) -> None:
    client = make_client("jantar", name="Jantar", country="PL", currency="PLN", organisation_number="8567346215")
    with serve(banks.Nbp(tables=TABLES)) as url:
        settings.FETCH_EXCHANGE_RATES = True
        settings.PROVIDER_SETTINGS = {**house.PROVIDER_SETTINGS, "NBP_SANDBOX_URL": url}
        evening = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
        assert fetched(evening) == 3
        found = rate_at(evening, client, "EUR", MONDAY)
    assert found == ExchangeRate("EUR", "PLN", Decimal("4.2345"), FRIDAY, "NBP 002/A/NBP/2026")


def test_switched_off_nobody_is_asked_and_what_was_fetched_is_not_used(
    client: Client, norges_bank: banks.NorgesBank, settings: Any
) -> None:
    fetched()
    settings.FETCH_EXCHANGE_RATES = False
    assert fetch_rates() == 0
    assert len(norges_bank.asked) == 1
    assert banks_now(["NOK"]) == []
    with pytest.raises(Incomplete, match="Enter it first"):
        rate_at(FRIDAY_EVENING, client, "EUR", FRIDAY)


def test_asked_again_nothing_is_kept_twice_and_a_correction_is_told(
    client: Client, norges_bank: banks.NorgesBank
) -> None:
    fetched()
    assert fetched() == 0
    norges_bank.quotes["EUR"]["2026-11-20"] = "11.7300"
    fetched()
    assert BankRate.objects.get(currency="EUR", rated_on=FRIDAY).rate == Decimal("11.73")
    told = AuditEntry.objects.get(action="bank_rate.changed")
    assert (Decimal(told.before["rate"]), Decimal(told.after["rate"])) == (Decimal("11.7325"), Decimal("11.73"))


def test_an_invoice_in_euro_states_vat_in_kroner_by_the_published_rate_and_names_the_bank(
    sell: Callable[..., Sale], norges_bank: banks.NorgesBank
) -> None:
    fetched()
    sale = sell(currency="EUR", lines=(line("Chair", 12_500, currency="EUR"),))
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        document = document_of_sale(sale, language="en")
    assert [(str(one.vat), str(one.vat_home)) for one in document.vat] == [("25.00", "293.31")]
    assert document.exchange is not None
    assert document.exchange.source == "Norges Bank"


def test_why_names_rate_day_and_bank(sell: Callable[..., Sale], norges_bank: banks.NorgesBank) -> None:
    sale = sell(currency="EUR", lines=(line("Chair", 12_500, currency="EUR"),))
    owed = Money(12_500, "EUR")
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        without = why.customer(sale, owed)
        fetch_rates()
        steps = why.customer(sale, owed)
    assert [one["text"] for one in without] == [steps[0]["text"], steps[2]["text"]]
    assert steps[1]["amount"] == ""
    assert steps[1]["text"].startswith(
        "1 EUR is 11.7325 NOK (Norges Bank, 2026-11-20): 1466.56 NOK by the document's rate."
    )
    at_home = why.customer(sell("1002"), Money(12_500, "NOK"))
    assert len(at_home) == 2


def test_a_document_that_had_no_rate_is_asked_for_again_when_the_bank_has_answered(
    sell: Callable[..., Sale], norges_bank: banks.NorgesBank
) -> None:
    sale = sell(currency="EUR", lines=(line("Chair", 12_500, currency="EUR"),))
    Sale.objects.update(state=SaleState.ROUTED)
    DocumentPolicy.objects.create(sales_point=sale.sales_point, makes_paid_invoices=True)
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        assert request_due(sale.client) == 0
        row = IssuedDocument.objects.get()
        assert (row.state, row.awaits_rate) == ("failed", True)
        assert ask_again_for_rates() == 0

        fetch_exchange_rates()

    row.refresh_from_db()
    assert (row.state, row.failed_because, row.source["exchange"]["source"]) == ("requested", "", "Norges Bank")
    assert not row.awaits_rate
