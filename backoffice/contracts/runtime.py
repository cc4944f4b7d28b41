"""What the house lends to a provider: a shared limiter, a token store and the integration's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Limiter(Protocol):
    """Keeps many processes together below a provider's limit."""

    def wait(self, key: str, *, per_second: int) -> None:
        """Return when one more request under `key` may be sent; blocks at most a few seconds."""


class TokenStore(Protocol):
    """Short-lived secrets shared by processes, sealed."""

    def get(self, key: str) -> str | None:
        """Give the stored value, or None when absent or expired."""

    def put(self, key: str, value: str, *, ttl_s: int) -> None:
        """Keep a value for ttl_s seconds."""

    def drop(self, key: str) -> None:
        """Forget a value."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """Passed to every adapter. settings holds environment values by name (POWEROFFICE_APPLICATION_KEY, ...)."""

    limiter: Limiter
    tokens: TokenStore
    settings: Mapping[str, str] = field(default_factory=dict)
    user_agent: str = "backoffice"
