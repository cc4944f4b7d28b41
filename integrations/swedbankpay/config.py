"""What one connection to Swedbank Pay needs: whose files these are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from backoffice.contracts.errors import Misconfigured
from backoffice.contracts.provider import config_problems, setting

PROVIDER = "swedbankpay"


@dataclass(frozen=True, slots=True)
class Config:
    """Stored values of a connection, all text."""

    agreement: str = field(
        default="",
        metadata=setting(
            "Agreement number",
            help_text="What the accounting numbers begin with, such as R1234 of R1234-0001; files of others are "
            "refused. Empty takes any.",
        ),
    )

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """Check stored values and take them; raise Misconfigured with every problem in words."""
        problems = config_problems(cls, values)
        if problems:
            raise Misconfigured(" ".join(problems), provider=PROVIDER, operation="configure")
        return cls(**values)
