"""What one connection to Stripe needs. Without a key it reads files only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from backoffice.contracts.provider import setting
from integrations.configs import StoredConfig, time_zone_problems

PROVIDER = "stripe"


@dataclass(frozen=True, slots=True)
class Config(StoredConfig):
    """Stored values of a connection, all text."""

    provider: ClassVar[str] = PROVIDER
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

    def problems(self) -> list[str]:
        """List what cannot work, in words."""
        found = []
        if self.api_key and not self.api_key.startswith(("rk_", "sk_")):
            found.append(
                "The API key begins with rk_ (restricted) or sk_; a publishable key (pk_) may not read payouts."
            )
        if self.account and not self.account.startswith("acct_"):
            found.append("The account id begins with acct_.")
        found += time_zone_problems(self.time_zone)
        return found

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the metadata keys in order."""
        return tuple(word.strip() for word in self.reference_keys.split(",") if word.strip())
