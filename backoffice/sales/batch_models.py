"""What stands behind a batch: its amounts one by one, and the list of them that documents the voucher."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.common.models import MinorField, Timed
from backoffice.vouchers.models import Voucher


class BatchSource(models.TextChoices):
    """What a line of a batch's list tells of; balance is what of a sale is paid on another day."""

    SALE = "sale", _("Sale")
    REFUND = "refund", _("Refund")
    PAYMENT = "payment", _("Payment")
    BALANCE = "balance", _("Paid on another day")


class BatchLine(models.Model):
    """One amount of a sale, refund or payment in a batch that is complete: debit > 0, credit < 0, VAT included.

    Written with the voucher's final draft, so that the list behind a posted batch stays what it was. position is the
    sale line's; 0 is the tip, -1 the rounding.
    """

    voucher = models.ForeignKey(Voucher, models.CASCADE, related_name="batch_lines", verbose_name=_("voucher"))
    source = models.CharField(max_length=10, choices=BatchSource.choices)
    sale = models.ForeignKey("sales.Sale", models.PROTECT, related_name="batch_lines")
    refund = models.ForeignKey("sales.Refund", models.PROTECT, null=True, related_name="+")
    payment = models.ForeignKey("sales.Payment", models.PROTECT, null=True, related_name="+")
    position = models.IntegerField(default=0)
    ledger_account = models.CharField(max_length=20)
    account_name = models.CharField(max_length=400, blank=True, default="")
    vat_code = models.CharField(max_length=10)
    vat_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    amount_minor = MinorField()

    class Meta:
        ordering = ["id"]
        indexes: ClassVar = [models.Index(fields=["voucher", "sale", "position"], name="batch_line_of_sale")]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.amount_minor}"


class BatchList(Timed):
    """The list behind a posted batch as PDF, made once: where it is stored, and why it is not with the voucher.

    sha256 is empty where no PDF was made; why_not says so in a sentence.
    """

    voucher = models.OneToOneField(Voucher, models.CASCADE, related_name="batch_list", verbose_name=_("voucher"))
    sha256 = models.CharField(max_length=64, blank=True, default="")
    size_bytes = models.PositiveIntegerField(_("size"), default=0)
    why_not = models.TextField(_("why it is not attached"), blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="batch_list_or_reason", condition=~models.Q(sha256="") | ~models.Q(why_not=""))
        ]

    def __str__(self) -> str:
        return f"{self.voucher_id} {self.sha256[:12]}"
