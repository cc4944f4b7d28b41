"""Rates of Norges Bank and NBP: units, days off, answers that are not what they must be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backoffice.contracts.errors import Misunderstood, Rejected, Retryable
from backoffice.contracts.rates import PublishedRate, RateSource
from integrations.nbp.adapter import Nbp
from integrations.norges_bank.adapter import NorgesBank
from tests.fakes import banks
from tests.fakes.serving import Told, serve
from tests.integrations.woocommerce.shop import make_runtime

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
CLASSES: dict[str, type[RateSource]] = {"norges_bank": NorgesBank, "nbp": Nbp}
NORWAY = {
    "EUR": {"2026-11-20": "11.7325", "2026-11-23": "11.7010"},
    "SEK": {"2026-11-20": "106.54"},
    "IDR": {"2026-11-20": "0.0629"},
    "TWI": {"2026-11-20": "118.32"},
}
POLAND = {"2026-11-20": {"EUR": "4.2345", "IDR": "0.00022456"}, "2026-11-23": {"EUR": "4"}}


def build(name: str, url: str) -> RateSource:
    return CLASSES[name].build(make_runtime(**{f"{name.upper()}_SANDBOX_URL": url}))


def stand_in(name: str) -> banks.NorgesBank | banks.Nbp:
    return banks.NorgesBank(quotes=NORWAY) if name == "norges_bank" else banks.Nbp(tables=POLAND)


def test_norges_bank_gives_the_rate_of_one_unit_whatever_it_quotes_for() -> None:
    with serve(banks.NorgesBank(quotes=NORWAY)) as url:
        found = build("norges_bank", url).published(FRIDAY, MONDAY)
    assert found == (
        PublishedRate("EUR", Decimal("11.7325"), FRIDAY),
        PublishedRate("IDR", Decimal("0.0629"), FRIDAY),
        PublishedRate("SEK", Decimal("1.0654"), FRIDAY),
        PublishedRate("EUR", Decimal("11.7010"), MONDAY),
    )


def test_nbp_gives_the_average_rate_and_names_the_table() -> None:
    with serve(banks.Nbp(tables=POLAND)) as url:
        found = build("nbp", url).published(FRIDAY, MONDAY)
    assert found == (
        PublishedRate("EUR", Decimal("4.2345"), FRIDAY, "001/A/NBP/2026"),
        PublishedRate("IDR", Decimal("0.00022456"), FRIDAY, "001/A/NBP/2026"),
        PublishedRate("EUR", Decimal(4), MONDAY, "002/A/NBP/2026"),
    )


def test_nbp_is_asked_in_pieces_that_it_answers() -> None:
    bank = banks.Nbp(tables={"2026-01-02": {"EUR": "4.1"}, "2026-11-20": {"EUR": "4.2"}})
    with serve(bank) as url:
        found = build("nbp", url).published(date(2026, 1, 1), MONDAY)
    assert [one.on for one in found] == [date(2026, 1, 2), FRIDAY]
    assert len(bank.asked) == 4


@pytest.mark.parametrize("name", CLASSES)
def test_a_week_end_has_no_rates(name: str) -> None:
    with serve(stand_in(name)) as url:
        assert build(name, url).published(date(2026, 11, 21), date(2026, 11, 22)) == ()


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(
    ("told", "error"),
    [(Told(503, {}), Retryable), (Told(400, b"no"), Rejected), (Told(200, b"<html>"), Misunderstood),
     (Told(200, {}), Misunderstood), (Told(200, [{"table": "A"}]), Misunderstood)],
)  # fmt: skip
def test_what_is_no_answer_is_an_error(name: str, told: Told, error: type[Exception]) -> None:
    bank = stand_in(name)
    bank.failures.append(told)
    with serve(bank) as url, pytest.raises(error):
        build(name, url).published(FRIDAY, MONDAY)


def _without_multiplier(answer: dict[str, Any]) -> None:
    answer["data"]["structure"]["attributes"]["series"].pop(2)


def _in_euro(answer: dict[str, Any]) -> None:
    answer["data"]["structure"]["dimensions"]["series"][2]["values"][0]["id"] = "EUR"


def _with_a_day_that_was_not_asked_for(answer: dict[str, Any]) -> None:
    answer["data"]["structure"]["dimensions"]["observation"][0]["values"][0]["id"] = "2025-11-20"


def _with_an_odd_multiplier(answer: dict[str, Any]) -> None:
    answer["data"]["structure"]["attributes"]["series"][2]["values"][0]["id"] = "-2"


def _with_a_place_that_names_nothing(answer: dict[str, Any]) -> None:
    series = answer["data"]["dataSets"][0]["series"]
    series["0:9:0:0"] = series.pop("0:0:0:0")


def _with_no_rate(answer: dict[str, Any]) -> None:
    answer["data"]["dataSets"][0]["series"]["0:0:0:0"]["observations"]["0"] = [None]


def _with_a_rate_of_nothing(answer: dict[str, Any]) -> None:
    answer["data"]["dataSets"][0]["series"]["0:0:0:0"]["observations"]["0"] = ["0.0000"]


@pytest.mark.parametrize(
    "change",
    [_without_multiplier, _in_euro, _with_a_day_that_was_not_asked_for, _with_an_odd_multiplier,
     _with_a_place_that_names_nothing, _with_no_rate, _with_a_rate_of_nothing],
)  # fmt: skip
def test_nothing_is_guessed_of_an_answer_in_another_shape(change: Any) -> None:
    answer = banks.sdmx({"EUR": {"2026-11-20": "11.7325"}})
    bank = banks.NorgesBank(failures=[Told(200, answer)])
    change(answer)
    with serve(bank) as url, pytest.raises(Misunderstood, match="another shape"):
        build("norges_bank", url).published(FRIDAY, MONDAY)


@pytest.mark.parametrize("mid", ["0", "-4.2", "true", '"4.2"', "null"])
def test_a_rate_of_nbp_is_a_number_above_nothing(mid: str) -> None:
    with serve(banks.Nbp(tables={"2026-11-20": {"EUR": mid}})) as url, pytest.raises(Misunderstood):
        build("nbp", url).published(FRIDAY, MONDAY)
