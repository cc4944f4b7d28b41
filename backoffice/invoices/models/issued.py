"""Documents that were issued, stored for good, and their ways to the customer."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client
from backoffice.common.blobs import path_of
from backoffice.common.models import Timed
from backoffice.invoices.document import DocumentKind
from backoffice.invoices.models.theme import DocumentTheme
from backoffice.invoices.states import DocumentState, SendingState
from backoffice.sales.models import Refund, Sale

#: how the files of documents end
SUFFIX = "pdf"


class IssuedDocument(Timed):
    """A document for the customer: asked for once per sale, kind and number; once rendered, stored for good.

    source is the document's data and looks; the file stands under its hash. A second request gives what is stored.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    sale = models.ForeignKey(Sale, models.PROTECT, related_name="documents", verbose_name=_("sale"))
    refund = models.ForeignKey(
        Refund, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("refund")
    )
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=[
            (DocumentKind.INVOICE.value, _("Invoice")),
            (DocumentKind.PAID_INVOICE.value, _("Paid invoice")),
            (DocumentKind.CREDIT_NOTE.value, _("Credit note")),
            (DocumentKind.RECEIPT.value, _("Receipt")),
        ],
    )
    number = models.CharField(_("number"), max_length=100)
    language = models.CharField(_("language"), max_length=5)
    theme = models.ForeignKey(DocumentTheme, models.PROTECT, null=True, related_name="+", verbose_name=_("theme"))
    source = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=20, default=DocumentState.REQUESTED, choices=[(s.value, s.value) for s in DocumentState]
    )
    failed_because = models.TextField(_("why it failed"), blank=True, default="")
    #: failed for want of an exchange rate; asked for again when the bank has answered
    awaits_rate = models.BooleanField(default=False, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    size_bytes = models.PositiveIntegerField(_("size"), default=0)
    rendered_at = models.DateTimeField(_("made"), null=True, blank=True)
    #: until it is decided whether it goes with its voucher, which must be posted for that
    awaits_voucher = models.BooleanField(default=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sale", "kind", "number"], name="document_once"),
            models.CheckConstraint(name="document_state", condition=models.Q(state__in=list(DocumentState))),
            models.CheckConstraint(
                name="rendered_is_stored",
                condition=~models.Q(state="rendered")
                | (~models.Q(sha256="") & models.Q(rendered_at__isnull=False, size_bytes__gt=0)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "state", "id"], name="document_due"),
            models.Index(
                fields=["client", "id"],
                name="document_awaits_voucher",
                condition=models.Q(awaits_voucher=True, state="rendered"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def path(self) -> Path:
        """Where the file stands."""
        return path_of(self.sha256, SUFFIX)

    @property
    def file_name(self) -> str:
        """How the file is called on the customer's machine."""
        safe = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in self.number)
        return f"{self.kind.replace('_', '-')}-{safe}.pdf"


class Channel(models.TextChoices):
    """How a document gets to somebody."""

    EMAIL = "email", _("E-mail to the customer")


class DocumentSending(Timed):
    """One way of a document to somebody, with a state of its own. Sending it again by hand is a new attempt."""

    document = models.ForeignKey(IssuedDocument, models.PROTECT, related_name="sendings", verbose_name=_("document"))
    channel = models.CharField(_("channel"), max_length=20, choices=Channel.choices, default=Channel.EMAIL)
    recipient = models.CharField(_("to"), max_length=254)
    state = models.CharField(
        _("state"), max_length=20, default=SendingState.WAITING, choices=[(s.value, s.value) for s in SendingState]
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    message_id = models.CharField(max_length=120, blank=True, default="", editable=False)
    problem = models.TextField(_("what went wrong"), blank=True, default="")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("sending")
        verbose_name_plural = _("sendings")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "channel", "recipient"], name="sending_once"),
            models.CheckConstraint(name="sending_state", condition=models.Q(state__in=list(SendingState))),
            models.CheckConstraint(
                name="sent_has_time", condition=~models.Q(state="delivered") | models.Q(delivered_at__isnull=False)
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "next_attempt_at"], name="sending_due")]

    def __str__(self) -> str:
        return f"{self.document} → {self.recipient}"
