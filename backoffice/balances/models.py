"""What is still open of our invoices, as the accounting system tells it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client
from backoffice.common.models import CurrencyField, MinorField, Timed
from backoffice.connections.models import Connection
from backoffice.vouchers.models import Voucher


class ClosedBy(models.TextChoices):
    """What brought an invoice's balance to zero."""

    OPEN = "", _("Open")
    PAYMENT = "payment", _("Paid")
    CREDIT_NOTE = "credit_note", _("Credited")
    BOTH = "both", _("Paid and credited")


class InvoiceBalance(Timed):
    """What is open of one posted invoice. Amounts include VAT, in the currency of the books; owed to us > 0.

    changed_at is theirs. closed_at is when the balance was first seen at zero, by their time; a balance that opens
    again keeps it, since `invoice.paid` is told once. Written by balances.services alone.
    """

    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="balance", verbose_name=_("voucher"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    invoice_number = models.CharField(_("invoice number"), max_length=30)
    total_minor = MinorField(_("total"))
    balance_minor = MinorField(_("open"))
    currency = CurrencyField(_("currency"))
    due_on = models.DateField(_("due"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed over there"))
    closed_by = models.CharField(_("closed by"), max_length=12, choices=ClosedBy.choices, blank=True, default="")
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("open balance")
        verbose_name_plural = _("open balances")
        indexes: ClassVar = [
            models.Index(fields=["client"], name="balance_open", condition=~models.Q(balance_minor=0)),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_number}: {self.balance_minor}"

    @property
    def standing(self) -> str:
        """Say where it stands: unpaid, partly_paid, paid or credited."""
        if self.balance_minor == 0:
            return "credited" if self.closed_by == ClosedBy.CREDIT_NOTE else "paid"
        return "unpaid" if self.balance_minor == self.total_minor else "partly_paid"


class BalancePoll(models.Model):
    """How far one connection's balances are read, and what reading them cost."""

    connection = models.OneToOneField(Connection, models.PROTECT, related_name="+", primary_key=True)
    seen_through = models.DateTimeField(_("changes read through"))
    polled_at = models.DateTimeField(_("last read"))
    polls = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.seen_through}"
