"""The list behind a posted batch goes with its voucher as PDF: once, the same bytes, and never in the voucher's way."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from backoffice.invoices import pdf
from backoffice.invoices.models import DocumentPolicy
from backoffice.sales.batch_models import BatchList
from backoffice.vouchers.models import Voucher, VoucherAttachment
from backoffice.worker.schedule import sweep
from backoffice.workflows import batch_papers
from backoffice.workflows.batch_papers import attach_batch_lists, clients_with_lists_to_attach, pdf_of
from tests.flows.test_batches import sell, shop
from tests.invoices.conftest import own_folder, pango
from tests.vouchers.papers import stored
from tests.world import SOLD_AT, World

__all__ = ["own_folder", "pango", "shop"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("pango")]


def posted(world: World, sales: int = 3) -> Voucher:
    for number in range(sales):
        sell(world, f"10{number:02}", 12_500, sold_at=SOLD_AT + timedelta(minutes=number))
    world.post_everything()
    world.settle()
    return Voucher.objects.get(source_type="sales_day")


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_the_list_stands_with_the_voucher_over_there_and_names_every_sale(shop: World) -> None:
    voucher = posted(shop)
    shop.drain()

    kept = BatchList.objects.get(voucher=voucher)
    attachment = VoucherAttachment.objects.get(voucher=voucher)
    assert (kept.why_not, kept.sha256, attachment.state) == ("", attachment.sha256, "attached")
    assert stored(shop, voucher) == pdf_of(voucher)
    text = text_of(pdf_of(voucher))
    assert all(f"10{number:02}" in text for number in range(3))
    assert voucher.document["reference"] in text
    assert text.count("375.00") >= 2


def test_the_same_batch_gives_the_same_bytes(shop: World) -> None:
    voucher = posted(shop)
    kept = BatchList.objects.get(voucher=voucher)
    shop.map_group("*", "25.00", "3020", "3")

    assert batch_papers._made(voucher) == pdf_of(voucher)
    assert attach_batch_lists(shop.client) == 0
    assert BatchList.objects.get().sha256 == kept.sha256


def test_it_is_in_the_language_of_the_books(shop: World) -> None:
    shop.client.books_language = "nb"
    shop.client.save()
    text = text_of(pdf_of(posted(shop)))
    assert "Salg bak bilaget" in text
    assert "375,00" in text


def test_long_lists_carry_their_sums_from_page_to_page(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_papers, "LINES_A_PAGE", 10)
    voucher = posted(shop, sales=12)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf_of(voucher))).pages]
    assert len(pages) >= 3
    carried = [line for page in pages for line in page.splitlines() if line.startswith("Carried forward")]
    brought = [line for page in pages for line in page.splitlines() if line.startswith("Brought forward")]
    assert [line.removeprefix("Carried") for line in carried] == [line.removeprefix("Brought") for line in brought]


def test_where_it_is_not_wanted_or_too_long_the_row_says_so_and_nothing_goes(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_papers, "MAX_ROWS", 4)
    voucher = posted(shop)
    assert "has 6 rows" in BatchList.objects.get(voucher=voucher).why_not
    assert not VoucherAttachment.objects.exists()

    DocumentPolicy.objects.create(sales_point=shop.shop, attaches_to_voucher=False)
    BatchList.objects.all().delete()
    assert attach_batch_lists(shop.client) == 1
    assert BatchList.objects.get().why_not == batch_papers.NOT_WANTED


def test_a_crash_before_it_was_kept_makes_it_again_as_the_same_file(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(BatchList.objects, "get_or_create", killed)
    with pytest.raises(KeyboardInterrupt):
        posted(shop)
    monkeypatch.undo()
    assert not VoucherAttachment.objects.exists()
    assert clients_with_lists_to_attach() == {shop.client.pk}
    assert sweep() >= 1

    shop.drain()

    assert VoucherAttachment.objects.get().sha256 == BatchList.objects.get().sha256


def test_without_the_system_library_lists_wait(shop: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(*_args: Any) -> bytes:
        raise pdf.PangoMissing("none here")

    with monkeypatch.context() as without:
        without.setattr(pdf, "render_list", missing)
        posted(shop)
        assert not BatchList.objects.exists()
    assert attach_batch_lists(shop.client) == 1
