"""What an answer that is no success means: status and operation decide, words refine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backoffice.contracts.errors import (
    Misconfigured,
    Misunderstood,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Retryable,
)
from integrations.http import Answer
from integrations.poweroffice.answers import MAX_RETRY_AFTER_S, failure_of, retry_after_s, said_in, unreadable

EXAMPLES = Path(__file__).parents[4] / "shared/reference/poweroffice/error_examples_v2.json"


def make_answer(status: int, body: Any = "", **headers: str) -> Answer:
    """Make an answer; a body that is no text is written as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, text.encode(), "r-1", text[:100])


def failure(status: int, body: Any = "", *, has_effect: bool = True, **headers: str) -> ProviderError:
    """Give what an answer to a voucher means."""
    return failure_of(make_answer(status, body, **headers), operation="post_bank_journal", has_effect=has_effect)


def problem(detail: str, title: str = "Voucher validation error(s)") -> dict[str, Any]:
    """Make Problem Details."""
    return {"title": title, "status": 400, "detail": detail}


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_broken_server_leaves_a_write_in_doubt_and_a_read_to_be_repeated(status: int) -> None:
    assert type(failure(status)) is OutcomeUnknown
    assert type(failure(status, has_effect=False)) is Retryable


@pytest.mark.parametrize("has_effect", [True, False])
def test_a_limit_did_not_run_and_says_how_long_to_wait(has_effect: bool) -> None:
    body = {"statusCode": "429", "message": "Rate limit is exceeded. Try again in 7 seconds."}
    found = failure(429, body, has_effect=has_effect)
    assert isinstance(found, Retryable)
    assert found.retry_after_s == 7


def test_a_used_up_quota_is_a_limit_and_no_missing_privilege() -> None:
    assert type(failure(403, {"statusCode": 403, "message": "Out of call volume quota."})) is Retryable


@pytest.mark.parametrize(
    ("header", "body", "wanted"),
    [
        ("3", "", 3),
        ("0", "", 1),
        ("-5", "", 1),
        ("soon", "", 1),
        ("99999999", "", MAX_RETRY_AFTER_S),
        ("1e3", "", 1),
        ("Wed, 25 Nov 2026 12:00:30 GMT", "", 31),
        ("Wed, 25 Nov 2026 11:00:00 GMT", "", 1),
        ("Wed, 25 Nov 2026 12:00:30", "", 1),
        ("", {"statusCode": 429, "message": "Try again in 12 seconds"}, 12),
        ("2", {"statusCode": 429, "message": "Try again in 12 seconds"}, 2),
        ("", "", 1),
    ],
)
def test_the_wait_they_ask_for_is_kept_within_reason(header: str, body: Any, wanted: int) -> None:
    answer = make_answer(429, body, **({"retry_after": header} if header else {}))
    assert retry_after_s(answer, said_in(answer), datetime(2026, 11, 25, 12, tzinfo=UTC)) == wanted


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, "", "auth_invalid_keys"),
        (
            401,
            {"statusCode": 401, "message": "Access denied due to invalid subscription key."},
            "auth_subscription_key",
        ),
        (403, "", "no_privilege"),
        (403, problem("x", "Forbidden"), "no_privilege"),
        (400, problem("The integration does not have the required privileges.", "Missing privilege"), "no_privilege"),
    ],
)
def test_keys_and_privileges_pause_the_connection(status: int, body: Any, code: str) -> None:
    found = failure(status, body)
    assert isinstance(found, Misconfigured)
    assert found.reasons[0].code == code


@pytest.mark.parametrize(
    ("status", "detail", "code"),
    [
        (400, "ExternalImportReference is already in use. 'A' is used on (contact) Id = 1.", "duplicate_reference"),
        (400, "Posting date 2026-01-01 is on or before the lock date 2026-10-31.", "locked_period"),
        (400, "The posting date is before the conversion date.", "before_conversion"),
        (400, "Bilaget balanserer ikke, vennligst sjekk bilagslinjer", "unbalanced"),
        (400, "Mva kode 0 er ikke gyldig for konto 3030", "vat_not_allowed"),
        (400, "Department is required on account 3400.", "dimension_required"),
        (404, "Department with code = 'Avdeling10' not found.", "dimension_missing"),
        (404, "Account with id = 5 not found.", "account_missing"),
        (400, "Account 3300 is inactive.", "account_inactive"),
        (404, "Customer with id = 12345 not found.", "customer_missing"),
        (400, "Something that nobody has seen before.", "refused"),
        (404, "Something is not there.", "object_missing"),
        (409, "It is busy.", "conflict"),
    ],
)
def test_a_refusal_gets_a_code_and_keeps_their_words(status: int, detail: str, code: str) -> None:
    found = failure(status, problem(detail))
    assert isinstance(found, Rejected)
    assert found.reasons[0].code == code
    assert detail in found.reasons[0].detail
    assert (found.http_status, found.request_id) == (status, "r-1")


@pytest.mark.parametrize(
    ("detail", "account"),
    [
        ("Account 1906 is not active.", "1906"),
        ("Account with account number = 3020 not found.", "3020"),
        ("Account with id = 50001 not found.", ""),
        ("Department is required on account 3400.", ""),
    ],
)
def test_a_refused_account_is_named_so_that_its_mapping_is_at_hand(detail: str, account: str) -> None:
    found = failure(400, problem(detail))
    assert isinstance(found, Rejected)
    assert found.reasons[0].subject == account


def test_what_goes_to_the_logs_is_redacted_and_what_a_person_reads_is_not() -> None:
    found = failure(400, problem("EmailAddress 'kari@example' of kari@example.com is not valid."))
    assert isinstance(found, Rejected)
    assert "kari@example.com" in found.reasons[0].detail
    assert "kari@example.com" not in found.describe()


def test_an_address_that_does_not_exist_is_our_mistake_and_no_missing_object() -> None:
    found = failure(404, {"statusCode": 404, "message": "Resource not found"})
    assert isinstance(found, Misunderstood)
    assert found.reasons[0].code == "endpoint_missing"


@pytest.mark.parametrize(("status", "body"), [(302, ""), (400, ""), (400, "<html>"), (418, ""), (404, "[]")])
def test_what_says_nothing_is_not_guessed_at(status: int, body: str) -> None:
    assert type(failure(status, body)) is Misunderstood


def test_a_success_that_cannot_be_read_leaves_a_write_in_doubt() -> None:
    answer = make_answer(201, "<html>")
    assert type(unreadable(answer, "a", has_effect=True, what="x")) is OutcomeUnknown
    assert type(unreadable(answer, "a", has_effect=False, what="x")) is Misunderstood


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the vendor's examples are not at hand")
def test_every_example_of_the_vendor_becomes_an_error_that_says_what_they_said() -> None:
    for example in json.loads(EXAMPLES.read_text())["from_spec"]:
        found = failure(example["status"], {name: example[name] for name in ("title", "detail", "status")})
        assert isinstance(found, Rejected), example
        assert example["detail"] in found.reasons[0].detail
