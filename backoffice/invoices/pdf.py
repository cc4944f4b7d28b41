"""Documents as PDF, by WeasyPrint. The only module that knows it.

One set of typefaces and style sheets per process (a set per document costs a third more time, and memory that never
comes back); garbage collection rests while a page is laid out; nothing is ever fetched: a style sheet may name our
typefaces and the theme's logo, every other address is an error.

What WeasyPrint does for any page, and ours do not need, is left out: pages are XML, read in C; the browser's
style sheet (`agent.css`) has the dozen elements that the templates use; no identifier where the format asks for none,
since it means writing every object twice. Together that is a seventh of the time.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from functools import cache
from typing import Any
from xml.etree import ElementTree

from django.template.loader import render_to_string

from backoffice.common.codec import to_json
from backoffice.invoices.document import Document, DocumentKind
from backoffice.invoices.ehf import ehf_of, has_ehf, name_of
from backoffice.invoices.ehf.elements import UNWRITABLE
from backoffice.invoices.fonts import SCHEME, font_bytes
from backoffice.invoices.looks import THEMES, Looks, style_sheet
from backoffice.invoices.presenting import present

MAX_PAGES = 200
LOGO_ADDRESS = "logo:theme"
TEMPLATES = {
    DocumentKind.INVOICE: "invoices/invoice.html",
    DocumentKind.PAID_INVOICE: "invoices/invoice.html",
    DocumentKind.CREDIT_NOTE: "invoices/credit_note.html",
    DocumentKind.RECEIPT: "invoices/receipt.html",
}
#: what is missing where WeasyPrint cannot be loaded
INSTALL = {
    "Linux": "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "Darwin": "brew install pango",
}
#: themes whose style sheets a process keeps; the oldest goes
MAX_SHEETS = 64
#: after so many documents the garbage that resting collections left is collected
COLLECT_EVERY = 25
_one_at_a_time = threading.Lock()


class CannotRender(Exception):
    """No PDF can be made; the text says why and what to do."""


class PangoMissing(CannotRender):
    """The system's text library is not installed; all but PDF documents works."""


@cache
def _weasyprint() -> Any:
    try:
        return importlib.import_module("weasyprint")
    except OSError as error:
        command = INSTALL.get(platform.system(), INSTALL["Linux"])
        raise PangoMissing(f"PDF documents need Pango, which is not installed here. Install it: {command}") from error


class _Press:
    """What a process keeps between documents: typefaces and parsed style sheets."""

    def __init__(self) -> None:
        self.library = _weasyprint()
        self.fatal = importlib.import_module("weasyprint.urls").FatalURLFetchingError  # no Exception
        self.fonts = importlib.import_module("weasyprint.text.fonts").FontConfiguration()
        self.page = _page_class(self.library)
        self.sheets: dict[tuple[str, ...], Any] = {}
        self.made = 0
        self.sheet(Looks())
        gc.collect()
        gc.freeze()  # what stays for good need not be looked at by every collection

    def sheet(self, looks: Looks) -> Any:
        key = (looks.design, looks.font, looks.brand, looks.accent)
        if key not in self.sheets:
            if len(self.sheets) >= MAX_SHEETS:
                self.sheets.pop(next(iter(self.sheets)))
            self.sheets[key] = self.library.CSS(
                string=style_sheet(*key), font_config=self.fonts, url_fetcher=OnlyOurs(Looks())
            )
        return self.sheets[key]


def _page_class(library: Any) -> Any:
    """Make a page that is read as XML and knows the elements of our templates only."""
    wrap = importlib.import_module("cssselect2").ElementWrapper.from_html_root
    agent = library.CSS(string=(THEMES / "agent.css").read_text(encoding="utf-8"), url_fetcher=OnlyOurs(Looks()))

    class Page(library.HTML):  # type: ignore[misc]  # the library is loaded when it is needed
        def __init__(self, string: str, looks: Looks) -> None:
            root = ElementTree.fromstring(string)  # noqa: S314  # our own template, everything from outside escaped
            self.base_url, self.media_type, self.url_fetcher = "", "print", OnlyOurs(looks)
            self.wrapper_element = wrap(root, content_language=None)
            self.etree_element = self.wrapper_element.etree_element

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
            return [agent]

    return Page


@cache
def _press() -> _Press:
    return _Press()


def warm() -> None:
    """Load everything now: before a worker forks, so that its children need not. Raises PangoMissing."""
    _press()


def forget() -> None:
    """Drop what the process keeps, so that the next document starts anew; for tests."""
    _press.cache_clear()
    _weasyprint.cache_clear()


class OnlyOurs:
    """What WeasyPrint asks for addresses: typefaces and this theme's logo; anything else stops the document.

    Not a subclass of the library's own fetcher: that one brings network handlers and a TLS context along.
    """

    _fail_on_errors = True

    def __init__(self, looks: Looks) -> None:
        self.looks = looks

    def __call__(self, url: str) -> Any:
        """Answer two kinds of addresses and never open any."""
        answer = importlib.import_module("weasyprint.urls").URLFetcherResponse
        if url == LOGO_ADDRESS and self.looks.logo:
            return answer(url, self.looks.logo, {"Content-Type": self.looks.logo_media_type})
        if url.startswith(SCHEME):
            return answer(url, font_bytes(url), {"Content-Type": "font/ttf"})
        raise ValueError(f"A document may not load {url[:200]!r}.")


def markup(document: Document, looks: Looks) -> str:
    """Give the document as HTML, everything from outside escaped."""
    return UNWRITABLE.sub("", render_to_string(TEMPLATES[document.kind], present(document, looks)))


@contextmanager
def _quietly() -> Iterator[None]:
    """Let one document be laid out at a time, without garbage collection."""
    with _one_at_a_time:
        was_on = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if was_on:
                gc.enable()


def render(document: Document, looks: Looks) -> bytes:
    """Make the PDF. The same document in the same looks gives the same bytes.

    PDF/UA-1 (tagged), or with looks.attaches_source PDF/A-3 with the document's data inside. Raises PangoMissing
    where the system library is missing and CannotRender when the document cannot be laid out.
    """
    source = to_json(document)
    html = markup(document, looks)
    with _quietly():
        press = _press()
        try:
            laid_out = press.page(html, looks).render(
                font_config=press.fonts, stylesheets=[press.sheet(looks)], **_options(looks)
            )
            if len(laid_out.pages) > MAX_PAGES:
                raise CannotRender(f"The document has more than {MAX_PAGES} pages. Split the sale.")
            if looks.attaches_source:
                laid_out.metadata.attachments = [_attachment(press.library, document, source)]
            identifier = _identifier(source) if looks.attaches_source else None
            made: bytes = laid_out.write_pdf(pdf_identifier=identifier, **_options(looks))
        except CannotRender:
            raise
        except (Exception, press.fatal) as error:
            raise CannotRender(f"The document cannot be laid out: {type(error).__name__}: {error}") from error
        finally:
            press.made += 1
            if press.made % COLLECT_EVERY == 0:
                gc.collect()
    return made


def render_list(html: str, css: str) -> bytes:
    """Make the PDF of a long list: PDF/A-2, plain black on white, without the tags that would double its time.

    html is XML of our own template, everything from outside escaped; css asks for typefaces of `fonts` only. The same
    text gives the same bytes. Raises PangoMissing and CannotRender.
    """
    with _quietly():
        press = _press()
        try:
            sheet = press.library.CSS(string=css, font_config=press.fonts, url_fetcher=OnlyOurs(Looks()))
            laid_out = press.page(UNWRITABLE.sub("", html), Looks()).render(
                font_config=press.fonts, stylesheets=[sheet], pdf_variant="pdf/a-2b"
            )
            identifier = _identifier(html.encode())
            made: bytes = laid_out.write_pdf(pdf_identifier=identifier, pdf_variant="pdf/a-2b")
        except (Exception, press.fatal) as error:
            raise CannotRender(f"The list cannot be laid out: {type(error).__name__}: {error}") from error
        finally:
            gc.collect()
    return made


def _options(looks: Looks) -> dict[str, Any]:
    return {"pdf_variant": "pdf/a-3a" if looks.attaches_source else "pdf/ua-1"}


def _identifier(source: bytes) -> bytes:
    return hashlib.sha256(source).digest()[:16]


def _attachment(library: Any, document: Document, source: bytes) -> Any:
    """A Norwegian invoice carries its EHF, which says the same in another form; other documents their own data."""
    day = datetime.combine(document.issued_on, time(), tzinfo=UTC)
    data, name, description, relationship = source, "document.json", "The document's data", "Source"
    if has_ehf(document):
        data, name = ehf_of(document), name_of(document)
        description, relationship = "The document as EHF Billing 3.0", "Alternative"
    return library.Attachment(
        string=data, name=name, description=description, created=day, modified=day, relationship=relationship
    )
