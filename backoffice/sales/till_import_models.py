"""Files of tills that are imported, and what came out of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client, SalesPoint
from backoffice.connections.turns import InTurns
from backoffice.sales.till_import_states import TillImportState


class TillImport(InTurns):
    """A SAF-T Cash Register file and how far it is read. The file itself is kept under its hash (common.blobs).

    bytes_read, receipts, left_out, notes and position belong together: all before bytes_read is in closings that are
    recorded, or in position (the reader's own note). dealt_with_by: who said that what broke off or was refused needs
    nobody any more.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    sales_point = models.ForeignKey(SalesPoint, models.PROTECT, related_name="+", verbose_name=_("sales point"))
    filename = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("size"))
    uploaded_by = models.CharField(_("uploaded by"), max_length=150)
    state = models.CharField(_("state"), max_length=10, default=TillImportState.WAITING)
    bytes_read = models.PositiveBigIntegerField(_("bytes read"), default=0)
    receipts = models.PositiveBigIntegerField(_("receipts read"), default=0)
    left_out = models.PositiveBigIntegerField(_("receipts left out"), default=0)
    notes = models.JSONField(default=list)
    position = models.TextField(default="", editable=False)
    error = models.TextField(_("what went wrong"), default="")
    dealt_with_by = models.CharField(_("dealt with by"), max_length=150, default="")
    file_removed_at = models.DateTimeField(_("file deleted"), null=True)
    file_removed_by = models.CharField(_("file deleted by"), max_length=150, default="")

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("SAF-T import")
        verbose_name_plural = _("SAF-T imports")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "sha256"], name="till_import_once"),
            models.CheckConstraint(name="till_import_state", condition=models.Q(state__in=list(TillImportState))),
            models.CheckConstraint(
                name="till_import_lease", condition=~models.Q(state="running") | models.Q(lease_until__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-created_at", "-id"], name="till_import_list"),
            models.Index(fields=["-created_at", "-id"], name="till_import_newest"),
            models.Index(
                fields=["state"], name="till_import_due", condition=models.Q(state__in=["waiting", "running"])
            ),
            models.Index(fields=["sha256"], name="till_import_file"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def percent(self) -> int:
        """How much of the file is read, in whole percent."""
        return min(100 * self.bytes_read // max(self.size_bytes, 1), 100)


class ImportedOutcome(models.TextChoices):
    """What became of a Z report of a file."""

    CREATED = "created", _("New")
    SAME = "same", _("Was recorded before")
    REFUSED = "refused", _("Refused")


class TillImportClosing(models.Model):
    """A Z report that stands in a file: recorded by it, recorded before, or refused and why.

    closing is the one that is recorded under its register and number, which a refused one is not. notes are what the
    reader said of it.
    """

    till_import = models.ForeignKey(TillImport, models.CASCADE, related_name="closings")
    closing = models.ForeignKey("sales.DayClosing", models.PROTECT, null=True, related_name="imported_from")
    register = models.CharField(_("register"), max_length=100)
    number = models.PositiveBigIntegerField(_("Z number"))
    details_sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=10, choices=ImportedOutcome.choices)
    because = models.TextField(default="")
    notes = models.JSONField(default=list)

    class Meta:
        ordering = ["register", "number", "id"]
        verbose_name = _("Z report of a file")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["till_import", "register", "number", "details_sha256"], name="till_import_closing_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.register} Z {self.number}"
