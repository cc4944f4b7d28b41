"""What was sold, how it was paid, and what came back. Amounts include VAT."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client, SalesPoint
from backoffice.common.models import CurrencyField, MinorField, Timed
from backoffice.connections.models import InboundEvent
from backoffice.sales import batch_models, till_import_models  # noqa: F401  # Django looks for models only here
from backoffice.vouchers.models import Voucher


class SaleState(models.TextChoices):
    """Where a sale stands on its way to a voucher."""

    RECORDED = "recorded", _("Recorded")
    WAITING = "waiting", _("Waits")
    ROUTED = "routed", _("Has a voucher")
    NEEDS_PERSON = "needs_person", _("Needs a person")
    CANCELLED = "cancelled", _("Cancelled")


class Recorded(Timed):
    """An event of a sales point, unique by its reference there; details hold it as the contract has it."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    sales_point = models.ForeignKey(SalesPoint, models.PROTECT, related_name="+", verbose_name=_("sales point"))
    reference = models.CharField(_("reference"), max_length=100)
    event = models.ForeignKey(InboundEvent, models.PROTECT, null=True, related_name="+")
    details = models.JSONField(default=dict)
    details_sha256 = models.CharField(max_length=64)
    currency = CurrencyField(_("currency"))

    class Meta:
        abstract = True


class Sale(Recorded):
    """A sale. sold_on is the day in the client's zone; total_minor is what the customer owed."""

    revision = models.PositiveBigIntegerField(default=1)
    kind = models.CharField(_("kind"), max_length=20)
    state = models.CharField(_("state"), max_length=20, choices=SaleState.choices, default=SaleState.RECORDED)
    sold_at = models.DateTimeField(_("sold"))
    sold_on = models.DateField(_("day"))
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    customer_key = models.CharField(max_length=200)
    customer_name = models.CharField(_("customer"), max_length=400, blank=True, default="")
    customer_email = models.CharField(_("e-mail"), max_length=254, blank=True, default="")
    total_minor = MinorField(_("total"))
    rounding_minor = MinorField(_("rounding"), default=0)
    tip_minor = MinorField(_("tip"), default=0)
    matching_reference = models.CharField(_("matching reference"), max_length=100)
    invoice_number = models.CharField(_("invoice number"), max_length=30, blank=True, default="")
    voucher = models.ForeignKey(
        Voucher, models.SET_NULL, null=True, blank=True, related_name="sales", verbose_name=_("voucher")
    )
    needs_person_because = models.TextField(_("why a person is needed"), blank=True, default="")
    note = models.TextField(_("what it waits for, or why nothing follows"), blank=True, default="")
    pending_details = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-sold_at", "-id"]
        verbose_name = _("sale")
        verbose_name_plural = _("sales")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sales_point", "reference"], name="sale_reference"),
            models.UniqueConstraint(fields=["client", "matching_reference"], name="sale_matching_reference"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-sold_at", "-id"], name="sale_list"),
            models.Index(fields=["-sold_at", "-id"], name="sale_newest"),
            models.Index(fields=["total_minor"], name="sale_total"),
            # a search by words reads this index alone, not the rows with their details
            models.Index(fields=["client", "customer_name", "customer_email"], name="sale_words"),
            models.Index(fields=["client", "state"], name="sale_state"),
            models.Index(fields=["updated_at", "id"], name="sale_updated"),
            models.Index(fields=["invoice_number"], name="sale_invoice"),
        ]

    def __str__(self) -> str:
        return self.reference


class SaleLine(models.Model):
    """One line after discount. gross_minor includes VAT; vat_minor is the part the sales system states as VAT."""

    sale = models.ForeignKey(Sale, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    reference = models.CharField(_("reference"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12)
    description = models.CharField(_("description"), max_length=400)
    group = models.CharField(_("group"), max_length=100)
    sku = models.CharField(_("SKU"), max_length=100, blank=True, default="")
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=10, default="EA")
    vat_rate = models.DecimalField(_("VAT rate"), max_digits=5, decimal_places=2)
    gross_minor = MinorField(_("amount incl. VAT"))
    vat_minor = MinorField(_("VAT"))

    class Meta:
        ordering = ["position"]
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints: ClassVar = [models.UniqueConstraint(fields=["sale", "position"], name="sale_line_position")]

    def __str__(self) -> str:
        return self.description


class Payment(Recorded):
    """How a sale was paid, an event of its own. Negative: money back. paid_on is the day in the client's zone.

    sale is empty while the sale it names has not arrived; voucher is the day's bank journal that carries it.
    is_advance: it was made before delivery and rests on the advance account until then.
    """

    method = models.CharField(_("payment method"), max_length=60)
    amount_minor = MinorField(_("amount"))
    paid_at = models.DateTimeField(_("paid"))
    paid_on = models.DateField(_("day"))
    provider_reference = models.CharField(_("provider's reference"), max_length=100, blank=True, default="")
    sale = models.ForeignKey(
        Sale, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("sale")
    )
    sale_reference = models.CharField(_("sale reference"), max_length=100, blank=True, default="")
    matching_reference = models.CharField(_("matching reference"), max_length=100, blank=True, default="")
    invoice_number = models.CharField(_("invoice number"), max_length=30, blank=True, default="")
    voucher = models.ForeignKey(
        Voucher, models.SET_NULL, null=True, blank=True, related_name="payments", verbose_name=_("voucher")
    )
    refund = models.ForeignKey(
        "Refund", models.SET_NULL, null=True, blank=True, related_name="payments", verbose_name=_("refund")
    )
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    is_advance = models.BooleanField(_("advance payment"), default=False)

    class Meta:
        ordering = ["-paid_at", "-id"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sales_point", "reference"], name="payment_reference"),
            models.CheckConstraint(name="payment_not_zero", condition=~models.Q(amount_minor=0)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-paid_at", "-id"], name="payment_list"),
            models.Index(fields=["-paid_at", "-id"], name="payment_newest"),
            models.Index(fields=["amount_minor"], name="payment_amount"),
            models.Index(fields=["provider_reference"], name="payment_provider_reference"),
            models.Index(fields=["client", "paid_on", "voucher"], name="payment_day"),
            models.Index(fields=["client", "matching_reference"], name="payment_matching"),
            models.Index(fields=["updated_at", "id"], name="payment_updated"),
        ]

    def __str__(self) -> str:
        return self.reference


class Refund(Recorded):
    """Goods or money back. amount_minor is positive and includes VAT.

    matching_reference is the refund's own: credit note and money back meet under it. shares are what is credited of
    each line of the sale, once that is decided; proposed_split is what a person is asked to accept, per VAT rate.
    """

    sale = models.ForeignKey(
        Sale, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("sale")
    )
    sale_reference = models.CharField(_("sale reference"), max_length=100)
    state = models.CharField(_("state"), max_length=20, choices=SaleState.choices, default=SaleState.RECORDED)
    refunded_at = models.DateTimeField(_("refunded"))
    refunded_on = models.DateField(_("day"))
    amount_minor = MinorField(_("amount"))
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    matching_reference = models.CharField(_("matching reference"), max_length=100, blank=True, default="")
    credit_note_number = models.CharField(_("credit note number"), max_length=30, blank=True, default="")
    shares = models.JSONField(default=list, blank=True, editable=False)
    proposed_split = models.JSONField(_("proposed split"), default=list, blank=True)
    split_accepted_by = models.CharField(_("split accepted by"), max_length=150, blank=True, default="")
    voucher = models.ForeignKey(
        Voucher, models.SET_NULL, null=True, blank=True, related_name="refunds", verbose_name=_("voucher")
    )
    needs_person_because = models.TextField(_("why a person is needed"), blank=True, default="")
    note = models.TextField(_("what it waits for, or why nothing follows"), blank=True, default="")

    class Meta:
        ordering = ["-refunded_at", "-id"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sales_point", "reference"], name="refund_reference"),
            models.CheckConstraint(name="refund_positive", condition=models.Q(amount_minor__gt=0)),
        ]
        indexes: ClassVar = [models.Index(fields=["client", "state"], name="refund_state")]

    def __str__(self) -> str:
        return self.reference


class DayClosing(Timed):
    """A till's Z report: number counts on per register. closed_on is the day of closed_at in the client's zone.

    missing_accepted_by: who said that the numbers before it do not exist. repeated_details: other content that came
    later under the same number; it was refused and is shown.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    sales_point = models.ForeignKey(SalesPoint, models.PROTECT, related_name="+", verbose_name=_("sales point"))
    register = models.CharField(_("register"), max_length=100)
    number = models.PositiveBigIntegerField(_("Z number"))
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"))
    closed_on = models.DateField(_("day"))
    currency = CurrencyField(_("currency"))
    details = models.JSONField(default=dict)
    details_sha256 = models.CharField(max_length=64)
    sales_minor = MinorField(_("sales incl. VAT"))
    state = models.CharField(_("state"), max_length=20, choices=SaleState.choices, default=SaleState.RECORDED)
    voucher = models.ForeignKey(
        Voucher, models.SET_NULL, null=True, blank=True, related_name="day_closings", verbose_name=_("voucher")
    )
    event = models.ForeignKey(InboundEvent, models.PROTECT, null=True, related_name="+")
    missing_accepted_by = models.CharField(_("missing numbers accepted by"), max_length=150, blank=True, default="")
    repeated_details = models.JSONField(null=True, blank=True, editable=False)
    repeated_at = models.DateTimeField(_("number came again"), null=True, blank=True)

    class Meta:
        ordering = ["-closed_at", "-id"]
        verbose_name = _("day closing")
        verbose_name_plural = _("day closings")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sales_point", "register", "number"], name="closing_number")
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-closed_at", "-id"], name="closing_list"),
            models.Index(fields=["client", "state"], name="closing_state"),
            models.Index(fields=["updated_at", "id"], name="closing_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.register} Z {self.number}"
