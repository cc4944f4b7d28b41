"""What one connection to Vipps MobilePay needs. Without keys it reads files only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from backoffice.contracts.provider import setting
from integrations.configs import StoredConfig

PROVIDER = "vipps"
#: What the client's own sales unit has, and what an accounting partner has for all of its clients.
MERCHANT_KEYS, ACCOUNTING_KEYS = "merchant", "accounting"


@dataclass(frozen=True, slots=True)
class Config(StoredConfig):
    """Stored values of a connection, all text."""

    provider: ClassVar[str] = PROVIDER
    keys: str = field(
        default=MERCHANT_KEYS,
        metadata=setting(
            "Kind of keys",
            choices=(MERCHANT_KEYS, ACCOUNTING_KEYS),
            help_text="merchant: the sales unit's own API keys. accounting: an accounting partner's keys, "
            "which the client gives access at portal.vippsmobilepay.com.",
        ),
    )
    client_id: str = field(
        default="",
        metadata=setting("Client id", help_text="Without keys, settlement files are read and nothing is fetched."),
    )
    client_secret: str = field(default="", metadata=setting("Client secret", is_secret=True))
    subscription_key: str = field(
        default="",
        metadata=setting("Subscription key", is_secret=True, help_text="Only with the sales unit's own keys."),
    )
    merchant_serial_number: str = field(
        default="", metadata=setting("Merchant serial number", help_text="Six digits; helps their support.")
    )
    recipient_handles: str = field(
        default="",
        metadata=setting(
            "Sales units",
            help_text="Handles such as api:123455 or NO:57860, separated by commas; empty takes every ledger "
            "that the keys open. Accounting keys open those of all clients, so they need this.",
        ),
    )

    def problems(self) -> list[str]:
        """List what cannot work together, in words."""
        found = []
        if self.keys not in (MERCHANT_KEYS, ACCOUNTING_KEYS):
            found.append(f"Kind of keys is {MERCHANT_KEYS} or {ACCOUNTING_KEYS}.")
        if bool(self.client_id) != bool(self.client_secret):
            found.append("Client id and client secret belong together: give both or neither.")
        if self.client_id and self.keys == MERCHANT_KEYS and not self.subscription_key:
            found.append("Subscription key is missing; the sales unit's keys at portal.vippsmobilepay.com show it.")
        if self.client_id and self.keys == ACCOUNTING_KEYS and not self.handles:
            found.append("Name the sales units of this client: accounting keys open the ledgers of all clients.")
        return found

    @property
    def has_api(self) -> bool:
        """Say whether reports can be fetched."""
        return bool(self.client_id)

    @property
    def handles(self) -> frozenset[str]:
        """Give the sales units whose ledgers are read."""
        return frozenset(word.strip() for word in self.recipient_handles.split(",") if word.strip())
