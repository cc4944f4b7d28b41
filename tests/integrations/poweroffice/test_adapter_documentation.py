"""How a file is written for PowerOffice, and how their zip is read, whatever is in it."""

from __future__ import annotations

import io
import zipfile
from email.parser import BytesParser
from email.policy import HTTP

import pytest

from backoffice.contracts.accounting import AttachedFile
from backoffice.contracts.errors import Misunderstood
from integrations.http import Answer
from integrations.poweroffice import documentation
from integrations.poweroffice.sandbox.pdf import one_page

from .books import make_journal, run_office
from .openapi import check_request

PDF = one_page(["Faktura 10001"])


def packed(*files: tuple[str, bytes]) -> Answer:
    """Pack files as they do."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return Answer(200, {}, target.getvalue(), "r-1", "")


def test_a_form_holds_the_file_byte_for_byte_under_a_name_that_cannot_break_it() -> None:
    content = PDF + b"\r\n--x--\r\n"
    body, content_type = documentation.multipart(AttachedFile('a"; evil="\r\nX: y.pdf', "application/pdf", content))

    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    (part,) = message.iter_parts()
    assert part.get_payload(decode=True) == content
    assert part.get_filename() == "a-evil-X-y.pdf"
    assert part.get_content_type() == "application/pdf"
    again, _ = documentation.multipart(AttachedFile('a"; evil="\r\nX: y.pdf', "application/pdf", content))
    assert again == body


def test_the_pdf_is_taken_out_of_the_zip_and_other_files_are_left() -> None:
    found = documentation.unpacked(packed(("x/invoice.xml", b"<a/>"), ("OutgoingInvoice/10001.PDF", PDF)))

    assert (found.name, found.media_type, found.content) == ("10001.PDF", "application/pdf", PDF)


@pytest.mark.parametrize(
    "answer",
    [
        packed(("a.xml", b"<a/>")),
        packed(("a.pdf", PDF), ("b.pdf", PDF)),
        packed(("a.pdf", b"GIF89a")),
        packed(("a.pdf", b"%PDF-" + b"0" * (documentation.MAX_UNPACKED_BYTES + 1))),
        Answer(200, {}, b"no zip", "r-1", ""),
        Answer(200, {}, packed(("a.pdf", PDF)).body[:-40], "r-1", ""),
    ],
    ids=["no pdf", "two", "a picture", "a bomb", "no zip", "cut"],
)
def test_anything_else_is_not_guessed_at(answer: Answer) -> None:
    with pytest.raises(Misunderstood) as caught:
        documentation.unpacked(answer)
    assert caught.value.reasons[0].code == "documentation_unreadable"


def test_both_calls_stand_in_the_vendors_document_with_these_parameters() -> None:
    with run_office() as office:
        posted = office.system.send(office.system.prepare(make_journal(), office.directory))
        office.count_calls()
        office.system.attach(voucher_id=posted.external_id, file=AttachedFile("a.pdf", "application/pdf", PDF))
        office.system.documentation(voucher_id=posted.external_id)
        seen = list(office.server.app.requests)

    assert [(one["method"], one["path"]) for one in seen] == [
        ("PUT", "/v2/VoucherDocumentation"),
        ("GET", "/v2/VoucherDocumentation/Download"),
    ]
    for one, names in zip(seen, (["id"], ["id", "documentationType"]), strict=True):
        assert sorted(name.partition("=")[0] for name in one["query"].split("&")) == sorted(names)
        check_request(one["method"], one["path"].removeprefix("/v2"), None, names)
