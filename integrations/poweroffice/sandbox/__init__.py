"""A strict, stateful, local stand-in for PowerOffice Go API v2.

    python -m integrations.poweroffice.sandbox --port 0 --state var/poweroffice-sandbox.sqlite3

It keeps the books of one or more companies: double entry with VAT, a customer ledger with matching, lock
date, unique references, asynchronous sending, late voucher numbers, rate limit, faults on demand, and a page
that shows it all. For tests: `with SandboxServer(SandboxOptions(...)) as s:` then `s.url`, `s.books`,
`s.faults`. It refuses more than the real service may: what is stricter by choice or inferred says so where it
stands.
"""

from .books import Books
from .faults import Fault, Faults
from .options import (
    ALL_PRIVILEGES,
    DEMO_APPLICATION_KEY,
    DEMO_CLIENT_KEY,
    DEMO_CLIENTS,
    DEMO_RESTAURANT_CLIENT_KEY,
    DEMO_SUBSCRIPTION_KEY,
    SandboxClient,
    SandboxOptions,
)
from .sandbox import Sandbox, create_app
from .server import SandboxServer

__all__ = [
    "ALL_PRIVILEGES",
    "DEMO_APPLICATION_KEY",
    "DEMO_CLIENTS",
    "DEMO_CLIENT_KEY",
    "DEMO_RESTAURANT_CLIENT_KEY",
    "DEMO_SUBSCRIPTION_KEY",
    "Books",
    "Fault",
    "Faults",
    "Sandbox",
    "SandboxClient",
    "SandboxOptions",
    "SandboxServer",
    "create_app",
]
