"""Stored credentials: sealed, opened by any of the keys, sealed anew by the first."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from backoffice.common.secrets import CannotOpen, reseal, seal, unseal

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_sealed_does_not_show_and_comes_back(settings: Any) -> None:
    settings.CREDENTIALS_KEYS = [OLD]
    sealed = seal({"client_key": "very-secret"})

    assert "very-secret" not in sealed
    assert unseal(sealed) == {"client_key": "very-secret"}
    assert unseal("") == {}


def test_a_new_key_opens_what_the_old_one_sealed_until_the_old_one_goes(settings: Any) -> None:
    settings.CREDENTIALS_KEYS = [OLD]
    sealed = seal({"a": "b"})
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    rotated = reseal(sealed)
    settings.CREDENTIALS_KEYS = [NEW]

    assert unseal(rotated) == {"a": "b"}
    with pytest.raises(CannotOpen):
        unseal(sealed)


def test_a_changed_byte_is_noticed(settings: Any) -> None:
    settings.CREDENTIALS_KEYS = [OLD]
    sealed = seal({"a": "b"})

    with pytest.raises(CannotOpen):
        unseal(sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB"))
