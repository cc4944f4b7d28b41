"""docs/api.md tells the truth about webhooks: its check fits what is sent, and every type is explained."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from typing import Any

import pytest
from django.conf import settings

from backoffice.webhooks.models import EventType
from backoffice.webhooks.signing import HEADER, signature

PAGE: str = (settings.BASE_DIR / "docs" / "api.md").read_text()


def checker() -> Any:
    """Give the function that the page shows."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {"hmac": hmac, "hashlib": hashlib, "time": time}
    exec(code, names)  # noqa: S102  # our own page
    return names["is_ours"]


@pytest.mark.parametrize("secrets", [["whsec_a"], ["whsec_new", "whsec_a"]])
def test_the_check_on_the_page_takes_what_we_send(secrets: list[str]) -> None:
    body = '{"id":"1","data":{"sale":"Bjørk"}}'.encode()
    header = signature(body, secrets=secrets, at=int(time.time()))
    is_ours = checker()
    assert is_ours(header, body, "whsec_a")
    assert not is_ours(header, body + b" ", "whsec_a")
    assert not is_ours(header, body, "whsec_b")
    assert not is_ours(signature(body, secrets=secrets, at=int(time.time()) - 900), body, "whsec_a")


@pytest.mark.parametrize("kind", EventType.values)
def test_every_type_is_explained(kind: str) -> None:
    assert f"`{kind}`" in PAGE


def test_the_header_is_named() -> None:
    assert HEADER in PAGE
