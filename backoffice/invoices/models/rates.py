"""What foreign money was worth: as a person entered it for a client, and as banks published it for everybody."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client
from backoffice.common.models import CurrencyField


def without_zeros(rate: Decimal) -> Decimal:
    """Leave out the zeros at a rate's end; at least two decimals stay.

    >>> without_zeros(Decimal("11.7000000000")), without_zeros(Decimal("0.0123400000"))
    (Decimal('11.70'), Decimal('0.01234'))
    """
    short = rate.normalize()
    return short if int(short.as_tuple().exponent) < -2 else rate.quantize(Decimal("0.01"))


class HomeRate(models.Model):
    """What a foreign currency was worth on a day, for the VAT in the seller's own currency. Written once."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="+", verbose_name=_("client"))
    currency = CurrencyField(_("currency"))
    rated_on = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=14, decimal_places=6, help_text=_("Of one unit."))
    source = models.CharField(_("source"), max_length=60, default="Norges Bank")

    class Meta:
        ordering = ["-rated_on", "currency"]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "currency", "rated_on"], name="home_rate_once"),
            models.CheckConstraint(name="home_rate_positive", condition=models.Q(rate__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rated_on}"


class BankRate(models.Model):
    """One unit of `currency` in the bank's own, as published for a day. source is the bank's key (norges_bank)."""

    source = models.CharField(_("source"), max_length=30)
    currency = CurrencyField(_("currency"))
    rated_on = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10, help_text=_("Of one unit."))
    table = models.CharField(_("table"), max_length=40, blank=True, default="")
    fetched_at = models.DateTimeField(_("fetched"))

    class Meta:
        verbose_name = _("published exchange rate")
        verbose_name_plural = _("published exchange rates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "currency", "rated_on"], name="bank_rate_once"),
            models.CheckConstraint(name="bank_rate_positive", condition=models.Q(rate__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rated_on}"

    @property
    def plain(self) -> Decimal:
        """The rate without the zeros that the column adds; at least two decimals stay."""
        return without_zeros(self.rate)


class BankAsked(models.Model):
    """When a bank last answered, from which day on its rates are known without gaps, and what went wrong since."""

    source = models.CharField(max_length=30, unique=True)
    answered_at = models.DateTimeField(null=True)
    known_since = models.DateField(null=True)
    failed_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.source
