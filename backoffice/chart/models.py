"""What the accounting system has, and how payment methods and product groups map onto it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client, SalesPoint


class Synced(models.Model):
    """A row that is read from the accounting system and never edited here."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="+", verbose_name=_("client"))
    external_id = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=400)
    is_active = models.BooleanField(_("active"), default=True)
    synced_at = models.DateTimeField(_("read"))

    class Meta:
        abstract = True


class LedgerAccount(Synced):
    """A ledger account. vat_code is the account's own; a locked one allows no other on a posting."""

    number = models.CharField(_("number"), max_length=20)
    vat_code = models.CharField(_("VAT code"), max_length=10, blank=True, default="")
    is_vat_code_locked = models.BooleanField(_("VAT code locked"), default=False)
    required_dimensions = models.JSONField(_("required dimensions"), default=list)

    class Meta:
        ordering = ["number"]
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "number"], name="account_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class VatCode(Synced):
    """A VAT code with its rate in percent and the days it is valid."""

    code = models.CharField(_("code"), max_length=10)
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=2)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("VAT code")
        verbose_name_plural = _("VAT codes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "external_id"], name="vat_external")]

    def __str__(self) -> str:
        return f"{self.code} {self.name} ({self.rate:g} %)"


class Dimension(Synced):
    """A department, location, project or custom dimension (dim1, dim2, dim3)."""

    kind = models.CharField(_("kind"), max_length=12)
    code = models.CharField(_("code"), max_length=50)

    class Meta:
        ordering = ["kind", "code"]
        verbose_name = _("dimension")
        verbose_name_plural = _("dimensions")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "kind", "code"], name="dimension_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class BrandingTheme(Synced):
    """How the accounting system's invoices look."""

    code = models.CharField(_("code"), max_length=50)
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("branding theme")
        verbose_name_plural = _("branding themes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "code"], name="theme_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PaymentTerm(Synced):
    """Days until an invoice is due."""

    credit_days = models.PositiveIntegerField(_("days"))
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        ordering = ["credit_days"]
        verbose_name = _("payment term")
        verbose_name_plural = _("payment terms")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "external_id"], name="term_external")]

    def __str__(self) -> str:
        return f"{self.name} ({self.credit_days})"


class Product(Synced):
    """A product over there, on which sales order lines hang."""

    code = models.CharField(_("code"), max_length=100)
    ledger_account = models.CharField(_("ledger account"), max_length=20)

    class Meta:
        ordering = ["code"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "code"], name="product_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CustomerLink(models.Model):
    """Our customer key and the customer over there. A link made by a person wins over any search."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="customer_links", verbose_name=_("client"))
    key = models.CharField(_("our key"), max_length=200)
    external_id = models.CharField(max_length=64)
    number = models.CharField(_("number"), max_length=20, blank=True, default="")
    ledger_account_id = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=400, blank=True, default="")
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    linked_at = models.DateTimeField(_("linked"), auto_now_add=True)

    class Meta:
        verbose_name = _("customer link")
        verbose_name_plural = _("customer links")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "key"], name="customer_link_key")]

    def __str__(self) -> str:
        return f"{self.key} → {self.number} {self.name}"


class BookLimits(models.Model):
    """Dates on or before which the client's books take nothing, and when we last asked."""

    client = models.OneToOneField(Client, models.CASCADE, related_name="book_limits", verbose_name=_("client"))
    locked_through = models.DateField(_("locked through"), null=True, blank=True)
    converted_on = models.DateField(_("books begin on"), null=True, blank=True)
    fetched_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("book limits")
        verbose_name_plural = _("book limits")

    def __str__(self) -> str:
        return f"{self.client}: {self.locked_through}"


class Versioned(models.Model):
    """A rule that is never changed, only followed by a newer version; postings name the version they used.

    slot says what the rule is for; only one living rule may stand in a slot.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="+", verbose_name=_("client"))
    sales_point = models.ForeignKey(
        SalesPoint,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sales point"),
        help_text=_("Empty: for all sales points of the client."),
    )
    slot = models.CharField(max_length=200, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    created_by = models.CharField(_("by"), max_length=150)
    superseded_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        abstract = True


class PaymentMethodMapping(Versioned):
    """Which ledger accounts a payment method uses. method may end in * ("klarna*") or be *.

    ledger_account is the clearing account. Fees, disputes, what the provider holds back and its corrections leave it
    with the payout, each for its own account; a correction without an account stays on the clearing account.
    """

    method = models.CharField(_("payment method"), max_length=60)
    ledger_account = models.CharField(_("ledger account"), max_length=20)
    fee_ledger_account = models.CharField(_("fee account"), max_length=20, blank=True, default="")
    fee_vat_code = models.CharField(_("fee VAT code"), max_length=10, blank=True, default="0")
    bank_ledger_account = models.CharField(_("bank account"), max_length=20, blank=True, default="")
    dispute_ledger_account = models.CharField(_("dispute account"), max_length=20, blank=True, default="")
    deposit_ledger_account = models.CharField(_("deposit account"), max_length=20, blank=True, default="")
    correction_ledger_account = models.CharField(_("correction account"), max_length=20, blank=True, default="")

    class Meta:
        ordering = ["method"]
        verbose_name = _("payment method mapping")
        verbose_name_plural = _("payment method mappings")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "slot"], name="one_payment_rule", condition=Q(superseded_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.method} → {self.ledger_account}"


class SalesMapping(Versioned):
    """Which ledger account and VAT code a product group at a VAT rate uses. vat_rate empty: any rate."""

    group = models.CharField(_("group"), max_length=100)
    vat_rate = models.DecimalField(_("VAT rate"), max_digits=5, decimal_places=2, null=True, blank=True)
    ledger_account = models.CharField(_("ledger account"), max_length=20)
    vat_code = models.CharField(_("VAT code"), max_length=10)
    product = models.CharField(
        _("product"), max_length=100, blank=True, default="", help_text=_("Empty: made from account and VAT code.")
    )

    class Meta:
        ordering = ["group", "vat_rate"]
        verbose_name = _("sales mapping")
        verbose_name_plural = _("sales mappings")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "slot"], name="one_sales_rule", condition=Q(superseded_at=None))
        ]

    def __str__(self) -> str:
        rate = "*" if self.vat_rate is None else f"{self.vat_rate:g} %"
        return f"{self.group} {rate} → {self.ledger_account} ({self.vat_code})"
