"""A client with a webshop, a receiver, and hands to work with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from backoffice.clients.models import Client, SalesPoint
from backoffice.webhooks import sending
from backoffice.webhooks.models import WebhookDelivery, WebhookEndpoint
from backoffice.webhooks.services import add_endpoint, announce
from tests.factories import TESTER, make_client, make_sales_point
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """Give a running receiver, and let webhooks go to this machine."""
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with receiving() as found:
        yield found


@dataclass
class Telling:
    """A client whose shop listens."""

    client: Client
    shop: SalesPoint
    endpoint: WebhookEndpoint
    secret: str

    def announce(self, fact: str = "1", **changes: Any) -> None:
        """Say that an invoice has its number."""
        values: dict[str, Any] = {
            "client": self.client,
            "sales_point": self.shop,
            "type": "invoice.numbered",
            "fact": fact,
            "subject": fact,
            "data": {"sale": fact, "total": "125.00", "currency": "NOK"},
        }
        announce(**{**values, **changes})

    def send(self, rounds: int = 1) -> int:
        """Let the worker do rounds."""
        return sum(sending.send_due(self.client) for _ in range(rounds))

    def wait(self, time: timedelta) -> None:
        """Let time pass: everything that is kept lies so much further back."""
        for model, names in (
            (WebhookDelivery, ("next_attempt_at", "expires_at", "lease_until")),
            (WebhookEndpoint, ("rests_until", "failing_since", "secret_changed_at")),
        ):
            model.objects.update(**{name: F(name) - time for name in names})

    @property
    def states(self) -> list[str]:
        """The states of all deliveries, in the order of their events."""
        return list(WebhookDelivery.objects.order_by("event__sequence", "id").values_list("state", flat=True))


@pytest.fixture
def telling(db: None, receiver: Receiver) -> Telling:
    """Give a client with one address."""
    client = make_client()
    shop = make_sales_point(client)
    endpoint, secret = add_endpoint(client=client, sales_point=shop, url=f"{receiver.url}/hook", actor=TESTER)
    return Telling(client, shop, endpoint, secret)
