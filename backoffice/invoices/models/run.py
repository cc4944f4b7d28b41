"""Many documents at once: made, sent or packed, one item after the other, by workers in turns."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client
from backoffice.connections.turns import InTurns
from backoffice.invoices.models.issued import DocumentSending, IssuedDocument
from backoffice.invoices.states import RunState
from backoffice.sales.models import Refund, Sale


class RunKind(models.TextChoices):
    """What is done with each document."""

    MAKE = "make", _("Make what is missing")
    EMAIL = "email", _("Send by e-mail")
    PACK = "pack", _("Download as zip")


class DocumentRun(InTurns):
    """One order to do something with many documents of a client. How far it is follows from its items."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    kind = models.CharField(_("what is done"), max_length=10, choices=RunKind.choices)
    about = models.CharField(_("choice"), max_length=200, blank=True, default="")
    asked_by = models.CharField(_("asked by"), max_length=150)
    state = models.CharField(_("state"), max_length=10, default=RunState.WAITING)
    error = models.TextField(_("what went wrong"), blank=True, default="")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("many documents")
        verbose_name_plural = _("many documents at once")
        constraints: ClassVar = [
            models.CheckConstraint(name="document_run_state", condition=models.Q(state__in=list(RunState))),
            models.CheckConstraint(
                name="document_run_lease", condition=~models.Q(state="running") | models.Q(lease_until__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-id"], name="document_run_list"),
            models.Index(
                fields=["state"], name="document_run_due", condition=models.Q(state__in=["waiting", "running"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Outcome(models.TextChoices):
    """What became of one of many documents."""

    OPEN = "open", _("Its turn comes")
    DONE = "done", _("Done")
    FAILED = "failed", _("Not done")


class DocumentRunItem(models.Model):
    """One document of a run: of a sale, or of its refund. document is set from the start, or once it is made."""

    run = models.ForeignKey(DocumentRun, models.CASCADE, related_name="items")
    sale = models.ForeignKey(Sale, models.PROTECT, related_name="+")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")
    sending = models.ForeignKey(DocumentSending, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    because = models.TextField(_("why it failed"), blank=True, default="")

    class Meta:
        ordering = ["id"]
        verbose_name = _("document of many")
        constraints: ClassVar = [
            models.CheckConstraint(name="document_run_item_outcome", condition=models.Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="document_run_item_why", condition=~models.Q(outcome="failed") | ~models.Q(because="")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["run", "outcome", "id"], name="document_run_item_due")]

    def __str__(self) -> str:
        return str(self.document or self.refund or self.sale)
