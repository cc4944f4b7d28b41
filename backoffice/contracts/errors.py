"""How a provider may fail. The class chooses what happens to the delivery.

ProviderError
├─ Retryable         it certainly did not run: refused connection, 429, expired token; may carry retry_after_s
├─ OutcomeUnknown    it may have run: time-out after sending, reset, 5xx on a write
├─ Permanent
│  ├─ Rejected       understood and refused; carries reasons that a person can act on
│  ├─ Unsupported    this adapter cannot express it
│  └─ Misunderstood  an answer we do not recognise
└─ Misconfigured     401/403, wrong or missing credentials or privileges: pauses the connection, not the row

WebhookRefused       a webhook that is not from whom it says (signature, age); nothing is stored
UnreadablePayload    a payload of ours to parse that has not the shape it must have; kept, shown to a person
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

MAX_EXCERPT_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something did not work, as a code of the error catalogue and the words of whoever refused.

    code is a stable key ("account_missing"); detail is a full sentence; subject names the thing
    ("3001", "vipps"), so that all failures with one cause can be found and released together.
    """

    code: str
    detail: str
    subject: str = ""


class ProviderError(Exception):
    """Anything that goes wrong at or with a provider; carries the conversation, redacted."""

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        operation: str = "",
        http_status: int | None = None,
        request_id: str = "",
        excerpt: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.operation = operation
        self.http_status = http_status
        self.request_id = request_id
        self.excerpt = excerpt[:MAX_EXCERPT_CHARACTERS]

    def describe(self) -> str:
        """Give one line for logs and the attempt list: operation, status, message, request id."""
        parts = [self.provider, self.operation, str(self.http_status or ""), self.message]
        if self.request_id:
            parts.append(f"request {self.request_id}")
        return " · ".join(part for part in parts if part)


class Retryable(ProviderError):
    """It did not run and may be tried again; retry_after_s is the provider's own wish in seconds."""

    def __init__(self, message: str, *, retry_after_s: int | None = None, **conversation: object) -> None:
        super().__init__(message, **conversation)  # type: ignore[arg-type]  # passed through unchanged
        self.retry_after_s = retry_after_s


class OutcomeUnknown(ProviderError):
    """The request may have run; look it up by its reference before anything else is done."""


class Permanent(ProviderError):
    """Trying the same again would fail the same way."""

    def __init__(self, message: str, *, reasons: Sequence[Reason] = (), **conversation: object) -> None:
        super().__init__(message, **conversation)  # type: ignore[arg-type]  # passed through unchanged
        self.reasons: tuple[Reason, ...] = tuple(reasons) or (Reason("refused", message),)


class Rejected(Permanent):
    """The provider understood and said no."""


class Unsupported(Permanent):
    """The adapter cannot express what was asked."""


class Misunderstood(Permanent):
    """An answer that the adapter does not recognise."""


class Misconfigured(ProviderError):
    """Credentials or privileges are missing or wrong; one fix releases all deliveries of the connection."""

    def __init__(self, message: str, *, reasons: Sequence[Reason] = (), **conversation: object) -> None:
        super().__init__(message, **conversation)  # type: ignore[arg-type]  # passed through unchanged
        self.reasons: tuple[Reason, ...] = tuple(reasons) or (Reason("misconfigured", message),)


class WebhookRefused(Exception):
    """The request cannot be trusted: signature missing or wrong, or too old."""


@dataclass
class UnreadablePayload(Exception):
    """A payload that has not the shape it must have; pointer says where (JSON pointer), message what to do."""

    message: str
    pointer: str = ""
    details: list[Reason] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message
