"""What can be done with clients' people and keys."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from backoffice.clients.models import ApiKey, SalesPoint

KEY_BYTES = 32
PREFIX_CHARACTERS = 8
#: last_used_at is written at most this often, so that a busy key does not cost a write per request
LAST_USED_STEP = timedelta(minutes=1)


def hash_key(key: str) -> str:
    """Hash an API key. It has 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def create_api_key(*, sales_point: SalesPoint, name: str) -> tuple[ApiKey, str]:
    """Make a key for a sales point; the second value is the key itself, shown this once."""
    prefix = f"bo_{secrets.token_hex(PREFIX_CHARACTERS // 2)}"
    key = f"{prefix}_{secrets.token_urlsafe(KEY_BYTES)}"
    row = ApiKey.objects.create(sales_point=sales_point, name=name, prefix=prefix, secret_sha256=hash_key(key))
    return row, key


def revoke_api_key(*, api_key: ApiKey) -> None:
    """Make a key useless from now on; doing it twice changes nothing."""
    ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=timezone.now())


def use_api_key(*, key: str) -> ApiKey | None:
    """Find the living key and note that it was used; None when it is unknown or revoked."""
    row = (
        ApiKey.objects.select_related("sales_point__client")
        .filter(secret_sha256=hash_key(key), revoked_at=None, sales_point__is_active=True)
        .first()
    )
    now = timezone.now()
    if row and (row.last_used_at is None or now - row.last_used_at > LAST_USED_STEP):
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return row
