"""The client as a seller."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client
from backoffice.common.models import Timed


class CompanyForm(models.TextChoices):
    """What kind of legal entity the seller is; AS, ASA and foreign branches name the company register."""

    AS = "AS", "AS"
    ASA = "ASA", "ASA"
    NUF = "NUF", "NUF"
    ENK = "ENK", "ENK"
    ANS = "ANS", "ANS / DA"
    SA = "SA", "SA"
    OTHER = "other", _("Other")


class SellerProfile(Timed):
    """What documents say about the client as the seller, besides its name and organisation number."""

    client = models.OneToOneField(Client, models.CASCADE, related_name="seller_profile", verbose_name=_("client"))
    company_form = models.CharField(_("company form"), max_length=10, choices=CompanyForm.choices)
    is_vat_registered = models.BooleanField(_("registered for VAT"), default=True)
    is_in_liquidation = models.BooleanField(_("in liquidation"), default=False)
    address_line1 = models.CharField(_("address"), max_length=120, blank=True, default="")
    address_line2 = models.CharField(_("address, second line"), max_length=120, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=12)
    city = models.CharField(_("city"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True, default="", help_text=_("Customers' answers go there."))
    phone = models.CharField(_("phone"), max_length=30, blank=True, default="")
    website = models.CharField(_("website"), max_length=120, blank=True, default="")
    bank_account = models.CharField(_("bank account"), max_length=34, blank=True, default="")
    iban = models.CharField(_("IBAN"), max_length=34, blank=True, default="", help_text=_("For payments from abroad."))
    bic = models.CharField(_("BIC"), max_length=11, blank=True, default="")
    payment_terms_days = models.PositiveSmallIntegerField(_("payment terms in days"), default=14)

    class Meta:
        verbose_name = _("seller details")
        verbose_name_plural = _("seller details")

    def __str__(self) -> str:
        return str(self.client)
