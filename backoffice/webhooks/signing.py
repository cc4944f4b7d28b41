"""Sign what goes out: `X-Backoffice-Signature: t=<unix>,v1=<hex hmac-sha256 of "t.body">`. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

HEADER = "X-Backoffice-Signature"


def signature(body: bytes, *, secrets: Sequence[str], at: int) -> str:
    """Give the header's value for a body sent at a Unix time.

    One v1 for each secret: while a secret is being changed both count, so that the receiver can change at leisure.

    >>> signature(b"{}", secrets=["whsec_a"], at=1_700_000_000)[:16]
    't=1700000000,v1='
    """
    signed = f"{at}.".encode() + body
    digests = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])
