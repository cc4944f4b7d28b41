"""A voucher's page shows its files, why one did not go, and sends it again; PDFs open as they were stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from backoffice.common import blobs
from backoffice.common.codec import to_builtins
from backoffice.invoices.models import IssuedDocument
from backoffice.invoices.sample import sample_document
from backoffice.vouchers.models import VoucherAttachment, VoucherPaper
from integrations.poweroffice.sandbox.pdf import one_page
from tests.office import Office

As = Callable[[str], Browser]
LIST = one_page(["Salg 20. november"])


@pytest.fixture
def file(office: Office) -> VoucherAttachment:
    """Note a file that the accounting system refused."""
    return VoucherAttachment.objects.create(
        voucher=office.posted(), client=office.client, name="Salgsliste.pdf", media_type="application/pdf",
        sha256=blobs.keep(LIST, "pdf"), size_bytes=len(LIST), state="failed", next_attempt_at=timezone.now(),
        reasons=[{"code": "refused", "detail": "The file is upside down.", "subject": ""}],
    )  # fmt: skip


def page_of(browser: Browser, file: VoucherAttachment) -> str:
    text: Any = browser.get(f"/vouchers/voucher/{file.voucher_id}/change/").content
    return str(text.decode())


def test_the_page_says_why_a_file_did_not_go_and_sends_it_again(kari: Browser, file: VoucherAttachment) -> None:
    page = page_of(kari, file)
    for words in ("Salgsliste.pdf", "Not attached", "The file is upside down.", "Send again"):
        assert words in page

    kari.post(f"/attachments/{file.pk}/do/resend/")

    file.refresh_from_db()
    assert (file.state, file.reasons, file.attempts) == ("waiting", [], 0)
    assert "File sent again by hand" in page_of(kari, file)
    assert "faster" in kari.post(f"/attachments/{file.pk}/do/resend/", follow=True).content.decode()
    assert kari.post(f"/attachments/{file.pk}/do/burn/").status_code == 404


def test_readers_see_files_and_send_none(as_person: As, file: VoucherAttachment) -> None:
    reader = as_person("auditor")
    assert "Salgsliste.pdf" in page_of(reader, file)
    assert "Send again" not in page_of(reader, file)
    assert reader.get(f"/attachments/{file.pk}/file/").content == LIST
    assert reader.post(f"/attachments/{file.pk}/do/resend/").status_code == 403
    assert as_person("stranger").get(f"/attachments/{file.pk}/file/").status_code == 404


def test_their_pdf_is_asked_for_and_opens_once_it_is_stored(kari: Browser, as_person: As, office: Office) -> None:
    voucher = office.posted()
    kari.post(f"/vouchers/{voucher.pk}/paper/fetch/")
    paper = VoucherPaper.objects.get(voucher=voucher)
    assert paper.state == "waiting"
    assert kari.get(f"/vouchers/{voucher.pk}/paper/").status_code == 404

    VoucherPaper.objects.update(
        state="fetched", sha256=blobs.keep(LIST, "pdf"), size_bytes=len(LIST), fetched_at=timezone.now()
    )
    answer = kari.get(f"/vouchers/{voucher.pk}/paper/")
    assert (answer.content, answer["Content-Type"]) == (LIST, "application/pdf")
    assert as_person("stranger").get(f"/vouchers/{voucher.pk}/paper/").status_code == 404
    sale = kari.get(f"/sales/sale/{voucher.sales.get().pk}/change/").content.decode()
    assert f"/vouchers/{voucher.pk}/paper/" in sale

    blobs.path_of(blobs.keep(LIST, "pdf"), "pdf").write_bytes(b"%PDF-other")
    page = kari.get(f"/vouchers/{voucher.pk}/paper/", follow=True).content.decode()
    assert "was changed after it was stored" in page


def test_the_documents_page_shows_that_it_stands_with_its_voucher(kari: Browser, file: VoucherAttachment) -> None:
    document = IssuedDocument.objects.create(
        client=file.client, sale=file.voucher.sales.get(), kind="invoice", number="1", language="nb",
        sha256=file.sha256, state="rendered", size_bytes=1, rendered_at=timezone.now(),
        source=to_builtins(sample_document()),
    )  # fmt: skip
    page = kari.get(f"/invoices/issueddocument/{document.pk}/change/").content.decode()
    assert "Documentation over there" in page
    assert "The file is upside down." in page
