"""How the demo's two companies look on paper: a theme each."""

from __future__ import annotations

from typing import Any

from backoffice.audit.services import Actor
from backoffice.clients.models import Client
from backoffice.invoices.themes import save_theme

#: a star over a line, and a cup: drawn for the demo
STAR = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 60"><path fill="#14405c" '
    'd="M30 4l6 20 20 6-20 6-6 20-6-20-20-6 20-6z"/><rect x="70" y="20" width="150" height="8" fill="#14405c"/>'
    '<rect x="70" y="34" width="96" height="8" fill="#0e6a5a"/></svg>'
)
CUP = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60"><path fill="#6b2d1a" '
    'd="M20 16h60v18a20 20 0 0 1-20 20h-20a20 20 0 0 1-20-20z"/>'
    '<path fill="none" stroke="#6b2d1a" stroke-width="6" d="M80 22h8a10 10 0 0 1 0 20h-8"/></svg>'
)
THEMES: dict[str, dict[str, Any]] = {
    "nordlys-butikk": {
        "design": "fjord", "font": "manrope", "brand_colour": "#14405c", "accent_colour": "#0e6a5a",
        "footer_text": "Takk for handelen! Du kan bytte varen i 60 dager.",
    },
    "kaia-bar": {
        "design": "atelier", "font": "source-serif", "brand_colour": "#6b2d1a", "accent_colour": "#1b5e3a",
        "footer_text": "Velkommen tilbake til Kaia.",
    },
}  # fmt: skip
LOGOS = {"nordlys-butikk": STAR, "kaia-bar": CUP}


def dress(client: Client, actor: Actor) -> None:
    """Enter a demo client's theme; who it is as a seller stands in the set-up file."""
    plain = dict.fromkeys(("code", "language", "header_text", "paid_text"), "")
    flags = {"is_default": True, "attaches_source": False}
    save_theme(
        client=client,
        name=client.name,
        values=plain | flags | THEMES[client.key],
        logo=LOGOS[client.key].encode(),
        actor=actor,
    )
