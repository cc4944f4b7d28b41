"""Vouchers: sales points read their own, people act within their role."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from backoffice.clients.models import Membership, SalesPoint, User
from backoffice.common.codec import to_builtins
from backoffice.connections.models import Connection, Delivery
from backoffice.contracts.accounting import DocumentKind, JournalDocument
from backoffice.vouchers.models import Posting, Voucher
from tests.api.conftest import Api, api_for, errors_of, kind_of, make_sales_point

SHA = "ab" * 32
DOCUMENT: dict[str, Any] = to_builtins(
    JournalDocument(
        "0b8a5d3c-6f0e-5b86-9d52-3a5f6c2f1a11", DocumentKind.BANK_JOURNAL, date(2026, 11, 20), "NOK", "A day", ()
    )
)


@pytest.fixture
def voucher(sales_point: SalesPoint) -> Voucher:
    """Give a voucher that waits for approval."""
    return make_voucher(sales_point)


def make_voucher(point: SalesPoint, key: str = "1", **changes: Any) -> Voucher:
    """Make a voucher of two lines."""
    values: dict[str, Any] = {
        "client": point.client,
        "sales_point": point,
        "kind": "bank_journal",
        "source_type": "sale",
        "source_key": f"{point.pk}/{key}",
        "state": "awaiting_approval",
        "dated_on": "2026-11-20",
        "currency": "NOK",
        "total_minor": 1_250_000,
        "description": f"Sale {key}",
        "content_sha256": SHA,
        "document": DOCUMENT,
    }
    row = Voucher.objects.create(**{**values, **changes})
    for position, (account, minor) in enumerate([("1500", 1_250_000), ("3000", -1_250_000)], 1):
        Posting.objects.create(
            voucher=row,
            position=position,
            ledger_account=account,
            amount_minor=minor,
            currency="NOK",
            vat_code="3" if minor < 0 else "",
            vat_rate="25.00" if minor < 0 else None,
            why=[{"text": "12500.00 from the sale"}],
        )
    row.refresh_from_db()
    return row


def person(sales_point: SalesPoint | None, role: str = "bookkeeper") -> Api:
    """Log somebody in with a role at the client."""
    user = User.objects.create_user(f"{role}{User.objects.count()}", password="correct horse battery")
    if sales_point is not None:
        Membership.objects.create(user=user, client=sales_point.client, role=role)
    browser = Browser(raise_request_exception=False)
    browser.force_login(user)
    return Api("", browser)


def act(api: Api, voucher: Voucher, name: str, body: Any = None) -> Any:
    """POST an act as a person."""
    return api.post(f"/vouchers/{voucher.pk}/{name}", body, Authorization="")


def test_a_sales_point_reads_its_vouchers_and_acts_on_none(api: Api, voucher: Voucher) -> None:
    assert [one["id"] for one in api.get("/vouchers").json()["results"]] == [voucher.pk]
    assert api.get(f"/vouchers/{voucher.pk}").json()["posting_date"] == "2026-11-20"
    for name, body in (("approve", {"content_sha256": SHA}), ("hold", {"reason": "x"}), ("resend", None)):
        answer = api.post(f"/vouchers/{voucher.pk}/{name}", body)
        assert answer.status_code == 403
        assert kind_of(answer) == "forbidden"
    voucher.refresh_from_db()
    assert voucher.state == "awaiting_approval"


def test_a_sales_point_sees_neither_its_neighbours_vouchers_nor_the_days_of_all(
    api: Api, voucher: Voucher, sales_point: SalesPoint
) -> None:
    neighbour = make_sales_point("nordlys", "kasse")
    of_all = make_voucher(sales_point, "day", sales_point=None)
    assert api_for(neighbour).get("/vouchers").json()["results"] == []
    assert kind_of(api.get(f"/vouchers/{of_all.pk}")) == "not_found"


def test_a_voucher_is_shown_with_its_lines_and_why_they_are_so(sales_point: SalesPoint, voucher: Voucher) -> None:
    bookkeeper = person(sales_point)
    act(bookkeeper, voucher, "hold", {"reason": "Ask the shop"})
    body = bookkeeper.get(f"/vouchers/{voucher.pk}", Authorization="").json()
    assert [(one["ledger_account"], one["amount"], one["vat_rate"]) for one in body["postings"]] == [
        ("1500", "12500.00", None),
        ("3000", "-12500.00", "25.00"),
    ]
    assert body["postings"][0]["why"] == [{"text": "12500.00 from the sale"}]
    assert body["content_sha256"] == SHA
    assert (body["state"], body["held_reason"]) == ("held", "Ask the shop")
    assert [(one["what"], one["detail"]) for one in body["timeline"]] == [("voucher.held", "Ask the shop")]
    assert body["deliveries"] == []


@pytest.mark.parametrize("role", ["administrator", "bookkeeper", "approver", "auditor", None])
def test_a_person_does_what_the_role_allows(sales_point: SalesPoint, role: str | None) -> None:
    somebody = person(sales_point if role else None, role or "bookkeeper")
    may_edit, may_approve = role in ("administrator", "bookkeeper"), role not in ("auditor", None)
    voucher = make_voucher(sales_point)
    refused = {403, 404}
    approved = act(somebody, voucher, "approve", {"content_sha256": SHA})
    # without an accounting connection the service refuses what the right allows
    assert approved.status_code == 409 if may_approve else approved.status_code in refused
    held = act(somebody, voucher, "hold", {"reason": "x"})
    assert held.status_code == 200 if may_edit else held.status_code in refused
    read = somebody.get(f"/vouchers/{voucher.pk}", Authorization="")
    assert read.status_code == (200 if role else 404)
    listed = somebody.get("/vouchers", Authorization="").json()["results"]
    assert len(listed) == (1 if role else 0)


def test_a_person_needs_the_csrf_token_to_write(sales_point: SalesPoint, voucher: Voucher) -> None:
    somebody = person(sales_point)
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = somebody.browser.cookies
    answer = Api("", strict).post(f"/vouchers/{voucher.pk}/hold", {"reason": "x"}, Authorization="")
    assert answer.status_code == 403
    assert kind_of(answer) == "forbidden"
    assert "CSRF" in answer.json()["detail"]


def test_approving_freezes_what_was_looked_at(sales_point: SalesPoint) -> None:
    Connection.objects.create(client=sales_point.client, key="books", provider="poweroffice")
    voucher = make_voucher(sales_point)
    answer = act(person(sales_point), voucher, "approve", {"content_sha256": SHA})
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["state"] == "approved"
    assert body["deliveries"][0]["state"] == "waiting"
    assert Delivery.objects.get().document == DOCUMENT


def test_a_voucher_that_changed_since_is_not_approved(sales_point: SalesPoint, voucher: Voucher) -> None:
    answer = act(person(sales_point), voucher, "approve", {"content_sha256": "cd" * 32})
    assert answer.status_code == 409
    assert kind_of(answer) == "content_changed"


def test_approving_without_having_looked_is_refused(sales_point: SalesPoint, voucher: Voucher) -> None:
    somebody = person(sales_point)
    assert errors_of(act(somebody, voucher, "approve")) == [("/content_sha256", "required")]
    assert errors_of(act(somebody, voucher, "hold", {})) == [("/reason", "required")]
    assert errors_of(act(somebody, voucher, "release", {"reason": "x"})) == [("/reason", "unknown_field")]


def test_what_the_state_does_not_allow_is_a_conflict_in_words(sales_point: SalesPoint) -> None:
    somebody = person(sales_point)
    doubted = make_voucher(sales_point, state="in_doubt", approved_at="2026-11-20T12:00:00Z")
    answer = act(somebody, doubted, "resend")
    assert answer.status_code == 409
    assert kind_of(answer) == "state_conflict"
    assert "Check now" in answer.json()["detail"]
    assert act(somebody, doubted, "hold", {"reason": "x"}).status_code == 409
    assert act(somebody, doubted, "release").status_code == 409
    assert act(somebody, doubted, "rebuild").status_code == 409
    assert act(somebody, doubted, "check").status_code == 200


def test_a_held_voucher_is_released(sales_point: SalesPoint, voucher: Voucher) -> None:
    somebody = person(sales_point)
    act(somebody, voucher, "hold", {"reason": "x"})
    assert act(somebody, voucher, "release").json()["state"] == "awaiting_approval"


def test_many_are_acted_on_each_on_its_own(sales_point: SalesPoint) -> None:
    somebody = person(sales_point)
    one, other = make_voucher(sales_point, "1"), make_voucher(sales_point, "2", state="draft")
    sent = make_voucher(sales_point, "3", state="sending", approved_at="2026-11-20T12:00:00Z")
    strange = make_voucher(make_sales_point("annen", "butikk"), "4")
    selection = [{"id": each.pk} for each in (one, other, sent, strange)]
    body = {"action": "hold", "reason": "Ask the shop", "vouchers": selection}
    answer = somebody.post("/vouchers/bulk", body, Authorization="")
    assert answer.status_code == 200, answer.content
    assert answer.json()["done"] == [one.pk, other.pk]
    assert [refused["id"] for refused in answer.json()["refused"]] == [sent.pk, strange.pk]
    strange.refresh_from_db()
    assert strange.state == "awaiting_approval"


def test_approving_many_names_what_was_looked_at_of_each(sales_point: SalesPoint, voucher: Voucher) -> None:
    somebody = person(sales_point)
    body: dict[str, Any] = {"action": "approve", "vouchers": [{"id": voucher.pk}]}
    answer = somebody.post("/vouchers/bulk", body, Authorization="")
    assert errors_of(answer) == [("/vouchers/0/content_sha256", "required")]
    body["vouchers"][0]["content_sha256"] = "cd" * 32
    answer = somebody.post("/vouchers/bulk", body, Authorization="")
    assert "changed" in answer.json()["refused"][0]["detail"]


def test_vouchers_are_filtered(sales_point: SalesPoint) -> None:
    somebody = person(sales_point)
    first = make_voucher(sales_point, "1", matching_reference="R1")
    last = make_voucher(sales_point, "2", state="draft", dated_on="2026-11-21")

    def listed(query: str) -> list[int]:
        return [one["id"] for one in somebody.get(f"/vouchers?{query}", Authorization="").json()["results"]]

    assert listed("") == [last.pk, first.pk]
    assert listed("state=draft,blocked") == [last.pk]
    assert listed("posting_date_to=2026-11-20&client=nordlys") == [first.pk]
    assert listed("matching_reference=R1&sales_point=nettbutikk") == [first.pk]
    assert listed("client=annen") == []
    assert listed("kind=sales_order") == []


def test_an_act_under_a_key_happens_once(sales_point: SalesPoint, voucher: Voucher) -> None:
    somebody = person(sales_point)
    path = f"/vouchers/{voucher.pk}/hold"
    first = somebody.post(path, {"reason": "x"}, Authorization="", Idempotency_Key="k")
    again = somebody.post(path, {"reason": "x"}, Authorization="", Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
