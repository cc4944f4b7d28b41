"""Webhooks of shops and providers: the signature is checked, the raw body stored, then the answer goes out."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.base import ApiView
from backoffice.api.outgoing import WebhookOutput
from backoffice.api.parsers import read_body
from backoffice.api.problems import NOT_FOUND, NOT_READY, WEBHOOK_REFUSED, Problem
from backoffice.connections.inbox import accept
from backoffice.connections.models import Connection, EventSource
from backoffice.connections.providers import load_provider, sales_channel
from backoffice.contracts.errors import Misconfigured, WebhookRefused
from backoffice.contracts.sales import SalesChannel, WebhookRequest

logger = logging.getLogger(__name__)
RETRY_AFTER_S = 300
#: how a body begins that holds an event; anything else without an id of its own is a sender's test ping
EVENT_BEGINS_WITH = (b"{", b"[", b"<")


def find_connection(address: str) -> Connection:
    """Find the connection at `<client key>.<connection key>`; one that takes no webhooks is as unknown as none."""
    client_key, _, key = address.partition(".")
    found = (
        Connection.objects.select_related("client", "sales_point")
        .filter(client__key=client_key, key=key, is_active=True, client__is_active=True)
        .first()
    )
    if found is None or not _takes_webhooks(found):
        raise Problem(NOT_FOUND, "No connection takes webhooks here. The address is shown on the connection's page.")
    return found


def _takes_webhooks(connection: Connection) -> bool:
    try:
        return issubclass(load_provider(connection.provider), SalesChannel)
    except Misconfigured:
        return False


class InboundView(ApiView):
    """Where one connection's webhooks go."""

    authentication_classes: Any = ()
    permission_classes: Any = ()
    throttle_classes: Any = ()
    is_webhook = True

    @extend_schema(
        operation_id="receive_webhook",
        summary="Receive a provider's webhook",
        tags=["Webhooks"],
        auth=[],
        request={"application/json": {"type": "object", "description": "What the provider sends."}},
        responses={201: WebhookOutput, 200: WebhookOutput},
    )
    def post(self, request: Request, connection: str) -> Response:
        """Store a webhook. 201: stored. 200: it had come before, or was a test ping. 401: nothing is stored.

        `connection` is `<client key>.<connection key>`. The provider signs the raw body; the secret is kept in the
        connection.
        """
        found = find_connection(connection)
        webhook = WebhookRequest(read_body(request._request), {k.lower(): v for k, v in request.headers.items()})
        event_key = _verified_key(found, webhook)
        if not event_key and not webhook.body.lstrip().startswith(EVENT_BEGINS_WITH):
            return Response({"event": None, "is_new": False})
        with transaction.atomic():
            accepted = accept(
                client=found.client,
                sales_point=found.sales_point,
                connection=found,
                source=EventSource.WEBHOOK,
                topic=_topic(webhook),
                event_key=event_key,
                body=webhook.body,
                headers=webhook.headers,
            )
        status = 201 if accepted.is_new else 200
        return Response({"event": accepted.event.pk, "is_new": accepted.is_new}, status=status)


def _verified_key(connection: Connection, webhook: WebhookRequest) -> str:
    """Give the delivery's own id once the signature is right; raise `webhook_refused` or `not_ready`."""
    try:
        channel = sales_channel(connection)
        channel.verify(webhook)
        return channel.event_key(webhook)
    except WebhookRefused as error:
        logger.warning("A webhook to %s was refused: %s", connection, error)
        raise Problem(WEBHOOK_REFUSED, str(error)) from error
    except Misconfigured as error:
        logger.error("A webhook to %s cannot be checked: %s", connection, error)
        text = "The connection is not set up completely, so the signature cannot be checked. Send it again later."
        raise Problem(NOT_READY, text, headers={"Retry-After": str(RETRY_AFTER_S)}) from error


def _topic(webhook: WebhookRequest) -> str:
    return next((value for name, value in sorted(webhook.headers.items()) if name.endswith("-topic")), "")
