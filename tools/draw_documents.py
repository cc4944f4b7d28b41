"""Draw the pictures of documents in docs/images: `.venv/bin/python tools/draw_documents.py`. Needs pdftoppm."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

import django  # noqa: E402

django.setup()

from backoffice.invoices import pdf  # noqa: E402
from backoffice.invoices.document import Document  # noqa: E402
from backoffice.invoices.logos import read_logo  # noqa: E402
from backoffice.invoices.looks import Looks  # noqa: E402
from backoffice.invoices.sample import (  # noqa: E402
    credit_document,
    foreign_document,
    long_document,
    sample_document,
)
from tests.invoices.hard_cases import HARD_CASES, logo  # noqa: E402
from tests.invoices.reading import picture_of  # noqa: E402

DPI, COLOURS = 72, 48
FJORD, ATELIER = Looks(), Looks(design="atelier", font="source-serif", brand="#5b2333", accent="#1b5e3a")
#: name of the picture: document, looks, page
PICTURES: dict[str, tuple[Document, Looks, int]] = {
    "paid-fjord": (sample_document("nb"), FJORD, 1),
    "paid-atelier": (sample_document("nb"), ATELIER, 1),
    "unpaid-fjord": (sample_document("nb", is_paid=False), FJORD, 1),
    "foreign-fjord": (foreign_document(), FJORD, 1),
    "credit-atelier": (credit_document(), ATELIER, 1),
    "carried-fjord": (long_document(60), FJORD, 2),
    "polish-atelier": (HARD_CASES["polish"], ATELIER, 1),
    "long-texts-atelier": (HARD_CASES["long-texts"], ATELIER, 1),
    "hebrew-fjord": (HARD_CASES["hebrew"], FJORD, 1),
    "receipt-fjord": (HARD_CASES["all-rates"], FJORD, 1),
}


def main() -> None:
    """Draw them all, in few colours so that they stay small."""
    wide = read_logo(logo(2400, 260))
    with_logo = replace(ATELIER, logo=wide.data, logo_media_type=wide.media_type)
    pictures = PICTURES | {"logo-atelier": (sample_document("en"), with_logo, 1)}
    for name, (document, looks, page) in pictures.items():
        with TemporaryDirectory() as folder:
            picture = picture_of(pdf.render(document, looks), Path(folder), page=page, dpi=DPI)
        path = ROOT / "docs" / "images" / f"document-{name}.png"
        picture.quantize(COLOURS).save(path, optimize=True)
        sys.stdout.write(f"{path.relative_to(ROOT)} {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
