"""Logos: whatever is uploaded is checked within limits and written anew, so that nothing of a hostile file is left."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from io import BytesIO

from lxml import etree
from PIL import Image, ImageFile, UnidentifiedImageError

from backoffice.invoices.svg import clean_svg

MAX_UPLOAD_BYTES = 1_000_000
#: a picture that says it is larger is refused before it is unpacked
MAX_PIXELS = 12_000_000
#: what is kept; more would only make every PDF larger
MAX_WIDTH_PX, MAX_HEIGHT_PX = 1_000, 400
MIN_SIDE_PX = 8
MAX_RATIO = 20
BOMB = Image.DecompressionBombError
PNG, SVG = "image/png", "image/svg+xml"


class BadLogo(Exception):
    """The file cannot be used as a logo; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class CleanLogo:
    """A logo that is safe to draw."""

    data: bytes
    media_type: str
    width_px: int
    height_px: int


def read_logo(uploaded: bytes) -> CleanLogo:
    """Check an uploaded PNG, JPEG or SVG and write it anew; raise BadLogo."""
    if len(uploaded) > MAX_UPLOAD_BYTES:
        raise BadLogo(f"The logo is larger than {MAX_UPLOAD_BYTES // 1000} kB. Save it smaller.")
    if _looks_like_svg(uploaded):
        return _read_svg(uploaded)
    return _read_pixels(uploaded)


def _looks_like_svg(uploaded: bytes) -> bool:
    return re.match(rb"^(\xef\xbb\xbf)?\s*<", uploaded[:200]) is not None


def _read_svg(uploaded: bytes) -> CleanLogo:
    try:
        cleaned, width, height = clean_svg(uploaded)
    except (ValueError, etree.XMLSyntaxError) as error:
        raise BadLogo(f"The SVG cannot be used: {error} Save it as plain SVG, or as PNG.") from error
    _check_shape(width, height)
    return CleanLogo(cleaned, SVG, width, height)


def _read_pixels(uploaded: bytes) -> CleanLogo:
    tolerated, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False  # WeasyPrint tolerates them
    try:
        with warnings.catch_warnings(), Image.open(BytesIO(uploaded), formats=("PNG", "JPEG")) as picture:
            warnings.simplefilter("error")
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise BadLogo(f"The logo has {width} x {height} pixels. Save it with at most 2000 x 1000.")
            _check_shape(width, height)
            picture.draft("RGB", (MAX_WIDTH_PX * 2, MAX_HEIGHT_PX * 2))
            has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
            drawn = picture.convert("RGBA" if has_alpha else "RGB")
    except BadLogo:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, Warning, BOMB) as error:
        raise BadLogo("The file is no PNG, JPEG or SVG that can be read. Save the logo as PNG.") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = tolerated
    drawn.thumbnail((MAX_WIDTH_PX, MAX_HEIGHT_PX))
    target = BytesIO()
    drawn.save(target, "PNG", optimize=True)
    return CleanLogo(target.getvalue(), PNG, *drawn.size)


def _check_shape(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE_PX or max(width, height) > MAX_RATIO * min(width, height):
        raise BadLogo(f"A logo of {width} x {height} cannot be seen on paper. Use a squarer one.")
