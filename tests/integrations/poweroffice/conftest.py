"""Fixtures shared by the tests of the PowerOffice room."""

from collections.abc import Iterator

import pytest

from integrations.poweroffice.sandbox import SandboxOptions, SandboxServer

from .books import Office, run_office
from .sandbox_support import Go


@pytest.fixture
def go_server() -> Iterator[SandboxServer]:
    """Run a sandbox without limits and delays."""
    with SandboxServer(SandboxOptions(rate_limit_per_s=0, send_delay_ms=0)) as server:
        yield server


@pytest.fixture
def go(go_server: SandboxServer) -> Go:
    """Give a logged-in client of the first demo company."""
    return Go(go_server).log_in()


@pytest.fixture
def office() -> Iterator[Office]:
    """Give the adapter on a sandbox without limits and delays, whose clock stands still."""
    with run_office() as found:
        yield found
