"""Look into PDF files and put several together. Nothing is drawn here."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

PDF = "application/pdf"


class UnreadablePdf(Exception):
    """No PDF, damaged, without pages, or protected by a password; the text says which."""


def pages_of(content: bytes) -> int:
    """Count the pages; raise UnreadablePdf."""
    if not content.startswith(b"%PDF-"):
        raise UnreadablePdf("It is no PDF.")
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise UnreadablePdf("It is protected by a password.")
        pages = len(reader.pages)
    except UnreadablePdf:
        raise
    except Exception as error:  # a damaged file fails in many ways inside the reader
        raise UnreadablePdf(f"It is damaged ({type(error).__name__}).") from error
    if not pages:
        raise UnreadablePdf("It has no pages.")
    return pages


def merged(files: Sequence[bytes]) -> bytes:
    """Put PDFs one behind the other; one alone stays byte for byte what it is. Raises UnreadablePdf.

    The same files give the same bytes, so that a second try sends what the first did.
    """
    if len(files) == 1:
        return files[0]
    for content in files:
        pages_of(content)
    target = io.BytesIO()
    try:
        with PdfWriter() as writer:
            for content in files:
                writer.append(io.BytesIO(content))
            writer.write(target)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadablePdf(f"They cannot be put together ({type(error).__name__}).") from error
    return target.getvalue()
