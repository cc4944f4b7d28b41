"""Contrast of colours by WCAG 2.2, so that every theme can be read."""

from __future__ import annotations

from fractions import Fraction

#: smallest contrast of text (WCAG 2.2, 1.4.3, level AA)
AA_TEXT = Fraction(9, 2)
WHITE = "#ffffff"


def contrast(one: str, other: str) -> Fraction:
    """Give the contrast of two colours, 1 to 21; order does not matter.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return Fraction((lighter + Fraction(5, 100)) / (darker + Fraction(5, 100)))


def _luminance(colour: str) -> Fraction:
    red, green, blue = (_linear(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    return Fraction(2126, 10_000) * red + Fraction(7152, 10_000) * green + Fraction(722, 10_000) * blue


def _linear(value: int) -> Fraction:
    share = value / 255
    return Fraction(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def tint(colour: str, strength_percent: int) -> str:
    """Mix a colour with white: 10 is a faint tint of it.

    >>> tint("#000000", 10)
    '#e6e6e6'
    """
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    mixed = ((part * strength_percent + 255 * (100 - strength_percent) + 50) // 100 for part in parts)
    return "#" + "".join(f"{part:02x}" for part in mixed)
