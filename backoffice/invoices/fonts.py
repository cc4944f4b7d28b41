"""The typefaces that documents are set in. They come as Python packages (SIL Open Font License) and are found there.

No system font is asked for first, so that a document looks the same on every machine; signs that a typeface lacks
(Arabic, Hebrew, Thai) are taken from whatever the machine has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

#: the address of a typeface inside a style sheet: font:<family>/<weight>
SCHEME = "font:"
#: what stands behind a typeface for the signs it lacks
FALLBACKS = '"DejaVu Sans", "Noto Sans", sans-serif'


@dataclass(frozen=True, slots=True)
class Typeface:
    """A family with its files by weight."""

    name: str
    package: str
    weights: Mapping[int, str]


TYPEFACES: Mapping[str, Typeface] = {
    "manrope": Typeface(
        "BO Manrope",
        "font_manrope",
        {400: "Manrope-Regular.ttf", 600: "Manrope-SemiBold.ttf", 800: "Manrope-ExtraBold.ttf"},
    ),
    "source-sans": Typeface(
        "BO Source Sans",
        "font_source_sans_pro",
        {400: "SourceSansPro-Regular.ttf", 600: "SourceSansPro-Semibold.ttf", 800: "SourceSansPro-Bold.ttf"},
    ),
    "source-serif": Typeface(
        "BO Source Serif",
        "font_source_serif_pro",
        {400: "SourceSerifPro-Regular.ttf", 600: "SourceSerifPro-Semibold.ttf", 800: "SourceSerifPro-Bold.ttf"},
    ),
}


def stack(family: str) -> str:
    """Give the CSS list of typefaces for a family."""
    return f'"{TYPEFACES[family].name}", {FALLBACKS}'


@cache
def face_rules(family: str) -> str:
    """Give the @font-face rules of a family. Its figures are equally wide.

    They are so in the typeface, not in the style of numbers: WeasyPrint 70 never gives back the memory of a text whose
    style asks for a feature (some 20 kB a document).
    """
    face = TYPEFACES[family]
    return "".join(
        f'@font-face{{font-family:"{face.name}";font-weight:{weight};src:url("{SCHEME}{family}/{weight}");'
        'font-feature-settings:"tnum"}'
        for weight in face.weights
    )


def font_bytes(address: str) -> bytes:
    """Read the file behind `font:<family>/<weight>`; raise KeyError for any other address."""
    family, _, weight = address.removeprefix(SCHEME).partition("/")
    face = TYPEFACES[family]
    if not weight.isdecimal():
        raise KeyError(address)
    return (files(face.package) / "files" / face.weights[int(weight)]).read_bytes()


def with_file_addresses(styles: str) -> str:
    """Let a style sheet name the typefaces' files, for readers that know no `font:` addresses."""
    for family, face in TYPEFACES.items():
        for weight, name in face.weights.items():
            file = Path(str(files(face.package) / "files" / name))
            styles = styles.replace(f'"{SCHEME}{family}/{weight}"', f'"{file.as_uri()}"')
    return styles
