"""What an answer that is not a success means. The status and the operation decide; wording only refines the code.

Three bodies exist: Problem Details with lower-case keys (the API), {"statusCode", "message"} (the gateway in
front of it), and nothing at all (often 401 and 403).

    400 "Missing privilege", 401, 403   Misconfigured     (403 out of quota: Retryable)
    400, 404, 409 with Problem Details  Rejected          understood and refused, with their own words
    404 of the gateway                  Misunderstood     the address does not exist: our mistake
    429                                 Retryable         refused at the gateway, it did not run
    5xx, 408                            OutcomeUnknown    for calls with an effect, else Retryable
    2xx that cannot be read             OutcomeUnknown    for calls with an effect (it ran), else Misunderstood

Reference: idempotency and error notes of docs/providers.md, section PowerOffice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from backoffice.contracts.errors import (
    Misconfigured,
    Misunderstood,
    OutcomeUnknown,
    ProviderError,
    Reason,
    Rejected,
    Retryable,
)
from integrations.http import Answer, NotJson, redact
from integrations.poweroffice.config import PROVIDER

MIN_RETRY_AFTER_S = 1
MAX_RETRY_AFTER_S = 3600

#: Code by status when the words say nothing more.
_CODES_BY_STATUS = {400: "refused", 404: "object_missing", 409: "conflict"}

#: Words that refine the code, first match wins. The vendor documents few of its sentences, so nothing that
#: must be right may hang on them; they only choose which explanation a person reads.
_CODES_BY_WORDS = (
    ("duplicate_reference", r"already in use|must be unique|er allerede i bruk"),
    ("already_reversed", r"already (been )?reversed|er allerede reversert"),
    ("locked_period", r"lock ?date|locked period|period is locked|låst|låsedato"),
    ("before_conversion", r"conversion ?date|konverteringsdato"),
    ("unbalanced", r"(not|doesn't|n't) balance|unbalanced|balanserer ikke"),
    ("vat_not_allowed", r"vat (code|id).*(not (valid|allowed)|locked)|mva.*(ikke gyldig|låst)|not vat registered"),
    ("vat_code_missing", r"vat (code|id).*(not found|unknown)"),
    ("dimension_required", r"(department|location|project|dim(ension)? ?[123]?)\b.*required"),
    ("dimension_missing", r"(department|location|project|dim(ension)? ?[123]?)\b.*(not found|inactive|not active)"),
    ("account_inactive", r"account.*(inactive|not active|ikke aktiv)"),
    ("account_missing", r"account.*not found"),
    ("product_missing", r"product.*not found"),
    ("customer_missing", r"customer.*not found"),
    ("branding_theme_missing", r"branding ?theme.*not found"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What the other side said: their title and detail, or the gateway's message."""

    title: str
    detail: str
    is_gateway: bool

    def sentence(self) -> str:
        """Give their words as one line."""
        return ": ".join(part for part in (self.title, self.detail) if part) or "no explanation given"


def said_in(answer: Answer) -> Said:
    """Read any of the three bodies; what is not JSON counts as no words at all."""
    try:
        body = answer.json()
    except NotJson:
        body = None
    if not isinstance(body, dict):
        return Said("", "", is_gateway=False)
    content = {str(key).lower(): value for key, value in body.items()}
    if "statuscode" in content and "title" not in content:
        return Said("", _text(content.get("message")), is_gateway=True)
    return Said(_text(content.get("title")), _text(content.get("detail")), is_gateway=False)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def failure_of(answer: Answer, *, operation: str, has_effect: bool) -> ProviderError:
    """Turn an answer that is not a success into the error it means (table at the top of the file)."""
    said = said_in(answer)
    talk = conversation(answer, operation)
    status = answer.status
    if status == 429 or (status == 403 and "quota" in said.detail.lower()):
        message = f"PowerOffice's limit of calls is reached: {said.sentence()}"
        return Retryable(message, retry_after_s=retry_after_s(answer, said), **talk)
    if status in {401, 403} or (status == 400 and said.title.lower() == "missing privilege"):
        return _misconfigured(status, said, operation, talk)
    if status in _CODES_BY_STATUS and not said.is_gateway and (said.title or said.detail):
        code = code_of(status, said)
        subject = account_in(said) if code.startswith("account_") else ""
        reason = Reason(code, f"PowerOffice refused it. {said.sentence()}", subject)
        return Rejected(redact(reason.detail), reasons=(reason,), **talk)
    if status == 404 and said.is_gateway:
        message = f"PowerOffice has no address for {operation}: the endpoint is missing."
        return Misunderstood(message, reasons=(Reason("endpoint_missing", message),), **talk)
    if status >= 500 or status == 408:
        message = f"PowerOffice failed with {status}: {redact(said.sentence())}"
        return OutcomeUnknown(message, **talk) if has_effect else Retryable(message, **talk)
    message = f"PowerOffice answered {status}, which means nothing to us here: {redact(said.sentence())}"
    return Misunderstood(message, reasons=(Reason("answer_unknown", message),), **talk)


def unreadable(answer: Answer, operation: str, *, has_effect: bool, what: str) -> ProviderError:
    """Say that a success has not the body it must have: it ran, so a call with an effect is in doubt."""
    message = f"PowerOffice answered {answer.status} to {operation}, but {what}."
    talk = conversation(answer, operation)
    return OutcomeUnknown(message, **talk) if has_effect else Misunderstood(message, **talk)


def conversation(answer: Answer, operation: str) -> dict[str, Any]:
    """Give what every error carries about the call it came from."""
    return {
        "provider": PROVIDER,
        "operation": operation,
        "http_status": answer.status,
        "request_id": answer.request_id,
        "excerpt": answer.excerpt,
    }


def code_of(status: int, said: Said) -> str:
    """Choose the catalogue code of a refusal."""
    words = said.sentence().lower()
    for code, pattern in _CODES_BY_WORDS:
        if re.search(pattern, words):
            return code
    return _CODES_BY_STATUS[status]


def account_in(said: Said) -> str:
    """Give the ledger account that their words name by its number, so that its mapping is at hand; else nothing."""
    found = re.search(r"\baccount(?: number)?(?: =)? '?(\d{4,5})\b", said.detail, re.IGNORECASE)
    return found[1] if found else ""


def retry_after_s(answer: Answer, said: Said, now: datetime | None = None) -> int:
    """Give the seconds they ask us to wait: header (seconds or a date), else their sentence, else one."""
    header = answer.headers.get("retry-after", "")
    wanted = int(header) if header.isascii() and header.isdigit() and len(header) < 9 else 0
    if header and not wanted:
        try:
            at = parsedate_to_datetime(header)
            wanted = int((at - (now or datetime.now(UTC))).total_seconds()) + 1
        except (ValueError, TypeError):
            wanted = 0
    spoken = re.search(r"in (\d{1,6}) second", said.detail)
    if not header and spoken:
        wanted = int(spoken[1])
    return min(max(wanted, MIN_RETRY_AFTER_S), MAX_RETRY_AFTER_S)


def _misconfigured(status: int, said: Said, operation: str, talk: dict[str, Any]) -> Misconfigured:
    if status == 401 and "subscription" in said.detail.lower():
        code, message = (
            "auth_subscription_key",
            f"PowerOffice refused our subscription key. {said.sentence()}",
        )
    elif status == 401:
        code, message = "auth_invalid_keys", "PowerOffice refused a token that it had just given."
    else:
        words = f" {said.sentence()}" if said.detail or said.title else ""
        code, message = (
            "no_privilege",
            f"PowerOffice does not allow us to {operation.replace('_', ' ')}.{words}",
        )
    return Misconfigured(redact(message), reasons=(Reason(code, message, operation),), **talk)
