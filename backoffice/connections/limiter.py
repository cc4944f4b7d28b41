"""Keep all processes together below a provider's limit, and share short-lived tokens between them."""

from __future__ import annotations

import hashlib
import time

from redis.exceptions import RedisError

from backoffice.common.secrets import CannotOpen, seal, unseal
from backoffice.connections.queue import redis
from backoffice.contracts.errors import Retryable

#: longest time one request waits for its turn before it goes back to the outbox
MAX_WAIT_S = 30.0

# Each request takes the next free slot of 1/rate seconds. Slots are handed out in Redis' own time, so that many
# processes agree. KEYS[1]: next free time in microseconds. ARGV[1]: slot length, ARGV[2]: longest wait.
TAKE_SLOT = """
local now = redis.call('time')
local micro = now[1] * 1000000 + now[2]
local free = tonumber(redis.call('get', KEYS[1]) or '0')
if free < micro then free = micro end
local wait = free - micro
if wait > tonumber(ARGV[2]) then return -1 end
redis.call('set', KEYS[1], string.format('%.0f', free + tonumber(ARGV[1])), 'PX', 120000)
return wait
"""


class SharedLimiter:
    """A limiter over all processes: at most `per_second` requests a second under a key, evenly spaced.

    When Redis is away each process paces itself at a quarter of the rate: slow, but never over the limit for
    the usual few workers; a 429 is still handled.
    """

    def wait(self, key: str, *, per_second: int) -> None:
        """Sleep until this request's slot. Raises Retryable, nothing sent, when the line is longer than MAX_WAIT_S."""
        if per_second <= 0:
            return
        slot_us = 1_000_000 // per_second
        try:
            wait_us = int(redis().eval(TAKE_SLOT, 1, f"limit:{key}", slot_us, int(MAX_WAIT_S * 1_000_000)))
        except RedisError:
            wait_us = slot_us * 4
        if wait_us < 0:
            raise Retryable(
                f"More than {MAX_WAIT_S:g} seconds of requests are in line already.",
                retry_after_s=5,
            )
        if wait_us:
            time.sleep(wait_us / 1_000_000)


class SealedTokens:
    """Access tokens in Redis, sealed; names are hashed. Redis may forget them at any time."""

    def _name(self, key: str) -> str:
        return "token:" + hashlib.sha256(key.encode()).hexdigest()

    def get(self, key: str) -> str | None:
        """Give a stored token, or None when absent, expired or unreadable."""
        try:
            sealed = redis().get(self._name(key))
            return unseal(sealed.decode())["token"] if isinstance(sealed, bytes) else None
        except (RedisError, CannotOpen):
            return None

    def put(self, key: str, value: str, *, ttl_s: int) -> None:
        """Keep a token for ttl_s seconds; without Redis it is simply asked for again."""
        try:
            redis().set(self._name(key), seal({"token": value}), ex=max(ttl_s, 1))
        except RedisError:
            return

    def drop(self, key: str) -> None:
        """Forget a token."""
        try:
            redis().delete(self._name(key))
        except RedisError:
            return
