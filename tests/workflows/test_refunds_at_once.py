"""Two workers decide about two refunds of one sale at the same moment: the sale is locked, so only one fits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from backoffice.contracts.sales import RefundDetails
from backoffice.ledger.money import Money
from backoffice.sales.models import Refund
from backoffice.sales.services import record_refund
from backoffice.workflows.refunds import refund_recorded
from tests.world import SOLD_AT, World


@pytest.mark.django_db(transaction=True)
def test_two_refunds_at_once_never_credit_more_than_the_sale(transactional_db: None, world: World) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]  # SQLite only
        pytest.skip("SQLite in memory refuses a second writer instead of letting it wait; PostgreSQL runs this")
    world.sell("1001", 12_500)
    world.post_everything()
    ids = []
    for reference in ("r1", "r2"):
        details = RefundDetails(reference, "1001", SOLD_AT, Money(10_000, "NOK"))
        ids.append(record_refund(sales_point=world.shop, refund=details, event=None).refund.pk)
    together = Barrier(2)

    def decide(refund_id: int) -> None:
        together.wait()
        try:
            refund_recorded(refund_id=refund_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(decide, ids))

    assert sorted(Refund.objects.values_list("state", flat=True)) == ["needs_person", "routed"]
