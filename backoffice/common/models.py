"""Columns and managers that several rooms share."""

from __future__ import annotations

from typing import Any

from django.db import models


class MinorField(models.BigIntegerField):  # type: ignore[type-arg]  # generic in the stubs only
    """An amount in minor units (øre for NOK, grosz for PLN). The name ends in _minor; a currency stands beside it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Minor units (øre for NOK, grosz for PLN).")
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """ISO 4217, three capital letters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)


class Timed(models.Model):
    """When a row was made and last changed (aware UTC)."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
