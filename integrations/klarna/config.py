"""What one connection to Klarna or Kustom needs. Without keys it reads files only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from backoffice.contracts.provider import setting
from integrations.configs import StoredConfig, time_zone_problems

PROVIDER = "klarna"
#: Where each service's Settlements API stands. Kustom kept Klarna's interface; its addresses are inferred.
HOSTS = {
    "klarna": "api.klarna.com",
    "klarna-playground": "api.playground.klarna.com",
    "kustom": "api.kustom.co",
    "kustom-playground": "api.playground.kustom.co",
}


@dataclass(frozen=True, slots=True)
class Config(StoredConfig):
    """Stored values of a connection, all text."""

    provider: ClassVar[str] = PROVIDER
    service: str = field(default="klarna", metadata=setting("Service", choices=tuple(HOSTS)))
    username: str = field(
        default="",
        metadata=setting(
            "API user name", help_text="Without it, settlement reports are read from files and nothing is fetched."
        ),
    )
    password: str = field(default="", metadata=setting("API password", is_secret=True))
    time_zone: str = field(
        default="Europe/Oslo", metadata=setting("Time zone", help_text="Days of rows and payouts are dated in it.")
    )
    fee_vat_code: str = field(
        default="",
        metadata=setting(
            "VAT code of fees with VAT",
            help_text="For fees on which the report states VAT; empty takes the payment provider's usual code.",
        ),
    )

    def problems(self) -> list[str]:
        """List what cannot work together, in words."""
        found = []
        if self.service not in HOSTS:
            found.append(f"Service is one of {', '.join(HOSTS)}.")
        if bool(self.username) != bool(self.password):
            found.append("API user name and password belong together: give both or neither.")
        found += time_zone_problems(self.time_zone)
        return found

    @property
    def has_api(self) -> bool:
        """Say whether reports can be fetched."""
        return bool(self.username)
