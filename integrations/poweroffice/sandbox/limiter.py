"""The gateway's rate limit: so many requests in any one second per subscription key, over all companies."""

from collections import deque

from .errors import GatewayError

SECOND_US = 1_000_000


class Limiter:
    """Count requests per subscription key in a sliding second."""

    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self.refused = 0
        self._seen: dict[str, deque[int]] = {}

    def admit(self, subscription_key: str, now_us: int) -> None:
        """Let a request pass or refuse it with the gateway's 429; a refused one does not count."""
        if not self.per_second:
            return
        seen = self._seen.setdefault(subscription_key, deque())
        while seen and seen[0] <= now_us - SECOND_US:
            seen.popleft()
        if len(seen) >= self.per_second:
            self.refused += 1
            raise too_many()
        seen.append(now_us)


def too_many() -> GatewayError:
    """Give the 429 of the gateway."""
    return GatewayError(429, "Rate limit is exceeded. Try again in 1 seconds.", retry_after_s=1)
