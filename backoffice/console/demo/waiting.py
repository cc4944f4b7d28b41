"""Let the house work: beside running workers, or alone when none runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from redis.exceptions import RedisError

from backoffice.clients.models import Client
from backoffice.console.demo.doors import DemoStopped
from backoffice.vouchers.models import Voucher
from backoffice.worker.jobs import drain, drain_once

WITHIN_S = 90.0
PAUSE_S = 0.1


def work_until(
    is_done: Callable[[], bool], clients: Iterable[Client], *, what: str, within_s: float = WITHIN_S
) -> None:
    """Do what is due until is_done says so; a worker that is at it already is waited for.

    Raises DemoStopped when it takes too long.
    """
    clients = list(clients)
    ends_at = time.monotonic() + within_s
    while not is_done():
        if time.monotonic() > ends_at:
            raise DemoStopped(
                f"After {within_s:.0f} s this is still not so: {what}. Look at the health page and at the workers' "
                "logs, then run `manage.py demo` again: it goes on where it stopped."
            )
        if not sum(_turn(client) for client in clients):
            time.sleep(PAUSE_S)


def _turn(client: Client) -> int:
    """Take one turn in the client's lane; 0 when nothing was due or somebody else is in it. No Redis: no worker."""
    try:
        return drain(client.pk)
    except RedisError:
        return drain_once(client)


def stopped_among(vouchers: Iterable[Voucher]) -> str:
    """Say why vouchers stopped that should not have; empty when none did."""
    said = [
        f"{voucher}: {reason['detail']}"
        for voucher in vouchers
        if voucher.state in ("failed", "blocked")
        for reason in voucher.reasons
    ]
    return " ".join(said)
