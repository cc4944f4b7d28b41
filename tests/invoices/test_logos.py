"""Uploaded logos: what is taken, what is refused and why, and that nothing of a hostile file is left."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from backoffice.invoices.logos import MAX_HEIGHT_PX, MAX_UPLOAD_BYTES, BadLogo, read_logo

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50">%s</svg>'


def picture(mode: str = "RGB", size: tuple[int, int] = (300, 100), kind: str = "PNG") -> bytes:
    target = BytesIO()
    Image.new(mode, size, "red").save(target, kind)
    return target.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Make a PNG that claims to be huge."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "PNG"), ("RGBA", "PNG"), ("L", "PNG"), ("P", "PNG"), ("CMYK", "JPEG")]
)
def test_pictures_are_written_anew_as_png(mode: str, kind: str) -> None:
    logo = read_logo(picture(mode, kind=kind))

    assert (logo.media_type, logo.width_px, logo.height_px) == ("image/png", 300, 100)
    assert logo.data.startswith(b"\x89PNG")


def test_a_large_picture_is_shrunk_and_what_hides_behind_it_is_gone() -> None:
    logo = read_logo(picture(size=(3_000, 1_500)) + b"<script>alert(1)</script>")

    assert logo.height_px <= MAX_HEIGHT_PX
    assert b"script" not in logo.data


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x" * (MAX_UPLOAD_BYTES + 1), "larger than 1000 kB"),
        (bomb(50_000, 50_000), "pixels|no PNG"),
        (bomb(5_000, 4_000), "5000 x 4000 pixels"),
        (b"GIF89a", "no PNG, JPEG or SVG"),
        (picture()[:200], "no PNG, JPEG or SVG"),
        (picture(size=(1_000, 10)), "cannot be seen"),
        (b"", "no PNG, JPEG or SVG"),
    ],
    ids=["bytes", "bomb", "many pixels", "gif", "cut off", "thread", "empty"],
)
def test_a_file_that_is_no_usable_picture_is_refused(data: bytes, text: str) -> None:
    with pytest.raises(BadLogo, match=text):
        read_logo(data)


def test_a_drawing_keeps_its_shapes_and_colours_and_nothing_else() -> None:
    parts = (
        b'<title>x</title><metadata>y</metadata><g onclick="alert(1)" style="fill:#c8102e;-x:y">'
        b'<path d="M0 0h200v50z" class="a"/></g>'
    )
    logo = read_logo(DRAWING % parts)

    assert (logo.media_type, logo.width_px, logo.height_px) == ("image/svg+xml", 300, 75)
    assert b'fill="#c8102e"' in logo.data
    assert b"onclick" not in logo.data
    assert b"metadata" not in logo.data


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (b"<script>alert(1)</script>", "<script>"),
        (b"<foreignObject/>", "<foreignObject>"),
        (b'<image href="file:///etc/passwd"/>', "leave pictures out"),
        (b'<use href="#a"/>', "expand symbols"),
        (b"<text>Nordlys</text>", "turn texts into paths"),
        (b"<style>*{fill:url(http://evil.example)}</style>", "presentation attributes"),
        (b'<rect fill="url(http://evil.example/x)"/>', "points outside"),
        (b'<rect style="fill:url(file:///etc/passwd)"/>', "points outside"),
        (b'<clipPath id="a"><rect clip-path="url(#a)"/></clipPath>', "clipped itself"),
        (b"<g>" * 40 + b"</g>" * 40, "too many parts"),
        (b"<path/>" * 2_100, "too many parts"),
        (b"<g>", "cannot be used"),
    ],
)
def test_a_drawing_with_more_than_shapes_is_refused_with_what_to_do(parts: bytes, text: str) -> None:
    with pytest.raises(BadLogo, match=text):
        read_logo(DRAWING % parts)


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>',
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg viewBox="0 0 9 9"><title>&x;</title></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 NaN 1e999"/>',
        b"<html/>",
    ],
)
def test_drawings_with_entities_or_without_a_size_are_refused(data: bytes) -> None:
    with pytest.raises(BadLogo, match="SVG cannot be used"):
        read_logo(data)
