"""What one connection to Stripe needs. Without a key it reads files only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backoffice.contracts.errors import Misconfigured
from backoffice.contracts.provider import config_problems, setting

PROVIDER = "stripe"


@dataclass(frozen=True, slots=True)
class Config:
    """Stored values of a connection, all text."""

    api_key: str = field(
        default="",
        metadata=setting(
            "Restricted API key",
            is_secret=True,
            help_text="Dashboard > Developers > API keys: a restricted key (rk_) that may read Balance, Payouts, "
            "Charges, Refunds and Disputes, nothing else. Without it only files are read.",
        ),
    )
    account: str = field(
        default="",
        metadata=setting(
            "Account id", help_text="acct_…; needed when the key is a platform's and the account a connected one."
        ),
    )
    reference_keys: str = field(
        default="order_id, order_number, order_reference, reference",
        metadata=setting(
            "Metadata with the order's reference",
            help_text="The first of these keys that a charge, refund or dispute has; else the payment intent's id.",
        ),
    )
    time_zone: str = field(
        default="Europe/Oslo", metadata=setting("Time zone", help_text="Days of rows and payouts are dated in it.")
    )
    fee_vat_code: str = field(
        default="",
        metadata=setting(
            "VAT code of fees with VAT",
            help_text="For fees on which Stripe states tax; empty takes the payment provider's usual code.",
        ),
    )

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """Check stored values and take them; raise Misconfigured with every problem in words."""
        problems = config_problems(cls, values)
        if problems:
            raise Misconfigured(" ".join(problems), provider=PROVIDER, operation="configure")
        return cls(**values)

    def problems(self) -> list[str]:
        """List what cannot work, in words."""
        found = []
        if self.api_key and not self.api_key.startswith(("rk_", "sk_")):
            found.append(
                "The API key begins with rk_ (restricted) or sk_; a publishable key (pk_) may not read payouts."
            )
        if self.account and not self.account.startswith("acct_"):
            found.append("The account id begins with acct_.")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            found.append(f"{self.time_zone!r} is not a time zone; write it like Europe/Oslo.")
        return found

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the metadata keys in order."""
        return tuple(word.strip() for word in self.reference_keys.split(",") if word.strip())
