"""What a sandbox is started with: companies, keys, delays and limits."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

DEMO_APPLICATION_KEY = "5a4d8c10-0000-4000-8000-000000000001"
DEMO_SUBSCRIPTION_KEY = "5a4d8c100000400080000000000000f1"
DEMO_CLIENT_KEY = "5a4d8c10-0000-4000-8000-0000000000c1"
DEMO_RESTAURANT_CLIENT_KEY = "5a4d8c10-0000-4000-8000-0000000000c2"

READ_PRIVILEGES = (
    "AccountTransaction",
    "CommonServices",
    "CustomDimension",
    "Customer",
    "CustomerLedger",
    "Department",
    "GeneralLedgerAccount",
    "Location",
    "OutgoingInvoice",
    "Product",
    "Project",
    "SalesOrders",
    "TrialBalance",
    "VoucherDocumentation",
)
POSTING_PRIVILEGES = (
    "BankVoucher_Full",
    "CashVoucher_Full",
    "ManualVoucher_Full",
    "OutgoingInvoiceVoucher_Full",
    "YearEndVoucher_Full",
)
ALL_PRIVILEGES = (*READ_PRIVILEGES, *(f"{name}_Full" for name in READ_PRIVILEGES), *POSTING_PRIVILEGES)


def _wall_clock_us() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True)
class SandboxClient:
    """One company (a "client" in PowerOffice Go) with its own books and its own secret client key."""

    client_key: str
    name: str
    organisation_number: str
    privileges: Sequence[str] = ALL_PRIVILEGES
    invalid_privileges: Sequence[str] = ()
    allow_send_invoice: bool = True
    lock_date: date | None = None
    conversion_date: date = date(2020, 1, 1)

    def __post_init__(self) -> None:
        if self.client_key != self.client_key.lower() or ":" in self.client_key or not self.client_key:
            raise ValueError("a client key is written in lower case and without a colon")


# The organisation numbers have the form and check digit of real ones, and lie below all that were ever given out.
DEMO_CLIENTS = (
    SandboxClient(DEMO_CLIENT_KEY, "Nordlys Butikk AS", "800000041"),
    SandboxClient(DEMO_RESTAURANT_CLIENT_KEY, "Kaia Bar og Kjøkken AS", "800000068"),
)


@dataclass(frozen=True)
class SandboxOptions:
    """Everything a test may want to turn. Times are whole milliseconds (`_ms`) or seconds (`_s`)."""

    clients: Sequence[SandboxClient] = DEMO_CLIENTS
    application_keys: Sequence[str] = (DEMO_APPLICATION_KEY,)
    subscription_keys: Sequence[str] = (DEMO_SUBSCRIPTION_KEY,)
    rate_limit_per_s: int = 10  # per subscription key, over all companies; 0 = no limit
    token_lifetime_s: int = 1200
    send_delay_ms: int = 200  # from createAndSendInvoice to sent or failed
    voucher_number_delay_ms: int = 0  # the number is always missing in the 201 answer, even with 0
    read_lag_ms: int = 0  # lists do not show rows younger than this
    organisations_without_ehf: frozenset[str] = frozenset()  # sending EHF to these fails
    remembered_requests: int = 2000
    clock_us: Callable[[], int] = field(default=_wall_clock_us)
