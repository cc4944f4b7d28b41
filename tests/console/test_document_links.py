"""A link opens one document without a login, until it expires or is revoked; every other address opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import Client
from backoffice.common import blobs
from backoffice.common.codec import to_builtins
from backoffice.invoices.links import make_link
from backoffice.invoices.models import DocumentLink, IssuedDocument
from backoffice.invoices.services import FileMissing, prepare
from tests.invoices.conftest import give_profile
from tests.office import OFFICE, Office

As = Callable[[str], Browser]
PDF = b"%PDF-1.7 stands for a document"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Keep the files of a test in a folder of its own, and let no bell ring."""
    settings.MEDIA_ROOT = tmp_path / "documents"
    settings.QUEUE_RINGS = False


@pytest.fixture
def document(office: Office) -> IssuedDocument:
    """Give a stored document of a sale."""
    give_profile(office.client)
    sale = office.sell("1001")
    sale.invoice_number = "10001"
    source = to_builtins(prepare(sale=sale)[0])
    return IssuedDocument.objects.create(
        client=office.client, sale=sale, kind="receipt", number="1", language="nb", state="rendered",
        source=source, sha256=blobs.keep(PDF, "pdf"), size_bytes=len(PDF), rendered_at=timezone.now(),
    )  # fmt: skip


def token_of(document: IssuedDocument) -> str:
    """Make a link and give its token."""
    return make_link(document=document, actor=OFFICE)[1]


def is_gone(token: str) -> bool:
    """Tell whether a stranger gets the page that tells nothing, with the headers of every answer."""
    answer = Browser().get(f"/d/{token}/")
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    return answer.status_code == 404 and "This link opens nothing" in answer.content.decode()


def test_the_customer_opens_the_document_and_nothing_is_left_behind(document: IssuedDocument) -> None:
    token = token_of(document)

    answer = Browser().get(f"/d/{token}/")

    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "application/pdf", PDF)
    assert answer["Content-Disposition"] == 'inline; filename="receipt-1.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert (len(answer.cookies), Session.objects.count()) == (0, 0)
    assert Browser().head(f"/d/{token}/").status_code == 200
    assert Browser().post(f"/d/{token}/").status_code == 405
    link = DocumentLink.objects.get()
    assert link.opened_count == 1
    assert link.last_opened_at is not None
    assert token not in str(DocumentLink.objects.values().get())
    assert token not in str(list(AuditEntry.objects.values()))


def test_unknown_cut_and_lengthened_tokens_open_nothing(document: IssuedDocument) -> None:
    token = token_of(document)
    kept = DocumentLink.objects.get().token_sha256

    for wrong in ("x" * 43, token[:-1], token + "A", token.swapcase(), "x", "x" * 5_000, kept, "%00" * 43, "ø" * 43):
        assert is_gone(wrong), wrong
    assert Browser().get("/d/").status_code != 200
    assert DocumentLink.objects.get().opened_count == 0


def test_expired_links_open_nothing(document: IssuedDocument, settings: Any) -> None:
    settings.DOCUMENT_LINK_DAYS = 2
    token = token_of(document)
    link = DocumentLink.objects.get()
    assert timedelta(days=1, hours=23) < link.expires_at - timezone.now() <= timedelta(days=2)
    assert not is_gone(token)

    DocumentLink.objects.update(expires_at=timezone.now())

    assert is_gone(token)


def test_links_of_a_client_that_is_switched_off_open_nothing(document: IssuedDocument) -> None:
    token = token_of(document)
    assert not is_gone(token)

    Client.objects.filter(pk=document.client_id).update(is_active=False)

    assert is_gone(token)


def test_a_file_that_is_gone_is_logged_and_told_to_no_customer(
    document: IssuedDocument, caplog: pytest.LogCaptureFixture
) -> None:
    token = token_of(document)
    document.path.unlink()

    assert is_gone(token)
    assert "file is missing" in caplog.text
    assert DocumentLink.objects.get().opened_count == 0


def test_a_document_without_a_file_gets_no_link(document: IssuedDocument) -> None:
    row = IssuedDocument.objects.create(
        client=document.client, sale=document.sale, kind="invoice", number="2", language="nb"
    )

    with pytest.raises(FileMissing, match="has no file yet"):
        make_link(document=row, actor=OFFICE)


def test_a_bookkeeper_makes_a_link_sees_it_once_and_revokes_it(
    as_person: As, kari: Browser, document: IssuedDocument
) -> None:
    page = f"/invoices/issueddocument/{document.pk}/change/"
    shown = kari.post(f"/documents/{document.pk}/link/").content.decode()
    found = re.search(r'value="http://[^"/]+/d/([\w-]{43})/"', shown)
    assert found
    link = DocumentLink.objects.get()

    assert found[1] not in kari.get(page).content.decode()
    assert "not opened yet" in kari.get(page).content.decode()
    assert not is_gone(found[1])
    assert as_person("auditor").post(f"/documents/links/{link.pk}/revoke/").status_code == 404
    kari.get(f"/documents/links/{link.pk}/revoke/")
    assert not is_gone(found[1])

    for _again in range(2):
        answer = kari.post(f"/documents/links/{link.pk}/revoke/", follow=True)

    assert "Revoked by" in answer.content.decode()
    assert is_gone(found[1])
    told = AuditEntry.objects.filter(action__startswith="document.link").order_by("id")
    assert list(told.values_list("action", flat=True)) == ["document.link_made", "document.link_revoked"]


def test_strangers_and_readers_make_no_links(as_person: As, document: IssuedDocument) -> None:
    for who in ("stranger", "auditor"):
        assert as_person(who).post(f"/documents/{document.pk}/link/").status_code == 404
    assert Browser().post(f"/documents/{document.pk}/link/")["Location"].startswith("/login/")
    assert DocumentLink.objects.count() == 0
