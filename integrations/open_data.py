"""Ways out to open data: no keys, one host, a stand-in on this machine where the settings name it."""

from __future__ import annotations

from backoffice.contracts.runtime import Runtime
from integrations.http import Http
from integrations.reads import Reads

ADVICE = "No key is needed there; look whether the address is blocked."
REQUESTS_PER_SECOND = 2


def open_data(provider: str, label: str, host: str, runtime: Runtime) -> Reads:
    """Open a service that anybody may read."""
    sandbox = runtime.settings.get(f"{provider.upper()}_SANDBOX_URL", "")
    http = Http(
        provider=provider,
        base_url=(sandbox or f"https://{host}") + "/api",
        hosts=frozenset({host}),
        user_agent=runtime.user_agent,
        is_sandbox=bool(sandbox),
    )
    return Reads(http, runtime, label, ADVICE, dict, per_second=REQUESTS_PER_SECOND)
