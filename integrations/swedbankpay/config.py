"""What one connection to Swedbank Pay needs: whose files these are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from backoffice.contracts.provider import setting
from integrations.configs import StoredConfig

PROVIDER = "swedbankpay"


@dataclass(frozen=True, slots=True)
class Config(StoredConfig):
    """Stored values of a connection, all text."""

    provider: ClassVar[str] = PROVIDER
    agreement: str = field(
        default="",
        metadata=setting(
            "Agreement number",
            help_text="What the accounting numbers begin with, such as R1234 of R1234-0001; files of others are "
            "refused. Empty takes any.",
        ),
    )
