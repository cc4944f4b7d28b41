"""What the API itself remembers: answers given under an Idempotency-Key."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """The answer to a write that named a key; the same request again gets it again. Kept for seven days.

    caller is the sales point or person. The row is written in the transaction of what it answers for: either both
    are there or neither. status 0 is only seen inside that transaction.
    """

    caller = models.CharField(_("caller"), max_length=40)
    key = models.CharField(_("key"), max_length=200)
    route = models.CharField(_("route"), max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    location = models.CharField(max_length=500, blank=True, default="")
    answer = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints: ClassVar = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_key_once")]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
