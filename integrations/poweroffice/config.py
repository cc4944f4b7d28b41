"""What is needed to reach one client's books: its key, the environment, and the house's own two keys.

Reference: https://developer.poweroffice.net/documentation/authentication
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from backoffice.contracts.errors import Misconfigured, Reason
from backoffice.contracts.provider import config_problems, setting
from backoffice.contracts.runtime import Runtime

PROVIDER: Final = "poweroffice"
HOST: Final = "goapi.poweroffice.net"
#: The vendor's limit, per subscription key over all companies together.
VENDOR_CALLS_PER_SECOND: Final = 10
#: One below it: calls are spaced evenly, and a network that bunches two of them must not reach the limit.
CALLS_PER_SECOND: Final = 9
#: PowerOffice Go keeps books in kroner only; amounts "in client currency" have no code of their own.
HOME_CURRENCY: Final = "NOK"

_KEY = re.compile(r"[\x21-\x7e]{8,200}")


@dataclass(frozen=True, slots=True)
class Config:
    """One client's connection. The environment belongs to the connection: keys of one never open another."""

    client_key: str = field(
        metadata=setting(
            "Client key",
            is_secret=True,
            help_text="Shown once in PowerOffice Go when the extension is added: Settings, Extensions.",
        ),
        repr=False,
    )
    environment: str = field(
        default="production",
        metadata=setting(
            "Environment",
            help_text="production, demo (PowerOffice's own test system) or sandbox (the stand-in on this machine).",
            choices=("production", "demo", "sandbox"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an environment lives: the address, and what stands before /OAuth/Token and before every resource."""

    base_url: str
    token_path: str
    resource_path: str
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The three keys of a call. client_key and subscription_key are secret."""

    application_key: str
    client_key: str = field(repr=False)
    subscription_key: str = field(repr=False)
    environment: str

    @classmethod
    def collect(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Bring the stored values and the house's settings together; raise Misconfigured, naming what is missing."""
        problems = config_problems(Config, values)
        if problems:
            raise _misconfigured(" ".join(problems))
        config = Config(**values)
        keys = {
            "application_key": runtime.settings.get("POWEROFFICE_APPLICATION_KEY", ""),
            "client_key": config.client_key.strip(),
            "subscription_key": runtime.settings.get("POWEROFFICE_SUBSCRIPTION_KEY", ""),
        }
        for name, key in keys.items():
            if not _KEY.fullmatch(key):
                raise _misconfigured(f"The {name.replace('_', ' ')} is missing or not a key; copy it once more.")
        return cls(**keys, environment=config.environment)

    @property
    def limiter_key(self) -> str:
        """Give the name under which all processes of the house share the vendor's limit."""
        return f"{PROVIDER}:{_digest(self.subscription_key)}"

    @property
    def token_key(self) -> str:
        """Give the name of the cached token: a token opens one company's books and no other's."""
        return f"{PROVIDER}:token:{self.environment}:{self.application_key}:{_digest(self.client_key)}"


def place_of(environment: str, runtime: Runtime) -> Place:
    """Give the address of an environment; raise Misconfigured for an unknown one or a missing sandbox address."""
    if environment == "production":
        return Place(f"https://{HOST}", "/OAuth/Token", "/v2")
    if environment == "demo":
        return Place(f"https://{HOST}", "/Demo/OAuth/Token", "/Demo/v2")
    if environment == "sandbox":
        base_url = runtime.settings.get("POWEROFFICE_SANDBOX_URL", "")
        if not base_url:
            raise _misconfigured("POWEROFFICE_SANDBOX_URL is not set; start the sandbox and set its address.")
        return Place(base_url.rstrip("/"), "/OAuth/Token", "/v2", is_sandbox=True)
    raise _misconfigured(f"{environment!r} is not an environment; use production, demo or sandbox.")


def calls_per_second(runtime: Runtime, *, is_sandbox: bool) -> int:
    """Give the pace of this house: POWEROFFICE_REQUESTS_PER_SECOND, never above the vendor's limit.

    Only a sandbox may be called without a pace (0).
    """
    wanted = int(runtime.settings.get("POWEROFFICE_REQUESTS_PER_SECOND") or CALLS_PER_SECOND)
    return wanted if is_sandbox else min(max(wanted, 1), CALLS_PER_SECOND)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def _misconfigured(message: str) -> Misconfigured:
    return Misconfigured(message, provider=PROVIDER, reasons=(Reason("auth_invalid_keys", message),))
