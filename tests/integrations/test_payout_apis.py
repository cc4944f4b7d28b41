"""Fetching reports: keys, tokens, pages, days that are not closed, stand-ins that keep to the vendors' documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from backoffice.contracts.errors import Misconfigured, Misunderstood, Rejected, Retryable
from backoffice.contracts.payouts import PayoutSource
from backoffice.contracts.provider import Provider
from integrations.klarna import api as klarna_api
from integrations.klarna.adapter import Klarna
from integrations.stripe.adapter import Stripe
from integrations.vipps.adapter import Vipps
from integrations.zettle import api as zettle_api
from integrations.zettle.adapter import Zettle
from tests.contracts.payout_cases import CASES, PayoutCase
from tests.fakes import klarna, stripe, vipps, zettle
from tests.fakes.serving import StandIn, Told, serve
from tests.integrations.woocommerce.shop import make_runtime

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "norway" / "payouts"
SINCE = datetime(2026, 11, 19, tzinfo=UTC)
VALUES: dict[str, dict[str, str]] = {
    "vipps": {
        "client_id": vipps.CLIENT_ID,
        "client_secret": vipps.CLIENT_SECRET,
        "subscription_key": vipps.SUBSCRIPTION_KEY,
    },
    "klarna": {"username": klarna.USERNAME, "password": klarna.PASSWORD},
    "stripe": {"api_key": stripe.API_KEY},
    "zettle": {"client_id": zettle.CLIENT_ID, "api_key": zettle.API_KEY},
}
WRONG = {
    "vipps": {"client_secret": "another secret"},
    "klarna": {"password": "another secret"},
    "stripe": {"api_key": "rk_another_secret"},
    "zettle": {"api_key": "another secret"},
}
CLASSES: dict[str, type[PayoutSource]] = {one.name: one for one in (Vipps, Klarna, Stripe, Zettle)}


def stand_in(name: str) -> StandIn:
    """Make a stand-in without reports."""
    made: dict[str, StandIn] = {
        "vipps": vipps.Vipps(), "klarna": klarna.Klarna(), "stripe": stripe.Stripe(), "zettle": zettle.Zettle(),
    }  # fmt: skip
    return made[name]


def build(name: str, url: str, **values: str) -> PayoutSource:
    """Make an adapter over a stand-in."""
    found: Provider = CLASSES[name].build(
        {**VALUES[name], **values}, make_runtime(**{f"{name.upper()}_SANDBOX_URL": url})
    )
    assert isinstance(found, PayoutSource)
    return found


@pytest.fixture(params=sorted(CLASSES))
def name(request: pytest.FixtureRequest) -> str:
    """Give each provider with an API."""
    return str(request.param)


def test_wrong_keys_pause_the_connection_and_are_not_repeated(name: str) -> None:
    with serve(stand_in(name)) as url, pytest.raises(Misconfigured) as caught:
        list(build(name, url, **WRONG[name]).statements_since(SINCE))
    told = caught.value.describe() + caught.value.excerpt
    assert caught.value.reasons[0].code == "auth_invalid_keys"
    assert not any(secret in told for secret in WRONG[name].values())


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_an_answer_that_may_be_better_later_is_tried_again(name: str, status: int) -> None:
    fake = stand_in(name)
    with serve(fake) as url:
        source = build(name, url)
        list(source.statements_since(SINCE))  # the token is there
        fake.failures = [Told(status, {}, {"Retry-After": "17"})]
        with pytest.raises(Retryable) as caught:
            list(source.statements_since(SINCE))
    assert caught.value.retry_after_s == 17


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"items": 5, "data": 5, "payouts": 5}', b"{"])
def test_an_answer_of_another_shape_is_not_understood(name: str, body: bytes) -> None:
    fake = stand_in(name)
    with serve(fake) as url:
        source = build(name, url)
        list(source.statements_since(SINCE))
        fake.failures = [Told(200, body)]
        with pytest.raises(Misunderstood):
            list(source.statements_since(SINCE))


def test_a_refusal_is_told_in_the_providers_words(name: str) -> None:
    fake = stand_in(name)
    with serve(fake) as url:
        source = build(name, url)
        list(source.statements_since(SINCE))
        fake.failures = [Told(400, {"message": "That date is in the future."})]
        with pytest.raises(Rejected, match="That date is in the future"):
            list(source.statements_since(SINCE))


@pytest.mark.parametrize("name", ["vipps", "zettle"])
def test_a_token_is_kept_and_a_refused_one_renewed_once(name: str) -> None:
    fake: Any = stand_in(name)
    with serve(fake) as url:
        source = build(name, url)
        list(source.statements_since(SINCE))
        list(source.statements_since(SINCE))
        assert fake.given == 1
        fake.tokens = set()
        list(source.statements_since(SINCE))
        assert fake.given == 2


def test_vipps_accounting_keys_need_the_clients_sales_units_and_take_no_others() -> None:
    fake = vipps.Vipps(ledgers=[vipps.ledger("1", "api:1"), vipps.ledger("2", "NO:2"), vipps.ledger("3", "api:3")])
    for identity in "123":
        fake.put(identity, "2026-11-20", vipps.Book().row("2026-11-20", "capture", 100))
    values = {"client_id": vipps.CLIENT_ID, "client_secret": vipps.CLIENT_SECRET, "keys": "accounting"}
    with serve(fake) as url:
        runtime = make_runtime(VIPPS_SANDBOX_URL=url)
        with pytest.raises(Misconfigured, match="Name the sales units"):
            Vipps.build(values, runtime)
        source = Vipps.build({**values, "recipient_handles": "NO:2"}, runtime)
        found = [source.parse(one.body)[0].account for one in source.statements_since(SINCE)]
    assert found == ["2"]


@pytest.mark.parametrize("says_try_later", [True, False])
def test_a_weekly_payout_of_vipps_settles_the_days_before_it(says_try_later: bool) -> None:
    fake, book = vipps.Vipps(through="2026-11-20", says_try_later=says_try_later), vipps.Book()
    for day in ("2026-11-10", "2026-11-12"):
        fake.put("302321", day, *(book.row(day, "capture", 10_000) for _ in range(5)))
    fake.put("302321", "2026-11-20", book.row("2026-11-20", "refund", -500), book.payout("2026-11-20", 2000024))
    with serve(fake) as url:
        source = build("vipps", url)
        (payload,) = source.statements_since(SINCE)
        assert list(source.statements_since(SINCE)) == [payload]
    (statement,) = source.parse(payload.body)
    assert payload.key == "ledger:302321:2026-11-10:2026-11-20"
    assert [str(one.amount) for one in statement.payouts] == ["995.00"]
    assert {row.payout_reference for row in statement.rows} == {"2000024"}
    assert (len(statement.rows), statement.notes) == (12, ())


def test_pages_are_read_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(klarna_api, "PAGE_SIZE", 2)
    monkeypatch.setattr(zettle_api, "PAGE_SIZE", 2)
    k, s, z = klarna.Klarna(), stripe.Stripe(max_page=2), zettle.Zettle(is_wrapped=True)
    k.put(klarna.payout("X1", 500), *(klarna.transaction("SALE", 100, capture_id=str(n)) for n in range(5)))
    one = stripe.payout("po_1", 500)
    s.put(one, *(stripe.transaction(f"txn_{n}", "charge", 100) for n in range(5)), stripe.own_row(one))
    z.rows = [zettle.transaction("PAYMENT", 100, f"2026-11-19T10:00:0{n}.000", n) for n in range(5)]
    for name, fake, count in (("klarna", k, 6), ("stripe", s, 6), ("zettle", z, 5)):
        with serve(fake) as url:
            source = build(name, url)
            first = next(iter(source.statements_since(SINCE)))
            (statement,) = source.parse(first.body)
        assert (len(statement.rows), statement.notes) == (count, ())


# the stand-ins keep to the vendors' documents


@pytest.fixture(scope="module")
def cases() -> dict[str, PayoutCase]:
    """Give the reports that the shared suite's stand-ins gave."""
    found = {}
    for name in ("vipps", "klarna"):
        with CASES[name]() as case:
            found[name] = case
    return found


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendors' documents are not here")
def test_what_the_stand_ins_give_has_the_shape_of_the_vendors_documents(cases: dict[str, PayoutCase]) -> None:
    def check(document: str, schema: str, value: object) -> None:
        described = yaml.safe_load((SAMPLES / document).read_text())
        wanted = {"$ref": f"#/components/schemas/{schema}", "components": described["components"]}
        OAS30Validator(wanted).validate(value)

    report = json.loads(cases["klarna"].reports[0].body)
    check("klarna/klarna-settlements-api-openapi.yml", "Payout", report["payout"])
    for row in report["transactions"]:
        check("klarna/klarna-settlements-api-openapi.yml", "Transaction", row)
    report = json.loads(cases["vipps"].reports[0].body)
    check("vipps/report-api-v2-swagger-2023-12.yaml", "Ledger", report["ledger"])
    newer = {"payout-scheduled": "scheduled-for-payout"}  # the document has the older name, and no null handles
    for row in [row for day in report["days"] for row in (*day["funds"], *day["fees"])]:
        old = {**row, "entryType": newer.get(row["entryType"], row["entryType"])}
        check(
            "vipps/report-api-v2-swagger-2023-12.yaml", "Transaction", {k: v for k, v in old.items() if v is not None}
        )
