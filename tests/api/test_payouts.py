"""Payouts over the API: rows or a file, once, in any order, and each payout read back beside its rows."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from backoffice.api.payouts import PAYOUTS_BODY
from backoffice.clients.models import SalesPoint
from backoffice.common.codec import to_json
from backoffice.connections.models import InboundEvent
from backoffice.settlements.models import PayoutEntry, ProviderAccount
from tests.api.conftest import Api, errors_of, kind_of, make_sales_point
from tests.api.test_schema import assert_fits
from tests.fakes.payouts import paid, row, statement


def body(**changes: Any) -> dict[str, Any]:
    """Give the example, changed."""
    return copy.deepcopy(PAYOUTS_BODY) | changes


def test_rows_and_a_payout_are_recorded_and_read_back(api: Api) -> None:
    document = Browser().get("/api/schema/?format=json").json()
    answer = api.post("/payouts", body())
    assert answer.status_code == 201, answer.content
    (taken,) = answer.json()["statements"]
    assert (taken["new_rows"], taken["new_payouts"]) == (2, 1)
    (payout,) = taken["payouts"]
    assert (payout["state"], payout["because"], payout["difference"]) == ("explained", None, "0.00")
    assert payout["sums"] == [{"kind": "capture", "amount": "1250.00"}, {"kind": "fee", "amount": "-18.75"}]
    found = api.get(f"/payouts/{payout['id']}")
    assert found.json() == payout
    listed = api.get("/payouts?state=explained&provider=vipps&reference=2000810")
    assert listed.json()["results"] == [payout]
    assert_fits(document, "/api/v1/payouts", "post", answer)
    assert_fits(document, "/api/v1/payouts", "get", listed)
    assert_fits(document, "/api/v1/payouts/{payout_id}", "get", found)


def test_the_same_again_changes_nothing_and_rows_may_come_apart(api: Api) -> None:
    rows = api.post("/payouts", body(payouts=None, balances=None))
    assert (rows.status_code, rows.json()["statements"][0]["payouts"]) == (201, [])
    assert api.post("/payouts", body()).status_code == 201
    assert api.post("/payouts", body()).status_code == 200
    assert (PayoutEntry.objects.count(), InboundEvent.objects.count()) == (2, 3)
    first = api.post("/payouts", body(), Idempotency_Key="k-1")
    again = api.post("/payouts", body(), Idempotency_Key="k-1")
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"


def test_an_unknown_kind_is_kept_for_a_person(api: Api) -> None:
    strange = {"key": "a-3", "kind": "loyalty", "amount": "-5.00", "booked_on": "2026-11-20", "payout": "2000810"}
    answer = api.post("/payouts", body(rows=[*PAYOUTS_BODY["rows"], strange]))
    (payout,) = answer.json()["statements"][0]["payouts"]
    assert (payout["state"], payout["difference"]) == ("discrepancy", "5.00")
    assert "Nobody knows yet what “loyalty” is" in payout["because"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"rows": [], "payouts": None, "balances": []}, "/rows"),
        ({"currency": "XYZ"}, "/currency"),
        ({"account": ""}, "/account"),
        ({"rows": [{"key": "1", "kind": "fee", "amount": -1, "booked_on": "2026-11-20"}]}, "/rows/0/amount"),
        ({"rows": [{"key": "1", "kind": "fee", "amount": "1.00", "booked_on": "2026-11-20", "x": 1}]}, "/rows/0/x"),
        ({"payouts": [{"reference": "1", "amount": "1.00", "paid_on": "2026-11-20", "bank_amount": "1.00"}]},
         "/payouts/0/bank_currency"),
        ({"payouts": [{"reference": "1", "amount": "1.00", "paid_on": "2026-11-20", "exchange_rate": "0"}]},
         "/payouts/0/exchange_rate"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_stored(api: Api, changes: dict[str, Any], pointer: str) -> None:
    answer = api.post("/payouts", body(**changes))
    assert (answer.status_code, kind_of(answer)) == (400, "invalid_body")
    assert pointer in [where for where, _ in errors_of(answer)]
    assert not InboundEvent.objects.exists()


def upload(api: Api, content: bytes, **fields: Any) -> Any:
    """Send a file as a form does."""
    values = {"provider": "fakepay", "file": SimpleUploadedFile("november.json", content), **fields}
    values = {name: value for name, value in values.items() if value is not None}
    return api.browser.post("/api/v1/payouts", values, headers={"Authorization": f"Bearer {api.key}"})


@pytest.fixture
def fakepay(settings: Any) -> None:
    settings.PROVIDERS = {**settings.PROVIDERS, "fakepay": "tests.fakes.payouts.FakeFiles"}


@pytest.mark.usefixtures("fakepay")
def test_a_settlement_file_is_read_and_its_bytes_kept(api: Api) -> None:
    content = to_json(statement(row("1", "capture", "5.00", payout_reference="P"), payouts=(paid("P", "5.00"),)))
    assert upload(api, content).status_code == 201
    assert upload(api, content).status_code == 200
    event = InboundEvent.objects.earliest("pk")
    assert (bytes(event.body), event.source) == (content, "file")
    assert ProviderAccount.objects.get().method == "fakepay"


@pytest.mark.usefixtures("fakepay")
def test_a_file_that_cannot_be_read_says_what_was_expected(api: Api) -> None:
    for answer in (
        upload(api, b"no json"),
        upload(api, b"{}", provider="nobody"),
        upload(api, b"{}", provider="poweroffice"),
        upload(api, b"x", file=None),
        upload(api, b"x", provider=None),
    ):
        assert (answer.status_code, kind_of(answer)) == (400, "invalid_body"), answer.content
    assert not InboundEvent.objects.exists()


@pytest.mark.usefixtures("fakepay")
def test_a_settlement_file_may_be_larger_than_other_bodies(api: Api, settings: Any) -> None:
    rows = (row(str(n), "capture", "5.00", description="x" * 300) for n in range(5_000))
    content = to_json(statement(*rows))
    assert len(content) > 1_600_000
    assert upload(api, content).json()["statements"][0]["new_rows"] == 5_000
    settings.PAYOUT_FILE_MAX_MB = 1
    answer = upload(api, content)
    assert (answer.status_code, kind_of(answer)) == (413, "too_large")
    assert "at most 1,000,000 are taken. Ask for a shorter period." in answer.json()["detail"]


@pytest.mark.usefixtures("fakepay")
def test_a_key_stands_for_a_file_and_not_for_its_name(api: Api) -> None:
    def send(amount: str) -> Any:
        content = to_json(statement(row("1", "capture", amount)))
        values = {"provider": "fakepay", "file": SimpleUploadedFile("november.json", content)}
        headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": "november"}
        return api.browser.post("/api/v1/payouts", values, headers=headers)

    assert [send("5.00").status_code, send("5.00").status_code] == [201, 201]
    assert kind_of(send("6.00")) == "idempotency_key_reused"


def test_a_sales_point_sees_its_own_payouts_only(api: Api, sales_point: SalesPoint) -> None:
    (payout,) = api.post("/payouts", body()).json()["statements"][0]["payouts"]
    ProviderAccount.objects.update(sales_point=make_sales_point("other", "shop"))
    assert api.get("/payouts").json()["results"] == []
    assert api.get(f"/payouts/{payout['id']}").status_code == 404
