"""Start the sandbox from the command line; it prints its address on one line when it is ready."""

import argparse
import signal
import threading
from dataclasses import replace

from .options import SandboxOptions
from .server import SandboxServer


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    defaults = SandboxOptions()
    parser = argparse.ArgumentParser(prog="python -m integrations.poweroffice.sandbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", default=None, help="SQLite file that keeps the books; without it: memory")
    parser.add_argument("--rate-limit", type=int, default=defaults.rate_limit_per_s, help="requests/s per key, 0 = off")
    parser.add_argument("--send-delay-ms", type=int, default=defaults.send_delay_ms)
    parser.add_argument("--voucher-number-delay-ms", type=int, default=defaults.voucher_number_delay_ms)
    parser.add_argument("--read-lag-ms", type=int, default=defaults.read_lag_ms)
    given = parser.parse_args()
    options = replace(
        defaults,
        rate_limit_per_s=given.rate_limit,
        send_delay_ms=given.send_delay_ms,
        voucher_number_delay_ms=given.voucher_number_delay_ms,
        read_lag_ms=given.read_lag_ms,
    )
    state = None if given.state == ":memory:" else given.state
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with SandboxServer(options, state, given.host, given.port) as server:
        print(f"sandbox ready on {server.url}", flush=True)
        stopping.wait()


if __name__ == "__main__":
    main()
