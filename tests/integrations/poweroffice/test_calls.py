"""One call with all that every call needs: keys, tokens, one renewal, pages, short addresses."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.contracts.errors import Misconfigured, Misunderstood, OutcomeUnknown, Rejected, Retryable
from integrations.exact_json import dumps
from integrations.http import Answer, Http
from integrations.poweroffice import api, calls
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.calls import chunks_for_address, segment
from integrations.poweroffice.config import Keys, calls_per_second, place_of
from integrations.poweroffice.sandbox import DEMO_CLIENT_KEY, DEMO_RESTAURANT_CLIENT_KEY, DEMO_SUBSCRIPTION_KEY
from integrations.poweroffice.tokens import EXPIRY_MARGIN_S, claims_of

from .books import VALUES, NoWaiting, Office, Tokens, make_journal, make_runtime, run_office


def tokens_of(office: Office) -> Tokens:
    """Give the token store."""
    assert isinstance(office.runtime.tokens, Tokens)
    return office.runtime.tokens


def test_a_token_is_asked_for_once_and_not_used_in_its_last_minute(office: Office) -> None:
    for _ in range(3):
        office.system.limits()
    assert office.calls.count("POST /OAuth/Token") == 1
    assert list(tokens_of(office).lifetimes.values()) == [1200 - EXPIRY_MARGIN_S]


def test_a_token_of_less_than_a_minute_is_used_but_not_kept() -> None:
    with run_office(token_lifetime_s=50) as office:
        office.system.limits()
        assert tokens_of(office).values == {}


def test_two_companies_never_share_a_token(office: Office) -> None:
    other = PowerOffice.build({**VALUES, "client_key": DEMO_RESTAURANT_CLIENT_KEY}, office.runtime)
    assert office.system.identify().name == "Nordlys Butikk AS"
    assert other.identify().name == "Kaia Bar og Kjøkken AS"
    assert office.system.identify().name == "Nordlys Butikk AS"
    names = list(tokens_of(office).values)
    assert len(names) == 2
    assert not any(DEMO_CLIENT_KEY in name or DEMO_RESTAURANT_CLIENT_KEY in name for name in names)


def test_an_expired_token_is_renewed_in_the_middle_of_the_work(office: Office) -> None:
    office.system.limits()
    office.clock.pass_by(1_201_000)
    office.system.limits()
    assert office.calls.count("POST /OAuth/Token") == 2


def test_a_token_that_is_refused_again_and_again_pauses_the_connection(office: Office) -> None:
    office.server.faults.add("401", "GET /v2/*", count=0)
    with pytest.raises(Misconfigured) as caught:
        office.system.limits()
    assert caught.value.reasons[0].code == "auth_invalid_keys"
    assert office.calls.count("GET /v2/LockDateSettings") == 2


def test_a_wrong_client_key_is_named_as_such(office: Office) -> None:
    stranger = {**VALUES, "client_key": DEMO_CLIENT_KEY[:-1] + "9"}
    with pytest.raises(Misconfigured, match="client key") as caught:
        PowerOffice.build(stranger, office.runtime).limits()
    assert caught.value.reasons[0].code == "auth_invalid_keys"
    assert stranger["client_key"] not in caught.value.describe() + caught.value.excerpt


def test_a_wrong_subscription_key_is_named_as_such_and_no_token_is_wasted(office: Office) -> None:
    runtime = make_runtime(office.server.url, POWEROFFICE_SUBSCRIPTION_KEY="wrong-subscription-key")
    with pytest.raises(Misconfigured) as caught:
        PowerOffice.build(VALUES, runtime).limits()
    assert caught.value.reasons[0].code == "auth_subscription_key"
    assert office.calls.count("POST /OAuth/Token") == 1


@pytest.mark.parametrize("kind", ["error_500", "drop_before", "429"])
def test_a_token_call_that_fails_did_not_run_what_it_was_for(office: Office, kind: str) -> None:
    request = office.system.prepare(make_journal(), office.directory)
    tokens_of(office).values.clear()
    office.server.faults.add(kind, "POST /OAuth/Token")
    with pytest.raises(Retryable):
        office.system.send(request)
    assert len(office.server.books.vouchers) == 0


def test_every_call_waits_its_turn_under_the_subscription_key(office: Office) -> None:
    office.system.limits()
    limiter = office.runtime.limiter
    assert isinstance(limiter, NoWaiting)
    assert len(limiter.waits) == len(office.calls) == 3
    assert len(set(limiter.waits)) == 1
    assert DEMO_SUBSCRIPTION_KEY not in limiter.waits[0][0]


@pytest.mark.parametrize(("setting", "rate"), [("4", 4), ("", 9), ("50", 9), ("0", 1)])
def test_a_pace_can_be_lowered_but_not_raised_above_the_vendors(setting: str, rate: int) -> None:
    runtime = make_runtime("", POWEROFFICE_REQUESTS_PER_SECOND=setting)
    assert calls_per_second(runtime, is_sandbox=False) == rate


def test_only_a_sandbox_may_be_called_without_a_pace() -> None:
    assert calls_per_second(make_runtime("", POWEROFFICE_REQUESTS_PER_SECOND="0"), is_sandbox=True) == 0


def test_a_list_is_read_to_its_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = office.system.chart().accounts
    monkeypatch.setattr(calls, "PAGE_SIZE", 10)
    office.count_calls()
    assert len(api.general_ledger_accounts(office.system.calls)) == len(everything)
    assert len(office.calls) == -(-len(everything) // 10)


def test_a_list_that_never_ends_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "PAGE_SIZE", 1)
    monkeypatch.setattr(calls, "MAX_PAGES", 3)
    with pytest.raises(Misunderstood, match="longer"):
        api.general_ledger_accounts(office.system.calls)


def test_an_empty_list_is_empty_and_not_an_error(office: Office) -> None:
    assert api.customers_by_email(office.system.calls, "nobody@example.com") == []


def test_a_lookup_that_fails_is_a_failure_and_never_nothing(office: Office) -> None:
    office.server.faults.add("error_500", "GET /v2/Customers")
    with pytest.raises(Retryable):
        api.customers_by_email(office.system.calls, "kari@example.com")


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=60), st.integers(10, 300))
def test_a_long_filter_is_cut_into_addresses_that_lose_and_double_nothing(values: list[str], limit: int) -> None:
    chunks = list(chunks_for_address(values, limit))
    assert [value for chunk in chunks for value in chunk] == values
    assert all(chunk for chunk in chunks)


def test_two_hundred_ids_fit_into_six_addresses(office: Office) -> None:
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(200)]
    office.count_calls()
    assert api.outgoing_invoices_by_id(office.system.calls, ids) == []
    assert len(office.calls) <= 6


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_id_cannot_become_another_address(value: str) -> None:
    with pytest.raises(Misunderstood):
        segment(value)


@pytest.mark.parametrize("value", ["a/../b", "a?b=1", "a#b", "å b"])
def test_an_id_is_escaped_in_an_address(value: str) -> None:
    assert not set("/?# ") & set(segment(value))


@pytest.mark.parametrize(
    "changed",
    [
        {"client_key": ""},
        {"client_key": "short"},
        {"client_key": "with\nline break"},
        {"environment": "moon"},
        {"x": "y"},
    ],
)
def test_a_connection_that_cannot_work_is_refused_in_words(changed: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as caught:
        PowerOffice.build({**VALUES, **changed}, make_runtime("http://127.0.0.1:1"))
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    "name", ["POWEROFFICE_APPLICATION_KEY", "POWEROFFICE_SUBSCRIPTION_KEY", "POWEROFFICE_SANDBOX_URL"]
)
def test_a_setting_of_the_house_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        PowerOffice.build(VALUES, make_runtime("http://127.0.0.1:1", **{name: ""}))
    assert name.removeprefix("POWEROFFICE_").split("_", maxsplit=1)[0].lower() in caught.value.message.lower()


def test_production_and_demo_have_addresses_of_their_own() -> None:
    runtime = make_runtime("")
    production, demo = (place_of(name, runtime) for name in ("production", "demo"))
    assert production.base_url == demo.base_url == "https://goapi.poweroffice.net"
    assert (production.token_path, production.resource_path) == ("/OAuth/Token", "/v2")
    assert (demo.token_path, demo.resource_path) == ("/Demo/OAuth/Token", "/Demo/v2")


def test_keys_of_two_environments_are_never_mixed_up() -> None:
    keys = Keys.collect(VALUES, make_runtime("http://127.0.0.1:1"))
    assert keys.token_key != replace(keys, environment="demo").token_key
    assert DEMO_CLIENT_KEY not in repr(keys)
    assert DEMO_SUBSCRIPTION_KEY not in repr(keys)


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.W10.c", "a.bm90anNvbg.c"])
def test_a_token_that_tells_nothing_is_no_mistake(token: str) -> None:
    assert claims_of(token) == {}


def test_a_write_that_answers_nothing_readable_is_in_doubt(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    body = dumps({"Code": "P", "Name": "P", "StandardSalesAccount": 3000, "UnitPrice": Decimal("1.5")})
    assert api.create_product(office.system.calls, body)["UnitPrice"] == Decimal("1.5")
    bare = api.post_document(office.system.calls, "POST", "/Products", body.replace('"P"', '"Q"'))
    monkeypatch.setattr(calls.Calls, "send", lambda *_, **__: replace(bare, body=b"<html>"))
    with pytest.raises(OutcomeUnknown):
        api.create_product(office.system.calls, body)


def answering(monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> list[dict[str, object]]:
    """Let calls answer this, one after another, and give the queries that were made."""
    waiting, queries = list(answers), []

    def send(*_: object, query: dict[str, object] | None = None, **__: object) -> Answer:
        queries.append(query or {})
        return waiting.pop(0)

    monkeypatch.setattr(calls.Calls, "send", send)
    return queries


def listing(body: bytes, **headers: str) -> Answer:
    """Make a successful answer."""
    return Answer(200, {name.replace("_", "-"): value for name, value in headers.items()}, body, "r-1", "")


def test_without_a_paging_header_a_full_page_has_a_next_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "PAGE_SIZE", 2)
    queries = answering(monkeypatch, listing(b"[{},{}]"), listing(b"[{}]"))
    assert len(api.departments(office.system.calls)) == 3
    assert [query["PageNumber"] for query in queries] == ["1", "2"]


@pytest.mark.parametrize(
    ("header", "pages"),
    [
        ('{"nextPageLink":"https://x"}', 2),
        ('{"NextPageLink":"x"}', 2),
        ('{"nextPageLink":null}', 1),
        ("{}", 1),
        ("[]", 1),
    ],
)
def test_the_paging_header_says_whether_there_is_more(
    office: Office, monkeypatch: pytest.MonkeyPatch, header: str, pages: int
) -> None:
    queries = answering(monkeypatch, listing(b"[{}]", x_pagination=header), listing(b"[{}]"))
    api.departments(office.system.calls)
    assert len(queries) == pages


@pytest.mark.parametrize(
    "answer",
    [
        listing(b"<html>"),
        listing(b"{}"),
        listing(b""),
        listing(b"[1]"),
        listing(b"[{}]", x_pagination="<"),
    ],
)
def test_a_list_that_is_none_is_a_failure_and_never_an_empty_list(
    office: Office, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    answering(monkeypatch, answer)
    with pytest.raises(Misunderstood):
        api.departments(office.system.calls)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b""])
def test_an_object_that_is_none_is_not_understood(office: Office, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    answering(monkeypatch, listing(body))
    with pytest.raises(Misunderstood):
        api.lock_date_settings(office.system.calls)


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"{}", b'{"access_token": 7}', b'{"access_token": ""}', b'{"access_token": "a\\nb"}'],
)
def test_an_answer_without_a_token_is_asked_for_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(Http, "send", lambda *_, **__: listing(body))
    with pytest.raises(Retryable):
        office.system.calls.tokens.bearer()


def test_a_token_of_unknown_life_is_kept_for_a_short_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Http, "send", lambda *_, **__: listing(b'{"access_token": "a"}'))
    assert office.system.calls.tokens.bearer() == "a"
    assert list(tokens_of(office).lifetimes.values()) == [600 - EXPIRY_MARGIN_S]


@pytest.mark.parametrize("status", [400, 409])
def test_only_what_is_not_there_counts_as_absent(office: Office, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    def refuse(*_: object, **__: object) -> Answer:
        raise Rejected("Busy.", http_status=status)

    monkeypatch.setattr(calls.Calls, "send", refuse)
    for ask in (
        lambda: api.delete_sales_order(office.system.calls, "x"),
        lambda: api.sent_state(office.system.calls, "x"),
        lambda: api.voucher(office.system.calls, "BankJournals", "x"),
        lambda: api.sales_order_with_lines(office.system.calls, "x"),
    ):
        with pytest.raises(Rejected):
            ask()


def test_what_is_not_there_is_absent(office: Office) -> None:
    nobody = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert api.sent_state(office.system.calls, nobody) is None
    assert api.voucher(office.system.calls, "BankJournals", nobody) is None
    assert api.sales_order_with_lines(office.system.calls, nobody) is None
    assert api.delete_sales_order(office.system.calls, nobody) is False
