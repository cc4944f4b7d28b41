"""Seal and open stored credentials: authenticated encryption with keys that can be rotated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotOpen(Exception):
    """No key in CREDENTIALS_KEYS opens what was sealed; bring the old key back or enter the credentials again."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(values: Mapping[str, str]) -> str:
    """Encrypt a mapping of names to secrets with the first key."""
    return _box(tuple(settings.CREDENTIALS_KEYS)).encrypt(json.dumps(dict(values)).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Decrypt what `seal` made; raise CannotOpen when no key fits. An empty text gives no secrets."""
    if not sealed:
        return {}
    try:
        opened = _box(tuple(settings.CREDENTIALS_KEYS)).decrypt(sealed.encode())
    except InvalidToken as error:
        raise CannotOpen("The stored credentials cannot be opened with CREDENTIALS_KEYS.") from error
    values: dict[str, str] = json.loads(opened)
    return values


def reseal(sealed: str) -> str:
    """Encrypt again with the first key, after a rotation; raise CannotOpen when no key fits."""
    try:
        return _box(tuple(settings.CREDENTIALS_KEYS)).rotate(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise CannotOpen("The stored credentials cannot be opened with CREDENTIALS_KEYS.") from error
