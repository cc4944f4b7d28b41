"""Mistakes in the settings, each with an id and what to do. `manage.py check --deploy` adds those for production."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

NEW_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
#: what a production process must be given, since a value made on one machine is unknown on the next
MUST_BE_GIVEN = ("SECRET_KEY", "CREDENTIALS_KEYS", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "PUBLIC_URL")


def sealing_keys_are_keys(**kwargs: Any) -> Iterable[CheckMessage]:
    """E002: every sealing key must be one, or stored credentials could be neither sealed nor opened."""
    for number, key in enumerate(settings.CREDENTIALS_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            text = f"Key number {number} in CREDENTIALS_KEYS is no Fernet key."
            yield Error(text, hint=f"Make one with: {NEW_KEY}", id="backoffice.E002")


def production_is_given_what_it_needs(**kwargs: Any) -> Iterable[CheckMessage]:
    """E001, E003, W001: what a machine may make up for itself, a production process must be told."""
    if not settings.PRODUCTION:
        hint = "Set PRODUCTION=1 on machines that hold real books."
        yield Warning("PRODUCTION is off: this is a test system.", hint=hint, id="backoffice.W001")
        return
    yield from (missing(name) for name in MUST_BE_GIVEN if not is_given(name, os.environ))
    if settings.DEBUG:
        hint = "Unset DEBUG: error pages would show settings and personal data."
        yield Error("DEBUG is on in production.", hint=hint, id="backoffice.E003")


def is_given(name: str, environment: Mapping[str, str]) -> bool:
    """Tell whether a setting comes from the environment, by itself or as a file."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def missing(name: str) -> CheckMessage:
    """Say that production lacks a setting."""
    text = f"{name} is not set, and PRODUCTION is on."
    return Error(
        text, hint=f"Set {name}, or {name}_FILE to a file that holds it; see docs/settings.md.", id="backoffice.E001"
    )


def register_all() -> None:
    """Register the checks with Django."""
    register(sealing_keys_are_keys, Tags.security)
    register(production_is_given_what_it_needs, Tags.security, deploy=True)
