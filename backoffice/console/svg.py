"""A bar chart as SVG, made on the server, with its numbers in words for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, FOOT, HEAD = 560, 140, 18, 16


def bars_per_day(values: Sequence[tuple[date, int]], title: str) -> SafeString:
    """Draw one bar a day; each bar carries day and number as its tooltip, the highest shows its number."""
    highest = max((value for _day, value in values), default=0)
    step = WIDTH / max(len(values), 1)
    room = HEIGHT - FOOT - HEAD
    rows = []
    for index, (day, value) in enumerate(values):
        height = round(room * value / highest) if highest else 0
        height = max(height, 2) if value else 0
        label = formats.date_format(day, "SHORT_DATE_FORMAT")
        rows.append((f"{index * step + 3:.1f}", HEIGHT - FOOT - height, f"{step - 6:.1f}", height, f"{label}: {value}"))
    bars = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>', rows)
    peak = next((i for i, (_d, value) in enumerate(values) if value == highest and highest), None)
    top = (
        format_html('<text x="{}" y="11" text-anchor="middle">{}</text>', f"{peak * step + step / 2:.1f}", highest)
        if peak is not None
        else ""
    )
    spoken = "; ".join(f"{formats.date_format(day, 'SHORT_DATE_FORMAT')}: {value}" for day, value in values)
    return format_html(
        '<svg class="bo-chart" viewBox="0 0 {w} {h}" role="img" aria-label="{title}. {spoken}">'
        '<line x1="0" y1="{base}" x2="{w}" y2="{base}"></line>{bars}{top}'
        '<text x="3" y="{foot}">{first}</text><text x="{end}" y="{foot}" text-anchor="end">{last}</text></svg>',
        w=WIDTH,
        h=HEIGHT,
        title=title,
        spoken=spoken,
        base=HEIGHT - FOOT,
        bars=bars,
        top=top,
        foot=HEIGHT - 4,
        first=formats.date_format(values[0][0], "SHORT_DATE_FORMAT") if values else "",
        end=WIDTH - 3,
        last=formats.date_format(values[-1][0], "SHORT_DATE_FORMAT") if values else "",
    )
