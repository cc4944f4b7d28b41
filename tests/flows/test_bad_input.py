"""Bad input: each kind gets its documented answer, or a blocked voucher with a reason. Nothing is lost."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from backoffice.api.examples import SALE_BODY
from backoffice.chart.mapping import living, remove_rule
from backoffice.chart.models import BookLimits, SalesMapping
from backoffice.clients.services import create_api_key
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.services import save_secrets
from backoffice.sales.models import Sale
from backoffice.vouchers.models import Voucher
from integrations.woocommerce.sandbox import generate_orders
from tests.api.conftest import Api
from tests.world import SOLD_AT, TESTER, World, asked

SECRET = "a webhook secret of some length"


@pytest.fixture
def api(world: World) -> Api:
    """Speak the API with a key of the world's webshop."""
    return Api(create_api_key(sales_point=world.shop, name="test")[1], Browser())


def body(**changes: Any) -> dict[str, Any]:
    """Give the documented sale with some fields changed."""
    return copy.deepcopy(SALE_BODY) | {"sold_at": SOLD_AT.isoformat(), "delivered_on": None} | changes


def line(**changes: Any) -> list[dict[str, Any]]:
    """Give its one line with some fields changed."""
    return [SALE_BODY["lines"][0] | changes]


WRONG_NUMBER = SALE_BODY["customer"] | {"organisation_number": "123456789"}
SHELLS = [SALE_BODY["payments"][0] | {"method": "shells"}]
REFUSED: list[tuple[str, Any, int, str]] = [
    ("malformed JSON", b'{"reference": ', 400, ""),
    ("an amount as a number", body(total=12500), 400, "/total"),
    ("wrong totals", body(total="12500.01"), 400, "/total"),
    ("a field nobody knows", body(totl="1.00"), 400, "/totl"),
    ("a negative quantity with a positive amount", body(lines=line(quantity="-2")), 400, "/lines/0"),
    ("a time without its offset", body(sold_at="2026-11-20T12:00:00"), 400, "/sold_at"),
    ("a wrong organisation number", body(customer=WRONG_NUMBER), 400, "/customer"),
    ("a body of 10 MiB", b" " * (10 * 1_048_576), 413, ""),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sent", "status", "pointer"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused_says_why_and_where_and_stores_nothing(
    api: Api, what: str, sent: Any, status: int, pointer: str
) -> None:
    answer = api.post("/sales", sent)

    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["detail"]
    if pointer:
        assert any(error["pointer"].startswith(pointer) for error in problem["errors"])
    assert not Sale.objects.exists()
    assert not InboundEvent.objects.exists()


def test_the_same_reference_with_other_content_is_a_conflict_that_names_the_fields(api: Api) -> None:
    assert api.post("/sales", body()).status_code == 201
    assert api.post("/sales", body()).status_code == 200

    answer = api.post("/sales", body(customer=SALE_BODY["customer"] | {"name": "Other AS"}))

    assert answer.status_code == 409
    assert any("customer" in error["pointer"] for error in answer.json()["errors"])
    assert Sale.objects.count() == 1


BLOCKED: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown VAT rate", body(lines=line(vat_rate="17.00"), payments=[]), "sales_order", "group_unmapped"),
    ("an unknown group", body(lines=line(group="spaceships"), payments=[]), "sales_order", "group_unmapped"),
    ("an unknown payment method", body(payments=SHELLS), "bank_journal", "payment_method_unmapped"),
    ("an order in a locked period", body(payments=[]), "sales_order", "locked_period"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sent", "kind", "code"), BLOCKED, ids=[row[0] for row in BLOCKED])
def test_what_cannot_be_posted_yet_is_kept_as_a_blocked_voucher_with_its_reason(
    world: World, api: Api, what: str, sent: dict[str, Any], kind: str, code: str
) -> None:
    if "group" in what:
        for rule in living(SalesMapping, world.client):
            remove_rule(rule=rule, actor=TESTER)
        world.map_group("furniture", "25.00", "3000", "3")
    if "locked" in what:
        BookLimits.objects.update(locked_through=date(2026, 11, 30))

    assert api.post("/sales", sent).status_code == 201
    world.drain()
    world.close_days()
    world.approve_all()
    world.settle()

    voucher = Voucher.objects.get(kind=kind)
    assert voucher.state == "blocked"
    assert [reason["code"] for reason in voucher.reasons] == [code]
    assert voucher.reasons[0]["detail"].endswith(".")
    books = asked(world.sandbox, "proof")
    assert "BankJournal" not in next(iter(books.values()))["vouchers"] or kind != "bank_journal"


@pytest.fixture
def webhook(world: World) -> Any:
    """Send a webhook to the shop's address, signed with a secret."""
    connection = Connection.objects.create(
        client=world.client,
        sales_point=world.shop,
        key="woo",
        provider="woocommerce",
        settings={"shop_url": "https://nordlys.example"},
    )
    save_secrets(connection=connection, secrets={"webhook_secret": SECRET}, actor=TESTER)
    order = json.dumps(next(iter(generate_orders(1, 7, SOLD_AT.date())))).encode()

    def send(secret: str = SECRET, delivery: str = "d-1") -> Any:
        signature = base64.b64encode(hmac.new(secret.encode(), order, hashlib.sha256).digest()).decode()
        return Browser().post(
            "/api/v1/inbound/nordlys.woo/",
            order,
            content_type="application/json",
            headers={
                "X-WC-Webhook-Signature": signature,
                "X-WC-Webhook-Topic": "order.created",
                "X-WC-Webhook-Delivery-ID": delivery,
                "X-WC-Webhook-Source": "https://nordlys.example/",
            },
        )

    return send


def test_a_webhook_with_a_wrong_signature_is_refused_and_not_stored(webhook: Any) -> None:
    assert webhook(secret="somebody else's secret").status_code == 401
    assert not InboundEvent.objects.exists()


def test_a_replayed_webhook_is_answered_and_recorded_once(world: World, webhook: Any) -> None:
    assert {webhook().status_code, webhook().status_code} <= {200, 201}
    world.drain()

    assert InboundEvent.objects.count() == 1
    assert Sale.objects.count() == 1
