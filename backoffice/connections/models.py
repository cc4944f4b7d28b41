"""All that crosses the wall: connections to providers, the outbox and the inbox."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import KEY, ApiKey, Client, SalesPoint
from backoffice.common.models import CurrencyField, MinorField, Timed
from backoffice.connections.states import DeliveryState, EventState


class Connection(Timed):
    """One client's link to one provider. Paused when credentials or privileges are wrong: one fix releases all."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="connections", verbose_name=_("client"))
    sales_point = models.ForeignKey(
        SalesPoint,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="connections",
        verbose_name=_("sales point"),
    )
    key = models.CharField(_("key"), max_length=63, validators=[KEY])
    provider = models.CharField(_("provider"), max_length=40)
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    sealed_secrets = models.TextField(blank=True, default="", editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_reason = models.TextField(_("why paused"), blank=True, default="")
    company_name = models.CharField(_("company over there"), max_length=200, blank=True, default="")
    facts = models.JSONField(_("what it told us"), default=dict, blank=True)
    polled_through = models.DateTimeField(_("polled through"), null=True, blank=True)

    class Meta:
        ordering = ["client__name", "key"]
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "key"], name="connection_key")]

    def __str__(self) -> str:
        return f"{self.client} · {self.key}"


class EventSource(models.TextChoices):
    """How an inbound event came in."""

    API = "api", _("REST API")
    WEBHOOK = "webhook", _("Webhook")
    POLL = "poll", _("Polling")
    FILE = "file", _("File")


class InboundEvent(models.Model):
    """What arrived, byte for byte. Everything derived can be rebuilt from it.

    reading says what a reader must know of an uploaded file beside its bytes: provider, method, filename.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="inbound_events", verbose_name=_("client"))
    sales_point = models.ForeignKey(SalesPoint, models.PROTECT, null=True, blank=True, related_name="inbound_events")
    connection = models.ForeignKey(Connection, models.PROTECT, null=True, blank=True, related_name="inbound_events")
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="+")
    source = models.CharField(_("source"), max_length=10, choices=EventSource.choices)
    topic = models.CharField(_("topic"), max_length=60, blank=True, default="")
    event_key = models.CharField(_("their id"), max_length=200, blank=True, default="")
    headers = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("body"))
    body_sha256 = models.CharField(max_length=64)
    reading = models.JSONField(_("how it is read"), default=dict, blank=True)
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=12, default=EventState.RECEIVED)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True)
    note = models.TextField(_("what became of it"), blank=True, default="")
    result = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("inbound event")
        verbose_name_plural = _("inbox")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "event_key"],
                name="inbound_once",
                condition=~models.Q(event_key=""),
            ),
            models.CheckConstraint(name="inbound_state", condition=models.Q(state__in=list(EventState))),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["client", "next_attempt_at"],
                name="inbound_due",
                condition=models.Q(state="received"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.topic} {self.event_key}".strip()


class Delivery(models.Model):
    """The outbox: one document on its way to a provider, and the only truth about it.

    reference is the UUIDv5 that the other side keeps unique. document is what was approved; request is the exact
    bytes with the other side's ids, stored before they are sent so that a second try is byte-equal.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="deliveries", verbose_name=_("client"))
    connection = models.ForeignKey(
        Connection,
        models.PROTECT,
        related_name="deliveries",
        verbose_name=_("connection"),
    )
    kind = models.CharField(_("kind"), max_length=30)
    subject_type = models.CharField(max_length=30)
    subject_id = models.PositiveBigIntegerField()
    generation = models.PositiveIntegerField(default=0)
    reference = models.UUIDField(_("reference"), unique=True)
    document = models.JSONField(_("document"))
    document_sha256 = models.CharField(max_length=64)
    request = models.JSONField(_("request"), null=True, blank=True)
    total_minor = MinorField(_("total"))
    currency = CurrencyField(_("currency"))
    dated_on = models.DateField(_("date"))

    state = models.CharField(_("state"), max_length=12, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    look_ups = models.PositiveIntegerField(_("look-ups since doubt"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=64, blank=True, default="")
    sent_at = models.DateTimeField(_("last sent"), null=True, blank=True)
    doubted_at = models.DateTimeField(_("in doubt since"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    number_due_at = models.DateTimeField(_("number asked for at"), null=True, blank=True)
    external_id = models.CharField(_("their id"), max_length=64, blank=True, default="")
    receipt = models.JSONField(_("receipt"), default=dict)
    reasons = models.JSONField(_("reasons"), default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("delivery")
        verbose_name_plural = _("outbox")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "kind", "subject_type", "subject_id", "generation"],
                name="delivery_once",
            ),
            models.CheckConstraint(name="delivery_state", condition=models.Q(state__in=list(DeliveryState))),
            models.CheckConstraint(
                name="delivered_has_id_and_time",
                condition=~models.Q(state="delivered")
                | (models.Q(delivered_at__isnull=False) & ~models.Q(external_id="")),
            ),
            models.CheckConstraint(
                name="in_flight_has_lease",
                condition=~models.Q(state="in_flight") | models.Q(lease_until__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "state", "next_attempt_at", "id"], name="delivery_due"),
            models.Index(fields=["subject_type", "subject_id"], name="delivery_subject"),
            models.Index(
                fields=["client", "number_due_at"],
                name="delivery_number_due",
                condition=models.Q(number_due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class DeliveryAttempt(models.Model):
    """One conversation about a delivery: a sending, a look-up or a question how it went."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempt_log")
    at = models.DateTimeField(_("at"))
    operation = models.CharField(_("what"), max_length=12)
    outcome = models.CharField(_("outcome"), max_length=20)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    request_id = models.CharField(max_length=100, blank=True, default="")
    detail = models.TextField(_("detail"), blank=True, default="")

    class Meta:
        ordering = ["id"]
        verbose_name = _("attempt")

    def __str__(self) -> str:
        return f"{self.operation}: {self.outcome}"
