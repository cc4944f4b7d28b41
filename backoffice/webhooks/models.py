"""Who is told what: addresses, events, and the way of each event to each address."""

from __future__ import annotations

import json
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client, SalesPoint
from backoffice.common.models import Timed
from backoffice.webhooks.states import HookState


class EventType(models.TextChoices):
    """What a sales system is told. The two of KSeF are reserved for sellers in Poland."""

    INVOICE_NUMBERED = "invoice.numbered", _("The invoice has its number")
    INVOICE_PAID = "invoice.paid", _("The invoice is paid")
    INVOICE_CREDITED = "invoice.credited", _("The invoice was closed by a credit note")
    INVOICE_ACCEPTED = "invoice.accepted", _("KSeF accepted the invoice")
    INVOICE_REFUSED = "invoice.refused", _("KSeF refused the invoice")
    VOUCHER_POSTED = "voucher.posted", _("The voucher stands in the books")
    VOUCHER_FAILED = "voucher.failed", _("The voucher was refused")
    DOCUMENT_READY = "document.ready", _("The document for the customer is made")


#: sent by a button only, to one address; never in the feed
TEST_EVENT = "webhook.test"


class WebhookEndpoint(Timed):
    """An address of a sales system. Without a sales point it hears of the whole client.

    event_types empty means all. sealed_secrets holds "current" and, for a day after a change, "previous".
    failures counts in a row; until rests_until nothing is sent there.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="webhook_endpoints", verbose_name=_("client"))
    sales_point = models.ForeignKey(
        SalesPoint,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="webhook_endpoints",
        verbose_name=_("sales point"),
        help_text=_("Empty: it hears of all sales points, and of vouchers that belong to none."),
    )
    url = models.CharField(_("address"), max_length=500)
    event_types = models.JSONField(_("events"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_reason = models.CharField(_("why paused"), max_length=300, blank=True, default="")
    created_by = models.CharField(_("created by"), max_length=150, blank=True, default="")
    sealed_secrets = models.TextField(blank=True, default="", editable=False)
    secret_changed_at = models.DateTimeField(_("secret changed"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("fails since"), null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(_("last delivered"), null=True, blank=True)

    class Meta:
        ordering = ["client__name", "url"]
        verbose_name = _("webhook address")
        verbose_name_plural = _("webhook addresses")

    def __str__(self) -> str:
        return self.url

    def hears(self, event: OutgoingEvent) -> bool:
        """Whether an event is one of those it wants, from where it wants them."""
        is_place = self.sales_point_id in (None, event.sales_point_id)
        return is_place and (not self.event_types or event.type in self.event_types)


class EventCounter(models.Model):
    """The last number dealt to a client's events. Its row is the lock under which numbers are dealt."""

    client = models.OneToOneField(Client, models.PROTECT, related_name="+", primary_key=True)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.client_id}: {self.last}"


class OutgoingEvent(models.Model):
    """Something that happened, told once. body is the JSON exactly as it is sent, every time.

    fact names what is told ("invoice.paid/17/0"), unique per client. sequence is dealt after the commit, one event
    after the other, so that whoever has read up to a number has missed none below it. body empty: it was forgotten.
    """

    uid = models.UUIDField(_("id"), default=uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    sales_point = models.ForeignKey(
        SalesPoint, models.PROTECT, null=True, related_name="+", verbose_name=_("sales point")
    )
    type = models.CharField(_("event"), max_length=40)
    fact = models.CharField(max_length=200)
    subject = models.CharField(_("about"), max_length=200, blank=True, default="")
    body = models.TextField(_("body"))
    occurred_at = models.DateTimeField(_("happened"))
    sequence = models.PositiveBigIntegerField(_("number"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("outgoing event")
        verbose_name_plural = _("outgoing events")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "fact"], name="outgoing_event_once"),
            models.UniqueConstraint(fields=["client", "sequence"], name="outgoing_event_sequence"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "id"], name="outgoing_unnumbered", condition=models.Q(sequence=None)),
            models.Index(fields=["sales_point", "sequence"], name="outgoing_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}".strip()

    @property
    def content(self) -> dict[str, Any]:
        """Give the body as it is read."""
        content: dict[str, Any] = json.loads(self.body)
        return content


class WebhookDelivery(Timed):
    """The way of one event to one address. expires_at: when it is given up."""

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.PROTECT, related_name="deliveries", verbose_name=_("webhook address")
    )
    event = models.ForeignKey(OutgoingEvent, models.PROTECT, related_name="deliveries", verbose_name=_("event"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    state = models.CharField(
        _("state"), max_length=12, default=HookState.WAITING, choices=[(s.value, s.value) for s in HookState]
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    expires_at = models.DateTimeField(_("given up at"))
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=64, blank=True, default="")
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    reason_code = models.CharField(max_length=40, blank=True, default="")
    problem = models.TextField(_("problem"), blank=True, default="")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_delivery_once"),
            models.CheckConstraint(name="webhook_state", condition=models.Q(state__in=list(HookState))),
            models.CheckConstraint(
                name="webhook_delivered_has_time",
                condition=~models.Q(state="delivered") | models.Q(delivered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="webhook_in_flight_has_lease",
                condition=~models.Q(state="in_flight") | models.Q(lease_until__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["endpoint", "next_attempt_at"],
                name="webhook_due",
                condition=models.Q(state__in=["waiting", "in_flight"]),
            ),
            models.Index(fields=["client", "state", "-id"], name="webhook_list"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.endpoint}"


class WebhookAttempt(models.Model):
    """One try: when, what came back or why nothing did, how long it took."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempt_log")
    at = models.DateTimeField(_("at"))
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)
    outcome = models.CharField(_("outcome"), max_length=40)
    detail = models.TextField(_("detail"), blank=True, default="")

    class Meta:
        ordering = ["id"]
        verbose_name = _("attempt")

    def __str__(self) -> str:
        return f"{self.outcome} {self.http_status or ''}".strip()
