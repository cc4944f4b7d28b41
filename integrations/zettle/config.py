"""What one connection to Zettle needs. Without a key it reads saved answers of the Finance API only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from backoffice.contracts.provider import setting
from integrations.configs import StoredConfig, time_zone_problems

PROVIDER = "zettle"


@dataclass(frozen=True, slots=True)
class Config(StoredConfig):
    """Stored values of a connection, all text."""

    provider: ClassVar[str] = PROVIDER
    client_id: str = field(
        default="",
        metadata=setting("Client id", help_text="Shown with the API key at my.zettle.com > Integrations > API keys."),
    )
    api_key: str = field(
        default="",
        metadata=setting(
            "API key", is_secret=True, help_text="With the scope READ:FINANCE. Without it nothing is fetched."
        ),
    )
    account: str = field(
        default="zettle",
        metadata=setting("Account name", help_text="Tells several Zettle accounts of one client apart."),
    )
    currency: str = field(
        default="NOK",
        metadata=setting("Currency", help_text="Of the account; its rows do not name one."),
    )
    time_zone: str = field(
        default="Europe/Oslo", metadata=setting("Time zone", help_text="Days of rows and payouts are dated in it.")
    )

    def problems(self) -> list[str]:
        """List what cannot work together, in words."""
        found = []
        if bool(self.client_id) != bool(self.api_key):
            found.append("Client id and API key belong together: give both or neither.")
        if len(self.currency) != 3 or not self.currency.isupper():
            found.append("The currency is three capital letters such as NOK.")
        if not self.account.strip():
            found.append("The account needs a name, such as zettle.")
        found += time_zone_problems(self.time_zone)
        return found

    @property
    def has_api(self) -> bool:
        """Say whether the account can be asked."""
        return bool(self.api_key)
