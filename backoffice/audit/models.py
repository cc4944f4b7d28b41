"""The audit trail: append-only, each entry sealed to the one before it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client


class AppendOnly(Exception):
    """An audit entry is never changed or deleted."""


class AuditChain(models.Model):
    """The newest hash of a chain: "client:7", or "installation". Locked while an entry is added."""

    key = models.CharField(max_length=40, unique=True)
    length = models.PositiveBigIntegerField(default=0)
    head_sha256 = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"chain of {self.key}"


class AuditEntry(models.Model):
    """Who did what to which thing, with before and after."""

    chain = models.ForeignKey(AuditChain, models.PROTECT, related_name="entries")
    sequence = models.PositiveBigIntegerField()
    client = models.ForeignKey(
        Client,
        models.PROTECT,
        null=True,
        related_name="audit_entries",
        verbose_name=_("client"),
    )
    at = models.DateTimeField(_("at"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("user"))
    actor = models.CharField(_("who"), max_length=150)
    action = models.CharField(_("action"), max_length=60)
    subject_type = models.CharField(_("thing"), max_length=40)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(_("which"), max_length=200, blank=True, default="")
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    note = models.TextField(_("note"), blank=True, default="")
    previous_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        constraints: ClassVar = [models.UniqueConstraint(fields=["chain", "sequence"], name="audit_sequence")]
        indexes: ClassVar = [
            models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
            models.Index(fields=["client", "-at"], name="audit_client_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_label or self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert only."""
        if self.pk is not None:
            raise AppendOnly("An audit entry is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise AppendOnly("An audit entry is never deleted.")
