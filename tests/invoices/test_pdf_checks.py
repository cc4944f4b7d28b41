"""What a PDF/UA and PDF/A checker looks for, read from every design, kind and language with pypdf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from backoffice.invoices import pdf
from backoffice.invoices.document import Document, DocumentKind
from backoffice.invoices.looks import Looks
from backoffice.invoices.sample import credit_document, sample_document

pytestmark = pytest.mark.usefixtures("pango")
LOOKS = {"fjord": Looks(), "atelier": Looks(design="atelier", font="source-serif", brand="#5b2333", accent="#1b5e3a")}
KINDS = list(DocumentKind)
LANGUAGES = ("nb", "en", "pl")


def document_of(kind: DocumentKind, language: str) -> Document:
    if kind is DocumentKind.CREDIT_NOTE:
        return credit_document(language)
    return replace(sample_document(language, is_paid=kind is not DocumentKind.INVOICE), kind=kind)


def elements(node: Any) -> Iterator[Any]:
    """Give every structure element below a node."""
    node = node.get_object() if hasattr(node, "get_object") else node
    for child in node if isinstance(node, list) else [node]:
        found = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(found, dict):
            if "/S" in found:
                yield found
            if "/K" in found:
                yield from elements(found["/K"])


def headers_of(cell: Any) -> list[Any]:
    """Give the ids of the heads that a cell says it stands under (PDF/UA-1, 7.5: Headers, or Scope)."""
    given = cell.get("/A", {})
    given = given.get_object() if hasattr(given, "get_object") else given
    return list(given.get("/Headers", [])) if isinstance(given, dict) else list(given[0].get("/Headers", []))


def check_common(root: Any, reader: PdfReader, language: str) -> None:
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert "/JavaScript" not in root.get("/Names", {})
    for page in reader.pages:
        about: Any = page
        assert about["/Tabs"] == "/S"
        assert "/Annots" not in about
        for font in about["/Resources"]["/Font"].values():
            whole = font.get_object()
            below = whole["/DescendantFonts"][0].get_object()
            described = below["/FontDescriptor"].get_object()
            assert "/ToUnicode" in whole
            assert {"/FontFile2", "/FontFile3"} & set(described)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", LOOKS)
def test_every_document_is_accessible(design: str, kind: DocumentKind, language: str) -> None:
    reader = PdfReader(BytesIO(pdf.render(document_of(kind, language), LOOKS[design])))
    root: Any = reader.trailer["/Root"]

    check_common(root, reader, language)
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    tags = list(elements(root["/StructTreeRoot"]["/K"]))
    kinds = [tag["/S"] for tag in tags]
    assert kinds.count("/H1") == 1
    assert {"/Document", "/Table", "/TR", "/TH", "/TD"} <= set(kinds)
    heads = {tag.get("/ID") for tag in tags if tag["/S"] == "/TH"}
    named = {one for tag in tags if tag["/S"] == "/TD" for one in headers_of(tag)}
    assert None not in heads
    assert named == heads
    assert reader.attachments == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", LOOKS)
def test_every_document_for_the_archive_carries_its_colours_identity_and_source(
    design: str, kind: DocumentKind
) -> None:
    reader = PdfReader(BytesIO(pdf.render(document_of(kind, "nb"), replace(LOOKS[design], attaches_source=True))))
    root: Any = reader.trailer["/Root"]

    check_common(root, reader, "nb")
    metadata = root["/Metadata"].get_data()
    assert b'pdfaid:part="3"' in metadata
    assert b'pdfaid:conformance="A"' in metadata
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert "/ID" in reader.trailer
    related = [one.get_object() for one in root["/AF"] if "/EF" in one.get_object()]
    relationship = "/Source" if kind is DocumentKind.RECEIPT else "/Alternative"
    assert {one["/AFRelationship"] for one in related} == {relationship}
