"""The accounting system's own PDF of what it issued: fetched once, kept under its hash, never again in silence."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from backoffice.common import blobs
from backoffice.vouchers.models import Voucher, VoucherPaper
from backoffice.vouchers.papers import content_of, request_paper
from backoffice.webhooks.models import OutgoingEvent
from integrations.poweroffice.adapter import PowerOffice
from tests.api.conftest import api_for, make_sales_point
from tests.vouchers.papers import GET, posted, sha256
from tests.world import TESTER, World, requests_to


def issued(world: World) -> Voucher:
    """Let the accounting system issue an invoice."""
    world.sell("1001", 12_500)
    world.drain()
    world.approve_all()
    world.settle()
    return Voucher.objects.get(kind="sales_order")


def paper_of(world: World) -> VoucherPaper:
    """Give their PDF of it, as soon as it is fetched."""
    voucher = issued(world)
    world.drain()
    return VoucherPaper.objects.get(voucher=voucher)


def test_their_pdf_is_fetched_once_after_the_number_is_known(world: World) -> None:
    paper = paper_of(world)

    assert (paper.state, paper.attempts) == ("fetched", 1)
    content = content_of(paper)
    assert content.startswith(b"%PDF-")
    assert b"Faktura 10001" in content
    assert (paper.sha256, paper.size_bytes) == (sha256(content), len(content))

    world.post_everything()
    assert requests_to(world.sandbox, GET) == 1
    told = OutgoingEvent.objects.get(type="document.ready")
    assert (told.subject, json.loads(told.body)["data"]["sha256"]) == ("1001", paper.sha256)


def test_a_stored_pdf_stays_whatever_is_asked_and_a_changed_file_is_told(world: World) -> None:
    paper = paper_of(world)
    again = request_paper(voucher=paper.voucher, actor=TESTER)
    world.drain()

    assert again == paper
    assert requests_to(world.sandbox, GET) == 1

    blobs.path_of(paper.sha256, "pdf").write_bytes(b"%PDF-other")
    with pytest.raises(blobs.BlobMissing, match="was changed"):
        content_of(paper)
    blobs.path_of(paper.sha256, "pdf").unlink()
    with pytest.raises(blobs.BlobMissing, match="not there"):
        content_of(paper)


@pytest.mark.parametrize("fault", ["commit_then_drop", "drop_before", "error_500", "429", "401"])
def test_a_broken_answer_only_means_another_try(world: World, fault: str) -> None:
    world.sandbox.faults.add(fault, GET)
    paper = paper_of(world)
    VoucherPaper.objects.update(next_attempt_at=timezone.now())
    world.drain()

    paper.refresh_from_db()
    assert paper.state == "fetched"
    assert paper.voucher.state == "posted"


def test_without_a_pdf_it_is_asked_again_and_then_a_person_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(PowerOffice, "documentation", lambda self, *, voucher_id: None)
        paper = paper_of(world)
        for _ in range(15):
            VoucherPaper.objects.update(next_attempt_at=timezone.now())
            world.drain()
        paper.refresh_from_db()
        assert (paper.state, paper.attempts, paper.reasons[0]["code"]) == ("failed", 12, "documentation_missing")
        assert paper.voucher.state == "posted"

    request_paper(voucher=paper.voucher, actor=TESTER)
    world.drain()
    paper.refresh_from_db()
    assert (paper.state, paper.reasons) == ("fetched", [])


def test_what_the_shop_issued_has_no_pdf_of_theirs(world: World) -> None:
    voucher = posted(world)

    assert not VoucherPaper.objects.exists()
    assert request_paper(voucher=voucher, actor=TESTER) is None


def test_a_voucher_of_before_gets_its_pdf_when_somebody_asks(world: World) -> None:
    paper = paper_of(world)
    VoucherPaper.objects.all().delete()
    request_paper(voucher=paper.voucher, actor=TESTER)
    world.drain()

    assert VoucherPaper.objects.get().sha256 == paper.sha256


def test_the_shop_finds_it_beside_the_sale_and_another_shop_does_not(world: World) -> None:
    paper = paper_of(world)
    api = api_for(world.shop)

    (shown,) = api.get("/sales/1001").json()["documents"]
    answer = api.get(shown["url"].removeprefix("/api/v1"))

    assert (shown["origin"], shown["number"], shown["sha256"]) == ("accounting_system", "10001", paper.sha256)
    assert (answer.content, answer["ETag"]) == (content_of(paper), f'"{paper.sha256}"')
    assert api_for(make_sales_point("other", "shop")).get(f"/documents/files/{paper.sha256}").status_code == 404
    assert api.get("/documents/files/none").status_code == 404
