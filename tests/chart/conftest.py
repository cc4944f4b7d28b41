"""A client with a small chart and a webshop."""

from __future__ import annotations

import pytest

from backoffice.clients.models import Client, SalesPoint
from tests.factories import make_chart, make_client, make_sales_point
from tests.world import sandbox, world

__all__ = ["sandbox", "world"]


@pytest.fixture
def client_with_chart(db: None) -> Client:
    """Give a client whose chart was read."""
    client = make_client()
    make_chart(client)
    return client


@pytest.fixture
def shop(client_with_chart: Client) -> SalesPoint:
    """Give its webshop."""
    return make_sales_point(client_with_chart)
