"""The small world with its sandbox, and a shop on either route."""

from __future__ import annotations

import pytest

from tests.world import World, sandbox, world

__all__ = ["sandbox", "shop_on_either_route", "world"]


@pytest.fixture(params=["accounting_system", "sales_system"])
def shop_on_either_route(request: pytest.FixtureRequest, world: World) -> World:  # a fixture asks so
    """Give a shop whose invoices the accounting system issues, and one that issues them itself."""
    world.shop.invoice_issuer = request.param
    world.shop.save()
    for rate, account, code in (("15.00", "3030", "31"), ("0.00", "3100", "5")):
        world.map_group("*", rate, account, code)
    return world
