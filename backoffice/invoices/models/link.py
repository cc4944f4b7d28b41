"""Links under which the customer opens a stored document without a login."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.common.models import Timed
from backoffice.invoices.models.issued import IssuedDocument


class DocumentLink(Timed):
    """A link to one document. Only the hash of its token is kept, so nobody can read a link out of the database."""

    document = models.ForeignKey(IssuedDocument, models.PROTECT, related_name="links", verbose_name=_("document"))
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.CharField(_("made by"), max_length=150)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_by = models.CharField(_("revoked by"), max_length=150, blank=True, default="")
    opened_count = models.PositiveIntegerField(_("opened"), default=0)
    last_opened_at = models.DateTimeField(_("last opened"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="link_revoked_by_somebody",
                condition=models.Q(revoked_at=None, revoked_by="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} #{self.pk}"

    def is_open(self, now: datetime) -> bool:
        """Tell whether it still leads to the document."""
        return self.revoked_at is None and now < self.expires_at
