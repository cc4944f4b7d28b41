"""Vouchers and their postings: what we tell the books, drafted, approved, delivered."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client, SalesPoint
from backoffice.common.models import CurrencyField, MinorField, Timed
from backoffice.connections.models import Delivery
from backoffice.vouchers.states import ON_ITS_WAY, AttachmentState, PaperState, VoucherState


class VoucherKind(models.TextChoices):
    """Which document it becomes over there."""

    SALES_ORDER = "sales_order", _("Sales order")
    BANK_JOURNAL = "bank_journal", _("Bank journal")
    CASH_JOURNAL = "cash_journal", _("Cash journal")
    MANUAL_JOURNAL = "manual_journal", _("Manual journal")
    OUTGOING_INVOICE = "outgoing_invoice", _("Outgoing invoice")
    OUTGOING_CREDIT_NOTE = "outgoing_credit_note", _("Outgoing credit note")


class SourceType(models.TextChoices):
    """What a voucher was made from."""

    SALE = "sale", _("Sale")
    REFUND = "refund", _("Refund")
    ADVANCE = "advance", _("Advance payment")
    PAYMENT_DAY = "payment_day", _("A day's payments")
    SALES_DAY = "sales_day", _("A day's sales")
    DAY_CLOSING = "day_closing", _("Day closing")
    PAYOUT = "payout", _("Payout")


class Voucher(Timed):
    """A dated, balanced set of postings. source_key is unique per client and source type: one source, one voucher.

    document is what will be sent, field by field, as `contracts.accounting` has it; content_sha256 is its
    fingerprint, by which an approval knows that it approves what was looked at. total_minor is the sum of the debits.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="vouchers", verbose_name=_("client"))
    sales_point = models.ForeignKey(
        SalesPoint,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="vouchers",
        verbose_name=_("sales point"),
    )
    kind = models.CharField(_("kind"), max_length=30, choices=VoucherKind.choices)
    source_type = models.CharField(_("source"), max_length=20, choices=SourceType.choices)
    source_key = models.CharField(max_length=200)
    generation = models.PositiveIntegerField(default=0)
    state = models.CharField(
        _("state"),
        max_length=20,
        default=VoucherState.DRAFT,
        choices=[(s.value, s.value) for s in VoucherState],
    )
    dated_on = models.DateField(_("date"))
    original_dated_on = models.DateField(_("date before it was moved"), null=True, blank=True)
    currency = CurrencyField(_("currency"))
    total_minor = MinorField(_("total"), default=0)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    customer_name = models.CharField(_("customer"), max_length=400, blank=True, default="")
    matching_reference = models.CharField(_("matching reference"), max_length=100, blank=True, default="")
    document = models.JSONField(_("document"), default=dict)
    content_sha256 = models.CharField(max_length=64, blank=True, default="")
    reasons = models.JSONField(_("reasons"), default=list)
    is_dirty = models.BooleanField(default=False)
    drafted_at = models.DateTimeField(_("last drafted"), null=True, blank=True, editable=False)

    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    approved_by = models.CharField(_("approved by"), max_length=150, blank=True, default="")
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    held_reason = models.CharField(_("why held"), max_length=300, blank=True, default="")
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    external_id = models.CharField(_("their id"), max_length=64, blank=True, default="")
    number = models.CharField(_("voucher number"), max_length=30, blank=True, default="")
    invoice_number = models.CharField(_("invoice number"), max_length=30, blank=True, default="")
    occurred_at = models.DateTimeField(_("event"), null=True, blank=True)

    class Meta:
        ordering = ["-dated_on", "-id"]
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "source_type", "source_key", "generation"],
                name="voucher_once",
            ),
            models.CheckConstraint(name="voucher_state", condition=models.Q(state__in=list(VoucherState))),
            models.CheckConstraint(
                name="posted_has_id_and_time",
                condition=~models.Q(state__in=["posted", "reversed"])
                | (models.Q(posted_at__isnull=False) & ~models.Q(external_id="")),
            ),
            models.CheckConstraint(
                name="approved_by_somebody",
                condition=models.Q(
                    state__in=[
                        "draft",
                        "blocked",
                        "awaiting_approval",
                        "held",
                        "withdrawn",
                        "failed",
                    ]
                )
                | models.Q(approved_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "state", "-dated_on", "-id"], name="voucher_list"),
            models.Index(fields=["-dated_on", "-id"], name="voucher_newest"),
            models.Index(fields=["client", "-dated_on", "-id"], name="voucher_client_newest"),
            models.Index(fields=["client", "posted_at"], name="voucher_posted"),
            models.Index(fields=["matching_reference"], name="voucher_matching"),
            models.Index(fields=["number"], name="voucher_number"),
            models.Index(fields=["total_minor"], name="voucher_total"),
            # a search by words reads this index alone, not the rows with their documents
            models.Index(fields=["client", "customer_name", "matching_reference"], name="voucher_words"),
            models.Index(fields=["invoice_number"], name="voucher_invoice"),
            models.Index(fields=["updated_at", "id"], name="voucher_updated"),
            models.Index(
                fields=["client"],
                name="voucher_dirty",
                condition=models.Q(is_dirty=True),
            ),
            models.Index(fields=["client"], name="voucher_again", condition=models.Q(generation__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.description or self.pk}"

    @property
    def deliveries(self) -> models.QuerySet[Delivery]:
        """All that was or will be sent for this voucher, oldest first."""
        return Delivery.objects.filter(subject_type="voucher", subject_id=self.pk).order_by("id")


class Posting(models.Model):
    """One line: debit > 0, credit < 0, gross of VAT. why tells how the amount came about, step by step."""

    voucher = models.ForeignKey(Voucher, models.CASCADE, related_name="postings")
    position = models.PositiveIntegerField()
    ledger_account = models.CharField(_("ledger account"), max_length=20)
    account_name = models.CharField(_("account name"), max_length=400, blank=True, default="")
    customer_key = models.CharField(max_length=200, blank=True, default="")
    customer_name = models.CharField(_("customer"), max_length=400, blank=True, default="")
    amount_minor = MinorField(_("amount"))
    currency = CurrencyField(_("currency"))
    vat_code = models.CharField(_("VAT code"), max_length=10, blank=True, default="")
    vat_rate = models.DecimalField(_("VAT rate"), max_digits=5, decimal_places=2, null=True, blank=True)
    matching_reference = models.CharField(_("matching reference"), max_length=100, blank=True, default="")
    description = models.CharField(_("text"), max_length=300, blank=True, default="")
    dimensions = models.JSONField(_("dimensions"), default=dict)
    why = models.JSONField(_("why"), default=list)

    class Meta:
        ordering = ["position"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["voucher", "position"], name="posting_position"),
            models.CheckConstraint(name="posting_not_zero", condition=~models.Q(amount_minor=0)),
        ]
        indexes: ClassVar = [
            # balances of clearing accounts are added up from this index alone
            models.Index(fields=["ledger_account", "voucher", "currency", "amount_minor"], name="posting_account"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.amount_minor}"


class VoucherAttachment(Timed):
    """A file that documents a voucher: sent once the voucher is posted, with a state and retries of its own.

    sha256 names the file as it was given, sent_sha256 what went out: the file alone or, since the accounting system
    keeps one file a voucher, together with those attached before.
    """

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="attachments", verbose_name=_("voucher"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    name = models.CharField(_("file"), max_length=200)
    media_type = models.CharField(_("type"), max_length=100)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("size"))
    state = models.CharField(
        _("state"),
        max_length=12,
        default=AttachmentState.WAITING,
        choices=[(s.value, s.value) for s in AttachmentState],
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    look_ups = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=64, blank=True, default="")
    sent_sha256 = models.CharField(max_length=64, blank=True, default="")
    attached_at = models.DateTimeField(_("attached"), null=True, blank=True)
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["voucher", "sha256"], name="attachment_once"),
            models.UniqueConstraint(
                fields=["voucher"],
                name="attachment_one_on_its_way",
                condition=models.Q(state__in=sorted(ON_ITS_WAY)),
            ),
            models.CheckConstraint(name="attachment_state", condition=models.Q(state__in=list(AttachmentState))),
            models.CheckConstraint(
                name="attached_has_time_and_hash",
                condition=~models.Q(state="attached")
                | (models.Q(attached_at__isnull=False) & ~models.Q(sent_sha256="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["client", "state", "next_attempt_at"],
                name="attachment_due",
                condition=~models.Q(state__in=["attached", "withdrawn"]),
            )
        ]

    def __str__(self) -> str:
        return self.name


class VoucherPaper(Timed):
    """The PDF that the accounting system made of a document it issued: fetched once, stored under its hash for good."""

    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="paper", verbose_name=_("voucher"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    state = models.CharField(
        _("state"), max_length=12, default=PaperState.WAITING, choices=[(s.value, s.value) for s in PaperState]
    )
    name = models.CharField(_("file"), max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="", db_index=True)
    size_bytes = models.PositiveBigIntegerField(_("size"), default=0)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    fetched_at = models.DateTimeField(_("fetched"), null=True, blank=True)
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("PDF of the accounting system")
        verbose_name_plural = _("PDFs of the accounting system")
        constraints: ClassVar = [
            models.CheckConstraint(name="paper_state", condition=models.Q(state__in=list(PaperState))),
            models.CheckConstraint(
                name="fetched_is_stored",
                condition=~models.Q(state="fetched")
                | (~models.Q(sha256="") & models.Q(fetched_at__isnull=False, size_bytes__gt=0)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "next_attempt_at"], name="paper_due", condition=models.Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return self.name or f"PDF · {self.voucher}"
