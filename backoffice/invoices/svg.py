"""Keep of an SVG only what draws lines and areas: no script, no text, no picture, no address, nothing that repeats."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from lxml import etree

MAX_BYTES = 200_000
MAX_ELEMENTS = 2_000
MAX_DEPTH = 30
SVG_SPACE = "http://www.w3.org/2000/svg"
SHAPES = frozenset(
    "svg g path rect circle ellipse line polyline polygon defs linearGradient radialGradient stop clipPath".split()
)
#: says something about the drawing and draws nothing: left out without a word
SILENT = frozenset("title desc metadata namedview".split())
ATTRIBUTES = frozenset(
    "id d x y x1 y1 x2 y2 cx cy r rx ry fx fy width height points transform viewBox preserveAspectRatio offset "
    "fill fill-rule fill-opacity clip-rule clip-path opacity stroke stroke-width stroke-linecap stroke-linejoin "
    "stroke-miterlimit stroke-opacity stop-color stop-opacity gradientUnits gradientTransform spreadMethod "
    "clipPathUnits color".split()
)
#: what may stand in a value: numbers, names, colours, and addresses of parts of the same drawing
PLAIN_VALUE = re.compile(r"^(?:[\w\s.,#%()+:;-]|url\(#[\w-]+\))*$")
ADDRESS = re.compile(r"url\(", re.IGNORECASE)
LOCAL_ADDRESS = re.compile(r"url\(#[\w-]+\)")
PIXELS_A_SIDE = 300
MENDING = {
    "text": "; turn texts into paths",
    "style": "; choose presentation attributes when you export it",
    "image": "; leave pictures out",
    "use": "; expand symbols when you export it",
    "script": "; leave scripts out",
}


def clean_svg(uploaded: bytes) -> tuple[bytes, int, int]:
    """Give the cleaned drawing with its width and height; raise ValueError when it needs what is not allowed."""
    if len(uploaded) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1000} kB.")
    uploaded = re.sub(rb"<!DOCTYPE[^<>\[]*>", b"", uploaded, count=1, flags=re.IGNORECASE)
    if b"<!ENTITY" in uploaded.upper() or b"<!DOCTYPE" in uploaded.upper():
        raise ValueError("it declares entities.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(uploaded, parser)
    if _name(root) != "svg":
        raise ValueError("it is no SVG.")
    count = [0]
    cleaned = _clean(root, 0, count)
    width, height = _size(root)
    cleaned.set("viewBox", root.get("viewBox") or f"0 0 {width} {height}")
    cleaned.set("width", str(width))
    cleaned.set("height", str(height))
    return etree.tostring(cleaned), width, height


def _name(element: etree._Element) -> str:
    found = etree.QName(element)
    return found.localname if found.namespace in (SVG_SPACE, None) else ""


def _clean(element: etree._Element, depth: int, count: list[int], *, is_clip: bool = False) -> etree._Element:
    count[0] += 1
    if depth > MAX_DEPTH or count[0] > MAX_ELEMENTS:
        raise ValueError("it has too many parts.")
    name = _name(element)
    kept = etree.Element(f"{{{SVG_SPACE}}}{name}")
    is_clip = is_clip or name == "clipPath"
    for key, value in _attributes(element).items():
        if key == "clip-path" and is_clip:
            raise ValueError("a clipping path is clipped itself; draw it without.")
        kept.set(key, value)
    for child in element:
        child_name = _name(child)
        if not child_name or child_name in SILENT:
            continue
        if child_name not in SHAPES or child_name == "svg":
            raise ValueError(f"it contains <{child_name}>{MENDING.get(child_name, '')}.")
        kept.append(_clean(child, depth + 1, count, is_clip=is_clip))
    return kept


def _attributes(element: etree._Element) -> dict[str, str]:
    given = {str(key): str(value) for key, value in element.attrib.items()}
    for part in given.pop("style", "").split(";"):
        key, _, value = part.partition(":")
        given[key.strip()] = value.strip()
    found = {}
    for key, value in given.items():
        if key not in ATTRIBUTES:
            continue
        addresses, local = len(ADDRESS.findall(value)), len(LOCAL_ADDRESS.findall(value))
        if addresses != local or not PLAIN_VALUE.match(value):
            raise ValueError(f"the attribute {key} points outside of the drawing.")
        found[key] = value
    return found


def _size(root: etree._Element) -> tuple[int, int]:
    box = (root.get("viewBox") or "").replace(",", " ").split()
    sides = box[2:4] if len(box) == 4 else [root.get("width") or "", root.get("height") or ""]  # x y w h
    try:
        width, height = (Decimal(re.sub(r"[a-z]+$", "", side)) for side in sides)
    except InvalidOperation as error:
        raise ValueError("it does not say how large it is (viewBox).") from error
    if not (width.is_finite() and height.is_finite() and width > 0 and height > 0):
        raise ValueError("it does not say how large it is (viewBox).")
    longest = max(width, height)
    return max(1, int(width * PIXELS_A_SIDE / longest)), max(1, int(height * PIXELS_A_SIDE / longest))
