"""What must hold before anything starts: `manage.py check`, and every command that serves or works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

HOW_TO_MAKE = {
    "SECRET_KEY": 'python -c "import secrets; print(secrets.token_urlsafe(60))"',
    "CREDENTIALS_KEYS": 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"',
}


def production_has_its_secrets(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse production without secrets of its own: made ones would be lost with the machine (backoffice.E001)."""
    return [
        Error(
            f"PRODUCTION is on and {name} is not in the environment.",
            hint=f"Make one, keep it safe and outside of back-ups of the database: {HOW_TO_MAKE[name]}",
            id="backoffice.E001",
        )
        for name in settings.MISSING_SECRETS
    ]


def credentials_keys_are_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a key that could seal nothing (backoffice.E002)."""
    if "CREDENTIALS_KEYS" in settings.MISSING_SECRETS:
        return []
    return [
        Error(
            f"Key {number} of CREDENTIALS_KEYS is no Fernet key (32 bytes in URL-safe base64).",
            hint=f"Separate keys by commas, without spaces. To make one: {HOW_TO_MAKE['CREDENTIALS_KEYS']}",
            id="backoffice.E002",
        )
        for number, key in enumerate(settings.CREDENTIALS_KEYS, 1)
        if not _is_key(key)
    ]


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
