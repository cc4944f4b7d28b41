"""How a document looks, as plain data, and the style sheet that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

from django.conf import settings

from backoffice.invoices.colours import tint
from backoffice.invoices.fonts import face_rules, stack

THEMES = Path(settings.BASE_DIR) / "templates" / "invoices" / "themes"


@dataclass(frozen=True, slots=True)
class Looks:
    """A theme without its history. logo is what `logos.read_logo` gave."""

    design: str = "fjord"
    font: str = "manrope"
    brand: str = "#1f3a5f"
    accent: str = "#0f6b4f"
    logo: bytes = b""
    logo_media_type: str = ""
    header_text: str = ""
    footer_text: str = ""
    paid_text: str = ""
    attaches_source: bool = False


@lru_cache(maxsize=64)
def style_sheet(design: str, font: str, brand: str, accent: str) -> str:
    """Give the rules of a design in a theme's colours and typeface; only checked values may come here."""
    values = {
        "font": stack(font),
        "brand": brand,
        "brand_tint": tint(brand, 7),
        "brand_line": tint(brand, 22),
        "accent": accent,
        "accent_tint": tint(accent, 10),
    }
    rules = "".join((THEMES / name).read_text(encoding="utf-8") for name in ("base.css", f"{design}.css"))
    return face_rules(font) + Template(rules).substitute(values)
