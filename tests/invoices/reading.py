"""What stands in a PDF, and its pages as pictures."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader


def pages_of(data: bytes) -> list[str]:
    """Give the text of each page, one blank where the PDF has several."""
    return [" ".join(page.extract_text().replace("\u202f", " ").replace("\xa0", " ").split())
            for page in PdfReader(BytesIO(data)).pages]  # fmt: skip


def text_of(data: bytes) -> str:
    """Give all text."""
    return " ".join(pages_of(data))


def picture_of(data: bytes, folder: Path, *, page: int = 1, dpi: int = 50) -> Image.Image:
    """Draw a page with poppler; skipped where it is not installed."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not there; apt-get install poppler-utils")
    source, target = folder / "drawn.pdf", folder / "drawn"
    source.write_bytes(data)
    command = ["pdftoppm", "-r", str(dpi), "-f", str(page), "-l", str(page), "-singlefile", "-png"]
    subprocess.run([*command, str(source), str(target)], check=True)
    return Image.open(target.with_suffix(".png")).convert("RGB")
